/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/hci_acts.h"

static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
static uint8_t data[3000];

static struct rt_addr peer_addr(const struct stage *stage)
{
	return world_addr(stage->w, STAGE_PEER);
}

static struct rt_host *peer(const struct stage *stage)
{
	return world_host(stage->w, STAGE_PEER);
}

void act_begin(struct stage *stage, enum stage_request what, int err)
{
	stage->begun[what] += err == 0;
}

/* --- sockets --- */

static void connect_to(struct stage *stage, int i, struct rt_addr addr,
		       uint16_t port)
{
	struct rt_socket *s = stage->client[i].s;

	if (s && rt_socket_connect(s, addr, port) == 0)
		stage->asked[i] = true;
}

/* The client's socket; NULL: there is no memory. */
static struct rt_socket *make(struct stage *stage, int i,
			      enum rt_protocol protocol, unsigned int flags)
{
	struct end *end = &stage->client[i];

	end_attach(end, rt_socket_new(stage_host(stage), protocol));
	if (end->s && rt_socket_set_security(end->s, flags) < 0)
		end_free(end);
	return end->s;
}

void act_connect_port(struct stage *stage)
{
	struct rt_socket *s = make(stage, 0, RT_PROTOCOL_RFCOMM, 0);

	if (s && rt_socket_connect_uuid(
			 s, peer_addr(stage),
			 rt_uuid_from_short(RT_UUID_SERIAL_PORT)) == 0)
		stage->asked[0] = true;
}

void act_connect_plain(struct stage *stage)
{
	make(stage, 0, RT_PROTOCOL_L2CAP, 0);
	connect_to(stage, 0, peer_addr(stage), STAGE_PSM);
}

void act_connect_encrypted(struct stage *stage)
{
	make(stage, 0, RT_PROTOCOL_L2CAP, RT_SECURITY_ENCRYPTION);
	connect_to(stage, 0, peer_addr(stage), STAGE_PSM);
}

void act_connect_proved(struct stage *stage)
{
	make(stage, 1, RT_PROTOCOL_L2CAP, RT_SECURITY_MITM);
	connect_to(stage, 1, peer_addr(stage), STAGE_PSM);
}

void act_connect_nobody(struct stage *stage)
{
	make(stage, 0, RT_PROTOCOL_RFCOMM, 0);
	connect_to(stage, 0, nobody, 1);
}

/* With wishes for the link. */
void act_connect_wishing(struct stage *stage)
{
	struct rt_socket *s = make(stage, 0, RT_PROTOCOL_L2CAP, 0);

	if (!s)
		return;
	(void)!rt_socket_set_option(s, RT_OPTION_SUPERVISION_MS, 8000);
	(void)!rt_socket_set_option(s, RT_OPTION_SNIFF, RT_SNIFF_PREFER);
	(void)!rt_socket_set_option(s, RT_OPTION_FLUSH_TIMEOUT_MS, 100);
	connect_to(stage, 0, peer_addr(stage), STAGE_PSM);
}

/* With the wish to be the other one. */
void act_connect_as_peripheral(struct stage *stage)
{
	struct rt_socket *s = make(stage, 1, RT_PROTOCOL_L2CAP, 0);

	if (s)
		(void)!rt_socket_set_option(s, RT_OPTION_ROLE,
					    RT_ROLE_PERIPHERAL);
	connect_to(stage, 1, peer_addr(stage), STAGE_PSM);
}

void act_send(struct stage *stage)
{
	struct end *end = &stage->client[0];

	end->piece = 600;
	if (end->s)
		end_send(end, data, sizeof(data));
}

void act_send_back(struct stage *stage)
{
	struct end *end = &stage->taken;

	end->piece = 600;
	if (end->s)
		end_send(end, data, sizeof(data));
}

void act_close_all(struct stage *stage)
{
	for (int i = 0; i < 2; i++) {
		if (!stage->client[i].s)
			continue;
		stage->closed[i] = true;
		rt_socket_close(stage->client[i].s);
	}
}

void act_abort_all(struct stage *stage)
{
	for (int i = 0; i < 2; i++) {
		if (!stage->client[i].s)
			continue;
		stage->closed[i] = true;
		rt_socket_abort(stage->client[i].s);
	}
}

void act_listen(struct stage *stage)
{
	stage->server = stage_serve(stage, STAGE_HOST, RT_PROTOCOL_RFCOMM);
	if (stage->server &&
	    rt_server_listen(stage->server, STAGE_CHANNEL) < 0) {
		rt_server_free(stage->server);
		stage->server = NULL;
	}
}

void act_peer_connects(struct stage *stage)
{
	end_open(&stage->peer, peer(stage), RT_PROTOCOL_RFCOMM);
	stage->peer.tx = data;
	stage->peer.tx_bytes = sizeof(data);
	(void)!rt_socket_connect(
		stage->peer.s, world_addr(stage->w, STAGE_HOST), STAGE_CHANNEL);
}

void act_peer_closes(struct stage *stage)
{
	if (stage->peer.s)
		rt_socket_close(stage->peer.s);
}

/* --- the serial port --- */

static void on_modem_changed(struct rt_socket *s, uint8_t signals,
			     void *user_data)
{
	const struct end *end = user_data;

	(void)s;
	(void)signals;
	stage_told(end->user, STAGE_ON_SERIAL);
}

