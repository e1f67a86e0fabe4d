/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_HOST_H
#define RAWTOOTH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One controller and all that runs on it. Any number in one process. */
struct rt_host;
struct rt_key_store;
struct rt_transport;

enum rt_host_state {
	RT_HOST_STARTING, /* bringing the controller up */
	RT_HOST_UP,
	RT_HOST_RECOVERING, /* lost the controller, bringing it up anew */
	RT_HOST_STOPPING,   /* rt_host_shutdown() */
	RT_HOST_DOWN,	    /* for good: rt_host_error_info() says why */
	RT_HOST_OFF, /* rt_host_set_mode() with OFF; another mode ends it */
};

/* How others find and reach a host, like QBluetoothLocalDevice::HostMode. */
enum rt_host_mode {
	RT_HOST_MODE_OFF, /* no power: the controller does nothing */
	RT_HOST_MODE_NOT_CONNECTABLE,
	RT_HOST_MODE_CONNECTABLE,
	RT_HOST_MODE_DISCOVERABLE, /* connectable, and inquiries find it */
	/*
	 * Discoverable for a limited time, by limited inquiries too (Core Vol 3
	 * Part C 4.1.2); after that it is as it was before.
	 */
	RT_HOST_MODE_LIMITED,
};

enum rt_level {
	RT_LEVEL_ERROR,
	RT_LEVEL_WARNING,
	RT_LEVEL_INFO,
	RT_LEVEL_DEBUG,
};

struct rt_host_callbacks {
	size_t size;
	/* The state has changed. */
	void (*on_state_changed)(struct rt_host *host, enum rt_host_state state,
				 void *user_data);
	/*
	 * A log line, without a newline: as it arises, possibly from inside
	 * another call. Call nothing of the library from here.
	 */
	void (*on_log)(enum rt_level level, const char *line, void *user_data);
	/* The mode is another: set, out of time, by servers, by the state. */
	void (*on_mode_changed)(struct rt_host *host, enum rt_host_mode mode,
				void *user_data);
};

struct rt_host_options {
	size_t size;
	const struct rt_host_callbacks *callbacks; /* or NULL */
	void *user_data;
	const char *name;	  /* local name; NULL: "rawtooth" */
	uint32_t class_of_device; /* 0: 0x000100, uncategorized computer */
	uint32_t page_timeout_ms; /* 0: 5120; 1 to 40959 */
	uint32_t supervision_ms;  /* of links we open; 0: the controller's */
	uint32_t idle_ms;	  /* keep an unused link; 0: 2000 */
	/*
	 * Capture file: "btsnoop:file:PATH", or a path; NULL: the environment
	 * variable RAWTOOTH_SNOOP, if set.
	 */
	const char *snoop;
	bool take; /* user channel: power the device down first if it is up */

	/* Memory, zeroed; NULL: calloc and free. */
	void *(*alloc)(void *ctx, size_t bytes);
	void (*free)(void *ctx, void *ptr);
	/* Randomness; NULL: the system's. */
	void (*random)(void *ctx, void *buf, size_t bytes);
	void *ctx;

	/*
	 * Keep an RFCOMM session for the next connection, after the last one
	 * on it was closed by us; 0: it closes at once.
	 */
	uint32_t session_hold_ms;

	/*
	 * Where link keys are kept: a store of the application's; NULL: files
	 * in `key_dir`; NULL: $XDG_STATE_HOME/rawtooth or
	 * ~/.local/state/rawtooth. `forget_keys`: nowhere. A host without a
	 * loop has no files.
	 */
	const struct rt_key_store *key_store;
	const char *key_dir;
	bool forget_keys;
	/* The capture shows link keys, PINs, passkeys; else they are zeroed. */
	bool capture_secrets;

	/*
	 * How long the mode LIMITED lasts: 30720 to 3600000, of which the
	 * specification recommends no more than the default; 0: 60000.
	 */
	uint32_t limited_ms;
};

