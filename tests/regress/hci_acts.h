/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_HCI_ACTS_H
#define REGRESS_HCI_ACTS_H

#include "tests/regress/hci_stage.h"

/*
 * What a host does in the stories. Every call may fail, for the host may have
 * no controller, or no memory: then it is not begun.
 */

/* `err` is what a call has said that begins something. */
void act_begin(struct stage *stage, enum stage_request what, int err);

/* Connects the client to the peer's serial port, found by its UUID. */
void act_connect_port(struct stage *stage);

/* Connects the client to the peer, as it comes. */
void act_connect_plain(struct stage *stage);

/* The same, encrypted by a bond. */
void act_connect_encrypted(struct stage *stage);

/* The second client, with a proof of who is there. */
void act_connect_proved(struct stage *stage);

/* Pages a device that is not there. */
void act_connect_nobody(struct stage *stage);

/* With wishes for the link. */
void act_connect_wishing(struct stage *stage);

/* The second client wishes to be peripheral. */
void act_connect_as_peripheral(struct stage *stage);

/* The client sends. */
void act_send(struct stage *stage);

/* The socket that the server has taken sends. */
void act_send_back(struct stage *stage);

/* Closes both clients. */
void act_close_all(struct stage *stage);

/* Aborts both clients. */
void act_abort_all(struct stage *stage);

/* The host listens. */
void act_listen(struct stage *stage);

/* The peer comes, and sends. */
void act_peer_connects(struct stage *stage);

/* The peer goes. */
void act_peer_closes(struct stage *stage);

/* Both ends of act_connect_port() use what a serial port has. */
void act_use_port(struct stage *stage);

/* An inquiry with names. */
void act_inquire(struct stage *stage);

/* Stops it before its time. */
void act_stop_inquiring(struct stage *stage);

/* Asks the peer for a name. */
void act_name_peer(struct stage *stage);

/* Asks nobody for a name. */
void act_name_nobody(struct stage *stage);

/* That name is not wanted any more. */
void act_forget_name(struct stage *stage);

/* An echo request. */
void act_echo(struct stage *stage);

/* A search of services. */
void act_search(struct stage *stage);

/* Connection requests for voice. */
void act_be_called(struct stage *stage);

#endif
