/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_PARTS_H
#define RT_SIM_PARTS_H

#include "tools/sim/model/inside.h"

/* What the files of a model do for each other. */

/* --- model.c --- */

/* An unpredictable number that depends on the seed alone. */
uint32_t model_random(struct model *m);

/* Arms a timer, for so long from now. */
void model_arm(struct model *m, uint64_t *due, uint64_t us);

/* Disarms it. */
void model_disarm(struct model *m, uint64_t *due);

/* True once for a timer that is due, which it disarms. */
bool model_is_due(struct model *m, uint64_t *due);

/* A number for what is in a slot, unlike all before. */
uint32_t model_number(struct model *m, unsigned int type, unsigned int slot);

/* True if the number can be of this type, which has so many slots. */
bool model_number_is(uint32_t number, unsigned int type, unsigned int slots);

/* A digest of octets. */
uint32_t model_hash(struct rt_bytes bytes, uint32_t seed);

/* How long we wait for an answer. */
uint64_t model_patience_us(const struct model *m);

/* Reports a violation, unless lies of ours may have brought it about. */
void model_blame(struct model *m, const struct model_link *link,
		 const char *fmt, ...) RT_PRINTF(3, 4);

/* The same for what happens on an air that loses frames, too. */
void model_blame_lost(struct model *m, const struct model_link *link,
		      const char *fmt, ...) RT_PRINTF(3, 4);

/* Reports what nothing excuses. */
void model_blame_always(struct model *m, const struct model_link *link,
			const char *fmt, ...) RT_PRINTF(3, 4);

/* Tells the owner that something is over: `closed`, or `failed`. */
void model_tell_end(struct model *m, uint32_t number, bool was_open,
		    enum model_end why);

/* The service at a PSM, or if that is 0, a server channel; NULL: none. */
const struct model_service *model_service_find(const struct model *m,
					       uint16_t psm, uint8_t channel);

/* True if there is any RFCOMM server channel. */
bool model_serves_rfcomm(const struct model *m);

/* --- command.c --- */

/* The owner wants something that model_tx() shall begin. */
void model_want_kick(struct model *m);

/* Begins what the owner wants. */
void model_kick(struct model *m);

/* --- hci.c --- */

/* Queues a command. */
void model_command(struct model *m, uint16_t opcode, struct rt_bytes params);

/* Forgets everything and begins with Reset. */
void model_hci_restart(struct model *m);

/* The next command, if there is a credit for it. */
bool model_hci_tx(struct model *m, struct rt_bytes *ret_packet);

/* Looks whether the controller owes an answer for too long. */
void model_hci_timer(struct model *m);

/* An event. */
void model_hci_event(struct model *m, struct rt_bytes packet);

/* --- acl.c --- */

/* An ACL packet from the controller. */
void model_acl_rx(struct model *m, struct rt_bytes packet);

/* The next one for it, if it has a buffer. */
bool model_acl_tx(struct model *m, struct rt_bytes *ret_packet);

/* --- link.c --- */

/* The link with a device, in whatever state; NULL: none. */
struct model_link *model_link_find(const struct model *m, struct rt_addr addr);

/* The open or closing link with this handle; NULL: none. */
struct model_link *model_link_by_handle(const struct model *m, uint16_t handle);

/* A link with the device, that is there or will be paged; NULL: no room. */
struct model_link *model_link_want(struct model *m, struct rt_addr addr);

/* All links are gone: the controller was reset. */
void model_links_lost(struct model *m);

/* The controller is up: pages what is wanted. */
void model_links_wake(struct model *m);

/* Ends a link of ours. */
void model_link_disconnect(struct model *m, struct model_link *link);

/* True if anything is on the link. */
bool model_link_in_use(const struct model *m, const struct model_link *link);

/* Something has gone from the link: it ends if that was the last. */
void model_link_unused(struct model *m, struct model_link *link);

