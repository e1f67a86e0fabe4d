/* SPDX-License-Identifier: MIT */
/*
 * A whole host against a hostile controller and a hostile peer: host 0 is the
 * victim, host 1 an honest one that it also talks to. An input is a list of
 * steps; each begins with an octet that chooses one of the table below. At the
 * end everything is freed, and no memory may be left.
 */
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "hci/engine.h"
#include "hci/link.h"
#include "rfcomm/frame.h"
#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tools/sim/world.h"

#define SOCKETS 4
#define STEPS_MAX 64
#define PACKET_MAX 300
#define PSM 0x1001

struct story {
	struct world *w;
	struct rt_rd r;
	struct rt_server *rfcomm;
	struct rt_server *l2cap;
	struct rt_socket *socket[SOCKETS];
};

static struct rt_hci *victim(const struct story *story)
{
	return world_host(story->w, 0)->hci;
}

/* The handle of the victim's first link; one that is no link's without. */
static uint16_t handle(const struct story *story)
{
	const struct rt_hci_link *link =
		RT_LIST_FIRST(&victim(story)->links, struct rt_hci_link, node);

	return link ? link->handle & 0x0fff : 0x0eff;
}

static struct rt_bytes take_some(struct story *story)
{
	const size_t want = rt_rd_u8(&story->r);

	return rt_rd_take(&story->r, RT_MIN(want, rt_rd_left(&story->r)));
}

static void send_acl(struct story *story, uint16_t flags, struct rt_bytes data)
{
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)(handle(story) | flags << 12));
	rt_wr_le16(&w, (uint16_t)data.len);
	rt_wr_put(&w, data);
	rt_vctl_inject_acl(story->w->node[0].vctl, rt_wr_bytes(&w));
}

/* An L2CAP PDU of right length, on one of the first channel ids. */
static void send_pdu(struct story *story, uint16_t cid, struct rt_bytes payload)
{
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)payload.len);
	rt_wr_le16(&w, cid);
	rt_wr_put(&w, payload);
	send_acl(story, 2, rt_wr_bytes(&w));
}

static uint16_t take_cid(struct story *story)
{
	return (uint16_t)(0x40 + rt_rd_u8(&story->r) % 8);
}

static void raw_event(struct story *story)
{
	rt_vctl_inject_event(story->w->node[0].vctl, take_some(story));
}

/* An event whose length is right. */
static void event(struct story *story)
{
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const uint8_t code = rt_rd_u8(&story->r);
	const struct rt_bytes body = take_some(story);

	rt_wr_u8(&w, code);
	rt_wr_u8(&w, (uint8_t)body.len);
	rt_wr_put(&w, body);
	rt_vctl_inject_event(story->w->node[0].vctl, rt_wr_bytes(&w));
}

static void raw_acl(struct story *story)
{
	const uint16_t flags = rt_rd_u8(&story->r) & 3;

	send_acl(story, flags, take_some(story));
}

static void signalling(struct story *story)
{
	send_pdu(story, 1, take_some(story));
}

/* One signalling command whose lengths are right. */
static void command(struct story *story)
{
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const uint8_t code = rt_rd_u8(&story->r) % 12;
	const uint8_t ident = rt_rd_u8(&story->r) % 8;
	const struct rt_bytes body = take_some(story);

	rt_wr_u8(&w, code);
	rt_wr_u8(&w, ident);
	rt_wr_le16(&w, (uint16_t)body.len);
	rt_wr_put(&w, body);
	send_pdu(story, 1, rt_wr_bytes(&w));
}

static void data(struct story *story)
{
	const uint16_t cid = take_cid(story);

	send_pdu(story, cid, take_some(story));
}

/* An RFCOMM frame whose length and FCS are right. */
static void frame(struct story *story)
{
	static const uint8_t types[] = {
		RT_RFCOMM_SABM, RT_RFCOMM_UA,  RT_RFCOMM_DM,
		RT_RFCOMM_DISC, RT_RFCOMM_UIH, RT_RFCOMM_UIH,
	};
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const uint16_t cid = take_cid(story);
	const uint8_t type = types[rt_rd_u8(&story->r) % sizeof(types)];
	const uint8_t bits = rt_rd_u8(&story->r);
	const struct rt_rfcomm_head head = {
		.type = type,
		.dlci = (uint8_t)(rt_rd_u8(&story->r) % 8),
		.cr = bits & 1,
		.pf = bits & 2,
		.has_credits = type == RT_RFCOMM_UIH && (bits & 6) == 6,
		.credits = bits,
		.len = 0,
	};
	struct rt_rfcomm_head sized = head;
	const struct rt_bytes body =
		type == RT_RFCOMM_UIH ? take_some(story) : rt_bytes(NULL, 0);

	sized.len = (uint16_t)body.len;
	rt_rfcomm_frame_write_head(&w, &sized);
	rt_wr_put(&w, body);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(&sized));
	send_pdu(story, cid, rt_wr_bytes(&w));
}

