/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_SCRIPT_H
#define TEST_L2CAP_SCRIPT_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/l2cap.h"
#include "tests/support/hex.h"
#include "tests/support/tagged.h"
#include "tests/unit/l2cap/bench.h"

/*
 * The lower tester: the peer of a conformance test, which knows the
 * specification and nothing of the engine. It takes what we send as it comes,
 * answers information requests by itself, and does everything else when the
 * test says so. On the other side of the engine is the application, which
 * remembers what it is told of each channel.
 *
 * The engine is the implementation under test, "IUT" in names: `lt.iut` is
 * the IUT's channel id, `lt.cid` the tester's.
 */

/* Codes (A:4). */
enum {
	CMD_REJ = 0x01,
	CONN_REQ,
	CONN_RSP,
	CONF_REQ,
	CONF_RSP,
	DISC_REQ,
	DISC_RSP,
	ECHO_REQ,
	ECHO_RSP,
	INFO_REQ,
	INFO_RSP,
	CREDIT_IND = 0x16,
	CREDIT_CONN_REQ,
	CREDIT_CONN_RSP,
	CREDIT_RECONF_REQ,
	CREDIT_RECONF_RSP,
};

/* Features (A:4.12). */
#define FEATURE_ERTM 0x008u
#define FEATURE_STREAMING 0x010u
#define FEATURE_FCS 0x020u
#define FEATURE_FIXED 0x080u
#define FEATURE_WINDOW 0x100u
#define FEATURE_UCD 0x200u
#define FEATURE_CREDIT 0x400u
#define FEATURES_ALL 0x7b8u

#define LT_PSM 0x1001
#define LT_CID 0x0041
#define LT_PDU_BYTES 2100
#define LT_QUEUE 256

/* A number as "%04x" prints its octets in the order of the air. */
#define LE(x) ((unsigned int)(((x)&0xff) << 8 | ((x) >> 8 & 0xff)))

/* Something that we have sent; without the header. */
struct lt_pdu {
	uint64_t at_us;
	uint16_t cid;
	size_t len;
	uint8_t data[LT_PDU_BYTES];
};

/* A signalling command of ours. */
struct lt_cmd {
	uint64_t at_us;
	uint8_t code;
	uint8_t ident;
	size_t len;
	uint8_t data[48];
};

/* A list of configuration options. */
struct lt_options {
	bool has_mtu;
	bool has_flush;
	bool has_qos;
	bool has_rfc;
	bool has_fcs;
	bool has_window;
	size_t unknown; /* options of other types */
	uint16_t mtu;
	uint16_t flush;
	uint8_t mode;
	uint8_t tx_window;
	uint8_t max_transmit;
	uint16_t retransmission_ms;
	uint16_t monitor_ms;
	uint16_t mps;
	uint8_t fcs;
	uint16_t window;
};

struct lt {
	/* To be changed by a test before it begins. */
	struct rt_l2cap_params params; /* of the application's channels */
	uint16_t psm;
	uint32_t features; /* the tester's */
	bool silent;	   /* it does not answer information requests */

	/* What the tester proposes for frames of the IUT, in lt_open(). */
	uint8_t tx_window;
	uint8_t max_transmit;
	uint16_t mps;
	int fcs_option;		/* -1: left out; or its value */
	uint16_t window_option; /* 0: left out */

	/* What is known. */
	uint16_t iut;
	uint16_t cid;
	uint8_t ident;		/* of the tester's last request */
	unsigned int informed;	/* a bit for each type that was asked for */
	uint8_t info_ident;	/* of the first of them */
	struct lt_cmd last;	/* taken by lt_expect() */
	struct lt_cmd asked;	/* the IUT's CONFIGURATION_REQ */
	struct lt_options want; /* what that says */
	uint16_t result;	/* of the IUT's CONFIGURATION_RSP */
	uint16_t flags;
	struct lt_options reply; /* what that says */
	bool fcs;		 /* frames carry one */
	bool extended;		 /* control fields of four octets */

	size_t queued;
	struct lt_pdu queue[LT_QUEUE]; /* only as far as `queued` says */
};

extern struct lt lt;

