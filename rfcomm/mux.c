/* SPDX-License-Identifier: MIT */
#include "rfcomm/mux.h"

#include <errno.h>

#include "rfcomm/control.h"
#include "rfcomm/dlc.h"
#include "rfcomm/mcc.h"
#include "rfcomm/pn.h"
#include "rfcomm/stream.h"
#include "rfcomm/test.h"

/* Decodes a value; false, and counted, if it is malformed. */
static bool decode(struct rt_rfcomm_session *session,
		   const struct rt_codec_msg *desc, struct rt_bytes value,
		   void *ret_msg)
{
	if (!rt_codec_decode(desc, value, ret_msg))
		return true;
	session->rfcomm->stats.mcc_malformed++;
	return false;
}

/* The DLCI of an address octet; false, and counted, if it is none. */
static bool decode_dlci(struct rt_rfcomm_session *session, uint8_t address,
			uint8_t *ret_dlci)
{
	if (!rt_rfcomm_mcc_dlci(address, ret_dlci))
		return true;
	session->rfcomm->stats.mcc_malformed++;
	return false;
}

static void on_pn(struct rt_rfcomm_session *session,
		  const struct rt_rfcomm_mcc *mcc)
{
	struct rt_rfcomm_mcc_pn pn;

	if (!decode(session, &rt_rfcomm_mcc_pn_msg, mcc->value, &pn))
		return;
	if (mcc->command)
		rt_rfcomm_pn_on_command(session, &pn);
	else
		rt_rfcomm_pn_on_response(session, &pn);
}

static void on_msc(struct rt_rfcomm_session *session,
		   const struct rt_rfcomm_mcc *mcc)
{
	struct rt_rfcomm_mcc_msc msc;
	struct rt_rfcomm_dlc *dlc;
	uint8_t dlci;

	if (!decode(session, &rt_rfcomm_mcc_msc_msg, mcc->value, &msc) ||
	    !decode_dlci(session, msc.address, &dlci))
		return;
	if (msc.tail.len > 1) {
		session->rfcomm->stats.mcc_malformed++;
		return;
	}
	dlc = rt_rfcomm_session_find_dlc(session, dlci);
	if (!dlc) {
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
	if (!mcc->command) {
		rt_rfcomm_dlc_on_msc_answer(dlc);
		return;
	}
	rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_MSC, mcc->value);
	rt_rfcomm_dlc_on_msc(dlc, &msc);
}

/* The answer to RPN of ours. */
static void on_rpn_answer(struct rt_rfcomm_session *session,
			  struct rt_bytes value)
{
	struct rt_rfcomm_dlc *dlc;
	uint8_t dlci;

	if (value.len == 0) {
		session->rfcomm->stats.mcc_malformed++;
		return;
	}
	if (!decode_dlci(session, value.ptr[0], &dlci))
		return;
	dlc = rt_rfcomm_session_find_dlc(session, dlci);
	if (!dlc || !rt_rfcomm_port_on_rpn_answer(dlc, value))
		session->rfcomm->stats.frames_unexpected++;
}

static void on_rls(struct rt_rfcomm_session *session,
		   const struct rt_rfcomm_mcc *mcc)
{
	struct rt_rfcomm_mcc_rls rls;
	struct rt_rfcomm_dlc *dlc;
	uint8_t dlci;

	if (!decode(session, &rt_rfcomm_mcc_rls_msg, mcc->value, &rls) ||
	    !decode_dlci(session, rls.address, &dlci))
		return;
	dlc = rt_rfcomm_session_find_dlc(session, dlci);
	if (mcc->command) {
		rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_RLS, mcc->value);
		if (dlc)
			rt_rfcomm_port_on_rls(dlc, rls.status);
	} else if (!dlc || !rt_rfcomm_port_on_rls_answer(dlc)) {
		session->rfcomm->stats.frames_unexpected++;
	}
}

