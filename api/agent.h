/* SPDX-License-Identifier: MIT */
#ifndef RT_API_AGENT_H
#define RT_API_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/security.h>

#include "hci/security.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"
#include "stack/slots.h"

struct rt_host;
struct rt_server;

/*
 * Who decides in pairings and about incoming connections: the application's
 * agent where it has one, else the policy.
 */

struct rt_api_agent {
	struct rt_agent callbacks;
	void *user_data;
	struct rt_pairing_policy policy;
	struct rt_pin *pins; /* policy.pins points here */
	struct rt_ready ready;
	struct rt_list notes; /* what is to be told, the oldest first */
	uint32_t note_count;
	struct rt_list authorizations; /* asked, not answered */
	uint32_t last_id;
};

/* Prepares it: no agent, the default policy. */
void rt_api_agent_init(struct rt_host *host);

/* Frees what it holds, and wipes the PINs. */
void rt_api_agent_fini(struct rt_host *host);

/* Makes one callback, if there is one. In tail position. */
void rt_api_agent_deliver(struct rt_host *host);

/* The host ends: nothing is asked any more. */
void rt_api_agent_end(struct rt_host *host);

/* Security asks something: of rt_sec_ops; `user` is the host, as below. */
void rt_api_agent_ask(void *user, const struct rt_sec_question *question);

/* What it asked or showed is over. */
void rt_api_agent_ask_over(void *user, struct rt_addr addr);

/* A pairing has ended. */
void rt_api_agent_paired(void *user, struct rt_addr addr, bool bonded,
			 const struct rt_reason *why);

/*
 * Asks whether the peer may connect to the server; the answer is
 * rt_api_server_authorized(). Returns 0, -EACCES (nobody to ask, which is a no)
 * or -ENOMEM.
 */
int rt_api_agent_authorize(struct rt_host *host, struct rt_server *server,
			   rt_handle handle, struct rt_addr peer) RT_MUST_CHECK;

/* The connection, or (handle 0) the whole server, is gone: forgets it. */
void rt_api_agent_forget(struct rt_host *host, const struct rt_server *server,
			 rt_handle handle);

#endif
