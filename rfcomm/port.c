/* SPDX-License-Identifier: MIT */
#include "rfcomm/port.h"

#include <errno.h>

#include "rfcomm/dlc.h"
#include "rfcomm/session.h"
#include "rfcomm/stream.h"
#include "rfcomm/timers.h"
#include "rfcomm/tx.h"

#define SIGNALS (RT_RFCOMM_RTC | RT_RFCOMM_RTR | RT_RFCOMM_IC | RT_RFCOMM_DV)
#define SIGNALS_DEFAULT (RT_RFCOMM_RTC | RT_RFCOMM_RTR | RT_RFCOMM_DV)

/* The break octet of MSC (T:5.4.6.3.7). */
#define BREAK_EA 0x01
#define BREAK_IS 0x02
#define BREAK_UNITS_MAX 15

#define RLS_ERRORS \
	(RT_RFCOMM_RLS_OVERRUN | RT_RFCOMM_RLS_PARITY | RT_RFCOMM_RLS_FRAMING)
#define RLS_BITS (RT_RFCOMM_RLS_ERROR | RLS_ERRORS)

bool rt_rfcomm_port_signals_are_valid(uint8_t signals)
{
	return (signals & ~SIGNALS) == 0;
}

/* A command leaves: it is answered within T2, or not waited for. */
static void sent(struct rt_rfcomm_dlc *dlc, struct rt_rfcomm_command *command)
{
	if (command->unanswered == 0)
		command->serial = rt_rfcomm_session_serial(dlc->session);
	if (command->unanswered < UINT8_MAX)
		command->unanswered++;
	/* Before that the DLC's own timer waits for the first MSC. */
	if (dlc->state == RT_RFCOMM_DLC_OPEN && !command->timer.armed)
		rt_env_arm(dlc->rfcomm->env, &command->timer, RT_RFCOMM_T2_US);
}

/* Its answer has come; false if none is waited for. */
static bool answered(struct rt_rfcomm_dlc *dlc,
		     struct rt_rfcomm_command *command)
{
	if (command->unanswered == 0)
		return false;
	command->unanswered--;
	rt_env_stop(dlc->rfcomm->env, &command->timer);
	if (command->unanswered > 0 && dlc->state == RT_RFCOMM_DLC_OPEN)
		rt_env_arm(dlc->rfcomm->env, &command->timer, RT_RFCOMM_T2_US);
	return true;
}

/* T2 is over: nothing is waited for any more. */
static void give_up(struct rt_rfcomm_dlc *dlc,
		    struct rt_rfcomm_command *command, const char *name)
{
	struct rt_env *env = dlc->rfcomm->env;
	char addr[RT_ADDR_STR_BYTES];

	command->unanswered = 0;
	if (rt_env_logs(env))
		rt_log(env, RT_LOG_WARNING,
		       "rfcomm dlc %s DLCI %u: %s was not answered",
		       rt_addr_format(dlc->peer, addr), dlc->dlci, name);
}

/* Who wants to hear of the port; NULL if nobody does. */
static const struct rt_rfcomm_port_ops *
listener_of(const struct rt_rfcomm_dlc *dlc)
{
	return dlc->ops ? dlc->port.ops : NULL;
}

static void line_answered(struct rt_rfcomm_dlc *dlc, int err)
{
	const struct rt_rfcomm_port_ops *ops = listener_of(dlc);
	const struct rt_rfcomm_line line = dlc->port.line;

	if (ops && ops->line_answered)
		ops->line_answered(dlc->user, dlc->handle, err, &line);
}

static void on_msc_timer(struct rt_timer *timer)
{
	struct rt_rfcomm_dlc *dlc =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_dlc, port.msc.timer);

	give_up(dlc, &dlc->port.msc, "MSC");
	rt_rfcomm_stream_kick(dlc);
}

