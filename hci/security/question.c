/* SPDX-License-Identifier: MIT */
#include "hci/security/question.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/check.h"
#include "hci/security/pairing.h"

#define PIN_OF_DIGITS 6 /* it could be a passkey */

static void say_no(struct rt_hci *hci, struct rt_addr addr,
		   enum rt_sec_question_kind kind)
{
	const struct rt_hci_cmd_user_confirmation_request_negative_reply
		confirmation = { .addr = addr };
	const struct rt_hci_cmd_user_passkey_request_negative_reply passkey = {
		.addr = addr
	};
	const struct rt_hci_cmd_pin_code_request_negative_reply pin = {
		.addr = addr
	};

	switch (kind) {
	case RT_SEC_ASK_CONFIRM:
	case RT_SEC_ASK_CONSENT:
		rt_hci_cmdq_reply(
			hci,
			&rt_hci_cmd_user_confirmation_request_negative_reply_msg,
			&confirmation);
		return;
	case RT_SEC_ASK_PASSKEY:
		rt_hci_cmdq_reply(
			hci,
			&rt_hci_cmd_user_passkey_request_negative_reply_msg,
			&passkey);
		return;
	case RT_SEC_ASK_PIN:
		rt_hci_cmdq_reply(
			hci, &rt_hci_cmd_pin_code_request_negative_reply_msg,
			&pin);
		return;
	case RT_SEC_SHOW_PASSKEY:
		break;
	}
}

static void confirm(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_user_confirmation_request_reply yes = {
		.addr = link->addr
	};

	rt_hci_cmdq_reply(link->hci,
			  &rt_hci_cmd_user_confirmation_request_reply_msg,
			  &yes);
}

static void give_passkey(struct rt_hci_link *link, uint32_t passkey)
{
	struct rt_hci_cmd_user_passkey_request_reply reply = {
		.addr = link->addr,
		.passkey = passkey,
	};

	rt_hci_cmdq_reply(link->hci, &rt_hci_cmd_user_passkey_request_reply_msg,
			  &reply);
	rt_sec_wipe(&reply, sizeof(reply));
}

/*
 * A PIN is refused by our side: of a pairing that the peer began, nobody tells
 * how it ends.
 */
static bool ends_unheard(const struct rt_sec_pairing *p)
{
	return p->legacy && !p->initiated;
}

/* Says no for a reason of ours. In tail position. */
static void refuse(struct rt_hci_link *link, enum rt_sec_question_kind kind,
		   enum rt_sec_code code)
{
	struct rt_sec_pairing *p = &link->sec.pairing;

	rt_sec_pairing_refuse(link, code);
	say_no(link->hci, link->addr, kind);
	if (ends_unheard(p))
		rt_sec_pairing_finish(link, RT_HCI_ERR_PAIRING_NOT_ALLOWED);
	else
		rt_sec_pairing_expect(link);
}

static uint8_t level_of(const struct rt_hci_link *link,
			enum rt_sec_question_kind kind)
{
	if (kind == RT_SEC_ASK_CONSENT || kind == RT_SEC_ASK_PIN)
		return 2;
	return RT_MAX(rt_sec_pairing_level(link), 3);
}

/* Tells the owner. In tail position. */
static void tell(struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	struct rt_hci *hci = link->hci;
	struct rt_sec_question question = {
		.kind = (enum rt_sec_question_kind)p->question,
		.addr = link->addr,
		.number = p->number,
		.initiated = p->initiated,
		.keypresses = p->keypresses,
	};

	question.bonding =
		p->legacy || (p->bonding != RT_SEC_BONDING_NONE &&
			      p->peer_bonding != RT_SEC_BONDING_NONE);
	question.level = level_of(link, question.kind);
	hci->sec.ops->ask(hci->sec.user, &question);
	rt_sec_wipe(&question, sizeof(question));
}

