/* SPDX-License-Identifier: MIT */
#include "tests/fault/oracle.h"

#include <check.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/chan.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"
#include "rfcomm/session.h"

/* --- what was told -------------------------------------------------------- */

/* What an end's log tells, letter by letter: see tests/support/end.h. */
enum stage {
	IDLE,
	LOOKUP,
	CONNECTING,
	CONNECTED,
	USABLE, /* on_connected has been called */
	CLOSING,
	UNCONNECTED,
	OVER, /* on_disconnected has been called */
};

struct story {
	enum stage stage;
	bool was_usable;
	unsigned int errors;
};

static bool error_fits(const struct story *story)
{
	if (story->errors > 0)
		return false;
	/* One that ends a connection comes before its end, others after. */
	return story->was_usable
		       ? story->stage == USABLE || story->stage == CLOSING
		       : story->stage == UNCONNECTED;
}

/* Takes one letter. False if it does not belong here. */
static bool take(struct story *story, char letter)
{
	const enum stage before = story->stage;

	switch (letter) {
	case 'L':
		story->stage = LOOKUP;
		return before == IDLE;
	case 'C':
		story->stage = CONNECTING;
		return before == IDLE || before == LOOKUP;
	case 'K':
		story->stage = CONNECTED;
		return before == CONNECTING;
	case '+':
		story->stage = USABLE;
		story->was_usable = true;
		return before == CONNECTED;
	case 'X':
		/* CONNECTED: closed before on_connected could be called. */
		story->stage = CLOSING;
		return before != IDLE && before < CLOSING;
	case 'U':
		story->stage = UNCONNECTED;
		return before == LOOKUP || before == CONNECTING ||
		       before == CLOSING;
	case '-':
		story->stage = OVER;
		return before == UNCONNECTED && story->was_usable;
	case 'E':
		if (!error_fits(story))
			return false;
		story->errors++;
		return true;
	default:
		return letter >= '0' && letter <= '9';
	}
}

/* Whether the story may stop where it does. */
static bool is_whole(const struct story *story, const struct run_end *end)
{
	switch (story->stage) {
	case IDLE:
		/* What began and ended at once is not told of. */
		return !end->accepted && (!end->asked || end->let_go);
	case USABLE:
	case OVER:
		return true;
	case UNCONNECTED:
		/* A connect that came to nothing: we gave it up, or it says. */
		return !story->was_usable &&
		       (end->let_go || story->errors == 1);
	case LOOKUP:
	case CONNECTING:
	case CONNECTED:
	case CLOSING:
		break;
	}
	return false;
}

static void check_end(const struct run_end *end)
{
	struct story story = {
		.stage = end->accepted ? USABLE : IDLE,
		.was_usable = end->accepted,
	};
	enum rt_socket_state state;

	for (const char *p = end->end.log; *p; p++)
		ck_assert_msg(take(&story, *p), "%s: unexpected at octet %td",
			      end->end.log, p - end->end.log);
	if (end->freed || !end->end.s)
		return;
	ck_assert_msg(is_whole(&story, end), "%s: this is not the end",
		      end->end.log);
	state = rt_socket_state(end->end.s);
	ck_assert_msg(state == (story.stage == USABLE ? RT_SOCKET_CONNECTED
						      : RT_SOCKET_UNCONNECTED),
		      "%s: state %d", end->end.log, (int)state);
}

void oracle_told(const struct run *run)
{
	for (unsigned int i = 0; i < run->end_count; i++)
		check_end(&run->ends[i]);
	if (!run->search_freed)
		ck_assert_uint_eq(run->searched, run->searches);
}

/* --- data ----------------------------------------------------------------- */

/* True if `got` is a piece of the `same` octets, and then goes on as they do.
 */
static bool is_repeated_at(const uint8_t *got, size_t bytes,
			   const uint8_t *sent, size_t same)
{
	for (size_t len = 1; same + len <= bytes; len++) {
		if (memcmp(got + same + len, sent + same, bytes - same - len) ==
			    0 &&
		    memmem(sent, same, got + same, len))
			return true;
	}
	return false;
}

/* True if it is `sent` from the start, with one piece of it twice. */
static bool is_repeated(const uint8_t *got, size_t bytes, const uint8_t *sent)
{
	/* By chance it may go on for a bit as if nothing were repeated. */
	for (size_t same = 1; same < bytes; same++) {
		if (got[same - 1] != sent[same - 1])
			break;
		if (is_repeated_at(got, bytes, sent, same))
			return true;
	}
	return false;
}

/* True if it is pieces of `sent`, in their order. */
static bool is_torn(const uint8_t *got, size_t bytes, const uint8_t *sent,
		    size_t sent_bytes)
{
	size_t at = 0;

	for (size_t i = 0; i < bytes; i += FLOW_PIECE) {
		const size_t piece = RT_MIN(bytes - i, (size_t)FLOW_PIECE);
		const uint8_t *found =
			memmem(sent + at, sent_bytes - at, got + i, piece);

		if (!found)
			return false;
		at = (size_t)(found - sent) + piece;
	}
	return true;
}