/* Octets of a message that holds any text of rt_host_open(). */
#define RT_MESSAGE_BYTES 256

/*
 * Opens the controller that `spec` names and begins to bring it up:
 *
 *	hci-socket:0, hci0	HCI user channel of the kernel's driver
 *	unix:/path		H4 on a unix stream socket
 *	tcp-client:host:port	H4 on a TCP connection
 *	serial:/dev/x,115200[,rtscts]	H4 on a serial line
 *	fd:N			a descriptor opened by somebody else: the host's
 *				if this succeeds, and else still yours
 *
 * `options` may be NULL. On failure `message`, which holds RT_MESSAGE_BYTES or
 * is NULL, gets a sentence that says what to do about it.
 *
 * Returns 0 and a host to be closed with rt_host_close(), or the errno:
 * -EINVAL (spec), -EPERM, -EBUSY, -ENODEV, -ERFKILL, -EAFNOSUPPORT, -ENOENT,
 * -ECONNREFUSED, -ENOMEM, ...
 */
RT_API_CHECK int rt_host_open(const char *spec,
			      const struct rt_host_options *options,
			      struct rt_host **ret_host, char *message);

/*
 * The same with a transport that is open already, which the host takes over
 * whatever happens.
 */
RT_API_CHECK int rt_host_open_transport(struct rt_transport *transport,
					const struct rt_host_options *options,
					struct rt_host **ret_host);

/*
 * Begins an orderly end: sockets are closed with their peers, links
 * disconnected, the controller reset. State STOPPING, then DOWN, within 25 s.
 */
RT_API void rt_host_shutdown(struct rt_host *host);

/*
 * Ends at once and frees the host with everything on it: sockets, servers and
 * requests must not be used any more. The controller gets an HCI Reset if it
 * can take one. From inside a callback: as soon as rt_host_dispatch() or
 * rt_host_run() returns, and no callback comes until then. NULL is allowed.
 */
RT_API void rt_host_close(struct rt_host *host);

/*
 * A descriptor that is readable when rt_host_dispatch() has work to do; -ENOSYS
 * for a host without a loop.
 */
RT_API int rt_host_fd(const struct rt_host *host);

/*
 * Does what there is to do, without blocking, and calls back. Returns 0,
 * -EBUSY from inside a callback, -ENOSYS for a host without a loop (see
 * <rawtooth/doors.h>), or a negative errno if the system refuses the loop its
 * service; a controller that fails is a state, not an error here.
 */
RT_API_CHECK int rt_host_dispatch(struct rt_host *host);

/*
 * Milliseconds until there is something to do even if the descriptor stays
 * quiet: 0 now, -1 nothing. For loops that can't wait on rt_host_fd() alone
 * it is never needed: the descriptor includes the timer.
 */
RT_API int rt_host_timeout(const struct rt_host *host);

/*
 * Waits and dispatches until rt_host_quit() or the state is DOWN, at most
 * `timeout_ms` (-1: for ever). Returns 0, or -ETIMEDOUT, or as
 * rt_host_dispatch().
 */
RT_API_CHECK int rt_host_run(struct rt_host *host, int timeout_ms);

/* Ends rt_host_run() after the callback that calls this. */
RT_API void rt_host_quit(struct rt_host *host);

/*
 * Calls `fn(arg)` from the next dispatch. From any thread. Returns 0, or
 * -EAGAIN: too many calls wait.
 */
RT_API_CHECK int rt_host_post(struct rt_host *host, void (*fn)(void *arg),
			      void *arg);

/* Makes rt_host_fd() readable once. From any thread. */
RT_API void rt_host_wakeup(struct rt_host *host);

/* Where the host stands. */
RT_API enum rt_host_state rt_host_state(const struct rt_host *host);

/* Why the host is DOWN or RECOVERING; err is 0 if it is neither. */
RT_API void rt_host_error_info(const struct rt_host *host,
			       struct rt_error_info *ret_info);

