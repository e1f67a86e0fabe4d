/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_SOCKET_H
#define RAWTOOTH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rt_host;

/* One connection, like QBluetoothSocket. */
struct rt_socket;

enum rt_protocol {
	RT_PROTOCOL_UNKNOWN,
	RT_PROTOCOL_L2CAP,  /* datagrams; ports are PSMs */
	RT_PROTOCOL_RFCOMM, /* a stream; ports are server channels 1 to 30 */
};

enum rt_socket_state {
	RT_SOCKET_UNCONNECTED,
	RT_SOCKET_SERVICE_LOOKUP,
	RT_SOCKET_CONNECTING,
	RT_SOCKET_CONNECTED, /* data can flow in both directions */
	RT_SOCKET_BOUND,
	RT_SOCKET_CLOSING,
	RT_SOCKET_LISTENING,
};

enum rt_socket_error {
	RT_SOCKET_ERROR_NONE,
	RT_SOCKET_ERROR_UNKNOWN,
	RT_SOCKET_ERROR_REMOTE_HOST_CLOSED,
	RT_SOCKET_ERROR_HOST_NOT_FOUND,
	RT_SOCKET_ERROR_SERVICE_NOT_FOUND,
	RT_SOCKET_ERROR_NETWORK,
	RT_SOCKET_ERROR_UNSUPPORTED_PROTOCOL,
	RT_SOCKET_ERROR_OPERATION,
	/* The link could not be made secure enough, or the peer wants more. */
	RT_SOCKET_ERROR_MISSING_PERMISSIONS,
};

struct rt_socket_callbacks {
	size_t size;
	/*
	 * The state is another one. Comes before on_connected and
	 * on_disconnected, and before the on_error of a connect that failed;
	 * an error that ends a connection comes before CLOSING and
	 * UNCONNECTED. rt_socket_state() may be further already.
	 */
	void (*on_state_changed)(struct rt_socket *s,
				 enum rt_socket_state state, void *user_data);
	/* CONNECTING has become CONNECTED. */
	void (*on_connected)(struct rt_socket *s, void *user_data);
	/* A connection has ended: once for each on_connected. */
	void (*on_disconnected)(struct rt_socket *s, void *user_data);
	/* Something failed: see rt_socket_error_info(). */
	void (*on_error)(struct rt_socket *s, enum rt_socket_error error,
			 void *user_data);
	/* There is something to read that was not there before. */
	void (*on_readable)(struct rt_socket *s, void *user_data);
	/* A write that fell short may be tried again. */
	void (*on_writable)(struct rt_socket *s, void *user_data);
	/*
	 * So many octets more have been sent by our controller; in ERTM: been
	 * acknowledged by the peer.
	 */
	void (*on_bytes_written)(struct rt_socket *s, size_t bytes,
				 void *user_data);
};

/*
 * A fresh socket: UNCONNECTED, no error, peer address zero. NULL if there is
 * no memory or the host's limit of sockets is reached. Freed with
 * rt_socket_free().
 */
RT_API_CHECK struct rt_socket *rt_socket_new(struct rt_host *host,
					     enum rt_protocol protocol);

/* rt_socket_abort(), and frees the socket. NULL is allowed. */
RT_API void rt_socket_free(struct rt_socket *s);

/* Sets who is called back; NULL: nobody. */
RT_API void rt_socket_set_callbacks(struct rt_socket *s,
				    const struct rt_socket_callbacks *callbacks,
				    void *user_data);

/* The host that the socket was made on. */
RT_API struct rt_host *rt_socket_host(const struct rt_socket *s);

/*
 * RFCOMM, L2CAP or UNKNOWN, as given to rt_socket_new(), or taken from the
 * service that the socket was last connected to (<rawtooth/service.h>).
 */
RT_API enum rt_protocol rt_socket_protocol(const struct rt_socket *s);

/*
 * Connects to a server channel or PSM of a device. Ends in exactly one of
 * on_connected and on_error, unless close, abort or free came first.
 *
 * Returns 0, or -EINVAL (address, port), -EPROTONOSUPPORT (UNKNOWN socket),
 * -EALREADY or -EISCONN (busy; undisturbed), -EADDRINUSE (RFCOMM: there is one
 * to that channel), -ENETDOWN (the host is stopping or DOWN), -EMLINK, -ENOSPC,
 * -ENOMEM. UNKNOWN protocol, a busy socket and bad arguments also call
 * on_error, from dispatch. During CLOSING it waits for the close, and likewise
 * while a connection to the same place that was aborted is still being closed
 * with the peer. While the host is STARTING or RECOVERING it waits in
 * CONNECTING for the host to be UP, at most 20 s: then on_error, NETWORK
 * (-ETIMEDOUT), and if the host goes DOWN the same at once (-ENETDOWN).
 */
