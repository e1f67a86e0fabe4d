/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/sim/model/parts.h"

/* A model's life, its doors, time, and what its owner asks for. */

#define PATIENCE_MS 60000

/* --- small things that all files use --- */

uint32_t model_random(struct model *m)
{
	/* xorshift64*, of which the upper half is good */
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (uint32_t)(m->random * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

void model_arm(struct model *m, uint64_t *due, uint64_t us)
{
	*due = m->now_us + us;
	if (*due < m->next_due_us)
		m->next_due_us = *due;
}

void model_disarm(struct model *m, uint64_t *due)
{
	if (*due != 0)
		m->due_stale = true;
	*due = 0;
}

bool model_is_due(struct model *m, uint64_t *due)
{
	if (*due == 0 || *due > m->now_us)
		return false;
	*due = 0;
	m->due_stale = true;
	m->quiet = false;
	return true;
}

uint32_t model_number(struct model *m, unsigned int type, unsigned int slot)
{
	m->numbers = m->numbers % 0xffffff + 1;
	return m->numbers << 8 | type | slot;
}

bool model_number_is(uint32_t number, unsigned int type, unsigned int slots)
{
	return (number & NUMBER_TYPE) == type && number >> 8 != 0 &&
	       (number & NUMBER_SLOT) < slots;
}

uint32_t model_hash(struct rt_bytes bytes, uint32_t seed)
{
	uint32_t hash = (2166136261U ^ seed) * 16777619U;

	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.ptr[i]) * 16777619U;
	return hash;
}

uint64_t model_patience_us(const struct model *m)
{
	uint32_t ms = m->options.behaviour.patience_ms;

	return RT_MS(ms ? ms : PATIENCE_MS);
}

uint8_t model_pattern(uint64_t at)
{
	at = (at ^ at >> 8) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint8_t)(at >> 56);
}

/* --- violations --- */

static void report(struct model *m, const struct model_link *link,
		   const char *fmt, va_list args)
{
	char what[128];

	m->stats.violations++;
	vsnprintf(what, sizeof(what), fmt, args);
	if (m->events.violation)
		m->events.violation(m->options.user, link->addr, what);
}

void model_blame(struct model *m, const struct model_link *link,
		 const char *fmt, ...)
{
	va_list args;

	if (link->spoiled || m->options.behaviour.noisy)
		return;
	va_start(args, fmt);
	report(m, link, fmt, args);
	va_end(args);
}

void model_blame_lost(struct model *m, const struct model_link *link,
		      const char *fmt, ...)
{
	va_list args;

	if (link->spoiled || m->options.behaviour.noisy ||
	    m->options.behaviour.lossy)
		return;
	va_start(args, fmt);
	report(m, link, fmt, args);
	va_end(args);
}

void model_blame_always(struct model *m, const struct model_link *link,
			const char *fmt, ...)
{
	va_list args;

	if (m->options.behaviour.noisy)
		return;
	va_start(args, fmt);
	report(m, link, fmt, args);
	va_end(args);
}

void model_tell_end(struct model *m, uint32_t number, bool was_open,
		    enum model_end why)
{
	if (was_open && m->events.closed)
		m->events.closed(m->options.user, number, why);
	if (!was_open && m->events.failed)
		m->events.failed(m->options.user, number, why);
}

/* --- services --- */

const struct model_service *model_service_find(const struct model *m,
					       uint16_t psm, uint8_t channel)
{
	for (unsigned int i = 0; i < m->options.service_count; i++) {
		const struct model_service *s = &m->options.service[i];

		if (s->psm == psm && (psm != 0 || s->channel == channel))
			return s;
	}
	return NULL;
}

bool model_serves_rfcomm(const struct model *m)
{
	for (unsigned int i = 0; i < m->options.service_count; i++) {
		if (m->options.service[i].psm == 0)
			return true;
	}
	return false;
}

static bool is_mtu(uint16_t mtu)
{
	return mtu == 0 || (mtu >= MTU_MIN && mtu <= MODEL_SDU_MAX);
}

static bool is_service(const struct model_service *s)
{
	if (s->psm == 0)
		return s->channel >= 1 && s->channel <= 30;
	return (s->psm & 0x0101) == 1 && s->psm != PSM_SDP &&
	       s->psm != PSM_RFCOMM && is_mtu(s->mtu);
}

static bool is_possible(const struct model_options *o)
{
	const struct model_behaviour *b = &o->behaviour;

	if (o->service_count > MODEL_SERVICES_MAX || b->window > 63 ||
	    (b->mps != 0 && (b->mps < MTU_MIN || b->mps > MPS_MAX)) ||
	    (b->n1 != 0 && (b->n1 < 42 || b->n1 > MODEL_SDU_MAX - 6)) ||
	    (b->sdp_ask != 0 && b->sdp_ask < 7) || o->record_channel > 30)
		return false;
	for (unsigned int i = 0; i < o->service_count; i++) {
		if (!is_service(&o->service[i]))
			return false;
	}
	return true;
}

