/* SPDX-License-Identifier: MIT */
#include "tools/sim/deeds.h"

#include <errno.h>
#include <string.h>

#include "tools/sim/agent.h"
#include "tools/sim/end.h"
#include "tools/sim/random.h"
#include "tools/sim/requests.h"
#include "tools/sim/run.h"

#define RFCOMM_CHANNEL 1
#define PSM_BASIC 0x1001 /* and up, one for each mode */
#define UUID_SPP 0x1101

static bool has(const struct sim_app *app, enum sim_feature feature)
{
	return sim_plan_has(&app->run->plan, feature);
}

static uint32_t below(struct sim_app *app, uint32_t n)
{
	return sim_below(&app->dice, n);
}

/* Another node: mostly a host or peer of this world, sometimes nobody. */
struct rt_addr sim_deed_somebody(struct sim_app *app)
{
	const struct world *w = app->run->w;
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	unsigned int i;

	if (below(app, 20) == 0)
		return nobody;
	i = below(app, w->count - 1);
	return w->node[i < app->index ? i : i + 1].addr;
}

/* --- servers ------------------------------------------------------------ */

void sim_deed_take(struct sim_server *server)
{
	struct rt_socket *s;
	struct sim_end *end;

	while (server->server && rt_server_has_pending(server->server)) {
		end = sim_end_get(server->app);
		s = rt_server_next_pending(server->server);
		if (!end) {
			rt_socket_free(s);
			continue;
		}
		sim_end_attach(end, s, server->protocol, server->mode);
		sim_end_taken(end);
		sim_end_read(end);
		sim_end_write(end);
	}
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct sim_server *mine = user_data;
	struct sim_app *app = mine->app;

	if (server != mine->server)
		sim_fail(app->run, "app %u: a server that is freed calls",
			 app->index);
	if (app->run->phase == SIM_PHASE_FAULTS && has(app, SIM_SLOW) &&
	    below(app, 4) == 0)
		return;
	sim_deed_take(mine);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

static void ask_for_security(struct sim_app *app, struct rt_server *server,
			     struct rt_socket *s)
{
	unsigned int flags;

	if (!has(app, SIM_SECURITY) || below(app, 2) == 0)
		return;
	flags = below(app, 2 * RT_SECURITY_MITM);
	if (server)
		(void)!rt_server_set_security(server, flags);
	if (s)
		(void)!rt_socket_set_security(s, flags);
}

bool sim_deed_listen(struct sim_app *app, struct sim_server *server,
		     enum rt_protocol protocol, enum rt_l2cap_socket_mode mode,
		     uint16_t port)
{
	int err;

	server->app = app;
	server->protocol = protocol;
	server->mode = mode;
	server->port = port;
	server->server =
		rt_server_new(app->node->host, protocol, &callbacks, server);
	if (!server->server)
		return false;
	if (protocol == RT_PROTOCOL_L2CAP)
		(void)!rt_server_set_option(server->server, RT_OPTION_MODE,
					    mode);
	ask_for_security(app, server->server, NULL);
	if (protocol == RT_PROTOCOL_RFCOMM && has(app, SIM_BY_UUID))
		err = rt_server_listen_uuid(
			server->server, rt_uuid_from_short(UUID_SPP), "Port");
	else
		err = rt_server_listen(server->server, port);
	sim_say(app->run, "app %u listens on %u: %d", app->index, port, err);
	if (err == 0)
		return true;
	rt_server_free(server->server);
	server->server = NULL;
	return false;
}

void sim_deed_serve(struct sim_app *app)
{
	unsigned int n = 0;

	if (has(app, SIM_RFCOMM) || has(app, SIM_BY_UUID))
		sim_deed_listen(app, &app->server[n++], RT_PROTOCOL_RFCOMM,
				RT_SOCKET_MODE_BASIC, RFCOMM_CHANNEL);
	for (unsigned int mode = 0; mode <= RT_SOCKET_MODE_CREDIT; mode++) {
		if (has(app, (enum sim_feature)(SIM_BASIC + mode)))
			sim_deed_listen(app, &app->server[n++],
					RT_PROTOCOL_L2CAP,
					(enum rt_l2cap_socket_mode)mode,
					(uint16_t)(PSM_BASIC + 2 * mode));
	}
}

static void deed_serve_anew(struct sim_app *app)
{
	struct sim_server *server = &app->server[below(app, SIM_SERVERS)];

	if (!server->server)
		return;
	sim_deed_take(server);
	if (below(app, 3) > 0)
		return;
	sim_say(app->run, "app %u: a server is made anew", app->index);
	rt_server_free(server->server);
	server->server = NULL;
	sim_deed_listen(app, server, server->protocol, server->mode,
			server->port);
}

/* --- connections -------------------------------------------------------- */

static void draw_options(struct sim_app *app, struct rt_socket *s,
			 enum rt_protocol protocol)
{
	static const struct {
		enum rt_option option;
		uint32_t least, most;
	} options[] = {
		{ RT_OPTION_MTU, 48, 5000 },
		{ RT_OPTION_WINDOW, 1, 63 },
		{ RT_OPTION_MAX_TRANSMIT, 0, 20 },
		{ RT_OPTION_RETRANSMISSION_MS, 100, 3000 },
		{ RT_OPTION_MONITOR_MS, 200, 13000 },
		{ RT_OPTION_MPS, 48, 2000 },
		{ RT_OPTION_FCS, 0, 2 },
		{ RT_OPTION_MODE_REQUIRED, 0, 1 },
		{ RT_OPTION_FRAME_BYTES, 23, 3000 },
		{ RT_OPTION_CREDITS_MAX, 1, 60 },
		{ RT_OPTION_WRITE_QUEUE_BYTES, 1024, 70000 },
		{ RT_OPTION_READ_QUEUE_BYTES, 1024, 70000 },
		{ RT_OPTION_LINGER_MS, 0, 20000 },
		{ RT_OPTION_SNIFF, 0, 3 },
		{ RT_OPTION_ROLE, 0, 2 },
	};
	int64_t value;

	(void)protocol;
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(options); i++) {
		if (below(app, 4) > 0)
			continue;
		value = options[i].least +
			below(app, options[i].most - options[i].least + 1);
		/* Not all are of this protocol. */
		(void)!rt_socket_set_option(s, options[i].option, value);
	}
	if (has(app, SIM_FLUSH) && below(app, 2) == 0)
		(void)!rt_socket_set_option(s, RT_OPTION_FLUSH_TIMEOUT_MS,
					    1 + below(app, 100));
}

