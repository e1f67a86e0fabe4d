/* SPDX-License-Identifier: MIT */
#include "l2cap/fcs.h"

#include "stack/rd.h"
#include "stack/wr.h"

#define HEADER_BYTES 4

/*
 * What an octet does to the FCS, and what it does with one to three octets
 * behind it: four octets are dealt with at a time. The FCS is linear, so that
 * an entry is the sum of those of its bits. The tests shift bit by bit.
 */
#define BIT(i, k, x) ((i) >> (k)&1 ? (x) : 0)
#define ENTRY_0(i)                                                          \
	BIT(i, 0, 0xc0c1) ^ BIT(i, 1, 0xc181) ^ BIT(i, 2, 0xc301) ^         \
		BIT(i, 3, 0xc601) ^ BIT(i, 4, 0xcc01) ^ BIT(i, 5, 0xd801) ^ \
		BIT(i, 6, 0xf001) ^ BIT(i, 7, 0xa001)
#define ENTRY_1(i)                                                          \
	BIT(i, 0, 0x9001) ^ BIT(i, 1, 0x6001) ^ BIT(i, 2, 0xc002) ^         \
		BIT(i, 3, 0xc007) ^ BIT(i, 4, 0xc00d) ^ BIT(i, 5, 0xc019) ^ \
		BIT(i, 6, 0xc031) ^ BIT(i, 7, 0xc061)
#define ENTRY_2(i)                                                          \
	BIT(i, 0, 0xc051) ^ BIT(i, 1, 0xc0a1) ^ BIT(i, 2, 0xc141) ^         \
		BIT(i, 3, 0xc281) ^ BIT(i, 4, 0xc501) ^ BIT(i, 5, 0xca01) ^ \
		BIT(i, 6, 0xd401) ^ BIT(i, 7, 0xe801)
#define ENTRY_3(i)                                                          \
	BIT(i, 0, 0xfc01) ^ BIT(i, 1, 0xb801) ^ BIT(i, 2, 0x3001) ^         \
		BIT(i, 3, 0x6002) ^ BIT(i, 4, 0xc004) ^ BIT(i, 5, 0xc00b) ^ \
		BIT(i, 6, 0xc015) ^ BIT(i, 7, 0xc029)

#define ROW_4(entry, i) entry(i), entry((i) + 1), entry((i) + 2), entry((i) + 3)
#define ROW_16(entry, i)                                               \
	ROW_4(entry, i), ROW_4(entry, (i) + 4), ROW_4(entry, (i) + 8), \
		ROW_4(entry, (i) + 12)
#define ROW_64(entry, i)                                                    \
	ROW_16(entry, i), ROW_16(entry, (i) + 16), ROW_16(entry, (i) + 32), \
		ROW_16(entry, (i) + 48)
#define ROWS(entry)                                                      \
	{                                                                \
		ROW_64(entry, 0), ROW_64(entry, 64), ROW_64(entry, 128), \
			ROW_64(entry, 192),                              \
	}

static const uint16_t table[4][256] = { ROWS(ENTRY_0), ROWS(ENTRY_1),
					ROWS(ENTRY_2), ROWS(ENTRY_3) };

uint16_t rt_l2cap_fcs_add(uint16_t fcs, struct rt_bytes slice)
{
	const uint8_t *p = slice.ptr;
	size_t left = slice.len;

	for (; left >= 4; left -= 4, p += 4)
		fcs = table[3][(fcs ^ p[0]) & UINT8_MAX] ^
		      table[2][fcs >> 8 ^ p[1]] ^ table[1][p[2]] ^
		      table[0][p[3]];
	for (; left > 0; left--, p++)
		fcs = (uint16_t)(fcs >> 8 ^ table[0][(fcs ^ *p) & UINT8_MAX]);
	return fcs;
}

uint16_t rt_l2cap_fcs_of_header(uint16_t len, uint16_t cid)
{
	uint8_t header[HEADER_BYTES];
	struct rt_wr w = rt_wr_init(header, sizeof(header));

	rt_wr_le16(&w, len);
	rt_wr_le16(&w, cid);
	return rt_l2cap_fcs_add(0, rt_wr_bytes(&w));
}

bool rt_l2cap_fcs_check(uint16_t cid, struct rt_bytes *payload)
{
	struct rt_rd r = rt_rd_init(*payload);
	struct rt_bytes covered;
	uint16_t fcs;

	if (payload->len < RT_L2CAP_FCS_BYTES)
		return false;
	covered = rt_rd_take(&r, payload->len - RT_L2CAP_FCS_BYTES);
	fcs = rt_l2cap_fcs_of_header((uint16_t)payload->len, cid);
	if (rt_rd_le16(&r) != rt_l2cap_fcs_add(fcs, covered))
		return false;
	*payload = covered;
	return true;
}