static bool is_excused(const struct run_end *end, const struct event *event)
{
	const uint8_t *sent = flow_data(!end->accepted);
	const size_t bytes = end->end.rx_bytes;

	if (!event || end->run->flow->mode == RT_SOCKET_MODE_ERTM)
		return false;
	return (event->repeats && is_repeated(end->end.rx, bytes, sent)) ||
	       (event->loses && is_torn(end->end.rx, bytes, sent, end->want));
}

void oracle_data(const struct run *run, const struct event *event)
{
	for (unsigned int i = 0; i < run->end_count; i++) {
		const struct run_end *end = &run->ends[i];
		const size_t bytes = end->end.rx_bytes;

		if (bytes <= end->want &&
		    memcmp(end->end.rx, flow_data(!end->accepted), bytes) == 0)
			continue;
		ck_assert_msg(is_excused(end, event),
			      "end %u got %zu octets that were not sent so", i,
			      bytes);
	}
}

/* --- quiet ---------------------------------------------------------------- */

static void check_channels(const struct rt_l2cap *l2cap)
{
	const struct rt_l2cap_link *link;
	const struct rt_l2cap_chan *chan;

	RT_LIST_EACH (link, &l2cap->links, node) {
		RT_LIST_EACH (chan, &link->chans, node)
			ck_assert_msg(chan->state == RT_L2CAP_CHAN_OPEN,
				      "channel %04x is in state %d", chan->scid,
				      (int)chan->state);
	}
}

static void check_rfcomm(const struct rt_rfcomm *rfcomm)
{
	const struct rt_rfcomm_session *session;
	const struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (session, &rfcomm->sessions, node)
		ck_assert_msg(session->state == RT_RFCOMM_SESSION_OPEN,
			      "a session is in state %d", session->state);
	RT_LIST_EACH (dlc, &rfcomm->dlcs, all)
		ck_assert_msg(dlc->state == RT_RFCOMM_DLC_OPEN,
			      "DLCI %u is in state %d", dlc->dlci, dlc->state);
}

void oracle_quiet(const struct run *run)
{
	enum rt_host_state state;

	for (unsigned int i = 0; i < run->w->count; i++) {
		const struct rt_host *host = world_host(run->w, i);

		if (!host)
			continue;
		state = rt_host_state(host);
		ck_assert_msg(state == RT_HOST_UP || state == RT_HOST_DOWN,
			      "host %u is in state %d", i, (int)state);
		check_channels(host->l2cap);
		check_rfcomm(host->rfcomm);
	}
}

/* --- use ------------------------------------------------------------------ */

static bool has_ended(void *arg)
{
	const struct run_end *client = arg;

	return client->end.disconnected > 0 || client->end.errors > 0;
}

/* The two ends that were made last. */
static bool are_over(void *arg)
{
	const struct run *run = arg;

	for (unsigned int i = run->end_count - 2; i < run->end_count; i++) {
		if (run->ends[i].end.disconnected == 0)
			return false;
	}
	return true;
}

/* One connection, which the client closes when all is there. */
static struct run_end *try_it(struct run *run)
{
	struct run_end *client = flow_end(run, 0, FLOW_FRESH_BYTES);

	ck_assert_ptr_nonnull(client);
	flow_connect(client, FLOW_PORT_FRESH);
	ck_assert_msg(client->asked, "a new connect is refused");
	ck_assert_msg(world_run_until(run->w, has_ended, client,
				      RT_SECONDS(100)),
		      "a new connection stands still: %s, %zu octets",
		      client->end.log, client->end.rx_bytes);
	return client;
}

static void check_fresh(const struct run_end *end)
{
	ck_assert_uint_eq(end->end.rx_bytes, FLOW_FRESH_BYTES);
	ck_assert_mem_eq(end->end.rx, flow_data(!end->accepted),
			 FLOW_FRESH_BYTES);
}

static bool both_are_up(const struct run *run)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (!world_host(run->w, i) ||
		    rt_host_state(world_host(run->w, i)) != RT_HOST_UP)
			return false;
	}
	return true;
}

void oracle_usable(struct run *run)
{
	struct run_end *client;

	if (!both_are_up(run))
		return;
	run->fresh = flow_listen(run, 1, FLOW_PORT_FRESH);
	ck_assert_ptr_nonnull(run->fresh);
	client = try_it(run);
	if (client->end.errors > 0 && !flow_keys_agree(run)) {
		/* Only one side knows of the bond: both forget it, as users do.
		 */
		flow_unpair(run);
		world_run(run->w, RT_SECONDS(5));
		client = try_it(run);
	}
	ck_assert_msg(client->end.errors == 0, "a new connection fails: %s, %s",
		      client->end.log, client->end.error_string);
	ck_assert(world_run_until(run->w, are_over, run, RT_SECONDS(60)));
	for (unsigned int i = run->end_count - 2; i < run->end_count; i++)
		check_fresh(&run->ends[i]);
}
