/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_HCI_STAGE_H
#define REGRESS_HCI_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tests/support/tagged.h"
#include "tools/sim/world.h"

/*
 * Stories of a whole host, 0, whose controller is hostile, and of a peer, 1,
 * that is as good as can be. Between them they send every command and get
 * every callback that there is. A test plays a story while it does something
 * to the host, and then asks whether all that was begun has ended, once, and
 * whether the host still works.
 */

#define STAGE_PSM 0x1005
#define STAGE_CHANNEL 7

#define STAGE_HOST 0
#define STAGE_PEER 1

/* What an application asks for and is told the end of. */
enum stage_request {
	STAGE_INQUIRY,
	STAGE_NAME,
	STAGE_PAIRING,
	STAGE_ECHO,
	STAGE_SEARCH,
	STAGE_OOB,
	STAGE_LINE, /* of the serial port */
	STAGE_REQUESTS,
};

/* The callbacks of the host: which kinds of them have come. */
enum stage_callback {
	STAGE_ON_HOST,
	STAGE_ON_AGENT,
	STAGE_ON_SOCKET,
	STAGE_ON_SERIAL,
	STAGE_ON_SERVER,
	STAGE_ON_DEVICE,
	STAGE_ON_INQUIRED,
	STAGE_ON_NAME,
	STAGE_ON_PAIRED,
	STAGE_ON_REPLY,
	STAGE_ON_SERVICE,
	STAGE_ON_SEARCHED,
	STAGE_ON_OOB,
	STAGE_CALLBACKS,
};

struct stage;

struct stage_step {
	void (*act)(struct stage *stage);
	uint32_t ms; /* that pass after it */
};

#define STAGE_STEPS_MAX 8

struct story {
	const char *name;
	struct rt_vctl_security security; /* of both controllers */
	/* What there is before, without anything hostile; may be NULL. */
	void (*prepare)(struct stage *stage);
	struct stage_step steps[STAGE_STEPS_MAX]; /* ended by act NULL */
};

struct stage {
	struct world *w;
	const struct story *story;
	struct agent agent[2];
	struct rt_oob oob; /* what the host has read of its own */
	bool has_oob;
	struct rt_server *server;	   /* of the host; NULL: it has none */
	struct rt_server *peers_server[2]; /* L2CAP and RFCOMM */
	struct end client[2];		   /* of the host */
	bool asked[2];	  /* rt_socket_connect() of it has returned 0 */
	bool closed[2];	  /* by the host itself */
	struct end taken; /* of the host, by its server */
	struct end peer;  /* of the peer */
	struct end peers_taken[2]; /* of the peer, by its servers */
	struct rt_inquiry *inquiry;
	struct rt_name_request *name;
	struct rt_pairing *pairing;
	struct rt_echo *echo;
	struct rt_service_search *search;
	unsigned int begun[STAGE_REQUESTS];
	unsigned int ended[STAGE_REQUESTS];
	bool off;     /* the server is: by power off */
	bool anew;    /* brought up in the story, by who knows whom */
	bool stopped; /* the host: turned off, shut down or freed */
	bool over;    /* what the story goes on with is left out */

	/* Called after each 100 ms of the story, if not NULL. */
	void (*tick)(struct stage *stage);
	/* Called at the end of each callback of the host, if not NULL. */
	void (*then)(struct stage *stage, enum stage_callback what);
	void *user;
};

extern const struct story stage_stories[];
extern const size_t stage_story_count;

/* The story with that name. */
const struct story *stage_story(const char *name);

/*
 * A world in which the story can be played. `options` may be NULL; its seed,
 * latency and security are the story's.
 */
void stage_open(struct stage *stage, const struct story *story,
		const struct world_options *options);

/* Plays the story; it ends early if the host is freed. */
void stage_play(struct stage *stage);

/*
 * Time passes in which all must have ended. Every request has ended once,
 * every socket that was connecting is connected or has failed, every one that
 * was connected and is not has been told so, once.
 */
void stage_expect_ends(struct stage *stage);

/* The application frees all it has on the host, at once. */
void stage_free_objects(struct stage *stage);

/* The same for both sides; then time passes. */
void stage_clear(struct stage *stage);

/*
 * Takes all that is hostile away. The host is up again, or says why not; if it
 * is up, both sides can connect to each other and send.
 */
void stage_expect_works(struct stage *stage);

/* Frees everything; nothing may be left. */
void stage_close(struct stage *stage);

/* The three of them. */
void stage_end(struct stage *stage);

/* The host, NULL once it has been freed. */
struct rt_host *stage_host(const struct stage *stage);

/* Frees the host, with everything on it; from inside a callback too. */
void stage_free_host(struct stage *stage);

/* The application has been told something. */
void stage_told(struct stage *stage, enum stage_callback what);

/* `end` of the host tells the stage what it hears. */
void stage_watch(struct stage *stage, struct end *end);

/* A server of one of the hosts, that takes what comes. NULL: no memory. */
struct rt_server *stage_serve(struct stage *stage, unsigned int node,
			      enum rt_protocol protocol);

/* An event of the host's controller. */
void stage_inject(struct stage *stage, const void *event, size_t bytes);

#endif
