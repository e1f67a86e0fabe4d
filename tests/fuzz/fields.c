/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fields.h"

#include "stack/base.h"
#include "stack/wr.h"

struct message {
	uint8_t code;
	const char *fields;
};

/*
 * Fields: S a status of 0, H the handle of a link, A the address of a peer, O
 * and P our channel id and the peer's, M a PSM, 1 the octet 1, and so many free
 * octets: x one, y two, c four, e eight, k sixteen, and n as many as there are.
 */

/* Events (Core Vol 4 Part E 7.7). */
static const struct message events[] = {
	{ 0x01, "S" },	    { 0x02, "1Acyx" }, { 0x03, "SHA1x" },
	{ 0x04, "Ayx1" },   { 0x05, "SHx" },   { 0x06, "SH" },
	{ 0x07, "SAn" },    { 0x08, "SHx" },   { 0x0b, "SHe" },
	{ 0x0c, "SHcx" },   { 0x0e, "1yn" },   { 0x0f, "S1y" },
	{ 0x10, "x" },	    { 0x11, "H" },     { 0x12, "SAx" },
	{ 0x13, "1Hy" },    { 0x14, "SHxy" },  { 0x16, "A" },
	{ 0x17, "A" },	    { 0x18, "Akx" },   { 0x1a, "x" },
	{ 0x1b, "Hx" },	    { 0x22, "1Acyx" }, { 0x23, "SHyen" },
	{ 0x2f, "1Acycn" }, { 0x30, "SH" },    { 0x31, "A" },
	{ 0x32, "Ayx" },    { 0x33, "Ac" },    { 0x34, "A" },
	{ 0x35, "A" },	    { 0x36, "SA" },    { 0x3b, "Ac" },
	{ 0x59, "SHy" },
};

/* Commands of signalling (Core Vol 3 Part A 4). */
static const struct message commands[] = {
	{ 0x01, "yn" },	  { 0x02, "My" },     { 0x03, "POyy" },
	{ 0x04, "Oyn" },  { 0x05, "Oyyn" },   { 0x06, "OP" },
	{ 0x07, "PO" },	  { 0x08, "n" },      { 0x09, "n" },
	{ 0x0a, "y" },	  { 0x0b, "yyn" },    { 0x0c, "Myx" },
	{ 0x0e, "yyyx" }, { 0x12, "c" },      { 0x14, "Mcyy" },
	{ 0x16, "Py" },	  { 0x17, "Myyyyn" }, { 0x18, "yyyyn" },
	{ 0x19, "yyP" },  { 0x1a, "y" },
};

static void put_free(struct rt_wr *w, struct rt_rd *r, size_t n)
{
	while (n-- > 0)
		rt_wr_u8(w, rt_rd_u8(r));
}

static void put_field(struct rt_wr *w, struct rt_rd *r, char kind,
		      const struct known *known)
{
	switch (kind) {
	case 'S':
		rt_wr_u8(w, 0);
		return;
	case 'H':
		rt_wr_le16(w, known->handle);
		return;
	case 'A':
		rt_wr_addr(w, known->addr);
		return;
	case 'O':
		rt_wr_le16(w, known->ours);
		return;
	case 'P':
		rt_wr_le16(w, known->peers);
		return;
	case 'M':
		rt_wr_le16(w, known->psm);
		return;
	case '1':
		rt_wr_u8(w, 1);
		return;
	case 'x':
		put_free(w, r, 1);
		return;
	case 'y':
		put_free(w, r, 2);
		return;
	case 'c':
		put_free(w, r, 4);
		return;
	case 'e':
		put_free(w, r, 8);
		return;
	case 'k':
		put_free(w, r, 16);
		return;
	default:
		rt_wr_put(w, rt_rd_take(r, RT_MIN(rt_rd_left(r),
						  w->cap - w->len)));
		return;
	}
}

static void put_fields(struct rt_wr *w, const char *fields,
		       const struct known *known, struct rt_rd *r)
{
	for (; *fields; fields++)
		put_field(w, r, *fields, known);
}

size_t fields_event(const struct known *known, uint8_t number, struct rt_rd *r,
		    uint8_t *buf)
{
	const struct message *event = &events[number % RT_ARRAY_SIZE(events)];
	struct rt_wr w = rt_wr_init(buf, FIELDS_EVENT_MAX);

	rt_wr_u8(&w, event->code);
	rt_wr_u8(&w, 0);
	put_fields(&w, event->fields, known, r);
	buf[1] = (uint8_t)(w.len - 2);
	return w.len;
}

size_t fields_command(const struct known *known, uint8_t number, uint8_t ident,
		      struct rt_rd *r, uint8_t *buf)
{
	const struct message *command =
		&commands[number % RT_ARRAY_SIZE(commands)];
	struct rt_wr w = rt_wr_init(buf, FIELDS_COMMAND_MAX);

	rt_wr_u8(&w, command->code);
	rt_wr_u8(&w, ident);
	rt_wr_le16(&w, 0);
	put_fields(&w, command->fields, known, r);
	buf[2] = (uint8_t)(w.len - 4);
	buf[3] = (uint8_t)((w.len - 4) >> 8);
	return w.len;
}
