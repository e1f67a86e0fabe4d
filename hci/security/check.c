/* SPDX-License-Identifier: MIT */
#include "hci/security/check.h"

#include <stdbool.h>

uint8_t rt_sec_need_level(const struct rt_sec_need *need)
{
	return RT_MIN(need->level, RT_SEC_LEVEL_MAX);
}

uint8_t rt_sec_need_key_bytes(const struct rt_sec_need *need)
{
	switch (rt_sec_need_level(need)) {
	case 0:
		return 0;
	case RT_SEC_LEVEL_MAX:
		return RT_SEC_KEY_SIZE_MAX; /* C:5.2.2.8: 128 bits, always */
	case 1:
		if (need->min_key_bytes == 0)
			return RT_SEC_KEY_SIZE_FLOOR;
		break;
	default:
		if (need->min_key_bytes == 0)
			return RT_SEC_KEY_SIZE_MAX;
	}
	return RT_MAX(RT_MIN(need->min_key_bytes, RT_SEC_KEY_SIZE_MAX),
		      RT_SEC_KEY_SIZE_FLOOR);
}

/* The highest level that keys of a type serve; 0: none. */
static uint8_t key_level(uint8_t type)
{
	switch ((enum rt_sec_key_type)type) {
	case RT_SEC_KEY_P256_MITM:
		return 4;
	case RT_SEC_KEY_P192_MITM:
		return 3;
	case RT_SEC_KEY_COMBINATION:
	case RT_SEC_KEY_P192:
	case RT_SEC_KEY_P256:
		return 2;
	case RT_SEC_KEY_LOCAL_UNIT:
	case RT_SEC_KEY_REMOTE_UNIT:
	case RT_SEC_KEY_CHANGED:
		return 1;
	case RT_SEC_KEY_DEBUG:
	case RT_SEC_KEY_NONE:
		return 0;
	}
	return 1; /* reserved types: some key there is */
}

/* What an encrypted link lacks, other than a bond. */
static enum rt_sec_verdict check_encrypted(const struct rt_sec_need *need,
					   const struct rt_sec_facts *facts)
{
	const uint8_t level = rt_sec_need_level(need);

	if (facts->key_type == RT_SEC_KEY_DEBUG)
		return RT_SEC_BLOCK_DEBUG_KEY;
	if (facts->stored_sc && facts->encryption != RT_SEC_AES_CCM)
		return RT_SEC_BLOCK_DOWNGRADE;
	if (facts->key_bytes == 0)
		return RT_SEC_NEEDS_KEY_SIZE;
	if (facts->key_bytes < rt_sec_need_key_bytes(need))
		return RT_SEC_BLOCK_KEY_SIZE;
	if (key_level(facts->key_type) < level)
		return RT_SEC_NEEDS_KEY;
	if (level == 4 && facts->encryption != RT_SEC_AES_CCM)
		return RT_SEC_NEEDS_KEY;
	if (level >= 2 && !facts->consented)
		return RT_SEC_NEEDS_KEY;
	return RT_SEC_ALLOW;
}

enum rt_sec_verdict rt_sec_check(const struct rt_sec_need *need,
				 const struct rt_sec_facts *facts)
{
	const uint8_t level = rt_sec_need_level(need);
	enum rt_sec_verdict verdict;

	if (level == 0)
		return RT_SEC_ALLOW;
	if (!facts->features_known)
		return RT_SEC_NEEDS_FEATURES;
	if (facts->encryption == RT_SEC_PLAIN)
		return level == 1 && !facts->ssp ? RT_SEC_ALLOW
						 : RT_SEC_NEEDS_ENCRYPTION;
	verdict = check_encrypted(need, facts);
	if (verdict != RT_SEC_ALLOW)
		return verdict;
	if (need->bonded_only && !facts->bonded)
		return RT_SEC_NEEDS_BOND;
	return RT_SEC_ALLOW;
}