RT_API_CHECK int rt_socket_connect(struct rt_socket *s, struct rt_addr addr,
				   uint16_t port);

/*
 * Closes in order: CLOSING until the octets still to write have left, or the
 * linger limit ends it with error NETWORK; then the channel is closed with the
 * peer. UNCONNECTED follows. Gives up a connect. What was received can still
 * be read.
 */
RT_API void rt_socket_close(struct rt_socket *s);

/* Drops what is unsent and closes at once: UNCONNECTED when it returns. */
RT_API void rt_socket_abort(struct rt_socket *s);

/*
 * Reads up to `bytes` octets of the stream, or one whole datagram.
 *
 * Returns the octets read; 0 if a datagram of no octets was read; -EAGAIN
 * (nothing there), -EMSGSIZE (the datagram is longer and stays),
 * -ENOBUFS (datagrams were lost here because the reader was too slow; said
 * once, the next read goes on behind the gap), -ENOTCONN, -EBUSY
 * (rt_socket_descriptor() was called), -EINVAL.
 *
 * A slow reader makes the peer wait, and loses nothing, with RFCOMM and with
 * L2CAP in ERTM and CREDIT mode. Basic and Streaming mode have no flow control:
 * what comes while the read queue is full is lost.
 */
RT_API_CHECK ptrdiff_t rt_socket_read(struct rt_socket *s, void *buf,
				      size_t bytes);

/* As rt_socket_read(), but leaves the octets in place. */
RT_API_CHECK ptrdiff_t rt_socket_peek(struct rt_socket *s, void *buf,
				      size_t bytes);

/*
 * Reads a line with its '\n' and a terminating zero, at most `bytes` with the
 * zero; what has arrived if there is no '\n' within. RFCOMM only: -EOPNOTSUPP.
 * Else as rt_socket_read().
 */
RT_API_CHECK ptrdiff_t rt_socket_read_line(struct rt_socket *s, char *buf,
					   size_t bytes);

/* True if a whole line can be read. */
RT_API bool rt_socket_can_read_line(const struct rt_socket *s);

/* Octets that can be read: of the stream, or of all datagrams. */
RT_API size_t rt_socket_bytes_available(const struct rt_socket *s);

/* Octets of the next datagram; -EAGAIN if there is none. */
RT_API_CHECK ptrdiff_t rt_socket_next_datagram_bytes(const struct rt_socket *s);

/*
 * Writes octets of the stream, or one datagram. They are copied.
 *
 * Returns the octets accepted, for a stream maybe fewer than given; -EAGAIN
 * (the queue is full: on_writable follows), -EMSGSIZE (datagram over the
 * peer's MTU or the write queue's limit), -EINVAL (NULL or 0 octets: error
 * OPERATION), -ENOTCONN, -EBUSY (as for read).
 */
RT_API_CHECK ptrdiff_t rt_socket_write(struct rt_socket *s, const void *buf,
				       size_t bytes);

struct rt_iovec {
	const void *base;
	size_t bytes;
};

/* The same, gathered from `count` pieces; a datagram is all of them. */
RT_API_CHECK ptrdiff_t rt_socket_writev(struct rt_socket *s,
					const struct rt_iovec *iov,
					size_t count);

/*
 * Octets accepted that the controller has not sent, or in ERTM the peer has not
 * acknowledged, yet.
 */
RT_API size_t rt_socket_bytes_to_write(const struct rt_socket *s);

/* Where the socket stands. */
RT_API enum rt_socket_state rt_socket_state(const struct rt_socket *s);

/* The last error; NONE after a successful connect was begun. */
RT_API enum rt_socket_error rt_socket_error(const struct rt_socket *s);

/* The last error as a sentence; "" if there was none. */
RT_API const char *rt_socket_error_string(const struct rt_socket *s);

/* The last error in full, as far as ret_info->size goes. */
RT_API void rt_socket_error_info(const struct rt_socket *s,
				 struct rt_error_info *ret_info);

/* Our address; zero while the host is not up. */
RT_API struct rt_addr rt_socket_local_address(const struct rt_socket *s);

