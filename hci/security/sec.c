/* SPDX-License-Identifier: MIT */
#include "hci/security/sec.h"

#include <errno.h>

#include "hci/engine.h"
#include "hci/link.h"

#define ANSWER_DEFAULT_MS 25000 /* link managers wait for 30 s */
#define ANSWER_MAX_MS 60000	/* other hosts have given up by then */

static void nobody_changed(void *user, struct rt_addr addr)
{
	(void)user;
	(void)addr;
}

static void nobody_ask_over(void *user, struct rt_addr addr)
{
	(void)user;
	(void)addr;
}

static void nobody_paired(void *user, struct rt_addr addr, bool bonded,
			  const struct rt_reason *why)
{
	(void)user;
	(void)addr;
	(void)bonded;
	(void)why;
}

static void nobody_stores(void *user, struct rt_addr addr,
			  const struct rt_sec_key *key)
{
	(void)user;
	(void)addr;
	(void)key;
}

/* Without `ask`, questions are refused: nobody would hear them. */
static const struct rt_sec_ops nobody = {
	.changed = nobody_changed,
	.ask_over = nobody_ask_over,
	.paired = nobody_paired,
	.store = nobody_stores,
};

int rt_sec_init(struct rt_hci *hci)
{
	struct rt_sec *sec = &hci->sec;

	sec->ops = &nobody;
	sec->policy.io = RT_SEC_IO_NONE;
	rt_sec_keys_init(&sec->keys);
	rt_sec_oobs_init(hci);
	return rt_sec_bonds_init(hci);
}

void rt_sec_fini(struct rt_hci *hci)
{
	/* Never prepared: something before it has failed. */
	if (!hci->sec.ops)
		return;
	rt_sec_bonds_fini(hci);
	rt_sec_oobs_fini(hci);
	rt_sec_keys_fini(hci->env, &hci->sec.keys);
}

void rt_sec_bringup(struct rt_hci *hci)
{
	hci->sec.ssp = false;
	hci->sec.secure_connections = false;
}

void rt_sec_engine_down(struct rt_hci *hci, const struct rt_reason *why)
{
	rt_sec_bonds_down(hci, why);
	rt_sec_oobs_down(hci, why);
}

void rt_sec_command_timeout(struct rt_hci *hci, uint16_t opcode)
{
	if (opcode != RT_HCI_CMD_READ_ENCRYPTION_KEY_SIZE)
		return;
	/* Once, it may have been silent for another reason. */
	hci->sec.no_key_size = hci->sec.size_missed;
	hci->sec.size_missed = true;
}

struct rt_reason rt_sec_reason(enum rt_sec_code code)
{
	return (struct rt_reason){
		.layer = RT_LAYER_SECURITY,
		.phase = RT_PHASE_PAIR,
		.code = (uint16_t)code,
		.err = rt_sec_code_errno((uint16_t)code),
	};
}

void rt_sec_set_ops(struct rt_hci *hci, const struct rt_sec_ops *ops,
		    void *user)
{
	hci->sec.ops = ops ? ops : &nobody;
	hci->sec.user = user;
}

int rt_sec_set_policy(struct rt_hci *hci, const struct rt_sec_policy *policy)
{
	struct rt_hci_link *link;

	if ((unsigned int)policy->io > RT_SEC_IO_NONE ||
	    policy->answer_ms > ANSWER_MAX_MS)
		return -EINVAL;
	hci->sec.policy = *policy;
	RT_LIST_EACH (link, &hci->links, node)
		rt_sec_link_look_again(link);
	return 0;
}

const struct rt_sec_policy *rt_sec_get_policy(const struct rt_hci *hci)
{
	return &hci->sec.policy;
}

uint32_t rt_sec_answer_ms(const struct rt_hci *hci)
{
	const uint32_t ms = hci->sec.policy.answer_ms;

	return ms ? ms : ANSWER_DEFAULT_MS;
}

void rt_sec_set_floor(struct rt_hci *hci, const struct rt_sec_need *floor)
{
	hci->sec.has_floor = floor != NULL;
	hci->sec.floor = floor ? *floor : (struct rt_sec_need){ 0 };
}
