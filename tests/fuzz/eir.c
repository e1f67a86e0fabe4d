/* SPDX-License-Identifier: MIT */
/*
 * What devices nearby say of themselves (F-19): EIRs against a reader of our
 * own, names, and what we would answer with the same name and services. With
 * bit 0 of the first octet the octets come as records, the way a controller
 * brings them: kind, length, and an inquiry result of some form, or a name.
 */
#include <stdlib.h>
#include <string.h>

#include "hci/gap/eir.h"
#include "hci/gap/utf8.h"
#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hci_bed.h"

#define EVENT_MAX 257
#define NAME_REQUEST 7 /* of bed_act() */
#define INQUIRE 6

/* --- names --------------------------------------------------------------- */

/* A decoder of UTF-8 by value: what a form must be at least. */
static bool is_utf8(const char *str)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)str;

	while (*p) {
		const size_t more = *p < 0x80	? 0
				    : *p < 0xe0 ? 1
				    : *p < 0xf0 ? 2
						: 3;
		uint32_t c = more ? *p & (0x3fU >> more) : *p;

		if (*p >= 0xf8 || (*p & 0xc0) == 0x80)
			return false;
		p++;
		for (size_t i = 0; i < more; i++) {
			if ((*p & 0xc0) != 0x80)
				return false;
			c = c << 6 | (*p++ & 0x3f);
		}
		if (c < least[more] || c > 0x10ffff || c >> 11 == 0x1b)
			return false;
	}
	return true;
}

static void check_name(struct rt_bytes octets)
{
	char str[RT_GAP_NAME_BYTES + 1];
	size_t whole;

	for (size_t cap = 1; cap <= sizeof(str); cap += 1 + cap / 2) {
		rt_gap_utf8_copy(octets, str, cap);
		bed_must(strlen(str) < cap && is_utf8(str), "names are UTF-8");
		for (size_t max = 0; max <= strlen(str); max += 5) {
			whole = rt_gap_utf8_fit(str, max);
			bed_must(whole <= max, "as much as there is room for");
			bed_must(((uint8_t)str[whole] & 0xc0) != 0x80,
				 "no character is cut");
		}
	}
}

/* --- lists of services --------------------------------------------------- */

static size_t uuid_bytes(uint8_t type)
{
	static const uint8_t bytes[] = { 0, 0, 2, 2, 4, 4, 16, 16 };

	return type < sizeof(bytes) ? bytes[type] : 0;
}

/* The UUID at `p` in 128 bits. */
static struct rt_uuid refer_uuid(const uint8_t *p, size_t bytes)
{
	static const uint8_t base[] = { 0xfb, 0x34, 0x9b, 0x5f, 0x80, 0,
					0,    0x80, 0,	  0x10, 0,    0,
					0,    0,    0,	  0 };
	uint8_t flipped[16];
	struct rt_uuid uuid;

	memcpy(flipped, base, sizeof(base));
	memcpy(flipped + (bytes == 16 ? 0 : 12), p, bytes);
	for (size_t i = 0; i < 16; i++)
		uuid.b[i] = flipped[15 - i];
	return uuid;
}

static void check_uuids(struct rt_bytes eir, const struct rt_uuid *uuids,
			size_t count)
{
	size_t at = 0;
	size_t next = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++)
			bed_must(!rt_uuid_equal(uuids[i], uuids[k]), "once");
	}
	while (at + 1 < eir.len && eir.ptr[at] > 0 &&
	       at + 1 + eir.ptr[at] <= eir.len) {
		const size_t bytes = uuid_bytes(eir.ptr[at + 1]);
		const size_t end = at + 1 + eir.ptr[at];

		for (at += 2; bytes && at + bytes <= end; at += bytes) {
			const struct rt_uuid uuid =
				refer_uuid(eir.ptr + at, bytes);
			size_t i = 0;

			while (i < count && !rt_uuid_equal(uuids[i], uuid))
				i++;
			bed_must(i < count && i <= next, "all, in their order");
			next += i == next;
		}
		at = end;
	}
	bed_must(next == count, "no other");
}