/* The controller has refused a command about a link. */
void model_link_refused(struct model *m, uint16_t opcode, uint16_t handle,
			uint8_t status);

/* An event about links. */
void model_link_event(struct model *m, uint8_t code, struct model_in *in);

/* Looks at the timers of the link. */
void model_link_timers(struct model *m, struct model_link *link);

/* --- secure.c --- */

/* True if the link is encrypted; else makes it so, and wakes the channels. */
bool model_sec_start(struct model *m, struct model_link *link);

/* The controller has refused to begin. */
void model_sec_refused(struct model *m, struct model_link *link,
		       uint8_t status);

/* An event about pairing and encryption. */
void model_sec_event(struct model *m, uint8_t code, struct model_in *in);

/* The time is over, or has come to try again. */
void model_sec_timer(struct model *m, struct model_link *link);

/* The link has ended: forgets a key that is not to be kept. */
void model_keys_forget(struct model *m, struct rt_addr addr);

/* --- l2cap.c --- */

/* A whole PDU, with its header. */
void model_l2cap_rx(struct model *m, struct model_link *link,
		    struct rt_bytes pdu);

/* Puts the next PDU in link->tx. False if there is none. */
bool model_l2cap_pull(struct model *m, struct model_link *link);

/* Queues a PDU of some kind for a channel id. False: no room, it is lost. */
bool model_outbox(struct model *m, struct model_link *link, unsigned int kind,
		  uint16_t cid, struct rt_bytes payload);

/* Writes the header of a PDU whose payload is in link->tx already. */
void model_put_head(struct model_link *link, uint16_t cid, size_t payload);

/* Octets of users' data on the channel that are not done with. */
size_t model_chan_unsent(const struct model_chan *chan);

/* True if all of it is done with. */
bool model_chan_is_done(const struct model_chan *chan);

/* Data have left the queue: whoever waits for that hears of it. */
void model_chan_drained(struct model *m, struct model_chan *chan);

/* Octets that may be sent as one SDU now. */
size_t model_chan_room(const struct model_chan *chan);

/* Queues an SDU. Returns its octets, or 0. */
size_t model_chan_send(struct model *m, struct model_chan *chan,
		       struct rt_bytes sdu);

/* A SOURCE has something to say. */
void model_feed_chan(struct model *m, struct model_chan *chan);

/* An SDU for the user of a channel. */
void model_deliver_sdu(struct model *m, struct model_chan *chan,
		       struct rt_bytes sdu);

/* --- chan.c --- */

/* The channel with this id of ours on the link; NULL: none. */
struct model_chan *model_chan_by_scid(struct model *m,
				      const struct model_link *link,
				      uint16_t scid);

/* The channel with this id of the peer's on the link; NULL: none. */
struct model_chan *model_chan_by_dcid(struct model *m,
				      const struct model_link *link,
				      uint16_t dcid);

/* The channel with this number; NULL: none. */
struct model_chan *model_chan_find(struct model *m, uint32_t number);

/* The same, to be looked at. */
const struct model_chan *model_chan_look(const struct model *m,
					 uint32_t number);

/* A new channel, in state LINK. NULL: no room. */
struct model_chan *model_chan_new(struct model *m, struct model_link *link,
				  enum model_chan_kind kind);

/* It is over: frees the slot and tells whose it was. */
void model_chan_end(struct model *m, struct model_chan *chan,
		    enum model_end why);

/* Closes it with the peer, as far as that is needed. */
void model_chan_close(struct model *m, struct model_chan *chan,
		      enum model_end why);

/* The same because of what the peer did, which is a violation. */
void model_chan_broken(struct model *m, struct model_chan *chan,
		       const char *what);

/* The link is gone: so are its channels. */
void model_chans_lost(struct model *m, struct model_link *link,
		      enum model_end why);

/* The ids of the link's channels have been ours from now on. */
void model_chans_number(struct model *m, struct model_link *link);

