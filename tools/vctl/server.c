/* SPDX-License-Identifier: MIT */
#include "tools/vctl/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tools/vctl/h4.h"
#include "tools/vctl/model.h"
#include "tools/vctl/path.h"

#define CLIENTS_DEFAULT 64
#define SEND_BUFFER_DEFAULT 32768
#define ACCEPT_RETRY_US RT_MS(100)
/* Packets to one client before the next one has its turn. */
#define BURST 32
/* With more events waiting for a host nothing more is read from it. */
#define EVENTS_WAITING_MAX 64

struct client {
	struct rt_list node;
	struct rt_vctl_server *server;
	struct rt_vctl *vctl;
	struct rt_watch watch;
	uint32_t ready; /* what the loop has found */
	bool dead;
	bool blocked; /* the last write found the socket full */
	size_t out_off;
	size_t out_len;
	struct rt_vctl_h4 in;
	uint8_t out[RT_VCTL_H4_BYTES]; /* the packet on its way */
};

struct rt_vctl_server {
	struct rt_loop *loop;
	struct rt_vctl_server_options options;
	struct rt_watch watch;
	struct rt_vctl_path path;
	struct rt_list clients;
	unsigned count;
	bool accept_ready;
	uint64_t accept_at_us; /* no descriptors left: try again then; or 0 */
	uint8_t input[65536];
};

static void say(const struct rt_vctl_server *s, const struct client *c,
		const char *text)
{
	char line[128], addr[RT_ADDR_STR_BYTES] = "";

	if (!s->options.log)
		return;
	if (c)
		rt_addr_format(rt_vctl_addr(c->vctl), addr);
	snprintf(line, sizeof(line), "%s%s%s", addr, c ? ": " : "", text);
	s->options.log(s->options.user, line);
}

static void kill_client(struct client *c, const char *why)
{
	if (c->dead)
		return;
	say(c->server, c, why);
	c->dead = true;
}

static void free_client(struct client *c)
{
	rt_loop_remove(c->server->loop, &c->watch);
	close(c->watch.fd);
	rt_list_del(&c->node);
	c->server->count--;
	rt_vctl_free(c->vctl);
	free(c);
}

static void on_client(struct rt_watch *watch, uint32_t events)
{
	struct client *c = watch->user;

	c->ready |= events;
}

static void on_listener(struct rt_watch *watch, uint32_t events)
{
	struct rt_vctl_server *s = watch->user;

	(void)events;
	s->accept_ready = true;
}

/* Takes the descriptor over. */
static void add_client(struct rt_vctl_server *s, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		goto fail;
	c->server = s;
	c->watch = (struct rt_watch){
		.fd = fd, .events = EPOLLIN, .fn = on_client, .user = c
	};
	c->vctl = rt_vctl_new(s->options.air, &s->options.controller);
	if (!c->vctl || rt_loop_add(s->loop, &c->watch) < 0)
		goto fail;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF,
			 &s->options.send_buffer_bytes, sizeof(int));
	rt_list_init(&c->node);
	rt_list_append(&s->clients, &c->node);
	s->count++;
	say(s, c, "on the air");
	return;
fail:
	say(s, NULL, "a host was turned away: no memory");
	close(fd);
	if (c)
		rt_vctl_free(c->vctl);
	free(c);
}

static void accept_clients(struct rt_vctl_server *s, uint64_t now_us)
{
	int fd;

	if (!s->accept_ready && now_us < s->accept_at_us)
		return;
	s->accept_ready = false;
	s->accept_at_us = 0;
	for (;;) {
		fd = accept4(s->watch.fd, NULL, NULL,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			break;
		if (s->count < s->options.clients_max) {
			add_client(s, fd);
			continue;
		}
		say(s, NULL, "a host was turned away: too many");
		close(fd);
	}
	/* Out of descriptors or memory; the listener stays ready meanwhile. */
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		s->accept_at_us = now_us + ACCEPT_RETRY_US;
}

static void take_octets(struct client *c, size_t len)
{
	struct rt_rd in = rt_rd_init(rt_bytes(c->server->input, len));
	enum rt_packet_type type;
	struct rt_bytes packet;
	char why[64];
	int r;

	while ((r = rt_vctl_h4_next(&c->in, &in, &type, &packet)) > 0)
		rt_vctl_rx(c->vctl, type, packet);
	if (r == 0)
		return;
	snprintf(why, sizeof(why),
		 "hung up: no host sends packets of type 0x%02x", c->in.buf[0]);
	kill_client(c, why);
}

static bool may_read(const struct client *c)
{
	return c->vctl->event_count < EVENTS_WAITING_MAX;
}

static void read_client(struct client *c)
{
	ssize_t n;

	if (!(c->ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) || !may_read(c))
		return;
	n = recv(c->watch.fd, c->server->input, sizeof(c->server->input),
		 MSG_DONTWAIT);
	if (n > 0)
		take_octets(c, (size_t)n);
	else if (n == 0)
		kill_client(c, "off the air");
	else if (errno != EAGAIN && errno != EINTR)
		kill_client(c, "off the air: connection lost");
}

/* Sends what is left of the last packet. True if there is nothing left. */
static bool flush_client(struct client *c)
{
	ssize_t n;

	while (c->out_off < c->out_len) {
		n = send(c->watch.fd, c->out + c->out_off,
			 c->out_len - c->out_off, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			c->blocked = true;
			if (errno != EAGAIN)
				kill_client(c, "off the air");
			return false;
		}
		c->out_off += (size_t)n;
	}
	c->blocked = false;
	return true;
}

/* Returns true if something was sent. */
static bool write_client(struct client *c)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	int sent = 0;

	while (!c->dead && sent < BURST && flush_client(c)) {
		if (!rt_vctl_tx(c->vctl, &type, &packet))
			break;
		/* An injected packet may be of any size; H4 has its bounds. */
		packet.len = RT_MIN(packet.len, sizeof(c->out) - 1);
		c->out[0] = (uint8_t)type;
		if (packet.len > 0)
			memcpy(c->out + 1, packet.ptr, packet.len);
		c->out_off = 0;
		c->out_len = 1 + packet.len;
		sent++;
	}
	return sent > 0;
}