static void on_fcon(struct rt_rfcomm_session *session, struct rt_bytes value)
{
	struct rt_rfcomm_mcc_fcon fcon;
	struct rt_rfcomm_dlc *dlc;

	if (!decode(session, &rt_rfcomm_mcc_fcon_msg, value, &fcon))
		return;
	rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_FCON, value);
	session->stopped = false;
	RT_LIST_EACH (dlc, &session->dlcs, node)
		rt_rfcomm_stream_kick(dlc);
}

static void on_fcoff(struct rt_rfcomm_session *session, struct rt_bytes value)
{
	struct rt_rfcomm_mcc_fcoff fcoff;
	struct rt_rfcomm_dlc *dlc;

	if (!decode(session, &rt_rfcomm_mcc_fcoff_msg, value, &fcoff))
		return;
	rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_FCOFF, value);
	session->stopped = true;
	RT_LIST_EACH (dlc, &session->dlcs, node)
		rt_rfcomm_stream_kick(dlc);
}

static void on_cld(struct rt_rfcomm_session *session, struct rt_bytes value)
{
	struct rt_rfcomm_mcc_cld cld;

	if (!decode(session, &rt_rfcomm_mcc_cld_msg, value, &cld))
		return;
	rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_CLD, value);
	rt_rfcomm_control_closed_by_peer(session);
}

/*
 * The number of the command of that type which waits for its answer on a DLC;
 * 0 if none does.
 */
static uint32_t serial_of(const struct rt_rfcomm_dlc *dlc, uint8_t type)
{
	const struct rt_rfcomm_command *command = NULL;

	switch (type) {
	case RT_RFCOMM_MCC_PN:
		return dlc->state == RT_RFCOMM_DLC_PN_SENT ? dlc->serial : 0;
	case RT_RFCOMM_MCC_MSC:
		command = &dlc->port.msc;
		break;
	case RT_RFCOMM_MCC_RPN:
		command = &dlc->port.rpn;
		break;
	case RT_RFCOMM_MCC_RLS:
		command = &dlc->port.rls;
		break;
	}
	return command && command->unanswered > 0 ? command->serial : 0;
}

/* The DLC that has waited longest for the answer to a command of that type. */
static struct rt_rfcomm_dlc *waiting(const struct rt_rfcomm_session *session,
				     uint8_t type)
{
	struct rt_rfcomm_dlc *oldest = NULL;
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (serial_of(dlc, type) == 0)
			continue;
		if (!oldest || serial_of(dlc, type) < serial_of(oldest, type))
			oldest = dlc;
	}
	return oldest;
}

/* The answer to FCOFF or FCON of ours. */
static void on_fc_answer(struct rt_rfcomm_session *session)
{
	if (session->fc_unanswered > 0)
		session->fc_unanswered--;
	else
		session->rfcomm->stats.frames_unexpected++;
}

/* The peer does not know a command of a DLC of ours. False if none waits. */
static bool not_known(struct rt_rfcomm_session *session, uint8_t type)
{
	struct rt_rfcomm_dlc *dlc = waiting(session, type);

	if (!dlc)
		return false;
	if (type == RT_RFCOMM_MCC_PN)
		rt_rfcomm_pn_not_known(dlc);
	else if (type == RT_RFCOMM_MCC_MSC)
		rt_rfcomm_dlc_on_msc_answer(dlc);
	else if (type == RT_RFCOMM_MCC_RPN)
		rt_rfcomm_port_rpn_not_known(dlc);
	else
		return rt_rfcomm_port_on_rls_answer(dlc);
	return true;
}

/*
 * The peer does not know a command of ours. NSC does not tell the DLC; each
 * command gets one, in order.
 */