static void on_rpn_timer(struct rt_timer *timer)
{
	struct rt_rfcomm_dlc *dlc =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_dlc, port.rpn.timer);

	give_up(dlc, &dlc->port.rpn, "RPN");
	line_answered(dlc, -ETIMEDOUT);
}

static void on_rls_timer(struct rt_timer *timer)
{
	struct rt_rfcomm_dlc *dlc =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_dlc, port.rls.timer);

	give_up(dlc, &dlc->port.rls, "RLS");
}

void rt_rfcomm_port_init(struct rt_rfcomm_dlc *dlc,
			 const struct rt_rfcomm_port_ops *ops, uint8_t signals)
{
	struct rt_rfcomm_port *port = &dlc->port;

	port->ops = ops;
	port->ours.signals = signals ? signals : SIGNALS_DEFAULT;
	port->line = rt_rfcomm_line_default;
	rt_timer_init(&port->msc.timer, on_msc_timer);
	rt_timer_init(&port->rpn.timer, on_rpn_timer);
	rt_timer_init(&port->rls.timer, on_rls_timer);
}

void rt_rfcomm_port_stop(struct rt_rfcomm_dlc *dlc)
{
	struct rt_env *env = dlc->rfcomm->env;

	rt_env_stop(env, &dlc->port.msc.timer);
	rt_env_stop(env, &dlc->port.rpn.timer);
	rt_env_stop(env, &dlc->port.rls.timer);
	dlc->port.msc.unanswered = 0;
	dlc->port.rpn.unanswered = 0;
	dlc->port.rls.unanswered = 0;
}

void rt_rfcomm_port_opened(struct rt_rfcomm_dlc *dlc)
{
	struct rt_rfcomm_command *msc = &dlc->port.msc;

	if (msc->unanswered > 0)
		rt_env_arm(dlc->rfcomm->env, &msc->timer, RT_RFCOMM_T2_US);
}

static void tell_line(struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_port_ops *ops = listener_of(dlc);
	const struct rt_rfcomm_line line = dlc->port.line;

	dlc->port.line_news = false;
	if (ops && ops->line)
		ops->line(dlc->user, dlc->handle, &line);
}

static void tell_modem(struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_port_ops *ops = listener_of(dlc);
	const struct rt_rfcomm_modem peers = dlc->port.peers;

	dlc->port.modem_news = false;
	dlc->port.peers.has_break = false;
	dlc->port.peers.break_units = 0;
	if (ops && ops->modem)
		ops->modem(dlc->user, dlc->handle, &peers);
}

void rt_rfcomm_port_tell(struct rt_rfcomm *rfcomm, rt_handle handle)
{
	struct rt_rfcomm_dlc *dlc = rt_slots_get(&rfcomm->slots, handle);

	if (dlc && dlc->state == RT_RFCOMM_DLC_OPEN && dlc->port.line_news)
		tell_line(dlc);
	dlc = rt_slots_get(&rfcomm->slots, handle);
	if (dlc && dlc->state == RT_RFCOMM_DLC_OPEN && dlc->port.modem_news)
		tell_modem(dlc);
}

bool rt_rfcomm_port_msc_is_due(const struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_port *port = &dlc->port;

	if (dlc->state != RT_RFCOMM_DLC_OPEN || dlc->suspended)
		return false;
	/* A peer that must stop must not have to answer something first. */
	if (rt_rfcomm_flow_hold_is_due(&dlc->flow))
		return true;
	return port->msc.unanswered == 0 &&
	       (port->ours.has_break || port->ours.signals != port->told);
}

