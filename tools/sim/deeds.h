/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_DEEDS_H
#define RT_SIM_DEEDS_H

#include "tools/sim/app.h"

/* What applications do of their own accord. */

/* Does something, drawn from what the plan has. */
void sim_deed(struct sim_app *app);

/* Makes the servers that it has from the beginning. */
void sim_deed_serve(struct sim_app *app);

/* Makes a server that any host can be reached by. False if it can't be. */
bool sim_deed_listen(struct sim_app *app, struct sim_server *server,
		     enum rt_protocol protocol, enum rt_l2cap_socket_mode mode,
		     uint16_t port);

/* Takes what waits at a server. */
void sim_deed_take(struct sim_server *server);

/* Another node: mostly one of this world, sometimes nobody. */
struct rt_addr sim_deed_somebody(struct sim_app *app);

#endif
