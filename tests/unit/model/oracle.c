/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/unit/model/duo.h"
#include "tests/unit/model/plants.h"
#include "tools/sim/model/parts.h"

/*
 * The judge is judged: a PDU between the host and the model is changed, and
 * the model must say what is wrong with it.
 */

#define HEAD 8 /* of the ACL packet and of L2CAP */

struct pdu {
	uint8_t *packet;
	size_t *bytes;
	uint8_t *p;
	size_t n;
	uint16_t cid;
	bool to_host;
};

static const struct plant *plant;
static unsigned int planted, seen;

/* --- which PDU --- */

static bool take_pdu(uint8_t *packet, size_t *bytes, struct pdu *pdu)
{
	if (*bytes < HEAD || (packet[1] >> 4 & 3) == 1 ||
	    (size_t)model_get_le16(packet + 4) + HEAD != *bytes)
		return false;
	pdu->packet = packet;
	pdu->bytes = bytes;
	pdu->p = packet + HEAD;
	pdu->n = *bytes - HEAD;
	pdu->cid = model_get_le16(packet + 6);
	return true;
}

static bool is_key(int it)
{
	return plant->key == ANY || plant->key == it;
}

static bool is_it(const struct pdu *pdu)
{
	const uint8_t *p = pdu->p;

	if (pdu->to_host != plant->to_host || pdu->n == 0 ||
	    (pdu->cid == CID_SIGNALLING) !=
		    (plant->layer == SIG || plant->layer == ACL_SIG))
		return false;
	switch (plant->layer) {
	case SIG:
	case ACL_SIG:
	case SDP:
		return is_key(p[0]);
	case RFCOMM:
		return pdu->n >= 4 && is_key(p[1] & 0xef);
	case MCC:
		return pdu->n >= 6 && p[1] == 0xef && p[0] >> 2 == 0 &&
		       is_key(p[3]);
	case DATA:
		return pdu->n > 20 && (p[1] & 0xef) == 0xef && p[0] >> 2 != 0;
	case I_FRAME:
		return pdu->n >= 4 && !(p[0] & 1) && is_key(p[1] >> 6);
	case S_FRAME:
		return pdu->n >= 4 && (p[0] & 1) && is_key(p[0] >> 2 & 3);
	case BASIC:
		return true;
	}
	return false;
}

/* --- what becomes of it --- */

static void replace(struct pdu *pdu, const char *hex)
{
	unsigned int octet;
	int used;

	pdu->n = 0;
	while (sscanf(hex, " %2x%n", &octet, &used) == 1) {
		pdu->p[pdu->n++] = (uint8_t)octet;
		hex += used;
	}
}

static void add(struct pdu *pdu, const char *hex)
{
	struct pdu more = { .p = pdu->p + pdu->n };

	replace(&more, hex);
	pdu->n += more.n;
}

static void change(struct pdu *pdu, const struct edit *edit)
{
	uint8_t *at = pdu->p + edit->at + (edit->at < 0 ? pdu->n : 0);

	switch (edit->op) {
	case NOTHING:
		return;
	case SET:
		*at = (uint8_t)edit->value;
		return;
	case SET16:
		model_put_le16(at, edit->value);
		return;
	case FLIP:
		*at ^= (uint8_t)edit->value;
		return;
	case MORE:
		model_put_le16(at, model_get_le16(at) + edit->value);
		return;
	case CUT:
		pdu->n -= edit->value;
		return;
	case ADD:
		add(pdu, edit->hex);
		return;
	case TWICE:
		memcpy(pdu->p + pdu->n, pdu->p, pdu->n);
		pdu->n *= 2;
		return;
	case REPLACE:
		replace(pdu, edit->hex);
		return;
	case TO_CID:
		model_put_le16(pdu->packet + 6, edit->value);
		return;
	case GO_ON:
		pdu->packet[1] = (uint8_t)((pdu->packet[1] & 0xcf) | 0x10);
		return;
	case DROP:
		pdu->n = 0;
		return;
	}
}

