/* SPDX-License-Identifier: MIT */
#ifndef RT_API_STOP_H
#define RT_API_STOP_H

struct rt_host;

/*
 * How a host ends, for good or until it gets its power back: sockets, then what
 * carries them, then links and controller. rt_host_shutdown() is here.
 */

/* Prepares the part of a host. */
void rt_api_stop_init(struct rt_host *host);

/*
 * Takes the power off in order: state STOPPING, then OFF. The layers above HCI
 * live on: what is open of them ends with the links.
 */
void rt_api_host_power_off(struct rt_host *host);

/* Takes the steps that wait for something to have ended. */
void rt_api_stop_progress(struct rt_host *host);

/* The controller has ended: state OFF if only the power was taken, or DOWN. */
void rt_api_stop_done(struct rt_host *host);

#endif
