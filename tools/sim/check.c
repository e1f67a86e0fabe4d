/* SPDX-License-Identifier: MIT */
#include "tools/sim/check.h"

#include <stdbool.h>

#include "api/host.h"
#include "hci/check.h"
#include "hci/security.h"
#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "rfcomm/check.h"
#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"

/* What a host may hold in the worst of stories: far more is a leak. */
#define LIVE_BYTES_MAX (16U << 20)

/* True if the link is as secure as it has to be now. */
static bool is_secure(const struct rt_host *host, struct rt_addr peer,
		      const struct rt_sec_need *need)
{
	struct rt_sec_facts facts;

	if (need->level == 0)
		return true;
	/* On a link that is being ended nothing is sent any more. */
	return !rt_sec_get_facts(host->hci, peer, &facts) ||
	       rt_sec_check(need, &facts) == RT_SEC_ALLOW;
}

static const char *check_chans(const struct rt_host *host)
{
	const struct rt_l2cap_link *link;
	const struct rt_l2cap_chan *chan;

	RT_LIST_EACH (link, &host->l2cap->links, node) {
		RT_LIST_EACH (chan, &link->chans, node) {
			if (chan->state == RT_L2CAP_CHAN_OPEN &&
			    !chan->suspended &&
			    !is_secure(host, link->addr,
				       &chan->params.security))
				return "an open channel is as secure as it "
				       "has to be";
		}
	}
	return NULL;
}

static const char *check_dlcs(const struct rt_host *host)
{
	const struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &host->rfcomm->dlcs, all) {
		if (dlc->state == RT_RFCOMM_DLC_OPEN && !dlc->suspended &&
		    !is_secure(host, dlc->peer, &dlc->need))
			return "an open DLC is as secure as it has to be";
	}
	return NULL;
}

const char *rt_check_invariants(const struct rt_host *host)
{
	const char *wrong = rt_hci_check(host->hci);

	if (!wrong)
		wrong = rt_l2cap_check(host->l2cap);
	if (!wrong)
		wrong = rt_rfcomm_check(host->rfcomm);
	if (!wrong)
		wrong = check_chans(host);
	if (!wrong)
		wrong = check_dlcs(host);
	if (!wrong && host->env.live_bytes > LIVE_BYTES_MAX)
		wrong = "what a host holds is bounded";
	return wrong;
}
