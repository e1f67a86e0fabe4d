/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_REQUESTS_H
#define RT_SIM_REQUESTS_H

#include "tools/sim/app.h"

/* What an application asks for that ends in one callback, once. */

/* Looks for devices. */
void sim_request_inquiry(struct sim_app *app);

/* Asks somebody for a name. */
void sim_request_name(struct sim_app *app);

/* Sends somebody an echo request. */
void sim_request_echo(struct sim_app *app);

/* Asks somebody, or all, for services. */
void sim_request_search(struct sim_app *app);

/* Pairs with somebody. */
void sim_request_pairing(struct sim_app *app);

/* True if each has ended. */
bool sim_requests_are_over(const struct sim_app *app);

/* Frees those that are under way, or over. */
void sim_requests_free(struct sim_app *app);

#endif