/* Cheaper than ck_assert(), which reports its place each time. */
#define LT_MUST(is)                                      \
	do {                                             \
		if (!(is))                               \
			ck_abort_msg("not so: %s", #is); \
	} while (0)

#define APP_CHANS 12
#define APP_SDUS 80
#define APP_SDU_BYTES 2100

/* What the application knows of a channel. */
struct app_chan {
	rt_handle handle;
	unsigned int opened;
	unsigned int closed;
	struct rt_reason why;
	size_t rx_count;
	size_t tx_count; /* to be pulled */
	size_t tx_pulled;
	size_t written;
	size_t lost;
	/* Only as far as the counts say. */
	size_t rx_len[APP_SDUS];
	size_t tx_len[APP_SDUS];
	uint8_t rx[APP_SDUS][APP_SDU_BYTES];
	uint8_t tx[APP_SDUS][APP_SDU_BYTES];
};

struct app {
	struct app_chan chan[APP_CHANS];
	size_t count;
	unsigned int incoming;
	int answer; /* to `incoming` */
	bool close_on_rx;
};

extern struct app app;

/* The first channel, the only one in most tests. */
#define APP (&app.chan[0])

/* Begins a test: an idle engine, a tester that has said nothing. */
void lt_setup(void);

/* Ends it; nothing may be left. */
void lt_teardown(void);

/* Forgets the application's channels, which have gone. */
void app_forget(void);

/* Prepares the mode that the application wants of its channels. */
void lt_mode(enum rt_l2cap_mode mode, bool required);

/* The application listens on lt.psm. */
void app_listen(void);

/* The application connects to lt.psm; the link is being opened. */
void app_ask(void);

/* The application connects to lt.psm; the link opens. */
void app_connect(void);

/* The same for so many channels at once. */
void app_connect_many(size_t count);

/* The application sends an SDU: octets in hexadecimal. */
void app_send(const char *hex);

/* The same: so many octets. */
void app_send_bytes(size_t bytes);

/* The same on channel number `chan`. */
void app_send_bytes_on(size_t chan, size_t bytes);

/* The application has room for so many octets. */
void app_room(size_t bytes);

/* The application must have received this SDU as its last, number `count`. */
void app_received(size_t count, const char *hex);

/* The same: so many octets. */
void app_received_bytes(size_t count, size_t bytes);

/* The same on channel number `chan`. */
void app_received_bytes_on(size_t chan, size_t count, size_t bytes);

/* Number `i` of the octets that *_bytes() sends and awaits. */
uint8_t lt_octet(size_t i);

/* The tester opens a link. */
void lt_link(void);

/* Lets time pass, and takes what we send when we send it. */
void lt_wait(uint64_t ms);

/* Takes what we send now. */
void lt_pump(void);

/* The tester sends a command: the octets behind its length, in hexadecimal. */
void lt_send(uint8_t code, uint8_t ident, const char *fmt, ...) RT_PRINTF(3, 4);

/* The same for a request; its identifier is the next one. */
void lt_ask(uint8_t code, const char *fmt, ...) RT_PRINTF(2, 3);

/* The tester sends a C-frame, or a PDU, as it stands. */
void lt_raw(uint16_t cid, const char *fmt, ...) RT_PRINTF(2, 3);

/* Takes the next command with this code, which we must have sent. */
const struct lt_cmd *lt_expect(uint8_t code);

/* The same; it must answer the tester's last request with these octets. */
void lt_expect_answer(uint8_t code, const char *fmt, ...) RT_PRINTF(2, 3);

/* Takes the next data PDU, which we must have sent, on this channel id. */
const struct lt_pdu *lt_expect_pdu(uint16_t cid);

/* Have we sent such a command that has not been taken? */
bool lt_has(uint8_t code);

/* We must have sent nothing that has not been taken. */
void lt_nothing(void);

/* Forgets what we have sent. */
void lt_forget(void);

/* An echo is answered: the link is alive and in step. */
void lt_ping(void);

/* Octet pairs of a command, in the order of the air. */
uint16_t lt_le16(const struct lt_cmd *cmd, size_t at);

/* A channel up to its configuration; who connects? */
void lt_connect(bool we_initiate);

/* Takes our CONFIGURATION_REQ, which goes to lt.want. */
void lt_expect_conf_req(void);

/* The tester answers it, with these options. */
void lt_answer(uint16_t result, const char *fmt, ...) RT_PRINTF(2, 3);

/* It agrees to it. */
void lt_agree(void);

/* The tester's CONFIGURATION_REQ, whose answer goes to lt.reply. */
void lt_configure(const char *fmt, ...) RT_PRINTF(1, 2);

/* The options that the tester proposes for lt.params.mode, as text. */
const char *lt_proposal(void);

/* A channel, open in lt.params.mode. */
void lt_open(bool we_initiate);

/* The channel is open in this mode, and the application knows. */
void lt_is_open(enum rt_l2cap_mode mode);

/* We must disconnect the channel; the tester answers; the end has this code. */
void lt_is_closed(uint16_t code);

/* The same, whatever the code. */
void lt_is_gone(void);

/* Reads options; fails if they are not a list. */
void lt_read_options(const uint8_t *data, size_t len, struct lt_options *ret);

/* What the engine knows of the application's first channel. */
struct rt_l2cap_info lt_info(void);

#endif