/* The port the connection has on our side; 0 for one that we opened. */
RT_API uint16_t rt_socket_local_port(const struct rt_socket *s);

/* The host's name. */
RT_API const char *rt_socket_local_name(const struct rt_socket *s);

/* The peer's address; zero if unconnected. */
RT_API struct rt_addr rt_socket_peer_address(const struct rt_socket *s);

/* The peer's port; 0 if unconnected, or for one that the peer opened. */
RT_API uint16_t rt_socket_peer_port(const struct rt_socket *s);

/* The peer's name if it is known from a name request or an inquiry, or "". */
RT_API const char *rt_socket_peer_name(const struct rt_socket *s);

/*
 * Exports the connection as a descriptor of the system, AF_UNIX: a stream for
 * RFCOMM, seqpacket for L2CAP, blocking and close-on-exec, that the host's
 * loop pumps. From then on read and write give -EBUSY, and back-pressure holds
 * through it: what its reader leaves unread is not granted to the peer. The
 * data callbacks fall silent; those about states, errors and the serial port go
 * on.
 *
 * The peer's close is the end of the file, behind all that has arrived. An
 * error or an abort is ECONNRESET; if the descriptor has been handed to another
 * process or duplicated and closed here, that too may look like the end of the
 * file, and on_error is what tells. Closing it, or shutting it down for
 * writing, closes the socket in order. An SDU of no octets, which would look
 * like the end, is dropped and counted (rx_dropped). A datagram longer than
 * the peer's MTU, which the system can't refuse, ends the connection with an
 * error.
 *
 * Returns the descriptor, which the caller owns (a second call gives the same
 * error as a read), or -ENOTCONN, -EBUSY, -ENOSYS (a host without a loop),
 * -EMFILE, -ENOMEM.
 */
RT_API_CHECK int rt_socket_descriptor(struct rt_socket *s);

/*
 * What a connection asks of its link, before anything is sent or taken (Core
 * Vol 3 Part C 5.2.2). Flags may be combined; the strongest wins.
 */
enum rt_security {
	/*
	 * Level 1: encrypted, without proof of who is there, the key not
	 * stored; plain only with devices from before Secure Simple Pairing.
	 */
	RT_SECURITY_NONE = 0,
	/* The application is asked for each incoming connection. */
	RT_SECURITY_AUTHORIZATION = 1,
	RT_SECURITY_AUTHENTICATION = 2, /* level 2, as ENCRYPTION */
	/* Level 2: encrypted by a key that somebody has agreed to. */
	RT_SECURITY_ENCRYPTION = 4,
	/* Level 3, and Secure Connections where both sides have it. */
	RT_SECURITY_SECURE = 8,
	/* Level 3: a key made with protection against a man in the middle. */
	RT_SECURITY_MITM = 16,
};

/*
 * Sets the flags, before a connect. Returns 0, -EINVAL (unknown flags) or
 * -EISCONN.
 */
RT_API_CHECK int rt_socket_set_security(struct rt_socket *s,
					unsigned int flags);

/* The flags as they were set. */
RT_API unsigned int rt_socket_security_flags(const struct rt_socket *s);

/* Modes of an L2CAP socket (RT_OPTION_MODE). */
enum rt_l2cap_socket_mode {
	RT_SOCKET_MODE_BASIC,
	RT_SOCKET_MODE_ERTM,	  /* enhanced retransmission: reliable */
	RT_SOCKET_MODE_STREAMING, /* as ERTM, but what is lost is lost */
	RT_SOCKET_MODE_CREDIT,	  /* enhanced credit based flow control */
};

/* FCS of ERTM and Streaming (RT_OPTION_FCS). */
enum rt_fcs {
	RT_FCS_DEFAULT, /* nothing is said: there is one */
	RT_FCS_NONE,	/* there is none if the peer agrees */
	RT_FCS_16BIT,	/* there is one, and we say so */
};

/* Modem signals (RT_OPTION_MODEM_SIGNALS), as in MSC. */
#define RT_MODEM_RTC 0x04 /* ready to communicate: our DTR, the peer's DSR */
#define RT_MODEM_RTR 0x08 /* ready to receive: our RTS, the peer's CTS */
#define RT_MODEM_IC 0x40  /* incoming call: RI */
#define RT_MODEM_DV 0x80  /* data valid: DCD */