/* In tail position. */
static void ask(struct rt_hci_link *link, enum rt_sec_question_kind kind,
		uint32_t number)
{
	struct rt_sec_pairing *p = &link->sec.pairing;

	if (!link->hci->sec.ops->ask) {
		refuse(link, kind, RT_SEC_CODE_NO_AGENT);
		return;
	}
	p->talk = RT_SEC_TALK_ASKING;
	p->question = (uint8_t)kind;
	p->number = number;
	rt_env_arm(link->hci->env, &p->wait,
		   RT_MS(rt_sec_answer_ms(link->hci)));
	tell(link);
}

/* The answer is given; that it is over is told later, not from inside. */
static void answered(struct rt_hci_link *link)
{
	link->sec.pairing.talk = RT_SEC_TALK_ANSWERED;
	rt_env_arm(link->hci->env, &link->sec.pairing.wait, 0);
}

void rt_sec_question_withdraw(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;

	if (p->talk != RT_SEC_TALK_ASKING)
		return;
	say_no(link->hci, link->addr, (enum rt_sec_question_kind)p->question);
	answered(link);
}

void rt_sec_question_over(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec *sec = &link->hci->sec;
	const bool told = p->talk != RT_SEC_TALK_NONE;

	p->talk = RT_SEC_TALK_NONE;
	rt_sec_wipe(&p->number, sizeof(p->number));
	rt_sec_pairing_expect(link);
	if (told)
		sec->ops->ask_over(sec->user, link->addr);
}

bool rt_sec_question_on_time(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;

	switch ((enum rt_sec_talk)p->talk) {
	case RT_SEC_TALK_NONE:
	case RT_SEC_TALK_SHOWING:
		return false;
	case RT_SEC_TALK_ASKING:
		rt_sec_pairing_refuse(link, RT_SEC_CODE_NO_ANSWER);
		say_no(link->hci, link->addr,
		       (enum rt_sec_question_kind)p->question);
		break;
	case RT_SEC_TALK_ANSWERED:
		break;
	}
	if (ends_unheard(p) && p->refused.layer != RT_LAYER_NONE)
		rt_sec_pairing_finish(link, RT_HCI_ERR_PAIRING_NOT_ALLOWED);
	else
		rt_sec_question_over(link);
	return true;
}

/* The link whose user is asked, or NULL. */
static struct rt_hci_link *asking(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, addr);

	if (!link || link->sec.pairing.talk != RT_SEC_TALK_ASKING)
		return NULL;
	return link;
}

int rt_sec_answer(struct rt_hci *hci, struct rt_addr addr, bool yes,
		  uint32_t number)
{
	struct rt_hci_link *link = asking(hci, addr);
	enum rt_sec_question_kind kind;

	if (!link)
		return -ENOENT;
	kind = (enum rt_sec_question_kind)link->sec.pairing.question;
	if (!yes) {
		rt_sec_pairing_refuse(link, RT_SEC_CODE_REFUSED);
		rt_sec_question_withdraw(link);
		return 0;
	}
	if (kind == RT_SEC_ASK_PIN ||
	    (kind == RT_SEC_ASK_PASSKEY && number > RT_SEC_PASSKEY_MAX))
		return -EINVAL;
	link->sec.pairing.consented = true;
	if (kind == RT_SEC_ASK_PASSKEY)
		give_passkey(link, number);
	else
		confirm(link);
	answered(link);
	return 0;
}

/*
 * Somebody between two devices can have one of them ask for a PIN while the
 * other shows a passkey (method confusion).
 */
static bool could_be_passkey(const struct rt_hci_link *link,
			     struct rt_bytes pin)
{
	const struct rt_sec_facts *facts = &link->sec.facts;

	if (pin.len != PIN_OF_DIGITS)
		return false;
	if (facts->features_known && !facts->ssp)
		return false;
	for (size_t i = 0; i < pin.len; i++) {
		if (pin.ptr[i] < '0' || pin.ptr[i] > '9')
			return false;
	}
	return true;
}

int rt_sec_answer_pin(struct rt_hci *hci, struct rt_addr addr,
		      struct rt_bytes pin)
{
	struct rt_hci_link *link = asking(hci, addr);
	struct rt_hci_cmd_pin_code_request_reply reply = { .addr = addr };
	struct rt_sec_pairing *p;