/* What we say of the same, and what we read of that. */
static void check_own(const struct rt_gap_device *device,
		      const struct rt_uuid *uuids, size_t count)
{
	const struct rt_gap_eir_source source = {
		.name = device->name,
		.uuids = uuids,
		.uuid_count = count,
		.more_uuids = device->eir_bytes & 1,
	};
	struct rt_uuid again[RT_GAP_EIR_UUIDS_MAX];
	struct rt_gap_device own = { .eir_bytes = 0 };
	uint8_t eir[RT_GAP_EIR_BYTES];
	bool complete;
	size_t n;

	rt_gap_eir_build(&source, eir);
	rt_gap_eir_parse(rt_bytes(eir, sizeof(eir)), &own);
	bed_must(strncmp(own.name, device->name, strlen(own.name)) == 0,
		 "our name, or how it begins");
	bed_must(!own.name_complete || strcmp(own.name, device->name) == 0,
		 "complete is all of it");
	n = rt_gap_eir_uuids(rt_bytes(eir, sizeof(eir)), again, &complete);
	bed_must(n <= count && (!complete || n == count), "so many services");
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < count && !rt_uuid_equal(uuids[k], again[i]))
			k++;
		bed_must(k < count, "services of ours");
	}
}

static void check_eir(struct rt_bytes octets)
{
	const struct rt_bytes eir = rt_bytes(
		octets.ptr, RT_MIN(octets.len, (size_t)RT_GAP_EIR_BYTES));
	struct rt_uuid uuids[RT_GAP_EIR_UUIDS_MAX];
	struct rt_gap_device device = { .eir_bytes = 0 };
	bool complete;
	size_t count;

	count = rt_gap_eir_uuids(octets, uuids, &complete);
	check_uuids(eir, uuids, count);
	rt_gap_eir_parse(octets, &device);
	bed_must(is_utf8(device.name), "names are UTF-8");
	bed_must(device.eir_bytes <= eir.len, "no more than there is");
	bed_must(device.has_name || device.name[0] == '\0', "a name, or none");
	check_own(&device, uuids, count);
}

/* --- from a controller --------------------------------------------------- */

static void on_name_or_result(const struct rt_gap_device *device)
{
	bed_must(is_utf8(device->name), "names are UTF-8");
	bed_must(device->has_name || device->name[0] == '\0',
		 "a name, or none");
}

/* An event of the kind, as long as it has to be or as it comes. */
static void send_event(uint8_t kind, struct rt_bytes body)
{
	static const struct {
		uint8_t code, bytes;
	} forms[] = {
		{ 0x02, 14 },  { 0x22, 14 },  { 0x22, 15 },
		{ 0x2f, 254 }, { 0x07, 255 }, { 0x01, 1 },
	};
	const size_t i = (kind & 0x0f) % RT_ARRAY_SIZE(forms);
	uint8_t buf[EVENT_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	size_t len = RT_MIN(body.len, (size_t)254);

	rt_wr_u8(&w, forms[i].code);
	rt_wr_u8(&w, 0);
	if (forms[i].code == 0x07) {
		rt_wr_u8(&w, kind & 0x40 ? 4 : 0);
		rt_wr_addr(&w, bed_addr(1));
	} else if (i < 4) {
		rt_wr_u8(&w, (uint8_t)(i == 3 ? 1 : len / forms[i].bytes));
	}
	len = RT_MIN(len, 257 - rt_wr_bytes(&w).len);
	rt_wr_put(&w, rt_bytes(body.ptr, len));
	/* As long as it must be: with zeros behind. */
	while (!(kind & 0x80) && i >= 3 &&
	       rt_wr_bytes(&w).len < 2U + forms[i].bytes)
		rt_wr_u8(&w, 0);
	buf[1] = (uint8_t)(rt_wr_bytes(&w).len - 2);
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT, rt_wr_bytes(&w));
}

static void from_controller(struct rt_rd *r)
{
	bed_begin(2);
	bed.device = on_name_or_result;
	bed_start(10);
	for (int i = 0; i < 32 && rt_rd_left(r) >= 2; i++) {
		const uint8_t kind = rt_rd_u8(r);
		const size_t len = rt_rd_u8(r);

		bed_act(0, kind & 0x20 ? NAME_REQUEST : INQUIRE,
			kind & 0x20 ? 1 : 0, 0);
		bed_settle();
		send_event(kind, rt_rd_take(r, RT_MIN(len, rt_rd_left(r))));
		bed_settle();
	}
	bed_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	uint8_t *exact;

	if (size < 1)
		return 0;
	if (rt_rd_u8(&r) & 1) {
		from_controller(&r);
		return 0;
	}
	exact = malloc(size); /* as long as it is: reading on is found */
	bed_must(exact, "memory");
	memcpy(exact, data + 1, size - 1);
	check_eir(rt_bytes(exact, size - 1));
	check_name(rt_bytes(exact, size - 1));
	free(exact);
	return 0;
}
