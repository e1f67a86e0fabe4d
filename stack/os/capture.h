/* SPDX-License-Identifier: MIT */
#ifndef RT_CAPTURE_H
#define RT_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/btsnoop.h"
#include "stack/env.h"

/*
 * A btsnoop file that is being written. It is fed by the environment's tap:
 *
 *	rt_capture_packet(capture, rt_env_linux_wall_us(), from_controller,
 *			  packet);
 *
 * Records are buffered, and the file grows by whole records only. A write
 * that fails (the disk is full) ends the capture, never the program: the file
 * keeps the records before, later ones are dropped, and the next flush or
 * close says so, once.
 */
struct rt_capture;

/*
 * Creates the file (mode 0600), or empties the one there is. Only regular
 * files and character devices will do: a pipe could stop the program.
 *
 * Returns 0 and a capture that rt_capture_close() frees, -EINVAL for another
 * kind of file, -ENOMEM, or a negative errno of open or write.
 */
int rt_capture_open(const char *path, enum rt_btsnoop_datalink datalink,
		    struct rt_capture **ret_capture) RT_MUST_CHECK;

/*
 * Adds a packet. `time_us` counts from 1970-01-01 UTC. A clock that is set
 * back is followed from where it stood: times in the file never go back.
 */
void rt_capture_packet(struct rt_capture *capture, uint64_t time_us,
		       bool from_controller, const struct rt_packet *packet);

/*
 * Tells the capture which adapter this is: `name` is "hci0" or the like, and
 * `manufacturer` a company identifier. A monitor capture begins with records
 * that say so; if there have been packets already, the address stands in a
 * record at this place. Does nothing with datalink 1002, which has no place
 * for it.
 */
void rt_capture_adapter(struct rt_capture *capture, uint64_t time_us,
			struct rt_addr addr, uint16_t manufacturer,
			const char *name);

/*
 * Writes what is buffered. Returns 0, or the negative errno that has ended the
 * capture, if this is the first call that can say so.
 */
int rt_capture_flush(struct rt_capture *capture) RT_MUST_CHECK;

/* Flushes, closes and frees the capture. Returns like rt_capture_flush(). */
int rt_capture_close(struct rt_capture *capture) RT_MUST_CHECK;

#endif