static struct sim_end *open_end(struct sim_app *app, enum rt_protocol protocol,
				enum rt_l2cap_socket_mode mode)
{
	struct sim_end *end = sim_end_get(app);

	if (!end)
		return NULL;
	end->app = app;
	sim_end_attach(end, rt_socket_new(app->node->host, protocol), protocol,
		       mode);
	if (!end->s)
		return NULL;
	draw_options(app, end->s, protocol);
	ask_for_security(app, NULL, end->s);
	if (protocol == RT_PROTOCOL_L2CAP)
		(void)!rt_socket_set_option(end->s, RT_OPTION_MODE, mode);
	return end;
}

static void connect_to(struct sim_app *app, unsigned int kind,
		       struct rt_addr addr)
{
	struct sim_end *end;

	if (kind == 0) {
		end = open_end(app, RT_PROTOCOL_RFCOMM, RT_SOCKET_MODE_BASIC);
		if (end)
			sim_end_connecting(end,
					   rt_socket_connect(end->s, addr,
							     RFCOMM_CHANNEL));
		return;
	}
	end = open_end(app, RT_PROTOCOL_L2CAP,
		       (enum rt_l2cap_socket_mode)(kind - 1));
	if (end)
		sim_end_connecting(
			end, rt_socket_connect(
				     end->s, addr,
				     (uint16_t)(PSM_BASIC + 2 * (kind - 1))));
}

/* One of the kinds that the plan has: 0 RFCOMM, 1 to 4 the modes of L2CAP. */
static unsigned int draw_kind(struct sim_app *app)
{
	const unsigned int first = below(app, SIM_CREDIT + 1);
	unsigned int kind = first;

	while (!has(app, (enum sim_feature)kind)) {
		kind = (kind + 1) % (SIM_CREDIT + 1);
		if (kind == first)
			break;
	}
	return kind;
}

static void deed_connect(struct sim_app *app)
{
	connect_to(app, draw_kind(app), sim_deed_somebody(app));
}

static void deed_connect_uuid(struct sim_app *app)
{
	struct sim_end *end =
		open_end(app, RT_PROTOCOL_RFCOMM, RT_SOCKET_MODE_BASIC);

	if (end)
		sim_end_connecting(end, rt_socket_connect_uuid(
						end->s, sim_deed_somebody(app),
						rt_uuid_from_short(UUID_SPP)));
}

/* Two that connect to each other, or close, at one instant. */
static void deed_cross(struct sim_app *app)
{
	struct sim_run *run = app->run;
	struct sim_app *other;
	unsigned int kind;

	if (run->plan.hosts < 2)
		return;
	other = &run->app[(app->index + 1) % run->plan.hosts];
	if (!other->node->host || other->gone)
		return;
	kind = draw_kind(app);
	sim_say(run, "app %u and app %u cross", app->index, other->index);
	if (below(app, 3) == 0) {
		sim_end_close(&app->end[below(app, SIM_ENDS)]);
		sim_end_close(&other->end[below(app, SIM_ENDS)]);
		return;
	}
	connect_to(app, kind, other->node->addr);
	connect_to(other, kind, app->node->addr);
}

static void deed_end(struct sim_app *app)
{
	struct sim_end *end = &app->end[below(app, SIM_ENDS)];

	switch (below(app, 5)) {
	case 0:
		sim_end_abort(end);
		break;
	case 1:
		sim_end_free(end);
		break;
	default:
		sim_end_close(end);
	}
}