	if (!link || link->sec.pairing.question != RT_SEC_ASK_PIN)
		return -ENOENT;
	if (pin.len < 1 || pin.len > RT_SEC_PIN_BYTES_MAX ||
	    could_be_passkey(link, pin))
		return -EINVAL;
	p = &link->sec.pairing;
	p->tried = true;
	p->consented = true;
	p->pin_bytes = (uint8_t)pin.len;
	reply.length = p->pin_bytes;
	memcpy(reply.pin.b, pin.ptr, pin.len);
	rt_hci_cmdq_reply(hci, &rt_hci_cmd_pin_code_request_reply_msg, &reply);
	rt_sec_wipe(&reply, sizeof(reply));
	answered(link);
	return 0;
}

/*
 * The link whose pairing has come as far as its one question, or NULL. Whatever
 * is asked twice, or without the exchange before it, comes from a controller
 * that has lost its way.
 */
static struct rt_hci_link *questioned(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = rt_sec_pairing_link(hci, addr);
	struct rt_sec_pairing *p;

	if (!link)
		return NULL;
	p = &link->sec.pairing;
	if (p->active && p->ssp && p->tried && p->peer_known &&
	    !p->questioned) {
		p->questioned = true;
		return link;
	}
	hci->stats.events_unexpected++;
	return NULL;
}

/* A key for this link alone, and for services that any peer may use. */
static bool needs_no_consent(const struct rt_hci_link *link)
{
	const struct rt_sec *sec = &link->hci->sec;
	const struct rt_sec_pairing *p = &link->sec.pairing;

	return sec->has_floor && rt_sec_need_level(&sec->floor) <= 1 &&
	       rt_sec_pairing_level(link) <= 1 &&
	       p->bonding == RT_SEC_BONDING_NONE;
}

/* In tail position. */
static void on_just_works(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const enum rt_sec_code code = rt_sec_pairing_unproven(link);

	if (code != RT_SEC_CODE_FINE) {
		refuse(link, RT_SEC_ASK_CONSENT, code);
		return;
	}
	p->consented = rt_sec_pairing_is_ours(link);
	if (!p->consented && !needs_no_consent(link)) {
		ask(link, RT_SEC_ASK_CONSENT, 0);
		return;
	}
	confirm(link);
	rt_sec_pairing_expect(link);
}

void rt_sec_pairing_on_confirmation(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_user_confirmation_request *request = evt;
	struct rt_hci_link *link = questioned(hci, request->addr);

	if (!link || request->value > RT_SEC_PASSKEY_MAX) {
		say_no(hci, request->addr, RT_SEC_ASK_CONFIRM);
		return;
	}
	switch (rt_sec_pairing_model(link)) {
	case RT_SEC_MODEL_JUST_WORKS:
		on_just_works(link);
		return;
	case RT_SEC_MODEL_NUMERIC:
		ask(link, RT_SEC_ASK_CONFIRM, request->value);
		return;
	case RT_SEC_MODEL_PASSKEY:
	case RT_SEC_MODEL_OOB:
		break;
	}
	/* Not what was agreed on. */
	refuse(link, RT_SEC_ASK_CONFIRM, RT_SEC_CODE_NOT_AUTHENTICATED);
}

void rt_sec_pairing_on_passkey_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_user_passkey_request *request = evt;
	struct rt_hci_link *link = questioned(hci, request->addr);

	if (!link)
		say_no(hci, request->addr, RT_SEC_ASK_PASSKEY);
	else if (rt_sec_pairing_model(link) == RT_SEC_MODEL_PASSKEY &&
		 link->sec.pairing.io == RT_SEC_IO_KEYBOARD_ONLY)
		ask(link, RT_SEC_ASK_PASSKEY, 0);
	else
		refuse(link, RT_SEC_ASK_PASSKEY, RT_SEC_CODE_NOT_AUTHENTICATED);
}

