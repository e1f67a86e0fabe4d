/* SPDX-License-Identifier: MIT */
#ifndef TEST_HCI_RIG_H
#define TEST_HCI_RIG_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/gap.h"
#include "hci/hci.h"
#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

/*
 * An engine in virtual time between two scripts: a controller, written as
 * packets in hexadecimal with their H4 octet in front, and a layer above that
 * remembers what it hears and sends what it is given.
 *
 * There is one rig a process; each test begins with a fresh one.
 */

#define RIG_RX_MAX 16
#define RIG_RX_BYTES 70000
#define RIG_TX_MAX 128
#define RIG_COMPLETED_MAX 256
#define RIG_DEVICES_MAX 600
#define RIG_LINKS_MAX 16

/* Answers of the controller that differ from a good one's. */
struct rig_answer {
	uint16_t opcode;
	/* Return parameters in hexadecimal; NULL: never answers. */
	const char *ret;
};

struct rig_completed {
	struct rt_done done;
	bool written;
};

struct rig_link {
	struct rt_hci_link *link; /* NULL: gone */
	unsigned int ups;
	unsigned int downs;
	struct rt_reason why;
	enum rt_hci_link_state state; /* in down */
};

struct rig {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_hci *hci;
	const struct rig_answer *answers; /* ended by opcode 0 */
	bool sees_features;		  /* reading the peer's is not hidden */

	/* What the engine's owner has heard. */
	unsigned int ups;
	unsigned int downs;
	unsigned int finals;
	struct rt_reason why;

	/* What the layer above has heard of links. */
	struct rig_link links[RIG_LINKS_MAX];
	size_t link_count;
	void (*on_up)(struct rt_hci_link *link);
	void (*on_down)(struct rt_hci_link *link);
	void (*on_completed)(struct rt_hci_link *link);
	void (*on_rx)(struct rt_hci_link *link);

	/* PDUs received. */
	uint16_t limit;
	uint16_t cut; /* octets of a payload that are wanted at most */
	size_t rx_count;
	size_t rx_len[RIG_RX_MAX];
	const uint8_t *rx_ptr[RIG_RX_MAX]; /* where it was, to tell copies */
	uint8_t rx[RIG_RX_MAX][RIG_RX_BYTES];

	/* PDUs to be pulled: payload lengths. */
	size_t tx_first;
	size_t tx_count;
	struct {
		struct rt_hci_link *link;
		uint16_t len;
		rt_handle chan;
		bool owned;
	} tx[RIG_TX_MAX];
	uint8_t tx_body[RIG_RX_BYTES];
	bool flushable; /* PDUs pulled from now on */
	unsigned int pulls;

	size_t completed_count;
	struct rig_completed completed[RIG_COMPLETED_MAX];
};

extern struct rig rig;

/* A test and how often it runs: _i counts from 0. */
struct rig_case {
	const TTest *const *test;
	int loops;
};

/* Runs the tests, each with a fresh rig. Returns what main() returns. */
int rig_run(const char *name, const struct rig_case *cases, size_t count);

/* An engine with default options that has not been started. */
void rig_setup(void);

/* Frees the engine; nothing may be allocated or armed then. */
void rig_teardown(void);

/* Makes the engine anew with these options. */
void rig_renew(const struct rt_hci_options *options);

/* Starts the engine and answers all until it is up, or down for good. */
void rig_bring_up(void);

/* Pulls commands and answers them by `rig.answers` until there are none. */
void rig_answer_all(void);

/* Pulls a command, which there must be, and answers it likewise. */
void rig_answer_one(void);

/* The last answer once more, with another last octet. */
void rig_repeat_answer(void);

/* The next packet to the controller must be this. */
void rig_expect(const char *hex);

/* There must be no packet to the controller. */
void rig_expect_none(void);

/* The next packet to the controller must be a command with this opcode. */
void rig_expect_command(uint16_t opcode);

/* A packet from the controller. */
void rig_inject(const char *fmt, ...) RT_PRINTF(1, 2);

/* A packet from the controller, the first `len` octets of it. */
void rig_inject_bytes(enum rt_packet_type type, const void *ptr, size_t len);

/* Command Complete with status 0 and nothing else. */
void rig_complete(uint16_t opcode);

/* Command Status. */
void rig_status(uint16_t opcode, uint8_t status);

/* Lets the time pass, timer by timer, and reaps. */
void rig_pass_us(uint64_t us);

/* The end of a step: what is closed is freed. */
void rig_reap(void);

/* The address 00:00:00:00:01:xx. */
struct rt_addr rig_addr(uint8_t last);

/* Connection Complete for rig_addr(last). */
void rig_connection_complete(uint8_t status, uint16_t handle, uint8_t last);

/* Connection Request from rig_addr(last). */
void rig_connection_request(uint8_t last);

/* Disconnection Complete. */
void rig_disconnection_complete(uint16_t handle, uint8_t reason);

/* Number Of Completed Packets for one handle. */
void rig_completed(uint16_t handle, uint16_t count);

/* A link of ours to rig_addr(last) that is open and used. */
struct rt_hci_link *rig_connect(uint8_t last, uint16_t handle);

/* A link that rig_addr(last) has made, open and used. */
struct rt_hci_link *rig_accept(uint8_t last, uint16_t handle);

/* The link must have gone once, for this HCI code. */
void rig_expect_down(const struct rig_link *known, uint8_t code, int err);

/* What is remembered of a link that was up, or asked for. */
struct rig_link *rig_link(const struct rt_hci_link *link);

/* Asks for a link and remembers it. */
struct rt_hci_link *rig_want(uint8_t last);

/* Gives the link's layer above a PDU of `len` octets with its header. */
void rig_send(struct rt_hci_link *link, rt_handle chan, uint16_t len);

/*
 * The next packet must be an ACL fragment with these flags, of `len` octets
 * from `from` on of a PDU made by rig_send().
 */
void rig_expect_acl(uint16_t handle_flags, size_t from, size_t len);

/* Takes the next packet, which must be ACL data. */
void rig_take_acl(void);

/* The figures of the engine. */
const struct rt_hci_stats *rig_stats(void);

#endif