/* What the controller told; members are 0 or "" until the host is up. */
struct rt_controller_info {
	size_t size; /* set by the caller */
	struct rt_addr addr;
	char transport[64];
	uint8_t hci_version;
	const char *hci_version_name; /* "5.2" */
	uint16_t hci_revision;
	uint8_t lmp_version;
	uint16_t lmp_subversion;
	uint16_t manufacturer;
	uint8_t features[8];
	uint16_t acl_bytes;
	uint16_t acl_packets;
	bool host_flow_control;
};

/* Fills *ret_info as far as its size goes. */
RT_API void rt_host_controller_info(const struct rt_host *host,
				    struct rt_controller_info *ret_info);

/* The local name. */
RT_API const char *rt_host_name(const struct rt_host *host);

/* Sets the local name: UTF-8, at most 248 octets, else -EINVAL. */
RT_API_CHECK int rt_host_set_name(struct rt_host *host, const char *name);

/*
 * Sets the mode. OFF ends what there is as rt_host_shutdown() does: state
 * STOPPING, then OFF, servers with the error POWERED_OFF. Any other mode takes
 * the host up again (state STARTING), also if it is not off yet.
 *
 * Returns 0, -EINVAL, or -ENETDOWN (it is shutting down, or DOWN).
 */
RT_API_CHECK int rt_host_set_mode(struct rt_host *host, enum rt_host_mode mode);

/*
 * The mode as it is now: a listening server makes the host connectable; one
 * that is stopping or down is OFF.
 */
RT_API enum rt_host_mode rt_host_mode(const struct rt_host *host);

/*
 * Sets the class of device: 24 bits (Assigned Numbers 2.8), else -EINVAL. The
 * bits of services that are published come on top, and that of the limited
 * mode: object transfer for OBEX, networking for PAN and dial-up, audio and
 * telephony for headsets and hands-free, rendering and capturing for A2DP and
 * printing, positioning for GNSS.
 */
RT_API_CHECK int rt_host_set_class_of_device(struct rt_host *host,
					     uint32_t class_of_device);

/* The class of device as others see it, with those bits. */
RT_API uint32_t rt_host_class_of_device(const struct rt_host *host);

/* A link that is open. */
struct rt_link_info {
	size_t size; /* set by the caller */
	struct rt_addr addr;
	uint16_t handle;
	bool incoming;		  /* the peer made it */
	unsigned int role;	  /* ours: enum rt_role */
	uint32_t class_of_device; /* of a peer that made it; else 0 */
};

/*
 * The devices with an open link: writes at most `cap` addresses, returns how
 * many there are.
 */
RT_API size_t rt_host_connected(const struct rt_host *host,
				struct rt_addr *ret_addrs, size_t cap);

/* Fills *ret_info as far as its size goes. -ENOTCONN if no link is open. */
RT_API_CHECK int rt_host_link_info(const struct rt_host *host,
				   struct rt_addr addr,
				   struct rt_link_info *ret_info);

/*
 * Whether peers may connect to us. A host with a listening server is
 * connectable in any case.
 */
RT_API void rt_host_set_connectable(struct rt_host *host, bool connectable);

/* Whether inquiries find us. Ends the mode LIMITED. */
RT_API void rt_host_set_discoverable(struct rt_host *host, bool discoverable);

/* Figures of a host. */
struct rt_host_stats {
	size_t size; /* set by the caller */
	uint64_t acl_tx_packets;
	uint64_t acl_tx_bytes;
	uint64_t acl_rx_packets;
	uint64_t acl_rx_bytes;
	uint32_t resets;
	uint32_t malformed;	 /* packets and PDUs refused, all layers */
	uint64_t capture_failed; /* packets that the capture file lacks */
	size_t memory_bytes;
};

/* Fills *ret_stats as far as its size goes. */
RT_API void rt_host_get_stats(const struct rt_host *host,
			      struct rt_host_stats *ret_stats);

#ifdef __cplusplus
}
#endif

#endif
