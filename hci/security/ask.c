/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/check.h"
#include "hci/security/link.h"

/*
 * rt_sec_ask(): the answer by the facts of the link, and what is started if
 * they don't suffice.
 */

enum rt_sec_code rt_sec_link_lack(const struct rt_sec_need *need,
				  const struct rt_sec_facts *facts)
{
	switch (rt_sec_check(need, facts)) {
	case RT_SEC_ALLOW:
	case RT_SEC_NEEDS_FEATURES:
	case RT_SEC_NEEDS_ENCRYPTION:
		return RT_SEC_CODE_NOT_ENCRYPTED;
	case RT_SEC_NEEDS_KEY_SIZE:
		return RT_SEC_CODE_KEY_SIZE_UNKNOWN;
	case RT_SEC_NEEDS_KEY:
		if (need->level >= RT_SEC_LEVEL_MAX)
			return RT_SEC_CODE_NOT_SECURE_CONNECTIONS;
		if (need->level == 2 && !facts->consented)
			return RT_SEC_CODE_REFUSED;
		return RT_SEC_CODE_NOT_AUTHENTICATED;
	case RT_SEC_NEEDS_BOND:
		return RT_SEC_CODE_NOT_BONDED;
	case RT_SEC_BLOCK_KEY_SIZE:
		return RT_SEC_CODE_KEY_TOO_SHORT;
	case RT_SEC_BLOCK_DEBUG_KEY:
		return RT_SEC_CODE_DEBUG_KEY;
	case RT_SEC_BLOCK_DOWNGRADE:
		break;
	}
	return RT_SEC_CODE_DOWNGRADE;
}

struct question {
	struct rt_hci_link *link;
	const struct rt_sec_request *request;
	struct rt_sec_need need;
	struct rt_sec_facts facts;
};

static enum rt_sec_answer say_no(const struct question *question,
				 const struct rt_reason *why,
				 struct rt_reason *ret_why)
{
	if (ret_why) {
		*ret_why = *why;
		if (ret_why->frame == 0)
			ret_why->frame = question->link->hci->frame;
	}
	return RT_SEC_NO;
}

static enum rt_sec_answer say_code(const struct question *question,
				   enum rt_sec_code code,
				   struct rt_reason *ret_why)
{
	const struct rt_reason why = rt_sec_reason(code);

	return say_no(question, &why, ret_why);
}

static enum rt_sec_answer refuse_link(const struct question *question,
				      enum rt_sec_code code,
				      struct rt_reason *ret_why)
{
	rt_sec_link_drop(question->link, code);
	return say_code(question, code, ret_why);
}

static bool is_weaker(const struct rt_sec_need *a, const struct rt_sec_need *b)
{
	return rt_sec_need_level(a) < rt_sec_need_level(b) ||
	       rt_sec_need_key_bytes(a) < rt_sec_need_key_bytes(b) ||
	       (!a->bonded_only && b->bonded_only);
}

/* True for reasons that less would not have met with. */
static bool is_about_strength(const struct rt_reason *why)
{
	if (why->layer != RT_LAYER_SECURITY)
		return false;
	return why->code == RT_SEC_CODE_NOT_AUTHENTICATED ||
	       why->code == RT_SEC_CODE_KEY_TOO_SHORT ||
	       why->code == RT_SEC_CODE_NOT_BONDED ||
	       why->code == RT_SEC_CODE_NOT_BONDABLE ||
	       why->code == RT_SEC_CODE_NOT_SECURE_CONNECTIONS;
}

/*
 * True if what has just failed is what this request asks for too: those that
 * have waited ask again now, and shall not have it tried for ever.
 */
static bool has_failed(const struct question *question)
{
	const struct rt_sec_link *sec = &question->link->sec;

	if (sec->failed.layer == RT_LAYER_NONE ||
	    question->link->hci->env->now_us >= sec->failed_until_us)
		return false;
	return !is_about_strength(&sec->failed) ||
	       !is_weaker(&question->need, &sec->failed_need);
}

/* What was allowed passes no longer as it is. */
static enum rt_sec_answer answer_established(const struct question *question,
					     enum rt_sec_verdict verdict,
					     struct rt_reason *ret_why)
{
	switch (verdict) {
	case RT_SEC_ALLOW:
		return RT_SEC_YES;
	case RT_SEC_NEEDS_FEATURES:
		return RT_SEC_WAIT;
	case RT_SEC_NEEDS_ENCRYPTION:
		if (rt_sec_need_level(&question->need) <= 2)
			return RT_SEC_WAIT;
		return refuse_link(question, RT_SEC_CODE_ENCRYPTION_LOST,
				   ret_why);
	case RT_SEC_NEEDS_KEY_SIZE:
		if (question->link->sec.sizing)
			return RT_SEC_WAIT;
		break;
	case RT_SEC_NEEDS_KEY:
	case RT_SEC_NEEDS_BOND:
	case RT_SEC_BLOCK_KEY_SIZE:
	case RT_SEC_BLOCK_DEBUG_KEY:
	case RT_SEC_BLOCK_DOWNGRADE:
		break;
	}
	return say_code(question,
			rt_sec_link_lack(&question->need, &question->facts),
			ret_why);
}

