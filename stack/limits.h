/* SPDX-License-Identifier: MIT */
#ifndef RT_LIMITS_H
#define RT_LIMITS_H

#include <stdint.h>

/*
 * Every resource that a peer or a caller can make us allocate. A row is the
 * name, the default, and the sentence why. Each has a test at n and at n + 1.
 */
#define RT_LIMITS(X)                                                          \
	X(links, 7, "a piconet has seven active peripherals")                 \
	X(links_setup, 2, "incoming links being set up: connect floods")      \
	X(channels, 64, "L2CAP channels a host; the slot table's size")       \
	X(channels_link, 16, "one peer shall not take all channels")          \
	X(channels_half_open, 8, "not yet open, a link: five at once and 3")  \
	X(listeners, 64, "L2CAP listeners a host: the application's doing")   \
	X(credits, 64, "K-frames that a peer may send us at once: memory")    \
	X(ucd_listeners, 16, "PSMs with connectionless data, a host")         \
	X(config_rounds, 8, "a direction: peers that never agree")            \
	X(sig_replies, 8, "signalling replies queued a link: floods")         \
	X(sig_mtu, 672, "signalling C-frames accepted; ours are 48 at most")  \
	X(raw_pdus, 64, "raw and connectionless PDUs queued a link: memory")  \
	X(ertm_window, 1024, "I-frames held a channel; over 63 if asked for") \
	X(rfcomm_sessions, 7, "one multiplexer a link")                       \
	X(dlcs, 60, "RFCOMM DLCs a host; the slot table's size")              \
	X(dlcs_session, 30, "server channels 1 to 30")                        \
	X(rfcomm_credits, 32, "credits outstanding a DLC: memory")            \
	X(mcc_replies, 8, "multiplexer replies queued a session: floods")     \
	X(rfcomm_raw, 16, "frames sent by hand queued a session: research")   \
	X(sdp_records, 64, "records of our own services")                     \
	X(sdp_record_bytes, 4096, "attributes of one of them")                \
	X(sdp_bytes, 57344, "of all: offsets in an answer have 16 bits")      \
	X(sdp_connections, 4, "peers that ask for our records at once")       \
	X(sdp_queries, 32, "queries under way: the application's doing")      \
	X(sdp_client_bytes, 65536, "an answer: a peer that never ends")       \
	X(sdp_rounds, 64, "parts of an answer: a peer that dawdles")          \
	X(sockets, 256, "sockets a host: the application's doing")            \
	X(services, 256, "service records an application holds: its doing")   \
	X(search_results, 256, "services a device has, held until told of")   \
	X(backlog, 16, "connections not yet taken by the application")        \
	X(rx_queue_bytes, 65536, "datagrams queued for a slow reader")        \
	X(tx_queue_bytes, 65536, "a socket's write queue")                    \
	X(commands_queued, 64, "HCI commands waiting for a credit")           \
	X(early_acl, 4, "ACL packets held for a handle not yet known")        \
	X(held_acl_bytes, 131072, "a link's data while its key size is read") \
	X(inquiry_results, 256, "devices remembered to merge results")        \
	X(name_requests, 16, "remote name requests waiting")                  \
	X(bonded_keys, 256, "link keys kept: no peer pushes one out")         \
	X(pairing_failures, 32, "peers that wait after failed pairings")      \
	X(oob_peers, 16, "peers with out of band data: the user's doing")     \
	X(echoes, 16, "echo requests waiting for an answer")

struct rt_limits {
#define X(name, value, why) uint32_t name;
	RT_LIMITS(X)
#undef X
};

/* What no option goes beyond: memory that one channel's peer can fill. */
#define RT_LIMIT_ERTM_WINDOW_MAX 1024

/* The defaults of the table above. */
extern const struct rt_limits rt_limits_default;

#endif
