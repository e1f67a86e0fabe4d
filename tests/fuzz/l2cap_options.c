/* SPDX-License-Identifier: MIT */
/*
 * Lists of configuration options, against a reader of our own: a table of
 * types and sizes, and nothing else. What was read is written, and read again.
 * The first octet says whether the extended window is known.
 */
#include <stdlib.h>
#include <string.h>

#include "l2cap/opt.h"
#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"

#define HINT 0x80
#define TYPES 8
#define WINDOW 7

/* What the reference knows: where the last good option of each type begins. */
struct reference {
	bool bad;
	const uint8_t *value[TYPES];
	bool unknown[0x80];
};

/* Sizes of the types that can be known (A:5); 0: none has it. */
static const uint8_t sizes[TYPES] = { 0, 2, 2, 22, 9, 1, 0, 2 };

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool is_known(uint8_t type, bool window)
{
	return type < TYPES && sizes[type] > 0 && (type != WINDOW || window);
}

static struct reference refer(const uint8_t *list, size_t len, bool window)
{
	struct reference ref = { .bad = false };
	size_t at = 0;

	while (at < len && !ref.bad) {
		const uint8_t type = list[at] & 0x7f;
		const bool hint = list[at] & HINT;

		if (len - at < 2 || len - at - 2 < list[at + 1]) {
			ref.bad = true;
		} else if (!is_known(type, window)) {
			ref.unknown[type] |= !hint;
		} else if (list[at + 1] == sizes[type]) {
			ref.value[type] = list + at + 2;
		} else {
			ref.bad = !hint;
		}
		at += ref.bad ? 0 : 2 + (size_t)list[at + 1];
	}
	return ref;
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void compare_rfc(const struct rt_l2cap_opts *opts, const uint8_t *p)
{
	must(opts->has_rfc == (p != NULL));
	if (!p)
		return;
	must(opts->rfc.mode == p[0]);
	must(opts->rfc.tx_window == p[1]);
	must(opts->rfc.max_transmit == p[2]);
	must(opts->rfc.retransmission_ms == le16(p + 3));
	must(opts->rfc.monitor_ms == le16(p + 5));
	must(opts->rfc.mps == le16(p + 7));
}

static void compare_qos(const struct rt_l2cap_opts *opts, const uint8_t *p)
{
	must(opts->has_qos == (p != NULL));
	if (!p)
		return;
	must(opts->qos.flags == p[0]);
	must(opts->qos.service == p[1]);
	must(opts->qos.token_rate == le32(p + 2));
	must(opts->qos.token_bucket == le32(p + 6));
	must(opts->qos.peak_bandwidth == le32(p + 10));
	must(opts->qos.latency == le32(p + 14));
	must(opts->qos.delay_variation == le32(p + 18));
}

static void compare(const struct rt_l2cap_opts *opts,
		    const struct reference *ref)
{
	const uint8_t *const *v = ref->value;
	size_t unknown = 0;

	must(opts->has_mtu == (v[1] != NULL));
	must(!v[1] || opts->mtu.mtu == le16(v[1]));
	must(opts->has_flush == (v[2] != NULL));
	must(!v[2] || opts->flush.timeout == le16(v[2]));
	compare_qos(opts, v[3]);
	compare_rfc(opts, v[4]);
	must(opts->has_fcs == (v[5] != NULL));
	must(!v[5] || opts->fcs.type == v[5][0]);
	must(opts->has_window == (v[7] != NULL));
	must(!v[7] || opts->window.frames == le16(v[7]));
	for (size_t i = 0; i < sizeof(ref->unknown); i++)
		unknown += ref->unknown[i];
	must(opts->unknown_count ==
	     RT_MIN(unknown, (size_t)RT_L2CAP_OPTS_UNKNOWN_MAX));
	for (size_t i = 0; i < opts->unknown_count; i++)
		must(ref->unknown[opts->unknown[i]]);
}

/* Writes what was read and reads it; the same comes out, in any room. */
static void round_trip(const struct rt_l2cap_opts *opts, bool window)
{
	uint8_t buf[60];
	struct rt_l2cap_opts again = { .takes_window = window };
	struct rt_l2cap_opts known = *opts;
	struct reference ref;
	struct rt_wr w;
	size_t size;

	known.unknown_count = 0;

	for (size_t room = 0; room <= sizeof(buf); room++) {
		w = rt_wr_init(buf, room);
		rt_l2cap_opts_write(opts, &w);
		must(!refer(buf, rt_wr_bytes(&w).len, window).bad);
	}
	size = rt_wr_bytes(&w).len;
	ref = refer(buf, size, window);
	must(!ref.bad);
	compare(&known, &ref);
	must(rt_l2cap_opts_read(rt_bytes(buf, size), &again) == 0);
	compare(&again, &ref);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_l2cap_opts opts = { .has_mtu = false };
	struct reference ref;
	uint8_t *list;
	int ret;

	if (size < 1)
		return 0;
	opts.takes_window = data[0] & 1;
	list = malloc(size); /* as long as it is: reading on is found */
	must(list);
	memcpy(list, data + 1, size - 1);
	ref = refer(list, size - 1, opts.takes_window);
	ret = rt_l2cap_opts_read(rt_bytes(list, size - 1), &opts);
	must((ret < 0) == ref.bad);
	if (ret == 0) {
		compare(&opts, &ref);
		round_trip(&opts, opts.takes_window);
	}
	for (unsigned int type = 0; type < HINT; type++)
		(void)rt_l2cap_opts_names(rt_bytes(list, size - 1),
					  (uint8_t)type);
	free(list);
	return 0;
}