static void write_clients(struct rt_vctl_server *s)
{
	struct client *c;
	bool progress;

	do {
		progress = false;
		RT_LIST_EACH (c, &s->clients, node)
			progress |= write_client(c);
	} while (progress);
}

static struct client *dead_client(struct rt_vctl_server *s)
{
	struct client *c;

	RT_LIST_EACH (c, &s->clients, node) {
		if (c->dead)
			return c;
	}
	return NULL;
}

static void watch_client(struct client *c)
{
	uint32_t events = 0;

	if (may_read(c))
		events |= EPOLLIN;
	if (c->blocked)
		events |= EPOLLOUT;
	c->ready = 0;
	if (events == c->watch.events)
		return;
	if (rt_loop_change(c->server->loop, &c->watch, events) < 0)
		kill_client(c, "hung up: the loop failed");
}

static void watch_clients(struct rt_vctl_server *s)
{
	struct client *c;

	RT_LIST_EACH (c, &s->clients, node)
		watch_client(c);
}

static void watch_listener(struct rt_vctl_server *s)
{
	uint32_t events = s->accept_at_us > 0 ? 0 : EPOLLIN;

	if (events != s->watch.events &&
	    rt_loop_change(s->loop, &s->watch, events) < 0)
		say(s, NULL, "the loop failed: new hosts may be kept waiting");
}

uint64_t rt_vctl_server_step(struct rt_vctl_server *server, uint64_t now_us)
{
	uint64_t due_us = RT_LOOP_NO_DEADLINE, air_us;
	struct client *c;

	rt_air_advance(server->options.air, now_us);
	accept_clients(server, now_us);
	RT_LIST_EACH (c, &server->clients, node)
		read_client(c);
	write_clients(server);
	while ((c = dead_client(server))) {
		free_client(c);
		write_clients(server);
	}
	watch_clients(server);
	watch_listener(server);
	if (dead_client(server))
		due_us = now_us;
	else if (rt_air_next(server->options.air, &air_us))
		due_us = air_us;
	if (server->accept_at_us > 0)
		due_us = RT_MIN(due_us, server->accept_at_us);
	return due_us;
}

static void set_options(struct rt_vctl_server *s,
			const struct rt_vctl_server_options *options)
{
	s->options = *options;
	s->options.controller.addr = (struct rt_addr){ { 0 } };
	s->options.controller.name = NULL;
	if (s->options.clients_max == 0)
		s->options.clients_max = CLIENTS_DEFAULT;
	if (s->options.send_buffer_bytes == 0)
		s->options.send_buffer_bytes = SEND_BUFFER_DEFAULT;
}

int rt_vctl_server_open(struct rt_loop *loop, const char *path,
			const struct rt_vctl_server_options *options,
			struct rt_vctl_server **ret, char *message,
			size_t message_bytes)
{
	struct rt_vctl_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		snprintf(message, message_bytes, "out of memory");
		return -ENOMEM;
	}
	s->loop = loop;
	rt_list_init(&s->clients);
	set_options(s, options);
	r = rt_vctl_path_listen(path, &s->path, message, message_bytes);
	if (r < 0)
		goto fail;
	s->watch = (struct rt_watch){
		.fd = r, .events = EPOLLIN, .fn = on_listener, .user = s
	};
	r = rt_loop_add(loop, &s->watch);
	if (r < 0) {
		snprintf(message, message_bytes, "can't watch %s: %s", path,
			 strerror(-r));
		rt_vctl_path_close(&s->path, s->watch.fd);
		goto fail;
	}
	*ret = s;
	return 0;
fail:
	free(s);
	return r;
}

void rt_vctl_server_close(struct rt_vctl_server *server)
{
	struct client *c;

	if (!server)
		return;
	while ((c = RT_LIST_FIRST(&server->clients, struct client, node)))
		free_client(c);
	rt_loop_remove(server->loop, &server->watch);
	rt_vctl_path_close(&server->path, server->watch.fd);
	free(server);
}

unsigned rt_vctl_server_clients(const struct rt_vctl_server *server)
{
	return server->count;
}