static void on_nsc(struct rt_rfcomm_session *session, struct rt_bytes value)
{
	struct rt_rfcomm_mcc_nsc nsc;
	bool expected;

	if (!decode(session, &rt_rfcomm_mcc_nsc_msg, value, &nsc))
		return;
	switch (nsc.octet >> 2) {
	case RT_RFCOMM_MCC_FCON:
	case RT_RFCOMM_MCC_FCOFF:
		if (session->fc_unanswered > 0)
			session->fc_unknown = true;
		on_fc_answer(session);
		return;
	case RT_RFCOMM_MCC_TEST:
		expected = rt_rfcomm_test_answered(session, -EOPNOTSUPP,
						   rt_bytes(NULL, 0));
		break;
	default:
		expected = not_known(session, nsc.octet >> 2);
		break;
	}
	if (!expected)
		session->rfcomm->stats.frames_unexpected++;
}

static void on_unknown(struct rt_rfcomm_session *session,
		       const struct rt_rfcomm_mcc *mcc)
{
	const struct rt_rfcomm_mcc_nsc nsc = { .octet = mcc->octet };

	session->rfcomm->stats.mcc_unsupported++;
	rt_rfcomm_tx_response(session, &rt_rfcomm_mcc_nsc_msg, &nsc);
}

static void on_command(struct rt_rfcomm_session *session,
		       const struct rt_rfcomm_mcc *mcc)
{
	switch (mcc->type) {
	case RT_RFCOMM_MCC_PN:
		on_pn(session, mcc);
		return;
	case RT_RFCOMM_MCC_MSC:
		on_msc(session, mcc);
		return;
	case RT_RFCOMM_MCC_RPN:
		rt_rfcomm_port_on_rpn(session, mcc->value);
		return;
	case RT_RFCOMM_MCC_RLS:
		on_rls(session, mcc);
		return;
	case RT_RFCOMM_MCC_TEST:
		rt_rfcomm_tx_echo(session, RT_RFCOMM_MCC_TEST, mcc->value);
		return;
	case RT_RFCOMM_MCC_FCON:
		on_fcon(session, mcc->value);
		return;
	case RT_RFCOMM_MCC_FCOFF:
		on_fcoff(session, mcc->value);
		return;
	case RT_RFCOMM_MCC_CLD:
		on_cld(session, mcc->value);
		return;
	case RT_RFCOMM_MCC_NSC:
		/* A response by rights; some mark it as a command. */
		on_nsc(session, mcc->value);
		return;
	}
	on_unknown(session, mcc);
}

static void on_response(struct rt_rfcomm_session *session,
			const struct rt_rfcomm_mcc *mcc)
{
	switch (mcc->type) {
	case RT_RFCOMM_MCC_PN:
		on_pn(session, mcc);
		return;
	case RT_RFCOMM_MCC_MSC:
		on_msc(session, mcc);
		return;
	case RT_RFCOMM_MCC_RPN:
		on_rpn_answer(session, mcc->value);
		return;
	case RT_RFCOMM_MCC_RLS:
		on_rls(session, mcc);
		return;
	case RT_RFCOMM_MCC_TEST:
		if (!rt_rfcomm_test_answered(session, 0, mcc->value))
			session->rfcomm->stats.frames_unexpected++;
		return;
	case RT_RFCOMM_MCC_FCON:
	case RT_RFCOMM_MCC_FCOFF:
		on_fc_answer(session);
		return;
	case RT_RFCOMM_MCC_NSC:
		on_nsc(session, mcc->value);
		return;
	}
	/* To a command that we do not send. */
	session->rfcomm->stats.frames_unexpected++;
}

void rt_rfcomm_mux_rx(struct rt_rfcomm_session *session, struct rt_bytes info)
{
	struct rt_rd r = rt_rd_init(info);
	struct rt_rfcomm_mcc mcc;

	do {
		if (rt_rfcomm_mcc_next(&r, &mcc)) {
			session->rfcomm->stats.mcc_malformed++;
			return;
		}
		if (mcc.command)
			on_command(session, &mcc);
		else
			on_response(session, &mcc);
		/* One of them may have closed the session. */
	} while (rt_rd_left(&r) > 0 && rt_rfcomm_session_is_open(session));
}