/* Sniff mode (RT_OPTION_SNIFF): less power, more latency. */
enum rt_sniff {
	RT_SNIFF_LEAVE,	 /* as the controller and the peer like it */
	RT_SNIFF_NEVER,	 /* we do not agree to it */
	RT_SNIFF_ALLOW,	 /* the peer may ask for it */
	RT_SNIFF_PREFER, /* we ask for it when the link is quiet */
};

/* Our role on the piconet (RT_OPTION_ROLE). */
enum rt_role {
	RT_ROLE_LEAVE,
	RT_ROLE_CENTRAL,
	RT_ROLE_PERIPHERAL,
};

enum rt_option {
	RT_OPTION_MTU,	       /* L2CAP: the most we receive; 48 to 65535 */
	RT_OPTION_FRAME_BYTES, /* RFCOMM N1 to propose; 23 to 32767 */
	RT_OPTION_LINGER_MS,   /* rt_socket_close(); default 20000 */
	RT_OPTION_WRITE_QUEUE_BYTES, /* default 65536; 1024 to 16 MiB */
	RT_OPTION_READ_QUEUE_BYTES,  /* default 65536; 1024 to 16 MiB */
	RT_OPTION_FLUSH_TIMEOUT_MS,  /* L2CAP: 0 infinite, to 1279 */

	/* L2CAP */
	RT_OPTION_MODE,		 /* enum rt_l2cap_socket_mode; default BASIC */
	RT_OPTION_MODE_REQUIRED, /* 0 or 1: no other mode will do */
	RT_OPTION_FCS,		 /* enum rt_fcs */
	RT_OPTION_WINDOW, /* ERTM: frames the peer may send ahead; default 63;
			     1 to 63, with the extended window to 1024 */
	RT_OPTION_EXTENDED_WINDOW,   /* 0 or 1: offer and accept it; without it
					the window falls to 63 */
	RT_OPTION_MAX_TRANSMIT,	     /* ERTM: of a frame of the peer's; default
					3; 1 to 255, 0 without end */
	RT_OPTION_RETRANSMISSION_MS, /* ERTM: default 2000; 100 to 65535 */
	RT_OPTION_MONITOR_MS,	     /* ERTM: default 12000; 100 to 65535 */
	RT_OPTION_MPS, /* ERTM, Streaming, CREDIT: the most a frame has for
			  us; 48 to 65531; 0: fits baseband packets */

	/* RFCOMM */
	RT_OPTION_CREDITS_MAX,	 /* frames granted at once at most; default 32;
				    1 to 255, which the host's limit may cut */
	RT_OPTION_MODEM_SIGNALS, /* ours, RT_MODEM_; at any time; default RTC,
				    RTR and DV */
	RT_OPTION_PEER_MODEM_SIGNALS, /* the peer's; to be read only */
	RT_OPTION_BREAK, /* to be set only: sends a break of so many units of
			    200 ms, 0 to 15 */

	/* Security, with rt_socket_set_security() */
	RT_OPTION_FIPS, /* 0 or 1: level 4: Secure Connections, authenticated */
	RT_OPTION_MIN_KEY_BYTES, /* of the encryption key: 7 to 16; 0, the
				    default: 16, or 7 at level 1 */
	RT_OPTION_BONDED_ONLY,	 /* 0 or 1: only with a stored link key */

	/* The link; what is asked for last holds for all sockets on it */
	RT_OPTION_SUPERVISION_MS, /* until a silent peer is given up; 0: as it
				     is; to 40959; for links we are central of
				   */
	RT_OPTION_SNIFF,	  /* enum rt_sniff */
	RT_OPTION_ROLE,		  /* enum rt_role */
	RT_OPTION_IDLE_HOLD_MS,	  /* keep the link without a user; 0: as the
				     host's options say */
};

/*
 * Sets an option, before a connect (linger and the modem signals at any time;
 * a break while connected). Returns 0, -EINVAL (value, or not of this
 * protocol), -ENOSYS (unknown option), -EISCONN, or -ENOTCONN (break).
 */
RT_API_CHECK int rt_socket_set_option(struct rt_socket *s,
				      enum rt_option option, int64_t value);

/*
 * Reads an option; while connected, what was agreed on with the peer: MTU,
 * frame size, mode, FCS, window, MPS. Returns 0, -EINVAL (not of this protocol,
 * or a break) or -ENOSYS.
 */
RT_API_CHECK int rt_socket_get_option(const struct rt_socket *s,
				      enum rt_option option,
				      int64_t *ret_value);

