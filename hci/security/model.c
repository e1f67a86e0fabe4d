/* SPDX-License-Identifier: MIT */
#include "hci/security/model.h"

#include "hci/security.h"

enum rt_sec_model rt_sec_model_of(const struct rt_sec_side *a,
				  const struct rt_sec_side *b)
{
	if (a->oob || b->oob)
		return RT_SEC_MODEL_OOB;
	if (!a->mitm && !b->mitm)
		return RT_SEC_MODEL_JUST_WORKS;
	if (a->io >= RT_SEC_IO_NONE || b->io >= RT_SEC_IO_NONE)
		return RT_SEC_MODEL_JUST_WORKS;
	if (a->io == RT_SEC_IO_KEYBOARD_ONLY ||
	    b->io == RT_SEC_IO_KEYBOARD_ONLY)
		return RT_SEC_MODEL_PASSKEY;
	if (a->io == RT_SEC_IO_DISPLAY_YES_NO &&
	    b->io == RT_SEC_IO_DISPLAY_YES_NO)
		return RT_SEC_MODEL_NUMERIC;
	/* A display without a button confirms by itself. */
	return RT_SEC_MODEL_JUST_WORKS;
}