static void deed_serial(struct sim_app *app)
{
	struct sim_end *end = &app->end[below(app, SIM_ENDS)];
	const struct rt_line line = { 9600, 8,	   1,	 RT_PARITY_EVEN,
				      true, false, 0x11, 0x13 };

	if (!end->s || end->protocol != RT_PROTOCOL_RFCOMM)
		return;
	switch (below(app, 4)) {
	case 0:
		(void)!rt_socket_set_option(end->s, RT_OPTION_MODEM_SIGNALS,
					    RT_MODEM_RTC | RT_MODEM_RTR |
						    below(app, 2) *
							    RT_MODEM_DV);
		break;
	case 1:
		(void)!rt_socket_set_option(end->s, RT_OPTION_BREAK, 3);
		break;
	case 2:
		(void)!rt_socket_set_line(end->s, &line);
		break;
	default:
		(void)!rt_socket_send_line_status(end->s, RT_LINE_PARITY);
	}
}

/* --- the host ----------------------------------------------------------- */

static void deed_mode(struct sim_app *app)
{
	static const enum rt_host_mode modes[] = {
		RT_HOST_MODE_NOT_CONNECTABLE,
		RT_HOST_MODE_CONNECTABLE,
		RT_HOST_MODE_DISCOVERABLE,
		RT_HOST_MODE_LIMITED,
		RT_HOST_MODE_OFF,
	};
	enum rt_host_mode mode = modes[below(app, RT_ARRAY_SIZE(modes))];

	if (mode == RT_HOST_MODE_OFF && below(app, 3) > 0)
		mode = RT_HOST_MODE_DISCOVERABLE;
	sim_say(app->run, "app %u sets mode %d", app->index, mode);
	(void)!rt_host_set_mode(app->node->host, mode);
}

static void deed_unpair(struct sim_app *app)
{
	const int err = rt_host_unpair(app->node->host, sim_deed_somebody(app));

	sim_say(app->run, "app %u unpairs: %d", app->index, err);
}

static void deed_record(struct sim_app *app)
{
	const struct rt_uuid uuid = rt_uuid_from_short(0x1105);
	struct rt_service *service = app->service;

	if (service && below(app, 3) == 0) {
		rt_service_free(service);
		app->service = NULL;
		return;
	}
	if (!service)
		app->service = service = rt_service_new(app->node->host);
	if (!service)
		return;
	(void)!rt_service_set_name(service, below(app, 2) ? "Here" : "There");
	(void)!rt_service_set_classes(service, &uuid, 1);
	(void)!rt_service_set_port(service, RT_PROTOCOL_RFCOMM,
				   (uint16_t)(1 + below(app, 30)));
	(void)!rt_service_register(service);
}

static void deed_read(struct sim_app *app)
{
	struct sim_end *end = &app->end[below(app, SIM_ENDS)];

	if (!end->s)
		return;
	if (end->reads_left == 0)
		end->reads_left = below(app, 50);
	sim_end_read(end);
	if (end->s)
		sim_end_write(end);
}

/* --- which -------------------------------------------------------------- */

void sim_deed(struct sim_app *app)
{
	static const struct {
		void (*deed)(struct sim_app *app);
		enum sim_feature feature;
		unsigned int weight;
	} deeds[] = {
		{ deed_connect, SIM_DEEDS, 8 },
		{ deed_serve_anew, SIM_DEEDS, 2 },
		{ deed_connect_uuid, SIM_BY_UUID, 3 },
		{ deed_cross, SIM_CROSSING, 3 },
		{ deed_end, SIM_END, 5 },
		{ deed_read, SIM_SLOW, 10 },
		{ deed_serial, SIM_SERIAL, 3 },
		{ deed_record, SIM_RECORD, 2 },
		{ deed_mode, SIM_MODE, 1 },
		{ deed_unpair, SIM_UNPAIR, 1 },
		{ sim_agent_answer, SIM_REFUSING, 3 },
		{ sim_request_inquiry, SIM_INQUIRY, 1 },
		{ sim_request_name, SIM_NAME, 1 },
		{ sim_request_echo, SIM_ECHO, 2 },
		{ sim_request_search, SIM_SEARCH, 2 },
		{ sim_request_pairing, SIM_PAIRING, 2 },
	};
	unsigned int sum = 0;
	uint32_t drawn;

	for (unsigned int i = 0; i < RT_ARRAY_SIZE(deeds); i++)
		sum += deeds[i].weight;
	/* One that this story doesn't have is a pause. */
	drawn = below(app, sum);
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(deeds); i++) {
		if (drawn >= deeds[i].weight) {
			drawn -= deeds[i].weight;
			continue;
		}
		if (deeds[i].feature == SIM_DEEDS || has(app, deeds[i].feature))
			deeds[i].deed(app);
		return;
	}
}