/* Goes on with one that waits for its link. */
void model_chan_advance(struct model *m, struct model_chan *chan);

/* Goes on with all of the link. */
void model_chans_wake(struct model *m, struct model_link *link);

/* The link can't be encrypted: those that wait for it fail. */
void model_chans_insecure(struct model *m, struct model_link *link);

/* Both halves are configured. */
void model_chan_opened(struct model *m, struct model_chan *chan);

/* Looks at the timers of the channel. */
void model_chan_timers(struct model *m, struct model_chan *chan);

/* --- signal.c --- */

/* A C-frame. */
void model_sig_rx(struct model *m, struct model_link *link,
		  struct rt_bytes frame);

/* Accepts a connection request. NULL: no room, it has been refused. */
struct model_chan *model_chan_accept(struct model *m, struct model_link *link,
				     enum model_chan_kind kind, uint8_t id,
				     uint16_t scid);

/* --- response.c --- */

/* A response, or a Command Reject. */
void model_on_response(struct model *m, struct model_link *link, uint8_t code,
		       uint8_t id, struct rt_bytes data);

/* --- request.c --- */

/* Sends a command by itself. */
void model_send_command(struct model *m, struct model_link *link, uint8_t code,
			uint8_t id, struct rt_bytes data);

/* Our request with this identifier; of any code if that is 0. NULL: none. */
struct model_request *model_request_find(struct model_link *link, uint8_t id,
					 uint8_t code);

/* True if an answer to this identifier may come although nothing waits. */
bool model_was_resent(const struct model_link *link, uint8_t id);

/* It has been answered. */
void model_request_done(struct model *m, struct model_request *r);

/* The peer says that it takes longer. */
void model_request_pending(struct model *m, struct model_request *r);

/* Nobody waits any more for answers about this channel. */
void model_requests_drop(struct model *m, struct model_link *link,
			 uint16_t scid);

/* A request has come to nothing: so does what it was for. */
void model_request_failed(struct model *m, struct model_link *link,
			  const struct model_request *r, enum model_end why);

/* Sends again what is overdue. */
void model_requests_timer(struct model *m, struct model_link *link);

/* Connection Request. */
void model_send_connect(struct model *m, struct model_chan *chan);

/* Configuration Request with these options. */
void model_send_config(struct model *m, struct model_chan *chan,
		       struct rt_bytes options);

/* Disconnection Request. */
void model_send_disconnect(struct model *m, struct model_chan *chan);

/* Asks for the peer's features, once a link. */
void model_info_ask(struct model *m, struct model_link *link);

/* They are known, or will never be. */
void model_info_known(struct model *m, struct model_link *link,
		      uint32_t features);

/* The peer says nothing about its features. */
void model_info_timer(struct model *m, struct model_link *link);

/* Connection Response: destination, source, result, status. */
void model_send_connect_rsp(struct model *m, struct model_link *link,
			    uint8_t id, const uint16_t value[4]);

/* Command Reject. */
void model_send_reject(struct model *m, struct model_link *link, uint8_t id,
		       uint16_t reason, struct rt_bytes data);

/* Command Reject: invalid CID in request. */
void model_send_reject_cid(struct model *m, struct model_link *link, uint8_t id,
			   uint16_t local, uint16_t remote);

/* --- config.c --- */

/* Sends our half. */
void model_config_ask(struct model *m, struct model_chan *chan);

/* The peer's answer to it. */
void model_config_answered(struct model *m, struct model_chan *chan,
			   uint16_t result, bool more, struct rt_bytes list);

/* The peer's half. */
void model_config_asked(struct model *m, struct model_chan *chan, uint8_t id,
			bool more, struct rt_bytes list);

/* --- ertm_tx.c, ertm_rx.c, crc.c --- */

/* A frame of a channel in a mode with sequence numbers. */
void model_ertm_rx(struct model *m, struct model_chan *chan,
		   struct rt_bytes payload);

