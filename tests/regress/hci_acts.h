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

/* Connects the client to the peer: as it comes, encrypted by a bond. */
void act_connect_plain(struct stage *stage);
void act_connect_encrypted(struct stage *stage);

/* The second client, with a proof of who is there. */
void act_connect_proved(struct stage *stage);

/* Pages a device that is not there. */
void act_connect_nobody(struct stage *stage);

/* With wishes for the link; the second client wishes to be peripheral. */
void act_connect_wishing(struct stage *stage);
void act_connect_as_peripheral(struct stage *stage);

/* The client sends; the socket that the server has taken does. */
void act_send(struct stage *stage);
void act_send_back(struct stage *stage);

/* Closes, or aborts, both clients. */
void act_close_all(struct stage *stage);
void act_abort_all(struct stage *stage);

/* The host listens, and the peer comes, sends, and goes. */
void act_listen(struct stage *stage);
void act_peer_connects(struct stage *stage);
void act_peer_closes(struct stage *stage);

/* Both ends of act_connect_port() use what a serial port has. */
void act_use_port(struct stage *stage);

/* An inquiry with names; stopped before its time. */
void act_inquire(struct stage *stage);
void act_stop_inquiring(struct stage *stage);

/* Asks for a name; of nobody, which is then not wanted any more. */
void act_name_peer(struct stage *stage);
void act_name_nobody(struct stage *stage);
void act_forget_name(struct stage *stage);

/* An echo request, and a search of services. */
void act_echo(struct stage *stage);
void act_search(struct stage *stage);

/* Connection requests for voice. */
void act_be_called(struct stage *stage);

#endif
