/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/link.h"

/*
 * Encryption: on, off, with another key, and how long the key is (Core Vol 4
 * Part E 7.1.16, 7.3.68, 7.5.6, 7.7.8, 7.7.39). Most of it can happen by the
 * peer's doing at any time; the key size is looked at each time, whoever is
 * the central.
 */

#define ENABLED_AES_CCM 2

static bool is_step(const struct rt_hci_link *link, enum rt_sec_step step)
{
	return link->sec.step == step;
}

/* The encryption there is now has come about with the key that was made. */
static void use_next_key(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;

	if (sec->next.type == RT_SEC_KEY_NONE)
		return;
	sec->facts.key_type = sec->next.type;
	sec->facts.bonded = sec->next.bonded;
	sec->facts.consented = sec->next.consented;
	sec->next.type = RT_SEC_KEY_NONE;
}

/* Set Connection Encryption or the refresh has failed. In tail position. */
static void encryption_failed(struct rt_hci_link *link, uint8_t status)
{
	const struct rt_reason why =
		rt_hci_engine_reason(RT_PHASE_PAIR, status);

	if (rt_sec_link_is_crossing(status)) {
		rt_sec_link_cross(link, status);
		return;
	}
	link->sec.authenticated = false;
	rt_sec_link_give_up(link, &why);
}

static void size_or_ask(struct rt_hci_link *link, uint8_t key_bytes);

static void on_encrypt_status(struct rt_hci *hci, void *ctx,
			      const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	/*
	 * A controller that pauses encryption and has no command for it, as
	 * emulators are: it has one key for the peer, and that has just been
	 * proved.
	 */
	if (answer->status == RT_HCI_ERR_UNKNOWN_COMMAND &&
	    is_step(link, RT_SEC_STEP_REFRESHING)) {
		use_next_key(link);
		size_or_ask(link, 0);
		return;
	}
	if (answer->status != RT_HCI_ERR_SUCCESS &&
	    (is_step(link, RT_SEC_STEP_ENCRYPTING) ||
	     is_step(link, RT_SEC_STEP_REFRESHING)))
		encryption_failed(link, answer->status);
}

static void send_encryption(struct rt_hci_link *link, bool enable)
{
	const struct rt_hci_cmd_set_connection_encryption set = {
		.handle = link->handle,
		.enable = enable,
	};

	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_set_connection_encryption_msg,
			 &set, on_encrypt_status, link);
}

void rt_sec_link_encrypt(struct rt_hci_link *link)
{
	rt_sec_link_enter(link, RT_SEC_STEP_ENCRYPTING);
	send_encryption(link, true);
}

void rt_sec_link_refresh(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_refresh_encryption_key refresh = {
		.handle = link->handle,
	};

	rt_sec_link_enter(link, RT_SEC_STEP_REFRESHING);
	/*
	 * Before Encryption Pause and Resume (2.1) there was no other way to
	 * another key than off and on; nor Secure Simple Pairing, whose hosts
	 * would not stand it.
	 */
	if (link->sec.refreshes &&
	    rt_hci_engine_has_feature(link->hci,
				      RT_HCI_FEATURE_PAUSE_ENCRYPTION))
		rt_hci_cmdq_send(link->hci,
				 &rt_hci_cmd_refresh_encryption_key_msg,
				 &refresh, on_encrypt_status, link);
	else
		send_encryption(link, false);
}

/* A longer key than the peer has had before is the least from now on. */
static void remember_size(struct rt_hci_link *link, uint8_t key_bytes)
{
	struct rt_sec *sec = &link->hci->sec;
	const struct rt_sec_key *stored =
		rt_sec_keys_find(&sec->keys, link->addr);
	struct rt_sec_key key;

	if (!link->sec.facts.bonded || !stored ||
	    stored->key_bytes >= key_bytes)
		return;
	key = *stored;
	key.key_bytes = key_bytes;
	if (rt_sec_keys_add(link->hci->env, &sec->keys, &key) == 0)
		sec->ops->store(sec->user, link->addr, &key);
	rt_sec_wipe(&key, sizeof(key));
}

static bool is_shorter_than_ever(const struct rt_hci_link *link)
{
	const struct rt_sec_key *stored =
		rt_sec_keys_find(&link->hci->sec.keys, link->addr);

	return link->sec.facts.bonded && stored &&
	       link->sec.facts.key_bytes < stored->key_bytes;
}

/* In tail position. */
static void take_size(struct rt_hci_link *link, uint8_t key_bytes)
{
	link->sec.facts.key_bytes = key_bytes;
	/* CVE-2019-9506, CVE-2023-24023: whoever asks for how little. */
	if (key_bytes < RT_SEC_KEY_SIZE_FLOOR)
		rt_sec_link_drop(link, RT_SEC_CODE_KEY_TOO_SHORT);
	else if (is_shorter_than_ever(link))
		rt_sec_link_drop(link, RT_SEC_CODE_DOWNGRADE);
	else
		remember_size(link, key_bytes);
	rt_sec_link_facts_changed(link);
}