/* The next frame of one, in link->tx: its kind, 0: none. */
unsigned int model_ertm_pull(struct model *m, struct model_chan *chan);

/* The owner reads again, or no more. */
void model_ertm_kick(struct model *m, struct model_chan *chan);

/* Looks at the timers of the mode. */
void model_ertm_timers(struct model *m, struct model_chan *chan);

/* A frame has been taken and is to be acknowledged in good time. */
void model_ertm_ack_later(struct model *m, struct model_chan *chan);

/* The FCS of L2CAP over these octets too (Core Vol 3 Part A 3.3.5). */
uint16_t model_crc16(uint16_t crc, struct rt_bytes bytes);

/* The FCS of TS 07.10 (annex B). */
uint8_t model_crc8(struct rt_bytes bytes);

/* --- rfcomm.c, mux.c, dlc.c --- */

/* A frame on the session's channel. */
void model_rfcomm_rx(struct model *m, struct model_link *link,
		     struct rt_bytes bytes);

/* The next frame with data or credits, in link->tx: its kind, 0: none. */
unsigned int model_rfcomm_pull(struct model *m, struct model_link *link);

/* Opens a session if there is none. */
void model_mux_want(struct model *m, struct model_link *link);

/* The peer asks for a channel to PSM 3. */
void model_mux_offered(struct model *m, struct model_link *link, uint8_t id,
		       uint16_t scid);

/* The session's channel is open. */
void model_mux_chan_opened(struct model *m, struct model_link *link);

/* A channel that may be the session's has ended. */
void model_mux_chan_ended(struct model *m, struct model_link *link,
			  const struct model_chan *chan, enum model_end why);

/* The link is gone, and with it session and DLCs. */
void model_mux_lost(struct model *m, struct model_link *link,
		    enum model_end why);

/* The session waits for too long, or is useless. */
void model_mux_timer(struct model *m, struct model_link *link);

/* The frame size that we would like. */
uint16_t model_n1(const struct model *m);

/* The DLC with this number; NULL: none. */
struct model_dlc *model_dlc_find(struct model *m, uint32_t number);

/* The same, to be looked at. */
const struct model_dlc *model_dlc_look(const struct model *m, uint32_t number);

/* A DLC of ours that waits for its session. NULL: no room. */
struct model_dlc *model_dlc_connect(struct model *m, struct model_link *link,
				    uint8_t channel);

/* Goes on with it, or ends it, as the owner wants. */
void model_dlc_kick(struct model *m, struct model_dlc *dlc);

/* Looks at the timer of the DLC. */
void model_dlc_timer(struct model *m, struct model_dlc *dlc);

/* Octets that may be sent now. */
size_t model_dlc_room(const struct model_dlc *dlc);

/* Queues octets. Returns how many. */
size_t model_dlc_send(struct model *m, struct model_dlc *dlc,
		      struct rt_bytes data);

/* --- sdp_server.c, sdp_client.c --- */

/* A request, on a channel of a client. */
void model_sdp_asked(struct model *m, struct model_chan *chan,
		     struct rt_bytes pdu);

/* A response, on a channel of ours. */
void model_sdp_answered(struct model *m, struct model_chan *chan,
			struct rt_bytes pdu);

/* A new query that has its channel. NULL: no room. */
struct model_query *model_query_new(struct model *m, struct model_chan *chan,
				    uint16_t uuid);

/* Its channel is open. */
void model_query_opened(struct model *m, struct model_chan *chan);

/* Its channel has ended; NULL: it has been told of already. */
void model_query_ended(struct model *m, struct model_query *q,
		       enum model_end why);

/* Looks at the timer of the query. */
void model_query_timer(struct model *m, struct model_query *q);

/* --- lies.c --- */

/* Maybe does something to the PDU in link->tx; it may be gone after that. */
void model_lie(struct model *m, struct model_link *link, unsigned int kind);

#endif
