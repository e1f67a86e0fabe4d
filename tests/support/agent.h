/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_AGENT_H
#define RT_TESTS_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

/*
 * An agent that writes down what it is asked, and answers as it was told.
 *
 * The log has a letter for each callback: C confirm, J consent (just works),
 * P passkey, S show, N PIN, A authorize, o over, + paired with a bond, t paired
 * without one, - a pairing that failed.
 */
struct agent {
	struct rt_host *host;
	char log[64];
	bool mute; /* answers nothing */
	bool refuse;
	uint32_t passkey; /* what it types */
	const char *pin;
	size_t pin_bytes;
	uint32_t number; /* confirmed or shown last */
	unsigned int typed;
	uint32_t id; /* authorize */
	struct rt_addr addr;
	int err; /* of the last pairing */
	char text[160];

	/* Called at the end of each callback, if not NULL. */
	void (*then)(struct agent *agent, char what);
	void *user;
};

/* Which questions the agent is asked; the others are the policy's. */
enum agent_members {
	AGENT_CONFIRM = 1,
	AGENT_CONSENT = 2,
	AGENT_PASSKEY = 4,
	AGENT_SHOW = 8,
	AGENT_PIN = 16,
	AGENT_AUTHORIZE = 32,
};

/* Makes it the host's agent. */
void agent_attach(struct agent *agent, struct rt_host *host,
		  unsigned int members);

/* Sets a policy that lets peers bond, otherwise the default. */
void agent_allow_bonds(struct rt_host *host, bool just_works);

/* True once a pairing has ended. For world_run_until(). */
bool agent_has_paired(void *agent);

#endif
