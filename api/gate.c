/* SPDX-License-Identifier: MIT */
#include "api/gate.h"

#include "api/host.h"
#include "hci/security.h"
#include "rfcomm/rfcomm.h"

/* The results of ECFC tell these apart (Core Vol 3 Part A 4.26). */
static enum rt_l2cap_verdict refusal(const struct rt_reason *why)
{
	if (why->layer != RT_LAYER_SECURITY)
		return RT_L2CAP_NO_AUTHENTICATION;
	switch ((enum rt_sec_code)why->code) {
	case RT_SEC_CODE_KEY_TOO_SHORT:
	case RT_SEC_CODE_KEY_SIZE_UNKNOWN:
		return RT_L2CAP_KEY_TOO_SHORT;
	case RT_SEC_CODE_NOT_ENCRYPTED:
	case RT_SEC_CODE_ENCRYPTION_LOST:
		return RT_L2CAP_NO_ENCRYPTION;
	case RT_SEC_CODE_NOT_BONDED:
		return RT_L2CAP_NO_AUTHORIZATION;
	case RT_SEC_CODE_NOT_AUTHENTICATED:
	case RT_SEC_CODE_NOT_SECURE_CONNECTIONS:
	case RT_SEC_CODE_DOWNGRADE:
	case RT_SEC_CODE_DEBUG_KEY:
	case RT_SEC_CODE_BAD_KEY:
	case RT_SEC_CODE_WEAKER_KEY:
	case RT_SEC_CODE_REFUSED:
	case RT_SEC_CODE_NO_AGENT:
	case RT_SEC_CODE_NO_ANSWER:
	case RT_SEC_CODE_TIMEOUT:
	case RT_SEC_CODE_BACK_OFF:
	case RT_SEC_CODE_LEGACY_OFF:
	case RT_SEC_CODE_ALREADY_BONDED:
	case RT_SEC_CODE_NOT_BONDABLE:
	case RT_SEC_CODE_CANCELLED:
		break;
	}
	return RT_L2CAP_NO_AUTHENTICATION;
}

static enum rt_l2cap_verdict check(void *user,
				   const struct rt_l2cap_gate_request *request,
				   struct rt_reason *ret_why)
{
	const struct rt_host *host = user;
	const struct rt_sec_request asked = {
		.peer = request->peer,
		.need = request->need,
		.incoming = request->incoming,
		.established = request->established,
		/* A datagram is not worth a question to anybody. */
		.no_pairing = request->connectionless,
	};

	switch (rt_sec_ask(host->hci, &asked, ret_why)) {
	case RT_SEC_YES:
		return RT_L2CAP_ALLOW;
	case RT_SEC_WAIT:
		return RT_L2CAP_WAIT_AUTHENTICATION;
	case RT_SEC_NO:
		break;
	}
	return refusal(ret_why);
}

const struct rt_l2cap_gate rt_api_gate = { .check = check };

void rt_api_gate_changed(void *user, struct rt_addr addr)
{
	const struct rt_host *host = user;

	rt_l2cap_gate_changed(host->l2cap, addr);
	rt_rfcomm_gate_changed(host->rfcomm, addr);
}

void rt_api_gate_update_floor(struct rt_host *host)
{
	struct rt_sec_need need;

	rt_sec_set_floor(host->hci, rt_l2cap_weakest_need(host->l2cap, &need)
					    ? &need
					    : NULL);
}