static void on_break(struct rt_socket *s, unsigned int units, void *user_data)
{
	on_modem_changed(s, (uint8_t)units, user_data);
}

static void on_line_changed(struct rt_socket *s, void *user_data)
{
	on_modem_changed(s, 0, user_data);
}

static void on_line_answered(struct rt_socket *s, int err,
			     const struct rt_line *line, void *user_data)
{
	const struct end *end = user_data;
	struct stage *stage = end->user;

	(void)s;
	(void)err;
	(void)line;
	stage->ended[STAGE_LINE]++;
	stage_told(stage, STAGE_ON_SERIAL);
}

static const struct rt_serial_callbacks serial_callbacks = {
	.size = sizeof(serial_callbacks),
	.on_modem_changed = on_modem_changed,
	.on_break = on_break,
	.on_line_changed = on_line_changed,
	.on_line_status = on_modem_changed,
	.on_line_answered = on_line_answered,
};

static const struct rt_line line = {
	.baud = 115200,
	.data_bits = 7,
	.stop_bits = 2,
	.parity = RT_PARITY_EVEN,
	.xon = 0x11,
	.xoff = 0x13,
};

/* Both ends use their port. */
void act_use_port(struct stage *stage)
{
	struct rt_socket *s = stage->client[0].s;
	struct rt_socket *other = stage->peers_taken[1].s;

	if (s) {
		rt_socket_set_serial_callbacks(s, &serial_callbacks);
		act_begin(stage, STAGE_LINE, rt_socket_set_line(s, &line));
	}
	if (!other)
		return;
	(void)!rt_socket_set_option(other, RT_OPTION_MODEM_SIGNALS, 0);
	(void)!rt_socket_set_option(other, RT_OPTION_BREAK, 3);
	(void)!rt_socket_set_line(other, &line);
	(void)!rt_socket_send_line_status(other, RT_LINE_PARITY);
}

/* --- devices and services --- */

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)device;
	stage_told(user_data, STAGE_ON_DEVICE);
}

static void on_inquired(struct rt_inquiry *inquiry,
			const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)inquiry;
	(void)info;
	stage->ended[STAGE_INQUIRY]++;
	stage_told(stage, STAGE_ON_INQUIRED);
}

void act_inquire(struct stage *stage)
{
	static const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
		.on_done = on_inquired,
	};
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = stage,
		.seconds = 2,
		.names = true,
	};

	rt_inquiry_free(stage->inquiry);
	stage->inquiry = NULL;
	act_begin(stage, STAGE_INQUIRY,
		  rt_inquiry_start_with(stage_host(stage), &options,
					&stage->inquiry));
}

void act_stop_inquiring(struct stage *stage)
{
	if (!stage->inquiry || !rt_inquiry_is_active(stage->inquiry))
		return;
	rt_inquiry_stop(stage->inquiry);
	stage->begun[STAGE_INQUIRY]--;
}

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)request;
	ck_assert(!name == (info->err < 0));
	stage->ended[STAGE_NAME]++;
	stage_told(stage, STAGE_ON_NAME);
}

static void ask_name(struct stage *stage, struct rt_addr addr)
{
	static const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name,
	};

	rt_name_request_free(stage->name);
	stage->name = NULL;
	act_begin(stage, STAGE_NAME,
		  rt_name_request_start(stage_host(stage), addr, &callbacks,
					stage, &stage->name));
}

void act_name_peer(struct stage *stage)
{
	ask_name(stage, peer_addr(stage));
}

void act_name_nobody(struct stage *stage)
{
	ask_name(stage, nobody);
}

void act_forget_name(struct stage *stage)
{
	if (stage->begun[STAGE_NAME] > stage->ended[STAGE_NAME])
		stage->begun[STAGE_NAME]--;
	rt_name_request_free(stage->name);
	stage->name = NULL;
}

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *octets, size_t bytes, void *user_data)
{
	struct stage *stage = user_data;

	(void)echo;
	(void)info;
	(void)octets;
	(void)bytes;
	stage->ended[STAGE_ECHO]++;
	stage_told(stage, STAGE_ON_REPLY);
}

void act_echo(struct stage *stage)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = stage,
		.data = "echo",
		.bytes = 4,
	};

	act_begin(stage, STAGE_ECHO,
		  rt_echo_start(stage_host(stage), peer_addr(stage), &options,
				&stage->echo));
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)service;
	stage_told(user_data, STAGE_ON_SERVICE);
}

static void on_searched(struct rt_service_search *search,
			const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)search;
	(void)info;
	stage->ended[STAGE_SEARCH]++;
	stage_told(stage, STAGE_ON_SEARCHED);
}

void act_search(struct stage *stage)
{
	static const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_done = on_searched,
	};
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = stage,
		.addr = peer_addr(stage),
	};

	act_begin(stage, STAGE_SEARCH,
		  rt_service_search_start(stage_host(stage), &options,
					  &stage->search));
}

/* Somebody wants to talk: voice, which we don't have. */
void act_be_called(struct stage *stage)
{
	static const uint8_t sco[] = {
		0x04, 0x0a, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0
	};
	static const uint8_t esco[] = {
		0x04, 0x0a, 9, 9, 9, 9, 9, 9, 0, 0, 0, 2
	};

	stage_inject(stage, sco, sizeof(sco));
	stage_inject(stage, esco, sizeof(esco));
}
