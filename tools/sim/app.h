/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_APP_H
#define RT_SIM_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/sim/stream.h"

/*
 * The application of a host in a story: it makes servers, connections and
 * requests at random, carries streams over them, closes them, and sees to it
 * that it is told what the public headers promise, and told it once.
 */

#define SIM_ENDS 12
#define SIM_SERVERS 6
#define SIM_KEYS 16

struct sim_run;
struct sim_app;

/* One socket, and what it owes its application. */
struct sim_end {
	struct sim_app *app;
	struct rt_socket *s; /* NULL: free */
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
	bool connecting; /* a connect has to end in one callback */
	bool connected;
	bool closing; /* we have closed it */
	bool failed;  /* there was an error since it was connected */
	bool gap;     /* datagrams were lost because we were slow */
	bool slow;
	uint32_t reads_left; /* until it stops reading; 0: it has */
	uint64_t budget;     /* octets or datagrams that it still writes */
	bool close_after;    /* all is written */
	enum rt_socket_state heard; /* the last state told */
	struct sim_stream *out;
	struct sim_stream *in;
	uint8_t head[SIM_STREAM_HEADER]; /* of a stream, until it is known */
	size_t head_bytes;
};

struct sim_server {
	struct sim_app *app;
	struct rt_server *server;
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
	uint16_t port;
};

/* A request under way: it ends once. */
struct sim_request {
	struct sim_app *app;
	void *object; /* NULL: none */
	bool done;
};

struct sim_app {
	struct sim_run *run;
	unsigned int index;
	struct world_node *node;
	uint64_t dice;
	uint64_t deed_us; /* when it does something next */
	struct sim_end end[SIM_ENDS];
	struct sim_server server[SIM_SERVERS];
	struct sim_request inquiry, name, echo, search, pairing;
	struct rt_service *service;
	struct rt_key_store store;
	struct rt_link_key key[SIM_KEYS]; /* the store */
	unsigned int key_count;
	struct rt_addr asked;  /* whom the agent has to answer; zero: nobody */
	unsigned int question; /* which callback asked */
	bool gone;	       /* its host has been freed */
	bool was_off;	       /* it has switched the host off */
};

/* Prepares the application of a node; the host is there, or about to be. */
void sim_app_init(struct sim_app *app, struct sim_run *run, unsigned int index);

/* What its host is made with. */
void sim_app_host_options(struct sim_app *app,
			  struct rt_host_options *ret_options);

/* The host has been made: servers, agent, policy. */
void sim_app_begin(struct sim_app *app);

/* Time has come to `now_us`. True if something was done. */
bool sim_app_advance(struct sim_app *app, uint64_t now_us);

/* Everything ends: nothing new, readers read, switched off hosts come back. */
void sim_app_quieten(struct sim_app *app);

/* True if nothing is under way that has to end. */
bool sim_app_is_quiet(const struct sim_app *app);

/* Ends the story: says what has not ended. */
void sim_app_fail_busy(const struct sim_app *app);

/* Frees all it has. */
void sim_app_end(struct sim_app *app);

/* Its host is about to be freed, or is gone: all handles are void. */
void sim_app_forget(struct sim_app *app);

#endif
