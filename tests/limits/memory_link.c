/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <string.h>

#include "hci/acl_rx.h"
#include "hci/link.h"
#include "l2cap/sig.h"

/* Doors of HCI: links, fragments, pairing. */

#define FRAGMENT_BYTES 1021

static void sit(struct crowd *crowd)
{
	crowd_join(crowd);
	crowd_run(crowd, RT_SECONDS(1));
}

/* Each stranger's request is an event; two are let in, the others are not. */
static void page_on(struct crowd *crowd)
{
	crowd->hold_setup = true;
	for (unsigned int i = 0; i < CROWD_PEERS; i++)
		crowd_page(crowd);
	crowd_run(crowd, RT_SECONDS(30));
}

static size_t setup_bytes(void)
{
	return rt_limits_default.links_setup * sizeof(struct rt_hci_link);
}

/* Data for a link that is not up yet, as large as they can be. */
static void hurry(struct crowd *crowd)
{
	static uint8_t octets[4000];
	struct crowd_peer *peer;

	crowd->hold_setup = true;
	peer = crowd_page(crowd);
	for (int i = 0; i < 100; i++)
		crowd_acl(peer, 2, rt_bytes(octets, sizeof(octets)));
	crowd_run(crowd, RT_MS(20));
}

static size_t early_bytes(void)
{
	/* A list node, a handle, a time and a length in front of each. */
	return sizeof(struct rt_hci_link) + RT_HCI_EARLY_BYTES_MAX +
	       rt_limits_default.early_acl * 64;
}

/*
 * A key is in use whose size the controller does not tell: data wait for it.
 * A peer can change the key whenever it likes, but not hold up the answer.
 */
static void await_size(struct crowd *crowd)
{
	static const uint8_t octets[FRAGMENT_BYTES];
	struct crowd_peer *peer = crowd_join(crowd);
	const unsigned int handle = peer->handle;

	crowd->hold_key_size = true;
	crowd_event(crowd, "08 04 00 %02x%02x 01", handle & 0xff, handle >> 8);
	world_settle(crowd->w);
	for (int i = 0; i < 200; i++)
		crowd_acl(peer, 1, rt_bytes(octets, sizeof(octets)));
	ck_assert_uint_gt(crowd->peak_bytes, rt_limits_default.held_acl_bytes);
	crowd->hold_key_size = false;
	crowd_tell_key_size(peer);
	ck_assert(!peer->linked);
}

static size_t held_bytes(void)
{
	return limits_link_bytes() + rt_limits_default.held_acl_bytes;
}

/* PDUs on a channel id, of the longest length there is, that never end. */
static void begin_pdus(struct crowd *crowd, uint16_t cid)
{
	uint8_t octets[FRAGMENT_BYTES] = { 0xff, 0xff, (uint8_t)cid,
					   (uint8_t)(cid >> 8) };
	struct crowd_peer *peer = crowd_join(crowd);

	for (int i = 0; i < 50; i++) {
		crowd_acl(peer, 2, rt_bytes(octets, sizeof(octets)));
		/* As far as it goes without its last octet. */
		for (int n = 0; n < i; n++)
			crowd_acl(peer, 1, rt_bytes(octets, sizeof(octets)));
	}
	crowd_run(crowd, RT_SECONDS(10));
}

static void begin_commands(struct crowd *crowd)
{
	begin_pdus(crowd, 0x0001);
}

static size_t command_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() + 4 +
	       rt_limits_default.sig_mtu + 1;
}

static void begin_datagrams(struct crowd *crowd)
{
	begin_pdus(crowd, 0x0002);
}

static void begin_nowhere(struct crowd *crowd)
{
	begin_pdus(crowd, 0x0040);
}

/* Security events of a peer that wants to pair, and never does. */
static void pair_on(struct crowd *crowd)
{
	struct crowd_peer *peer = crowd_join(crowd);
	const unsigned int handle = peer->handle;

	for (unsigned int i = 0; i < 100 && peer->linked; i++) {
		crowd_event(crowd, "17 06 010000 0000c0");
		crowd_event(crowd, "32 09 010000 0000c0 03 00 00");
		crowd_event(crowd, "31 06 010000 0000c0");
		crowd_event(crowd, "33 0a 010000 0000c0 %02x000000", i);
		crowd_event(crowd, "16 06 010000 0000c0");
		crowd_event(crowd, "35 06 010000 0000c0");
		crowd_event(crowd, "36 07 05 010000 0000c0");
		crowd_event(crowd, "06 03 05 %02x%02x", handle & 0xff,
			    handle >> 8);
		crowd_run(crowd, RT_MS(50));
	}
}

const struct limits_door limits_doors_link[] = {
	{ "a link and nothing on it", limits_link_bytes, sit, false },
	{ "strangers that page, 16 at once", setup_bytes, page_on, false },
	{ "data before the link is up", early_bytes, hurry, false },
	{ "data while a key's size is not told", held_bytes, await_size, true },
	{ "commands of 65535 octets that never end", command_bytes,
	  begin_commands, false },
	{ "connectionless data, likewise", limits_link_bytes, begin_datagrams,
	  false },
	{ "PDUs for channels that are not there", limits_link_bytes,
	  begin_nowhere, false },
	{ "pairings that fail, one after the other", limits_link_bytes, pair_on,
	  false },
	{ NULL, NULL, NULL, false },
};