/* --- life --- */

struct model *model_new(const struct model_options *options, uint64_t now_us)
{
	struct model *m;

	if (!is_possible(options))
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->options = *options;
	if (options->events)
		m->events = *options->events;
	snprintf(m->name, sizeof(m->name), "%s",
		 options->name ? options->name : "Model");
	m->options.name = NULL;
	m->random = options->seed * 2 + 1;
	for (unsigned int i = 0; i < 8; i++)
		(void)model_random(m);
	m->now_us = now_us;
	m->next_due_us = UINT64_MAX;
	model_hci_restart(m);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	for (unsigned int i = 0; i < LINKS_MAX; i++)
		free(m->link[i]);
	for (unsigned int i = 0; i < CHANS_MAX; i++)
		free(m->chan[i].memory);
	for (unsigned int i = 0; i < DLCS_MAX; i++)
		free(m->dlc[i].memory);
	for (unsigned int i = 0; i < QUERIES_MAX; i++)
		free(m->query[i].lists);
	free(m);
}

/* --- doors --- */

void model_rx(struct model *m, enum rt_packet_type type, struct rt_bytes packet)
{
	m->stats.rx_packets++;
	m->quiet = false;
	if (type == RT_PACKET_EVENT)
		model_hci_event(m, packet);
	else if (type == RT_PACKET_ACL)
		model_acl_rx(m, packet);
}

bool model_tx(struct model *m, enum rt_packet_type *ret_type,
	      struct rt_bytes *ret_packet)
{
	if (m->kick)
		model_kick(m);
	if (m->quiet)
		return false;
	m->quiet = true;
	*ret_type = RT_PACKET_COMMAND;
	if (model_hci_tx(m, ret_packet)) {
		m->stats.tx_packets++;
		m->quiet = false;
		return true;
	}
	*ret_type = RT_PACKET_ACL;
	if (m->up && model_acl_tx(m, ret_packet)) {
		m->stats.tx_packets++;
		m->quiet = false;
		return true;
	}
	return false;
}

static void least(uint64_t *due, uint64_t it)
{
	if (it != 0 && it < *due)
		*due = it;
}

static void look_at_link(const struct model_link *link, uint64_t *due)
{
	if (!link || link->state == LINK_FREE)
		return;
	for (unsigned int i = 0; i < LINK_TIMERS; i++)
		least(due, link->due[i]);
	for (unsigned int i = 0; i < REQUESTS_MAX; i++) {
		if (link->request[i].code != 0)
			least(due, link->request[i].due_us);
	}
}

static void look_for_due(struct model *m)
{
	uint64_t due = UINT64_MAX;

	least(&due, m->command_due_us);
	for (unsigned int i = 0; i < LINKS_MAX; i++)
		look_at_link(m->link[i], &due);
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state == CHAN_FREE)
			continue;
		for (unsigned int t = 0; t < CHAN_TIMERS; t++)
			least(&due, m->chan[i].due[t]);
	}
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		if (m->dlc[i].state != DLC_FREE)
			least(&due, m->dlc[i].due_us);
	}
	for (unsigned int i = 0; i < QUERIES_MAX; i++) {
		if (m->query[i].number != 0)
			least(&due, m->query[i].due_us);
	}
	m->next_due_us = due;
	m->due_stale = false;
}

void model_advance(struct model *m, uint64_t now_us)
{
	if (now_us > m->now_us)
		m->now_us = now_us;
	if (m->now_us < m->next_due_us)
		return;
	model_hci_timer(m);
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		if (m->link[i] && m->link[i]->state != LINK_FREE)
			model_link_timers(m, m->link[i]);
	}
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state != CHAN_FREE)
			model_chan_timers(m, &m->chan[i]);
	}
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		if (m->dlc[i].state != DLC_FREE)
			model_dlc_timer(m, &m->dlc[i]);
	}
	for (unsigned int i = 0; i < QUERIES_MAX; i++) {
		if (m->query[i].number != 0)
			model_query_timer(m, &m->query[i]);
	}
	look_for_due(m);
}

bool model_next_timer(struct model *m, uint64_t *ret_due_us)
{
	if (m->due_stale)
		look_for_due(m);
	*ret_due_us = m->next_due_us;
	return m->next_due_us != UINT64_MAX;
}

/* --- figures --- */

const struct model_stats *model_get_stats(const struct model *m)
{
	return &m->stats;
}

struct rt_addr model_addr(const struct model *m)
{
	return m->addr;
}

bool model_is_up(const struct model *m)
{
	return m->up;
}

bool model_is_idle(const struct model *m)
{
	return m->up && m->stats.links == 0 && m->stats.chans == 0 &&
	       m->command_count == 0 && m->asked_count == 0;
}