int rt_rfcomm_port_send_msc(struct rt_rfcomm_dlc *dlc)
{
	struct rt_rfcomm_port *port = &dlc->port;
	const bool turns = rt_rfcomm_flow_hold_is_due(&dlc->flow);
	const bool holds = dlc->flow.holding != turns;
	const uint8_t octet =
		(uint8_t)(port->ours.break_units << 4 | BREAK_IS | BREAK_EA);
	const struct rt_rfcomm_mcc_msc msc = {
		.tail = rt_bytes(&octet, port->ours.has_break ? 1 : 0),
		.address = rt_rfcomm_mcc_address(dlc->dlci),
		.signals = (uint8_t)(port->ours.signals | RT_RFCOMM_V24_EA |
				     (holds ? RT_RFCOMM_V24_FC : 0)),
	};
	int err;

	if (dlc->state == RT_RFCOMM_DLC_OPEN)
		err = rt_rfcomm_tx_command(dlc->session, &rt_rfcomm_mcc_msc_msg,
					   &msc);
	else
		err = rt_rfcomm_tx_opening(dlc->session, &rt_rfcomm_mcc_msc_msg,
					   &msc);
	if (err)
		return err;
	if (turns)
		rt_rfcomm_flow_hold_told(&dlc->flow);
	port->told = port->ours.signals;
	port->ours.has_break = false;
	port->ours.break_units = 0;
	sent(dlc, &port->msc);
	return 0;
}

void rt_rfcomm_port_on_msc(struct rt_rfcomm_dlc *dlc,
			   const struct rt_rfcomm_mcc_msc *msc)
{
	struct rt_rfcomm_modem *peers = &dlc->port.peers;
	const uint8_t signals = msc->signals & SIGNALS;
	const uint8_t octet = msc->tail.len > 0 ? msc->tail.ptr[0] : 0;

	if (signals != peers->signals || octet & BREAK_IS)
		dlc->port.modem_news = true;
	peers->signals = signals;
	if (octet & BREAK_IS) {
		peers->has_break = true;
		peers->break_units = octet >> 4;
	}
}

bool rt_rfcomm_port_on_msc_answer(struct rt_rfcomm_dlc *dlc)
{
	return answered(dlc, &dlc->port.msc);
}

int rt_rfcomm_port_set_modem(struct rt_rfcomm_dlc *dlc,
			     const struct rt_rfcomm_modem *modem)
{
	struct rt_rfcomm_modem *ours = &dlc->port.ours;

	if (!rt_rfcomm_port_signals_are_valid(modem->signals) ||
	    modem->break_units > BREAK_UNITS_MAX)
		return -EINVAL;
	ours->signals = modem->signals;
	if (modem->has_break) {
		ours->has_break = true;
		ours->break_units = modem->break_units;
	}
	rt_rfcomm_stream_kick(dlc);
	return 0;
}

/*
 * The settings that RPN is about: those of the DLC, or, for one that the peer
 * has not asked for yet, those that it will begin with. Some probe a server by
 * RPN before PN. `spare` serves where nobody listens.
 */
static struct rt_rfcomm_line *line_of(struct rt_rfcomm_session *session,
				      struct rt_rfcomm_dlc *dlc, uint8_t dlci,
				      struct rt_rfcomm_line *spare)
{
	if (dlc)
		return &dlc->port.line;
	if (rt_rfcomm_session_listener(session, dlci))
		return &session->early[dlci >> 1];
	*spare = rt_rfcomm_line_default;
	return spare;
}

void rt_rfcomm_port_on_rpn(struct rt_rfcomm_session *session,
			   struct rt_bytes value)
{
	const bool is_query = value.len == 1;
	struct rt_rfcomm_mcc_rpn response;
	struct rt_rfcomm_mcc_rpn request;
	struct rt_rfcomm_line before;
	struct rt_rfcomm_line *line;
	struct rt_rfcomm_line spare;
	struct rt_rfcomm_dlc *dlc;
	uint8_t dlci;

