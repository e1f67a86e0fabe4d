/* SPDX-License-Identifier: MIT */
#include "l2cap/policy.h"

#include "l2cap/peer.h"

/* Columns of the table: modes that a peer can name. */
enum said {
	SAID_BASIC,
	SAID_ERTM,
	SAID_STREAMING,
	SAID_OTHER,
	SAID_COUNT,
};

struct row {
	uint8_t mode;
	uint8_t fallback;
	uint8_t request[SAID_COUNT];
	uint8_t refusal[SAID_COUNT];
};

/* No mode: the channel is closed. */
#define RT_L2CAP_MODE_NONE 0xff

#define MODE(name) RT_L2CAP_MODE_##name
#define DO(name) RT_L2CAP_POLICY_##name

static const struct row rows[] = {
#define WISH(name, asks, lacks, on_b, on_e, on_s, on_o, no_b, no_e, no_s, \
	     no_o)                                                        \
	[RT_L2CAP_WISH_##name] = {                                        \
		.mode = MODE(asks),                                       \
		.fallback = MODE(lacks),                                  \
		.request = { DO(on_b), DO(on_e), DO(on_s), DO(on_o) },    \
		.refusal = { DO(no_b), DO(no_e), DO(no_s), DO(no_o) },    \
	},
#include "l2cap/policy.def"
#undef WISH
};

static enum said said(uint8_t mode)
{
	switch (mode) {
	case RT_L2CAP_MODE_BASIC:
		return SAID_BASIC;
	case RT_L2CAP_MODE_ERTM:
		return SAID_ERTM;
	case RT_L2CAP_MODE_STREAMING:
		return SAID_STREAMING;
	}
	return SAID_OTHER;
}

enum rt_l2cap_wish rt_l2cap_policy_wish(enum rt_l2cap_mode mode, bool required)
{
	switch (mode) {
	case RT_L2CAP_MODE_BASIC:
	case RT_L2CAP_MODE_CREDIT:
		return RT_L2CAP_WISH_BASIC;
	case RT_L2CAP_MODE_ERTM:
		return required ? RT_L2CAP_WISH_ERTM_REQUIRED
				: RT_L2CAP_WISH_ERTM_PREFERRED;
	case RT_L2CAP_MODE_STREAMING:
		return required ? RT_L2CAP_WISH_STREAMING_REQUIRED
				: RT_L2CAP_WISH_STREAMING_PREFERRED;
	}
	return RT_L2CAP_WISH_BASIC;
}

enum rt_l2cap_wish rt_l2cap_policy_keep(enum rt_l2cap_mode mode)
{
	switch (mode) {
	case RT_L2CAP_MODE_BASIC:
	case RT_L2CAP_MODE_CREDIT:
		return RT_L2CAP_WISH_BASIC;
	case RT_L2CAP_MODE_ERTM:
		return RT_L2CAP_WISH_KEEP_ERTM;
	case RT_L2CAP_MODE_STREAMING:
		return RT_L2CAP_WISH_KEEP_STREAMING;
	}
	return RT_L2CAP_WISH_BASIC;
}

/* True if the features say that the peer has the mode. */
static bool has_mode(uint32_t features, uint8_t mode)
{
	if (mode == RT_L2CAP_MODE_ERTM)
		return features & RT_L2CAP_FEATURE_ERTM;
	if (mode == RT_L2CAP_MODE_STREAMING)
		return features & RT_L2CAP_FEATURE_STREAMING;
	return true;
}

bool rt_l2cap_policy_ask(enum rt_l2cap_wish wish, uint32_t features,
			 enum rt_l2cap_mode *ret_mode)
{
	const struct row *row = &rows[wish];
	const uint8_t mode =
		has_mode(features, row->mode) ? row->mode : row->fallback;

	if (mode == RT_L2CAP_MODE_NONE)
		return false;
	*ret_mode = (enum rt_l2cap_mode)mode;
	return true;
}

enum rt_l2cap_policy rt_l2cap_policy_on_request(enum rt_l2cap_wish wish,
						uint8_t mode)
{
	return (enum rt_l2cap_policy)rows[wish].request[said(mode)];
}

enum rt_l2cap_policy rt_l2cap_policy_on_refusal(enum rt_l2cap_wish wish,
						uint8_t mode)
{
	return (enum rt_l2cap_policy)rows[wish].refusal[said(mode)];
}