/* The link is about to be encrypted by what is under way. */
static bool will_encrypt(const struct rt_hci_link *link)
{
	switch ((enum rt_sec_step)link->sec.step) {
	case RT_SEC_STEP_IDLE:
	case RT_SEC_STEP_FEATURES:
	case RT_SEC_STEP_EXTENDED:
		break;
	case RT_SEC_STEP_DUE:
	case RT_SEC_STEP_AUTHENTICATING:
	case RT_SEC_STEP_ENCRYPTING:
	case RT_SEC_STEP_REFRESHING:
	case RT_SEC_STEP_BUSY:
		return true;
	}
	return false;
}

/*
 * A request on a plain link, though both hosts do Secure Simple Pairing, is to
 * be refused (C:5.2.2.2.1), but not if data is only faster than the event: on
 * USB it comes another way.
 */
static enum rt_sec_answer answer_plain(const struct question *question,
				       struct rt_reason *ret_why)
{
	if (will_encrypt(question->link))
		return RT_SEC_WAIT;
	if (!rt_sec_link_peer_is_at_it(question->link))
		return refuse_link(question, RT_SEC_CODE_NOT_ENCRYPTED,
				   ret_why);
	rt_sec_link_wait_for_peer(question->link);
	return RT_SEC_WAIT;
}

/* It takes a pairing, and only the key that is stored is wanted. */
static bool pairs_in_vain(const struct question *question,
			  enum rt_sec_verdict verdict)
{
	const struct rt_hci_link *link = question->link;

	if (!question->request->no_pairing && !question->need.bonded_only)
		return false;
	if (verdict == RT_SEC_NEEDS_KEY)
		return true;
	return verdict == RT_SEC_NEEDS_ENCRYPTION && !link->sec.authenticated &&
	       !rt_sec_keys_find(&link->hci->sec.keys, link->addr);
}

static bool is_blocked(enum rt_sec_verdict verdict)
{
	return verdict == RT_SEC_BLOCK_KEY_SIZE ||
	       verdict == RT_SEC_BLOCK_DEBUG_KEY ||
	       verdict == RT_SEC_BLOCK_DOWNGRADE;
}

static enum rt_sec_answer answer_new(const struct question *question,
				     enum rt_sec_verdict verdict,
				     struct rt_reason *ret_why)
{
	const struct rt_sec_request *request = question->request;
	struct rt_hci_link *link = question->link;
	struct rt_reason why;

	if (has_failed(question))
		return say_no(question, &link->sec.failed, ret_why);
	if (is_blocked(verdict))
		return say_code(question,
				rt_sec_link_lack(&question->need,
						 &question->facts),
				ret_why);
	if (rt_sec_pairing_backs_off(link->hci, link->addr, &why))
		return say_no(question, &why, ret_why);
	/* What a peer asks for too early makes us do nothing for it. */
	if (request->incoming && verdict == RT_SEC_NEEDS_FEATURES)
		return RT_SEC_WAIT;
	if (request->incoming && verdict == RT_SEC_NEEDS_ENCRYPTION &&
	    question->facts.ssp)
		return answer_plain(question, ret_why);
	if (verdict == RT_SEC_NEEDS_BOND || pairs_in_vain(question, verdict))
		return say_code(question,
				verdict == RT_SEC_NEEDS_ENCRYPTION
					? RT_SEC_CODE_NOT_BONDED
					: rt_sec_link_lack(&question->need,
							   &question->facts),
				ret_why);
	rt_sec_link_want(link, &question->need, request->no_pairing,
			 !request->incoming);
	return RT_SEC_WAIT;
}

/* The need as the policy has it. */
static struct rt_sec_need need_of(const struct rt_hci *hci,
				  const struct rt_sec_request *request)
{
	struct rt_sec_need need = request->need;

	if (need.level > 0 && hci->sec.policy.secure_connections_only)
		need.level = RT_SEC_LEVEL_MAX;
	return need;
}

enum rt_sec_answer rt_sec_ask(struct rt_hci *hci,
			      const struct rt_sec_request *request,
			      struct rt_reason *ret_why)
{
	struct question question = {
		.link = rt_hci_link_by_addr(hci, request->peer),
		.request = request,
		.need = need_of(hci, request),
	};
	enum rt_sec_verdict verdict;

	if (!question.link ||
	    rt_hci_link_state(question.link) != RT_HCI_LINK_OPEN) {
		if (ret_why)
			*ret_why = rt_hci_engine_reason(
				RT_PHASE_PAIR, RT_HCI_ERR_UNKNOWN_CONNECTION);
		return RT_SEC_NO;
	}
	question.facts = rt_sec_link_facts(question.link);
	verdict = rt_sec_check(&question.need, &question.facts);
	if (rt_sec_need_level(&question.need) == 0)
		return RT_SEC_YES;
	if (question.link->sec.dropped.layer != RT_LAYER_NONE)
		return say_no(&question, &question.link->sec.dropped, ret_why);
	if (verdict == RT_SEC_ALLOW)
		return RT_SEC_YES;
	if (request->established)
		return answer_established(&question, verdict, ret_why);
	return answer_new(&question, verdict, ret_why);
}

bool rt_sec_get_facts(const struct rt_hci *hci, struct rt_addr peer,
		      struct rt_sec_facts *ret_facts)
{
	const struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node) {
		if (!rt_addr_equal(link->addr, peer) ||
		    rt_hci_link_state(link) != RT_HCI_LINK_OPEN)
			continue;
		*ret_facts = rt_sec_link_facts(link);
		return true;
	}
	return false;
}
