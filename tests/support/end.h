/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_END_H
#define RT_TESTS_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

/*
 * One end of a connection: writes down what its socket tells, sends what it
 * was given as fast as it is taken, and keeps what arrives.
 *
 * The log has a letter for each callback: the states by their initials
 * (U unconnected, C connecting, K connected, X closing), + connected,
 * - disconnected, E and the number of the error.
 */
struct end {
	struct rt_socket *s;
	char log[256];
	unsigned int connected;
	unsigned int disconnected;
	unsigned int errors;
	enum rt_socket_error error; /* the last told */
	char error_string[256];
	unsigned int readable;
	unsigned int writable;
	size_t written; /* octets told of */

	const uint8_t *tx;
	size_t tx_bytes;
	size_t tx_at;
	size_t piece; /* octets a write; 0: all at once */
	bool close_when_sent;

	uint8_t *rx; /* NULL: what arrives is left in the socket */
	size_t rx_cap;
	size_t rx_bytes;
	unsigned int gaps;
	bool paused; /* does not read */

	/* Called at the end of each callback, if not NULL; may free it all. */
	void (*then)(struct end *end, char what);
	void *user;
};

/* Makes the end listen to the socket, which may be NULL: nothing happens. */
void end_attach(struct end *end, struct rt_socket *s);

/* A new RFCOMM or L2CAP socket of the host, with this end. */
void end_open(struct end *end, struct rt_host *host, enum rt_protocol protocol);

/* Frees the socket, and forgets it. */
void end_free(struct end *end);

/* Gives it something to send, from now on. */
void end_send(struct end *end, const void *data, size_t bytes);

/* Writes what can be written now. */
void end_push(struct end *end);

/* Reads what can be read now. */
void end_pull(struct end *end);

/* True if the end has been told that it is connected. For world_run_until(). */
bool end_is_connected(void *end);

/* True if the end has heard an error. */
bool end_has_failed(void *end);

/* True if the socket is UNCONNECTED. */
bool end_is_unconnected(void *end);

/* True if all of rx_cap has arrived. */
bool end_is_full(void *end);

#endif