void rt_sec_pairing_on_passkey_shown(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_user_passkey_notification *shown = evt;
	struct rt_hci_link *link = questioned(hci, shown->addr);
	struct rt_sec_pairing *p;

	if (!link)
		return;
	p = &link->sec.pairing;
	if (rt_sec_pairing_model(link) != RT_SEC_MODEL_PASSKEY ||
	    p->io == RT_SEC_IO_KEYBOARD_ONLY || !hci->sec.ops->ask ||
	    shown->passkey > RT_SEC_PASSKEY_MAX) {
		rt_sec_pairing_drop(link, RT_SEC_CODE_NOT_AUTHENTICATED);
		return;
	}
	/* Who types it there has read it here. */
	p->consented = true;
	p->talk = RT_SEC_TALK_SHOWING;
	p->question = RT_SEC_SHOW_PASSKEY;
	p->number = shown->passkey;
	rt_sec_pairing_expect(link);
	tell(link);
}

/* Of the passkey entry at the peer (7.7.49). */
enum keypress {
	KEYPRESS_STARTED = 0,
	KEYPRESS_DIGIT = 1,
	KEYPRESS_ERASED = 2,
	KEYPRESS_CLEARED = 3,
	KEYPRESS_COMPLETED = 4,
};

void rt_sec_pairing_on_keypress(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_keypress_notification *pressed = evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, pressed->addr);
	struct rt_sec_pairing *p;

	if (!link)
		return;
	p = &link->sec.pairing;
	if (p->talk != RT_SEC_TALK_SHOWING ||
	    pressed->type > KEYPRESS_COMPLETED) {
		hci->stats.events_unexpected++;
		return;
	}
	switch ((enum keypress)pressed->type) {
	case KEYPRESS_DIGIT:
		if (p->keypresses < 6)
			p->keypresses++;
		break;
	case KEYPRESS_ERASED:
		if (p->keypresses > 0)
			p->keypresses--;
		break;
	case KEYPRESS_STARTED:
	case KEYPRESS_CLEARED:
		p->keypresses = 0;
		break;
	case KEYPRESS_COMPLETED:
		break;
	}
	rt_sec_pairing_expect(link);
	tell(link);
}

/* Why nobody is asked for a PIN, or FINE. */
static enum rt_sec_code pin_hindrance(const struct rt_hci_link *link)
{
	struct rt_hci *hci = link->hci;
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const uint8_t level = rt_sec_pairing_level(link);

	/* Peers that can do better are not let do this (CVE-2022-25837). */
	if (!hci->sec.policy.legacy || link->sec.facts.ssp)
		return RT_SEC_CODE_LEGACY_OFF;
	if (level >= 3)
		return level == RT_SEC_LEVEL_MAX
			       ? RT_SEC_CODE_NOT_SECURE_CONNECTIONS
			       : RT_SEC_CODE_NOT_AUTHENTICATED;
	if (rt_sec_backoff_waits(hci->env, &hci->sec.bonds.backoff, link->addr))
		return RT_SEC_CODE_BACK_OFF;
	if (!p->initiated && !rt_sec_pairing_is_ours(link) &&
	    !hci->sec.policy.bondable && !rt_sec_window_admits(hci, link->addr))
		return RT_SEC_CODE_NOT_BONDABLE;
	return rt_sec_pairing_judge(link, RT_SEC_KEY_COMBINATION);
}

void rt_sec_pairing_on_pin_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_pin_code_request *request = evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, request->addr);
	struct rt_sec_pairing *p;
	enum rt_sec_code code;

	if (!link) {
		say_no(hci, request->addr, RT_SEC_ASK_PIN);
		return;
	}
	p = &link->sec.pairing;
	if (p->active && (p->ssp || p->legacy)) {
		hci->stats.events_unexpected++;
		say_no(hci, request->addr, RT_SEC_ASK_PIN);
		/* The one before has failed, and nobody told. */
		if (!p->initiated)
			rt_sec_pairing_finish(
				link, RT_HCI_ERR_AUTHENTICATION_FAILURE);
		return;
	}
	if (!p->active)
		rt_sec_pairing_begin_peer(link);
	p->legacy = true;
	code = pin_hindrance(link);
	if (code != RT_SEC_CODE_FINE)
		refuse(link, RT_SEC_ASK_PIN, code);
	else
		ask(link, RT_SEC_ASK_PIN, 0);
}