struct rt_socket_stats {
	size_t size;			 /* set by the caller */
	uint64_t tx_bytes, rx_bytes;	 /* of the user */
	uint64_t tx_frames, rx_frames;	 /* datagrams or RFCOMM frames */
	uint32_t tx_credits, rx_credits; /* RFCOMM, CREDIT: held, granted */
	uint16_t rx_mtu, tx_mtu;	 /* L2CAP MTU, or RFCOMM frame size */
	uint64_t rx_dropped;		 /* datagrams a slow reader lost */
	uint64_t stalled_credits_us;	 /* data to send, no credits */
	bool msc_missing; /* RFCOMM: the peer never sent its modem status */
	bool credit_flow; /* RFCOMM: the session flows by credits */
	enum rt_l2cap_socket_mode mode; /* L2CAP, as agreed */
	bool fcs;			/* ERTM, Streaming */
	bool extended_window;
	uint16_t rx_window, tx_window; /* ERTM */
	uint64_t retransmitted;	       /* ERTM: frames sent again */
	uint64_t rx_bad_fcs;
	uint64_t rx_duplicates;
	uint64_t rx_lost;	  /* Streaming: frames that are missing */
	uint64_t polls;		  /* ERTM: times that an answer was overdue */
	uint64_t stalled_peer_us; /* held up by the peer: window, RNR, FC bit */
	uint64_t busy_us;	  /* L2CAP: our reader held the peer up */
	uint32_t stalls;	  /* RFCOMM: times that credits ran out */
};

/* Fills *ret_stats as far as its size goes. */
RT_API void rt_socket_get_stats(const struct rt_socket *s,
				struct rt_socket_stats *ret_stats);

/* The emulated serial line of an RFCOMM socket (TS 07.10 RPN). */
enum rt_parity {
	RT_PARITY_NONE,
	RT_PARITY_ODD,
	RT_PARITY_EVEN,
	RT_PARITY_MARK,
	RT_PARITY_SPACE,
};

struct rt_line {
	uint32_t baud; /* 2400, 4800, 7200, 9600, 19200, 38400, 57600, 115200
			  or 230400 */
	uint8_t data_bits; /* 5 to 8 */
	uint8_t stop_bits; /* 1, or 2 for 1.5 (5 data bits) or 2 */
	enum rt_parity parity;
	bool rtscts;  /* flow control by RTR, both ways */
	bool xonxoff; /* by characters, both ways */
	uint8_t xon;  /* 0x11 */
	uint8_t xoff; /* 0x13 */
};

/* Errors of a line (RLS). */
#define RT_LINE_OVERRUN 0x02
#define RT_LINE_PARITY 0x04
#define RT_LINE_FRAMING 0x08

struct rt_serial_callbacks {
	size_t size;
	/*
	 * The peer's modem signals (RT_MODEM_) are others than before: what
	 * changed several times since the last dispatch is told once, as it is
	 * now. Those that it had when the connection opened are no change.
	 */
	void (*on_modem_changed)(struct rt_socket *s, uint8_t signals,
				 void *user_data);
	/* The peer sends a break. */
	void (*on_break)(struct rt_socket *s, unsigned int units,
			 void *user_data);
	/* The peer has changed the line's settings: rt_socket_get_line(). */
	void (*on_line_changed)(struct rt_socket *s, void *user_data);
	/* The peer tells of errors of its line (RT_LINE_). */
	void (*on_line_status)(struct rt_socket *s, uint8_t errors,
			       void *user_data);
	/*
	 * rt_socket_set_line() or _query_line() is over: err is 0 and the
	 * settings are what the peer says, or -ETIMEDOUT, -EOPNOTSUPP, -EPROTO.
	 */
	void (*on_line_answered)(struct rt_socket *s, int err,
				 const struct rt_line *line, void *user_data);
};

/*
 * Sets who hears of the serial port that an RFCOMM socket is; NULL: nobody.
 * `user_data` is that of rt_socket_set_callbacks().
 */
RT_API void
rt_socket_set_serial_callbacks(struct rt_socket *s,
			       const struct rt_serial_callbacks *callbacks);

/*
 * The line's settings as either side set them last. Returns 0, -EOPNOTSUPP (not
 * RFCOMM) or -ENOTCONN.
 */
RT_API_CHECK int rt_socket_get_line(const struct rt_socket *s,
				    struct rt_line *ret_line);