static void on_size(struct rt_hci *hci, void *ctx,
		    const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;
	const struct rt_reason unknown =
		rt_sec_reason(RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	struct rt_hci_ret_read_encryption_key_size size = { 0 };

	hci->sec.size_missed = false;
	link->sec.sizing = false;
	rt_hci_acl_rx_link_sized(link);
	if (link->sec.facts.encryption == RT_SEC_PLAIN)
		return;
	if (link->sec.size_again) {
		(void)rt_sec_link_read_size(link);
		return;
	}
	if (answer->status == RT_HCI_ERR_SUCCESS &&
	    rt_codec_decode(&rt_hci_ret_read_encryption_key_size_msg,
			    answer->ret, &size) == 0 &&
	    size.handle == link->handle && size.key_bytes > 0 &&
	    size.key_bytes <= RT_SEC_KEY_SIZE_MAX)
		take_size(link, size.key_bytes);
	else if (is_step(link, RT_SEC_STEP_IDLE))
		rt_sec_link_give_up(link, &unknown);
	else
		rt_sec_link_facts_changed(link);
}

static bool can_read_size(const struct rt_hci *hci)
{
	return !hci->sec.no_key_size && rt_hci_bringup_has_command(hci, 20, 4);
}

bool rt_sec_link_read_size(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_read_encryption_key_size read = {
		.handle = link->handle,
	};

	if (!can_read_size(link->hci))
		return false;
	link->sec.size_again = link->sec.sizing;
	if (link->sec.sizing)
		return true;
	link->sec.sizing = true;
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_read_encryption_key_size_msg,
			 &read, on_size, link);
	return true;
}

/* In tail position. */
static void encryption_ended(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;

	/* What we have turned off, to turn it on with another key. */
	if (!is_step(link, RT_SEC_STEP_REFRESHING))
		sec->authenticated = false;
	sec->facts.encryption = RT_SEC_PLAIN;
	sec->facts.key_bytes = 0;
	use_next_key(link);
	if (is_step(link, RT_SEC_STEP_REFRESHING))
		rt_sec_link_step_over(link);
	else
		rt_sec_link_facts_changed(link);
}

/* The key size, if the event has brought it; else 0. In tail position. */
static void size_or_ask(struct rt_hci_link *link, uint8_t key_bytes)
{
	struct rt_sec_link *sec = &link->sec;
	const bool known = key_bytes > 0 && key_bytes <= RT_SEC_KEY_SIZE_MAX;
	const bool ours = is_step(link, RT_SEC_STEP_ENCRYPTING) ||
			  is_step(link, RT_SEC_STEP_REFRESHING);

	sec->facts.key_bytes = 0;
	sec->size_again = sec->sizing;
	if (ours)
		rt_sec_link_enter(link, sec->wanted ? RT_SEC_STEP_DUE
						    : RT_SEC_STEP_IDLE);
	if (known) {
		take_size(link, key_bytes);
		return;
	}
	(void)rt_sec_link_read_size(link);
	rt_sec_link_facts_changed(link);
}

static void encryption_began(struct rt_hci_link *link, uint8_t enabled,
			     uint8_t key_bytes)
{
	struct rt_sec_link *sec = &link->sec;
	struct rt_sec_facts facts;

	sec->facts.encryption =
		enabled == ENABLED_AES_CCM ? RT_SEC_AES_CCM : RT_SEC_E0;
	sec->expects_encryption = false;
	sec->impatient = false;
	rt_env_stop(link->hci->env, &sec->expect);
	use_next_key(link);
	facts = rt_sec_link_facts(link);
	if (facts.stored_sc && facts.encryption != RT_SEC_AES_CCM)
		rt_sec_link_drop(link, RT_SEC_CODE_DOWNGRADE);
	size_or_ask(link, key_bytes);
}

/*
 * The link whose encryption has changed. Data that wait for the size of a key
 * that is gone before anybody knew it go up while nothing passes there: no key
 * that follows shall speak for them.
 */
static struct rt_hci_link *link_that_changes(struct rt_hci *hci,
					     uint16_t handle)
{
	struct rt_hci_link *link = rt_sec_link_of(hci, handle);

	if (!link || !link->sec.sizing)
		return link;
	rt_hci_acl_rx_link_release(link);
	return rt_sec_link_of(hci, handle);
}

static void on_change(struct rt_hci *hci,
		      const struct rt_hci_evt_encryption_change_v2 *change)
{
	struct rt_hci_link *link = link_that_changes(hci, change->handle);

	if (!link)
		return;
	if (change->status == RT_HCI_ERR_SUCCESS && change->enabled)
		encryption_began(link, change->enabled, change->key_bytes);
	else if (change->status == RT_HCI_ERR_SUCCESS)
		encryption_ended(link);
	else if (is_step(link, RT_SEC_STEP_ENCRYPTING) ||
		 is_step(link, RT_SEC_STEP_REFRESHING))
		encryption_failed(link, change->status);
	else
		hci->stats.events_unexpected++;
}

void rt_sec_link_on_encryption(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_encryption_change *change = evt;
	const struct rt_hci_evt_encryption_change_v2 v2 = {
		.status = change->status,
		.handle = change->handle,
		.enabled = change->enabled,
	};

	on_change(hci, &v2);
}

void rt_sec_link_on_encryption_v2(struct rt_hci *hci, const void *evt)
{
	on_change(hci, evt);
}

void rt_sec_link_on_refresh(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_encryption_key_refresh_complete *refresh = evt;
	struct rt_hci_link *link = link_that_changes(hci, refresh->handle);

	if (!link)
		return;
	if (link->sec.facts.encryption == RT_SEC_PLAIN) {
		hci->stats.events_unexpected++;
		return;
	}
	if (refresh->status == RT_HCI_ERR_SUCCESS) {
		use_next_key(link);
		size_or_ask(link, 0);
		return;
	}
	if (is_step(link, RT_SEC_STEP_REFRESHING) &&
	    rt_sec_link_is_crossing(refresh->status)) {
		rt_sec_link_cross(link, refresh->status);
		return;
	}
	/* Paused, and not resumed: what it is now nobody can tell. */
	link->sec.facts.encryption = RT_SEC_PLAIN;
	link->sec.facts.key_bytes = 0;
	rt_sec_link_drop(link, RT_SEC_CODE_ENCRYPTION_LOST);
	rt_sec_link_facts_changed(link);
}
