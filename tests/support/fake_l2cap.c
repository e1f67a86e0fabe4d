/* SPDX-License-Identifier: MIT */
#include "tests/support/fake_l2cap.h"
#include "tools/sim/written.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fake_init(struct rt_l2cap *l2cap, struct rt_env *env, uint16_t psm)
{
	memset(l2cap, 0, sizeof(*l2cap));
	l2cap->env = env;
	l2cap->psm = psm;
}

struct fake_chan *fake_find(struct rt_l2cap *l2cap, rt_handle handle)
{
	for (size_t i = 0; i < FAKE_CHANS; i++) {
		if (l2cap->chan[i].state != FAKE_FREE &&
		    l2cap->chan[i].handle == handle)
			return &l2cap->chan[i];
	}
	return NULL;
}

rt_handle fake_in_state(struct rt_l2cap *l2cap, enum fake_state state)
{
	rt_handle found = 0;

	for (size_t i = 0; i < FAKE_CHANS; i++) {
		if (l2cap->chan[i].state != state)
			continue;
		ck_assert_uint_eq(found, 0);
		found = l2cap->chan[i].handle;
	}
	return found;
}

size_t fake_count(const struct rt_l2cap *l2cap)
{
	size_t count = 0;

	for (size_t i = 0; i < FAKE_CHANS; i++)
		count += l2cap->chan[i].state != FAKE_FREE;
	return count;
}

static struct fake_chan *new_chan(struct rt_l2cap *l2cap, struct rt_addr peer,
				  const struct rt_l2cap_params *params)
{
	for (size_t i = 0; i < FAKE_CHANS; i++) {
		if (l2cap->chan[i].state != FAKE_FREE)
			continue;
		l2cap->chan[i] = (struct fake_chan){
			.handle = ++l2cap->serial,
			.peer = peer,
			.ops = params->ops,
			.user = params->user,
			.imtu = params->imtu ? params->imtu
					     : RT_L2CAP_MTU_DEFAULT,
		};
		return &l2cap->chan[i];
	}
	ck_abort_msg("out of channels");
	return NULL;
}

int fake_incoming(struct rt_l2cap *l2cap, struct rt_addr peer,
		  rt_handle *ret_handle)
{
	struct fake_chan *chan;
	int err;

	ck_assert_ptr_nonnull(l2cap->listener.ops);
	chan = new_chan(l2cap, peer, &l2cap->listener);
	chan->incoming = true;
	chan->state = FAKE_ACCEPTED;
	err = chan->ops->incoming(chan->user, chan->handle);
	if (err != 0 && err != -EAGAIN) {
		chan->state = FAKE_FREE;
		l2cap->refusals++;
		return err;
	}
	ck_assert_ptr_ne(chan->user, l2cap->listener.user);
	if (err)
		chan->state = FAKE_PENDING;
	*ret_handle = chan->handle;
	return err;
}

void fake_open(struct rt_l2cap *l2cap, rt_handle handle, uint16_t omtu)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	ck_assert_ptr_nonnull(chan);
	ck_assert(chan->state == FAKE_CONNECTING ||
		  chan->state == FAKE_ACCEPTED);
	chan->state = FAKE_OPEN;
	chan->omtu = omtu;
	chan->ops->opened(chan->user, handle);
}

void fake_closed(struct rt_l2cap *l2cap, rt_handle handle,
		 const struct rt_reason *why)
{
	struct fake_chan *chan = fake_find(l2cap, handle);
	struct fake_chan copy;

	ck_assert_ptr_nonnull(chan);
	while (chan->under_way_count > 0)
		fake_complete(l2cap, handle, false);
	copy = *chan;
	chan->state = FAKE_FREE;
	copy.ops->closed(copy.user, handle, why);
}

/* A copy of its own, so that reading too far is seen. */
void fake_rx(struct rt_l2cap *l2cap, rt_handle handle, struct rt_bytes sdu)
{
	struct fake_chan *chan = fake_find(l2cap, handle);
	uint8_t *copy = malloc(sdu.len + (sdu.len == 0));

	ck_assert_ptr_nonnull(chan);
	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_le(sdu.len, chan->imtu);
	ck_assert(chan->state == FAKE_OPEN || chan->state == FAKE_CLOSING);
	if (sdu.len > 0)
		memcpy(copy, sdu.ptr, sdu.len);
	chan->ops->rx(chan->user, handle, rt_bytes(copy, sdu.len));
	free(copy);
}