	if ((!is_query &&
	     rt_codec_decode(&rt_rfcomm_mcc_rpn_msg, value, &request)) ||
	    rt_rfcomm_mcc_dlci(value.ptr[0], &dlci)) {
		session->rfcomm->stats.mcc_malformed++;
		return;
	}
	dlc = rt_rfcomm_session_find_dlc(session, dlci);
	line = line_of(session, dlc, dlci, &spare);
	before = *line;
	if (is_query)
		rt_rfcomm_line_report(line, value.ptr[0], &response);
	else
		rt_rfcomm_line_negotiate(line, &request, &response);
	rt_rfcomm_tx_response(session, &rt_rfcomm_mcc_rpn_msg, &response);
	if (!dlc || rt_rfcomm_line_equal(&before, line))
		return;
	dlc->port.line_news = true;
	rt_rfcomm_port_tell(dlc->rfcomm, dlc->handle);
}

bool rt_rfcomm_port_on_rpn_answer(struct rt_rfcomm_dlc *dlc,
				  struct rt_bytes value)
{
	struct rt_rfcomm_mcc_rpn rpn;
	struct rt_rfcomm_line line;

	if (!answered(dlc, &dlc->port.rpn))
		return false;
	if (rt_codec_decode(&rt_rfcomm_mcc_rpn_msg, value, &rpn) ||
	    rt_rfcomm_line_read(&rpn, &line)) {
		line_answered(dlc, -EPROTO);
		return true;
	}
	dlc->port.line = line;
	line_answered(dlc, 0);
	return true;
}

void rt_rfcomm_port_rpn_not_known(struct rt_rfcomm_dlc *dlc)
{
	if (answered(dlc, &dlc->port.rpn))
		line_answered(dlc, -EOPNOTSUPP);
}

int rt_rfcomm_port_send_rpn(struct rt_rfcomm_dlc *dlc,
			    const struct rt_rfcomm_line *line)
{
	const uint8_t address = rt_rfcomm_mcc_address(dlc->dlci);
	const struct rt_rfcomm_mcc_rpn_query query = { .address = address };
	struct rt_rfcomm_mcc_rpn rpn;
	int err;

	if (line && !rt_rfcomm_line_is_valid(line))
		return -EINVAL;
	if (dlc->state != RT_RFCOMM_DLC_OPEN)
		return -ENOTCONN;
	if (dlc->port.rpn.unanswered > 0)
		return -EBUSY;
	if (line) {
		rt_rfcomm_line_report(line, address, &rpn);
		err = rt_rfcomm_tx_command(dlc->session, &rt_rfcomm_mcc_rpn_msg,
					   &rpn);
	} else {
		err = rt_rfcomm_tx_command(
			dlc->session, &rt_rfcomm_mcc_rpn_query_msg, &query);
	}
	if (!err)
		sent(dlc, &dlc->port.rpn);
	return err;
}

void rt_rfcomm_port_on_rls(struct rt_rfcomm_dlc *dlc, uint8_t status)
{
	const struct rt_rfcomm_port_ops *ops = listener_of(dlc);

	if (dlc->state == RT_RFCOMM_DLC_OPEN && ops && ops->line_status)
		ops->line_status(dlc->user, dlc->handle, status & RLS_BITS);
}

bool rt_rfcomm_port_on_rls_answer(struct rt_rfcomm_dlc *dlc)
{
	return answered(dlc, &dlc->port.rls);
}

int rt_rfcomm_port_send_rls(struct rt_rfcomm_dlc *dlc, uint8_t status)
{
	const struct rt_rfcomm_mcc_rls rls = {
		.address = rt_rfcomm_mcc_address(dlc->dlci),
		.status = (uint8_t)(status |
				    (status & RLS_ERRORS ? RT_RFCOMM_RLS_ERROR
							 : 0)),
	};
	int err;

	if (status & ~RLS_BITS)
		return -EINVAL;
	if (dlc->state != RT_RFCOMM_DLC_OPEN)
		return -ENOTCONN;
	if (dlc->port.rls.unanswered > 0)
		return -EAGAIN;
	err = rt_rfcomm_tx_command(dlc->session, &rt_rfcomm_mcc_rls_msg, &rls);
	if (!err)
		sent(dlc, &dlc->port.rls);
	return err;
}
