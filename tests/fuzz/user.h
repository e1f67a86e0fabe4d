/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_USER_H
#define RT_TESTS_FUZZ_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>
#include <rawtooth/research.h>

#include "stack/rd.h"
#include "tools/sim/world.h"

/*
 * The application of a host, that does what an input says, calls with whatever
 * arguments, and holds the library to its word: callbacks come from events
 * alone, each thing ends once, and what was given up is silent.
 */

#define USER_SOCKETS 6
#define USER_SERVERS 4
#define USER_SERVICES 4
#define USER_THEN_BYTES 16

struct user;

struct user_socket {
	struct user *user;
	struct rt_socket *s;
	unsigned int connects; /* that have returned 0, and on_connected has
				  not come since */
	bool connected;	       /* on_disconnected is to come */
	bool blind;	       /* has had no callbacks for a while */
};

struct user_server {
	struct user *user;
	struct rt_server *server;
};

struct user {
	struct world_node *node;
	struct rt_addr peer; /* that it mostly means */
	struct rt_addr nobody;
	unsigned int inside; /* calls of the library */
	struct user_socket socket[USER_SOCKETS];
	struct user_server server[USER_SERVERS];
	struct rt_service *service[USER_SERVICES];
	/* Requests, and whether their ends are still to come. */
	struct rt_inquiry *inquiry;
	struct rt_name_request *name;
	struct rt_echo *echo;
	struct rt_service_search *search;
	struct rt_pairing *pairing;
	bool inquires, names, echoes, searches, pairs;
	unsigned int oobs;
	/* What the agent was asked last. */
	uint32_t number;
	uint32_t authorize_id;
	struct rt_addr asked_by;
	bool drops; /* what its tap sees */
	/* What it does in its next callback. */
	size_t then_bytes;
	uint8_t then[USER_THEN_BYTES];
	unsigned int callbacks; /* in all */
};

/* What a user can do: user_act(). */
enum user_act {
	/* user_socket.c: each begins with the number of the socket */
	USER_SOCKET_NEW, /* protocol */
	USER_CONNECT,	 /* whom, port (2) */
	USER_CONNECT_UUID,
	USER_CONNECT_SERVICE,
	USER_WRITE, /* octets (2) */
	USER_WRITEV,
	USER_READ, /* how, octets (2) */
	USER_CLOSE,
	USER_ABORT,
	USER_FREE,
	USER_OPTION, /* option, value (4) */
	USER_LOOK,
	USER_SECURITY, /* flags (2) */
	USER_LINE,
	USER_CALLBACKS, /* none, or again */
	/* user_server.c: each begins with the number of the server */
	USER_SERVER_NEW, /* protocol */
	USER_LISTEN,	 /* port (2) */
	USER_LISTEN_UUID,
	USER_TAKE, /* into which socket */
	USER_SERVER_CLOSE,
	USER_SERVER_FREE,
	USER_SERVER_OPTION, /* option, value (4) */
	/* each begins with the number of the service */
	USER_SERVICE_NEW,
	USER_SERVICE_SET,    /* id (2), element */
	USER_SERVICE_FIELDS, /* which */
	USER_SERVICE_PUBLISH,
	USER_SERVICE_LOOK,
	/* user_security.c */
	USER_PAIR,
	USER_POLICY,
	USER_AGENT,
	USER_ANSWER,
	USER_KEYS,
	USER_OOB,
	/* user_host.c */
	USER_INQUIRE,
	USER_ASK_NAME,
	USER_ECHO,
	USER_SEARCH,
	USER_SETTINGS,
	USER_HOST_LOOK,
	USER_RESEARCH,
	USER_LOOP, /* functions of hosts that have one */
	USER_SHUTDOWN,
	USER_TRANSPORT,
	/* user.c */
	USER_THEN, /* an act for the next callback */
	USER_ACTS,
};

/* Begins as the application of a node, which mostly talks to `peer`. */
void user_init(struct user *user, struct world_node *node, struct rt_addr peer);

/* Does `what` modulo USER_ACTS, with arguments from `r`; zeros if it ends. */
void user_act(struct user *user, uint8_t what, struct rt_rd *r);

/*
 * Sees that what had to end has ended, when enough time has passed. `calm`:
 * and that every socket is connected or not.
 */
void user_check(const struct user *user, bool calm);

/* Frees everything. */
void user_free(struct user *user);

/*
 * Shuts the hosts of the world down, which must come to rest in the time they
 * have, and frees it; no memory may be left. Users have freed all before.
 */
void user_end_world(struct world *w);

/* Stops the fuzzer if it does not hold. */
void user_must(bool ok, const char *what);

/* --- between the files of a user ----------------------------------------- */

/* To be called first in each callback. */
void user_called(struct user *user);

/* To be called last in each callback: what the user does there. */
void user_answered(struct user *user);

/* An address: the peer's, or somebody's, or none. */
struct rt_addr user_addr(const struct user *user, uint8_t which);

/* A UUID that may be somewhere, or not. */
struct rt_uuid user_uuid(uint8_t which);

/* An act with a socket. */
void user_act_socket(struct user *user, enum user_act what, struct rt_rd *r);

/* An act with a server. */
void user_act_server(struct user *user, enum user_act what, struct rt_rd *r);

/* An act with a service record. */
void user_act_service(struct user *user, enum user_act what, struct rt_rd *r);

/* An act that is about pairing. */
void user_act_security(struct user *user, enum user_act what, struct rt_rd *r);

/* An act with the host itself. */
void user_act_host(struct user *user, enum user_act what, struct rt_rd *r);

/* Takes a connection into the place of a socket. */
void user_take(struct user *user, uint8_t place, struct rt_socket *s);

#endif