size_t fake_pull(struct rt_l2cap *l2cap, rt_handle handle, uint8_t *buf)
{
	struct fake_chan *chan = fake_find(l2cap, handle);
	struct rt_packet packet = { .count = 0 };
	struct rt_pdu pdu;
	size_t len = 0;

	/* As L2CAP: nothing leaves a channel that is not open. */
	if (!chan || chan->state != FAKE_OPEN || !chan->ready)
		return 0;
	rt_pdu_init(&pdu);
	if (!chan->ops->pull(chan->user, handle, chan->omtu, &pdu)) {
		ck_assert_ptr_null(pdu.owned);
		chan->ready = false;
		return 0;
	}
	ck_assert_uint_le(rt_pdu_bytes(&pdu), chan->omtu);
	rt_pdu_slice(&pdu, 0, rt_pdu_bytes(&pdu), &packet);
	for (size_t i = 0; i < packet.count; i++) {
		if (packet.slice[i].len > 0)
			memcpy(buf + len, packet.slice[i].ptr,
			       packet.slice[i].len);
		len += packet.slice[i].len;
	}
	sim_expect_written(buf, len);
	rt_env_free(l2cap->env, pdu.owned);
	ck_assert_uint_lt(chan->under_way_count, FAKE_UNDER_WAY);
	chan->under_way[chan->under_way_count++] = pdu.done;
	if (!l2cap->hold)
		fake_complete(l2cap, handle, true);
	return len;
}

void fake_complete(struct rt_l2cap *l2cap, rt_handle handle, bool written)
{
	struct fake_chan *chan = fake_find(l2cap, handle);
	struct rt_done done;

	ck_assert_ptr_nonnull(chan);
	ck_assert_uint_gt(chan->under_way_count, 0);
	done = chan->under_way[0];
	chan->under_way_count--;
	memmove(chan->under_way, chan->under_way + 1,
		chan->under_way_count * sizeof(done));
	chan->ops->completed(chan->user, handle, &done, written);
}

bool rt_l2cap_psm_is_valid(uint16_t psm)
{
	return (psm & 0x0101) == 0x0001;
}

int rt_l2cap_connect(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		     const struct rt_l2cap_params *params, rt_handle *ret_chan)
{
	struct fake_chan *chan;

	ck_assert_uint_eq(psm, l2cap->psm);
	ck_assert(params->imtu >= RT_L2CAP_MTU_MIN ||
		  (params->imtu == 0 && psm == RT_L2CAP_PSM_SDP));
	if (l2cap->connect_err)
		return l2cap->connect_err;
	l2cap->connects++;
	l2cap->connected = *params;
	chan = new_chan(l2cap, addr, params);
	chan->state = FAKE_CONNECTING;
	*ret_chan = chan->handle;
	return 0;
}

int rt_l2cap_listen(struct rt_l2cap *l2cap, uint16_t psm,
		    const struct rt_l2cap_params *params, uint16_t *ret_psm)
{
	ck_assert_uint_eq(psm, l2cap->psm);
	ck_assert(params->ops->incoming);
	if (l2cap->listen_err)
		return l2cap->listen_err;
	l2cap->listener = *params;
	*ret_psm = psm;
	return 0;
}

int rt_l2cap_relisten(struct rt_l2cap *l2cap, uint16_t psm,
		      const struct rt_l2cap_params *params)
{
	ck_assert_uint_eq(psm, l2cap->psm);
	ck_assert_ptr_eq(params->ops, l2cap->listener.ops);
	if (l2cap->listen_err)
		return l2cap->listen_err;
	l2cap->listener = *params;
	return 0;
}

/* Level alone: what else there is to it is L2CAP's to know. */
struct rt_sec_need rt_l2cap_weaker_need(const struct rt_sec_need *a,
					const struct rt_sec_need *b)
{
	return a->level < b->level ? *a : *b;
}

void rt_l2cap_unlisten(struct rt_l2cap *l2cap, uint16_t psm)
{
	ck_assert_uint_eq(psm, l2cap->psm);
	memset(&l2cap->listener, 0, sizeof(l2cap->listener));
}

int rt_l2cap_accept(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	if (!chan)
		return -ENOENT;
	ck_assert_int_eq(chan->state, FAKE_PENDING);
	if (l2cap->accept_err)
		return l2cap->accept_err;
	chan->state = FAKE_ACCEPTED;
	return 0;
}

void rt_l2cap_set_user(struct rt_l2cap *l2cap, rt_handle handle,
		       const struct rt_l2cap_ops *ops, void *user)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	ck_assert_ptr_nonnull(chan);
	chan->ops = ops;
	chan->user = user;
}

void rt_l2cap_close(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	ck_assert_ptr_nonnull(chan);
	ck_assert_int_ne(chan->state, FAKE_CLOSING);
	chan->state = FAKE_CLOSING;
}

void rt_l2cap_abandon(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	ck_assert_ptr_nonnull(chan);
	chan->state = FAKE_FREE;
	l2cap->abandons++;
}

void rt_l2cap_ready(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct fake_chan *chan = fake_find(l2cap, handle);

	ck_assert_ptr_nonnull(chan);
	chan->ready = true;
}

int rt_l2cap_get_info(const struct rt_l2cap *l2cap, rt_handle handle,
		      struct rt_l2cap_info *ret_info)
{
	for (size_t i = 0; i < FAKE_CHANS; i++) {
		const struct fake_chan *chan = &l2cap->chan[i];

		if (chan->state == FAKE_FREE || chan->handle != handle)
			continue;
		*ret_info = (struct rt_l2cap_info){
			.peer = chan->peer,
			.incoming = chan->incoming,
			.open = chan->state == FAKE_OPEN,
			.psm = l2cap->psm,
			.imtu = chan->imtu,
			.omtu = chan->omtu,
		};
		return 0;
	}
	return -ENOENT;
}