static void put_lengths(struct pdu *pdu)
{
	*pdu->bytes = HEAD + pdu->n;
	model_put_le16(pdu->packet + 2, (unsigned int)pdu->n + 4);
	model_put_le16(pdu->packet + 4, (unsigned int)pdu->n);
}

/* Lengths and check sequences are right again. */
static void seal(struct pdu *pdu)
{
	uint8_t *p = pdu->p;
	size_t n = pdu->n;

	put_lengths(pdu);
	if (plant->flags & RAW)
		return;
	switch (plant->layer) {
	case SIG:
		model_put_le16(p + 2, (unsigned int)n - 4);
		return;
	case MCC:
		p[2] = (uint8_t)((n - 4) << 1 | 1);
		/* fall through */
	case RFCOMM:
	case DATA:
		p[n - 1] =
			model_crc8(rt_bytes(p, (p[1] & 0xef) == 0xef ? 2 : 3));
		return;
	case I_FRAME:
	case S_FRAME:
		model_put_le16(p + n - 2,
			       model_crc16(0, rt_bytes(p - 4, n + 2)));
		return;
	case SDP:
		p[3] = (uint8_t)((n - 5) >> 8);
		p[4] = (uint8_t)(n - 5);
		return;
	case ACL_SIG:
	case BASIC:
		return;
	}
}

static void edit_packet(struct pdu *pdu)
{
	struct pdu whole = *pdu;

	/* The ACL packet as it is, from its first octet on. */
	whole.p = pdu->packet;
	whole.n = *pdu->bytes;
	for (size_t i = 0; i < EDITS; i++)
		change(&whole, &plant->edit[i]);
	*pdu->bytes = whole.n;
}

static void filter(const struct world_node *node, bool from_controller,
		   enum rt_packet_type type, uint8_t *packet, size_t *bytes,
		   void *arg)
{
	struct pdu pdu = { .to_host = from_controller };

	(void)arg;
	if (node->index != 0 || type != RT_PACKET_ACL ||
	    !take_pdu(packet, bytes, &pdu))
		return;
	if (getenv("RAWTOOTH_TEST_LOG")) {
		fprintf(stderr, "%s %04x", pdu.to_host ? "<" : ">", pdu.cid);
		for (size_t i = 0; i < RT_MIN(pdu.n, 40U); i++)
			fprintf(stderr, " %02x", pdu.p[i]);
		fprintf(stderr, "\n");
	}
	if (!is_it(&pdu) || seen++ < plant->skip ||
	    (planted > 0 && !(plant->flags & ALWAYS)))
		return;
	planted++;
	if (plant->layer == ACL_SIG) {
		edit_packet(&pdu);
		return;
	}
	for (size_t i = 0; i < EDITS; i++)
		change(&pdu, &plant->edit[i]);
	if (pdu.n == 0 && plant->edit[0].op == DROP)
		*bytes = 0;
	else
		seal(&pdu);
}

/* --- stories --- */

static const struct mode story_modes[] = {
	[HOST_RFCOMM] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
	[MODEL_RFCOMM] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
	[HOST_ERTM] = { RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_DEFAULT, 4,
			100 },
	[MODEL_ERTM_CHAN] = { RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_DEFAULT,
			      4, 100 },
	[HOST_STREAMING] = { RT_SOCKET_MODE_STREAMING, MODEL_STREAMING,
			     RT_FCS_DEFAULT, 0, 100 },
	[HOST_BASIC] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
	[MODEL_BASIC_CHAN] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
	[HOST_SDP] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
	[MODEL_SDP] = { RT_SOCKET_MODE_BASIC, MODEL_BASIC, 0, 0, 0 },
};

static const struct rt_service_search_callbacks no_callbacks = {
	.size = sizeof(no_callbacks),
};
static struct rt_service_search *search;

static void begin_story(enum story story, const struct mode *mode)
{
	struct rt_addr addr = world_addr(duo.w, 0);
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &no_callbacks,
		.addr = duo.peer.addr,
	};

	switch (story) {
	case HOST_RFCOMM:
		duo_begin_connect(RT_PROTOCOL_RFCOMM, CHANNEL, NULL);
		return;
	case MODEL_RFCOMM:
		duo_listen(RT_PROTOCOL_RFCOMM, HOST_CHANNEL, NULL);
		(void)peer_chan(&duo.peer,
				model_connect_rfcomm(duo.peer.m, addr,
						     HOST_CHANNEL));
		return;
	case HOST_ERTM:
	case HOST_STREAMING:
	case HOST_BASIC:
		duo_begin_connect(RT_PROTOCOL_L2CAP, PSM, mode);
		return;
	case MODEL_ERTM_CHAN:
	case MODEL_BASIC_CHAN:
		duo_listen(RT_PROTOCOL_L2CAP, HOST_PSM, mode);
		(void)peer_chan(&duo.peer,
				model_connect_l2cap(duo.peer.m, addr, HOST_PSM,
						    mode->theirs, 200));
		return;
	case HOST_SDP:
		ck_assert_int_eq(rt_service_search_start(world_host(duo.w, 0),
							 &options, &search),
				 0);
		return;
	case MODEL_SDP:
		duo_listen(RT_PROTOCOL_RFCOMM, 0, NULL);
		ck_assert_int_eq(
			rt_server_listen_uuid(duo.listener,
					      rt_uuid_from_short(0x1101), "It"),
			0);
		ck_assert_uint_ne(model_sdp_search(duo.peer.m, addr, 0x1101),
				  0);
		return;
	}
}

/* Both sides say something. */
static void go_on(void)
{
	struct end *end = duo.client.s ? &duo.client : &duo.server;

	for (unsigned int i = 0; i < duo.peer.chans; i++) {
		struct peer_chan *chan = &duo.peer.chan[i];

		if (chan->open && !chan->tx) {
			chan->piece = 250;
			peer_send(&duo.peer, chan, duo.sent[0], 1000);
		}
	}
	if (end->s && rt_socket_state(end->s) == RT_SOCKET_CONNECTED &&
	    !end->tx) {
		end->piece = plant->flags & LONG ? 250 : 150;
		end_send(end, duo.sent[1], 4000);
	}
}

static void tell_story(const struct plant *it, bool lossy, bool noisy)
{
	const struct model_behaviour behaviour = {
		.sdp_part = 20,
		.sdp_ask = 50,
		.credits = 2,
		.n1 = 200,
		.lossy = lossy,
		.noisy = noisy,
	};
	const struct mode *mode = &story_modes[it->story];

	plant = it;
	planted = 0;
	seen = 0;
	search = NULL;
	duo_begin(mode, &behaviour, 5, 200);
	duo.peer.blame_is_fatal = false;
	duo.peer.rx_default = NULL;
	duo.peer.rx_default_cap = 0;
	duo.w->filter = filter;
	begin_story(it->story, mode);
	for (unsigned int i = 0; i < 8; i++) {
		world_run(duo.w, RT_MS(500));
		go_on();
	}
	if (it->story >= MODEL_RFCOMM && it->story != MODEL_SDP)
		model_close(duo.peer.m, duo.peer.chan[0].number);
	world_run(duo.w, RT_SECONDS(1));
	end_free(&duo.client);
	end_free(&duo.server);
	world_run(duo.w, RT_SECONDS(5));
	rt_service_search_free(search);
	rt_server_free(duo.listener);
	world_free(duo.w);
}

static void inject(uint16_t head, uint16_t said, size_t bytes)
{
	uint8_t packet[64] = { 0 };

	model_put_le16(packet, head);
	model_put_le16(packet + 2, said);
	rt_vctl_inject_acl(duo.w->node[duo.peer.node].vctl,
			   rt_bytes(packet, bytes));
	world_run(duo.w, RT_MS(10));
}

/* What no controller lets pass. */
START_TEST(packets_that_are_none_are_found)
{
	static const char *const expected[] = {
		"acl: PB flag 3",
		"acl: bad packet header",
		"acl: bad packet header",
		"acl: a start of no octets",
	};
	uint16_t handle;

	duo_begin(NULL, NULL, 1, 0);
	duo.peer.blame_is_fatal = false;
	duo_host_connects(RT_PROTOCOL_RFCOMM, CHANNEL, NULL);
	handle = duo.peer.m->link[0]->handle;
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(expected); i++) {
		duo.peer.violation[0] = '\0';
		inject((uint16_t)(handle | (i == 0 ? 0x3000 : 0x2000) |
				  (i == 1 ? 0x4000 : 0)),
		       i == 2	? 9
		       : i == 3 ? 0
				: 8,
		       i == 3 ? 4 : 12);
		ck_assert_msg(strstr(duo.peer.violation, expected[i]),
			      "%u: expected \"%s\", heard:\n%s", i, expected[i],
			      duo.peer.violation);
	}
	end_free(&duo.client);
	world_free(duo.w);
	peer_finish(&duo.peer);
}
END_TEST

/* A story in which nothing is planted tells of nothing. */
START_TEST(without_a_plant_there_is_no_violation)
{
	static const struct plant none = {
		.to_host = true,
		.layer = SIG,
		.key = 0x1ff,
	};
	struct plant it = none;

	it.story = (enum story)_i;
	tell_story(&it, false, false);
	ck_assert_uint_eq(planted, 0);
	ck_assert_msg(duo.peer.violations == 0, "%s", duo.peer.violation);
	peer_finish(&duo.peer);
}
END_TEST

START_TEST(what_is_planted_is_found)
{
	const struct plant *it = &plants[_i];

	tell_story(it, false, false);
	ck_assert_msg(planted > 0, "row %d was not planted: %s", _i,
		      it->expected);
	ck_assert_msg(strstr(duo.peer.violation, it->expected),
		      "row %d: expected \"%s\", heard:\n%s", _i, it->expected,
		      duo.peer.violation);
	peer_finish(&duo.peer);
}
END_TEST

/* Who knows that the air is bad expects no better of what comes. */
START_TEST(on_a_noisy_air_nothing_is_a_violation)
{
	const struct plant *it = &plants[_i];

	tell_story(it, false, true);
	ck_assert_uint_gt(planted, 0);
	ck_assert_msg(duo.peer.violations == 0, "%s", duo.peer.violation);
	peer_finish(&duo.peer);
}
END_TEST

START_TEST(on_an_air_that_loses_frames_a_lost_one_is_no_violation)
{
	const struct plant *it = &plants[_i];
	const bool lost = strstr(it->expected, "TxSeq 1 after 0") ||
			  strstr(it->expected, "TxSeq 0 sent");

	tell_story(it, true, false);
	ck_assert_uint_gt(planted, 0);
	ck_assert_uint_eq(strstr(duo.peer.violation, it->expected) == NULL,
			  lost);
	peer_finish(&duo.peer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model/oracle");
	TCase *tcase = tcase_create("oracle");

	tcase_add_loop_test(tcase, without_a_plant_there_is_no_violation, 0,
			    STORIES);
	tcase_add_loop_test(tcase, what_is_planted_is_found, 0,
			    (int)plant_count);
	tcase_add_loop_test(tcase, on_a_noisy_air_nothing_is_a_violation, 0,
			    (int)plant_count);
	tcase_add_loop_test(
		tcase, on_an_air_that_loses_frames_a_lost_one_is_no_violation,
		0, (int)plant_count);
	tcase_add_test(tcase, packets_that_are_none_are_found);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