static void pass_time(struct story *story)
{
	world_run(story->w, UINT64_C(1000) << rt_rd_u8(&story->r) % 18);
}

static struct rt_socket **place(struct story *story)
{
	return &story->socket[rt_rd_u8(&story->r) % SOCKETS];
}

static void connect(struct story *story)
{
	struct rt_socket **s = place(story);
	const bool rfcomm = rt_rd_u8(&story->r) & 1;
	const uint16_t port = rfcomm ? 1 : PSM;

	rt_socket_free(*s);
	*s = rt_socket_new(world_host(story->w, 0),
			   rfcomm ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	if (*s)
		(void)!rt_socket_connect(*s, world_addr(story->w, 1), port);
}

static void take(struct story *story)
{
	struct rt_socket **s = place(story);
	struct rt_server *server =
		rt_rd_u8(&story->r) & 1 ? story->rfcomm : story->l2cap;

	rt_socket_free(*s);
	*s = rt_server_next_pending(server);
}

static void write_some(struct story *story)
{
	static const uint8_t zeros[2000];
	struct rt_socket *s = *place(story);
	const size_t bytes = (size_t)rt_rd_u8(&story->r) * 7;

	if (s)
		(void)!rt_socket_write(s, zeros, bytes);
}

static void read_some(struct story *story)
{
	uint8_t buf[2000];
	struct rt_socket *s = *place(story);

	if (s)
		(void)!rt_socket_read(s, buf, sizeof(buf));
}

static void end(struct story *story)
{
	struct rt_socket *s = *place(story);

	if (!s)
		return;
	if (rt_rd_u8(&story->r) & 1)
		rt_socket_abort(s);
	else
		rt_socket_close(s);
}

static void fault(struct story *story)
{
	const uint8_t which = rt_rd_u8(&story->r);

	rt_vctl_set_fault(story->w->node[0].vctl,
			  (enum rt_vctl_fault)(which % RT_VCTL_FAULTS),
			  which & 0x80);
}

/* The honest host comes to the victim. */
static void visit(struct story *story)
{
	struct rt_socket **s = place(story);
	const bool rfcomm = rt_rd_u8(&story->r) & 1;

	rt_socket_free(*s);
	*s = rt_socket_new(world_host(story->w, 1),
			   rfcomm ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	if (*s)
		(void)!rt_socket_connect(*s, world_addr(story->w, 0),
					 rfcomm ? 1 : PSM);
}

static void (*const steps[])(struct story *story) = {
	raw_event,  event,     raw_acl,	  signalling, command,
	data,	    frame,     pass_time, connect,    take,
	write_some, read_some, end,	  fault,      visit,
};

static struct rt_server *listen_on(struct rt_host *host,
				   enum rt_protocol protocol, uint16_t port)
{
	struct rt_server *server = rt_server_new(host, protocol, NULL, NULL);

	if (!server || rt_server_listen(server, port) < 0 ||
	    rt_server_set_max_pending(server, 4) < 0)
		abort();
	return server;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct story story = { .r = rt_rd_init(rt_bytes(input, size)) };
	struct rt_server *other[2];

	story.w = world_new(NULL);
	story.rfcomm = listen_on(world_host(story.w, 0), RT_PROTOCOL_RFCOMM, 1);
	story.l2cap = listen_on(world_host(story.w, 0), RT_PROTOCOL_L2CAP, PSM);
	other[0] = listen_on(world_host(story.w, 1), RT_PROTOCOL_RFCOMM, 1);
	other[1] = listen_on(world_host(story.w, 1), RT_PROTOCOL_L2CAP, PSM);
	for (int i = 0; i < STEPS_MAX && rt_rd_left(&story.r) > 0; i++) {
		steps[rt_rd_u8(&story.r) % RT_ARRAY_SIZE(steps)](&story);
		world_settle(story.w);
	}
	for (int i = 0; i < SOCKETS; i++)
		rt_socket_free(story.socket[i]);
	rt_server_free(story.rfcomm);
	rt_server_free(story.l2cap);
	rt_server_free(other[0]);
	rt_server_free(other[1]);
	world_settle(story.w);
	world_free(story.w);
	return 0;
}