/*
 * Proposes settings to the peer; on_line_answered follows, unless the
 * connection ends before. Returns 0, -EINVAL, -EOPNOTSUPP (not RFCOMM),
 * -ENOTCONN or -EBUSY (one is under way).
 */
RT_API_CHECK int rt_socket_set_line(struct rt_socket *s,
				    const struct rt_line *line);

/* Asks for the peer's settings. Returns as rt_socket_set_line(). */
RT_API_CHECK int rt_socket_query_line(struct rt_socket *s);

/*
 * Tells the peer of errors of our line (RT_LINE_); 0: there are none. Returns
 * as rt_socket_set_line(); nobody hears of the peer's answer.
 */
RT_API_CHECK int rt_socket_send_line_status(struct rt_socket *s,
					    uint8_t errors);

/* Takes connections, like QBluetoothServer. */
struct rt_server;

enum rt_server_error {
	RT_SERVER_ERROR_NONE,
	RT_SERVER_ERROR_UNKNOWN,
	RT_SERVER_ERROR_POWERED_OFF,
	RT_SERVER_ERROR_INPUT_OUTPUT,
	RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED,
	RT_SERVER_ERROR_UNSUPPORTED_PROTOCOL,
	RT_SERVER_ERROR_MISSING_PERMISSIONS,
};

struct rt_server_callbacks {
	size_t size;
	/* A connection waits for rt_server_next_pending(). */
	void (*on_new_connection)(struct rt_server *server, void *user_data);
};

/*
 * A server that does not listen yet. NULL if there is no memory. Freed with
 * rt_server_free(). `callbacks` may be NULL.
 */
RT_API_CHECK struct rt_server *
rt_server_new(struct rt_host *host, enum rt_protocol protocol,
	      const struct rt_server_callbacks *callbacks, void *user_data);

/* Stops listening, drops pending connections, and frees it. NULL is allowed. */
RT_API void rt_server_free(struct rt_server *server);

/*
 * Listens on a server channel or PSM; 0 takes a free one, a PSM from 0x1001.
 * The host is connectable while any server listens.
 *
 * Returns 0, or -EINVAL (port), -EALREADY (it listens; undisturbed),
 * -EADDRINUSE, -EPROTONOSUPPORT, -ENETDOWN (the host is stopping or DOWN, which
 * also ends listening, with error POWERED_OFF or INPUT_OUTPUT), -ENOSPC,
 * -ENOMEM.
 */
RT_API_CHECK int rt_server_listen(struct rt_server *server, uint16_t port);

/* Stops listening; pending connections are dropped, those taken live on. */
RT_API void rt_server_close(struct rt_server *server);

/* True while it listens. */
RT_API bool rt_server_is_listening(const struct rt_server *server);

/* The port it listens on; 0 if it does not. */
RT_API uint16_t rt_server_port(const struct rt_server *server);

/* The last error. */
RT_API enum rt_server_error rt_server_error(const struct rt_server *server);

/*
 * How many connections may wait, default 1 (as in Qt), up to 16; above it
 * peers are refused. Those that peers are still opening count. -EINVAL if out
 * of range.
 */
RT_API_CHECK int rt_server_set_max_pending(struct rt_server *server,
					   unsigned int count);

/* The number set. */
RT_API unsigned int rt_server_max_pending(const struct rt_server *server);

/* True if a connection waits. */
RT_API bool rt_server_has_pending(const struct rt_server *server);

/*
 * Takes the connection that waits longest: a CONNECTED socket without
 * callbacks, owned by the caller; NULL if none waits. What has arrived in the
 * meantime can be read; set callbacks first and on_readable tells.
 *
 * One that the peer has closed meanwhile is UNCONNECTED; its data can be read,
 * and the callbacks tell of the end behind them. Without memory for what is to
 * be written it ends with an error at once.
 */
RT_API struct rt_socket *rt_server_next_pending(struct rt_server *server);

/*
 * Sets an option (RT_OPTION_*) for the sockets to come, as
 * rt_socket_set_option(); -EISCONN while it listens, linger excepted.
 */
RT_API_CHECK int rt_server_set_option(struct rt_server *server,
				      enum rt_option option, int64_t value);

/*
 * Sets what connections ask of their links, before it listens. Returns 0,
 * -EINVAL (unknown flags) or -EISCONN.
 */
RT_API_CHECK int rt_server_set_security(struct rt_server *server,
					unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif
