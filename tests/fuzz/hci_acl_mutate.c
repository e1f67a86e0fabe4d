/* SPDX-License-Identifier: MIT */
/* The grammar of hci_acl: whole PDUs, and fragments that fit or don't. */
#include "stack/base.h"
#include "tests/fuzz/hci_acl.h"
#include "tests/fuzz/mutate.h"

static size_t make_pdu(uint64_t *state, uint8_t *p)
{
	static const uint16_t lengths[] = { 0,	 1,    4,    99,    100,
					    101, 1499, 1500, 1501,  3000,
					    250, 600,  20,   65531, 65535 };
	const uint16_t len =
		mutate_below(state, 2)
			? lengths[mutate_below(state, RT_ARRAY_SIZE(lengths))]
			: (uint16_t)mutate_below(state, 300);

	p[0] = (uint8_t)mutate_below(state, 4);
	p[1] = (uint8_t)mutate_below(state, 4);
	p[2] = (uint8_t)len;
	p[3] = (uint8_t)(len >> 8);
	p[4] = (uint8_t)mutate_below(state, 256);
	p[5] = mutate_below(state, 4) ? 0 : (uint8_t)mutate_below(state, 8);
	return 6;
}

static size_t make(uint64_t *state, uint8_t *record)
{
	static const uint8_t kinds[] = { RECORD_FRAGMENT, RECORD_FRAGMENT,
					 RECORD_PDU,	  RECORD_PDU,
					 RECORD_PDU,	  RECORD_BREAK,
					 RECORD_EARLY,	  RECORD_TIME };
	uint8_t *p = record + 2;
	size_t n = 1;

	record[0] = kinds[mutate_below(state, sizeof(kinds))];
	p[0] = (uint8_t)mutate_below(state, 256);
	if (record[0] == RECORD_PDU) {
		n = make_pdu(state, p);
	} else if (record[0] == RECORD_FRAGMENT || record[0] == RECORD_EARLY) {
		/* A header, and some of what it says. */
		const uint32_t body = mutate_below(state, 100);

		p[1] = (uint8_t)mutate_below(state, 4);
		p[2] = (uint8_t)body;
		p[3] = 0;
		p[4] = (uint8_t)(0x40 + mutate_below(state, 3));
		p[5] = 0;
		n = 6 +
		    (mutate_below(state, 2) ? body : mutate_below(state, 120));
		if (mutate_below(state, 6) == 0)
			n = 2 + mutate_below(state, 4);
		for (size_t i = 6; i < n; i++)
			p[i] = (uint8_t)i;
	}
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (record[0] == RECORD_FRAGMENT && mutate_below(state, 3) == 0) {
		/* HCI's own header lies. */
		record[0] = RECORD_RAW;
		record[2] &= 0x0f;
		record[3] = (uint8_t)(record[3] << 4);
	}
	return mutate_lie_in_body(state, record, len, 0);
}

const struct mutate_grammar mutate_grammar = {
	.head = 0,
	.make = make,
	.lie = lie,
};
