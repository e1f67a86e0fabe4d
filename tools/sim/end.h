/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_END_H
#define RT_SIM_END_H

#include "tools/sim/app.h"

/* One socket of an application: the rules of its callbacks, and its data. */

/* An end that is free, or NULL. */
struct sim_end *sim_end_get(struct sim_app *app);

/* Takes a socket, which may be NULL: then nothing happens. */
void sim_end_attach(struct sim_end *end, struct rt_socket *s,
		    enum rt_protocol protocol, enum rt_l2cap_socket_mode mode);

/* Its socket comes from a server, where it was connected. */
void sim_end_taken(struct sim_end *end);

/* A connect was begun: `err` is what it returned. */
void sim_end_connecting(struct sim_end *end, int err);

/* Closes, aborts or frees it. */
void sim_end_close(struct sim_end *end);

/* Drops what is there. */
void sim_end_abort(struct sim_end *end);

/* Frees the socket. */
void sim_end_free(struct sim_end *end);

/* Reads what there is, if it likes. */
void sim_end_read(struct sim_end *end);

/* Writes what it has to. */
void sim_end_write(struct sim_end *end);

/* True if its state is one that it may stay in. */
bool sim_end_is_quiet(const struct sim_end *end);

#endif
