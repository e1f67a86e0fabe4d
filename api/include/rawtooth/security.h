/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_SECURITY_H
#define RAWTOOTH_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>
#include <rawtooth/host.h>
#include <rawtooth/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rt_host;

/*
 * Pairing, link keys, and who may connect (Core Vol 3 Part C 5 and 6).
 *
 * A connection of ours is our consent to the pairing that it needs. What a
 * peer begins is decided by the agent, if there is one, and else by the
 * policy. With neither, peers that have no bond with us reach what asks for
 * RT_SECURITY_NONE, and nothing else.
 */

/* What this side can do in a pairing. */
enum rt_io {
	RT_IO_NONE, /* nobody looks or types */
	RT_IO_DISPLAY,
	RT_IO_DISPLAY_YES_NO,
	RT_IO_KEYBOARD,
};

/* A fixed PIN for devices whose addresses begin with the same octets. */
struct rt_pin {
	struct rt_addr addr;
	unsigned int prefix_octets; /* 6: this device; 3: its maker; 0: any */
	uint8_t pin[16];
	size_t pin_bytes; /* 1 to 16; octets may be zero */
};

struct rt_pairing_policy {
	size_t size;
	enum rt_io io; /* without an agent: what the PINs etc. stand for */
	bool bondable; /* peers may bond with us */
	bool accept_just_works; /* consent to pairings without proof */
	bool legacy;		/* PIN pairing with devices from before SSP */
	const struct rt_pin *pins; /* the longest prefix wins; copied */
	size_t pin_count;
	bool no_secure_connections;
	bool secure_connections_only; /* level 4 for everything */
	bool debug_keys; /* accept them: everybody on the air can read along */
	uint32_t answer_ms; /* the agent's time for an answer; 0: 25000 */
};

/*
 * Sets the policy, at any time. Returns 0, -EINVAL or -ENOMEM. The default is
 * all zero.
 */
RT_API_CHECK int
rt_host_set_pairing_policy(struct rt_host *host,
			   const struct rt_pairing_policy *policy);

/*
 * Whoever decides: a person, or a program. Members that are NULL are answered
 * by the policy. Each question is answered by rt_host_answer*() in the callback
 * or later; no answer in time is a refusal.
 */
struct rt_agent {
	size_t size;
	/* Does the other side show this number, 0 to 999999 (six digits)? */
	void (*on_confirm)(struct rt_host *host, struct rt_addr addr,
			   uint32_t number, void *user_data);
	/* Pair without any proof of who is there? */
	void (*on_consent)(struct rt_host *host, struct rt_addr addr,
			   void *user_data);
	/* Which six digits does the other side show? */
	void (*on_passkey)(struct rt_host *host, struct rt_addr addr,
			   void *user_data);
	/*
	 * To be shown, and typed on the other side, where so many digits have
	 * been typed already. No question.
	 */
	void (*on_show_passkey)(struct rt_host *host, struct rt_addr addr,
				uint32_t number, unsigned int typed,
				void *user_data);
	/* Which PIN, 1 to 16 octets? */
	void (*on_pin)(struct rt_host *host, struct rt_addr addr,
		       void *user_data);
	/*
	 * May this device connect to the server's port? Asked for servers with
	 * RT_SECURITY_AUTHORIZATION, for each connection: answer by
	 * rt_host_authorize().
	 */
	void (*on_authorize)(struct rt_host *host, uint32_t id,
			     struct rt_server *server, struct rt_addr addr,
			     void *user_data);
	/* What was asked or shown about the device is over. */
	void (*on_over)(struct rt_host *host, struct rt_addr addr,
			void *user_data);
	/*
	 * A pairing has ended, whoever began it: info->err is 0 or it failed.
	 * `bonded`: the key is stored.
	 */
	void (*on_paired)(struct rt_host *host, struct rt_addr addr,
			  bool bonded, const struct rt_error_info *info,
			  void *user_data);
};

/* Sets the agent; NULL: none. It is copied. */
RT_API void rt_host_set_agent(struct rt_host *host,
			      const struct rt_agent *agent, void *user_data);

/* Answers confirm and consent; no to any question. -ENOENT: nothing asked. */
RT_API_CHECK int rt_host_answer(struct rt_host *host, struct rt_addr addr,
				bool yes);

/* Answers passkey, 0 to 999999. -EINVAL, -ENOENT. */
RT_API_CHECK int rt_host_answer_passkey(struct rt_host *host,
					struct rt_addr addr, uint32_t number);

/*
 * Answers PIN. -EINVAL (not 1 to 16 octets; or six digits for a device that
 * has SSP, which could be a passkey), -ENOENT.
 */
RT_API_CHECK int rt_host_answer_pin(struct rt_host *host, struct rt_addr addr,
				    const void *pin, size_t bytes);

/* Answers authorize. -ENOENT: it is over. */
RT_API_CHECK int rt_host_authorize(struct rt_host *host, uint32_t id, bool yes);

/* A pairing of ours. */
struct rt_pairing;

struct rt_pairing_options {
	size_t size;
	/* Over: info->err is 0 or it failed. Once, not after free. */
	void (*on_done)(struct rt_pairing *pairing,
			const struct rt_error_info *info, void *user_data);
	void *user_data;
	bool mitm; /* an authenticated key, or none */
	bool fips; /* one of Secure Connections */
	bool keep; /* keep the link: a connection follows */
};

/*
 * Bonds with a device, and replaces a bond that there is. Returns 0 and a
 * pairing to be freed with rt_pairing_free(), -EBUSY, -EINVAL, -ENETDOWN,
 * -EMLINK, -ENOSPC or -ENOMEM.
 */
RT_API_CHECK int rt_pairing_start(struct rt_host *host, struct rt_addr addr,
				  const struct rt_pairing_options *options,
				  struct rt_pairing **ret_pairing);

/* Gives it up if it still runs, and frees it. NULL is allowed. */
RT_API void rt_pairing_free(struct rt_pairing *pairing);

/* Forgets a device: its link key goes. -ENOENT if there is none. */
RT_API_CHECK int rt_host_unpair(struct rt_host *host, struct rt_addr addr);

/*
 * Lets devices pair with us for a while, at most 120 s, until one has; 0: no
 * longer. With an address only that one, even if it is bonded already; zero:
 * any that is not.
 */
RT_API void rt_host_open_pairing(struct rt_host *host, struct rt_addr addr,
				 uint32_t window_ms);

/* A link key (Core Vol 4 Part E 7.7.24). Wipe it after use. */
struct rt_link_key {
	size_t size; /* set by the caller */
	struct rt_addr addr;
	uint8_t type; /* 0 PIN, 4 and 5 P-192, 7 and 8 P-256; 5, 8 with MITM */
	uint8_t key_bytes; /* least encryption key size seen; 0: none */
	uint8_t pin_bytes; /* 0: not known */
	uint8_t key[16];   /* in the order of HCI */
};

/*
 * The key with the lowest address above `after` (zero: the lowest). -ENOENT:
 * there are no more.
 */
RT_API_CHECK int rt_host_next_key(const struct rt_host *host,
				  struct rt_addr after,
				  struct rt_link_key *ret_key);

/*
 * Takes a key from elsewhere, stores it, and replaces one that there is.
 * -EINVAL, -ENOSPC, -ENOMEM, -ENETDOWN (whose controller's, is not known yet),
 * or what the key store says.
 */
RT_API_CHECK int rt_host_add_key(struct rt_host *host,
				 const struct rt_link_key *key);

/*
 * 0, or the errno of what is wrong with the key store: with reading it, when
 * the controller came up (then there are no keys, no device can bond, and the
 * store is left as it is), or with the last change. Where memory (-ENOMEM) or
 * descriptors (-EMFILE, -ENFILE) were missing, it is read again each second.
 * `message`, NULL or RT_MESSAGE_BYTES, gets a sentence that says what to do; ""
 * for 0.
 */
RT_API int rt_host_key_store_error(const struct rt_host *host, char *message);

/*
 * Reads the `info` file that BlueZ keeps for a device; -ENOENT if it has no
 * link key, -EBADMSG.
 */
RT_API_CHECK int rt_link_key_from_bluez(const char *text, size_t bytes,
					struct rt_addr addr,
					struct rt_link_key *ret_key);

/*
 * Writes one, with the terminating zero, to `str`. Returns the octets without
 * it, or -EMSGSIZE.
 */
RT_API_CHECK ptrdiff_t rt_link_key_to_bluez(const struct rt_link_key *key,
					    char *str, size_t cap);

/*
 * Where link keys are kept. Called from dispatch or from inside calls of the
 * library; must call nothing of it. 0 or a negative errno.
 */
struct rt_key_store {
	size_t size;
	/* Calls `add` for each key of this adapter. */
	int (*load)(void *ctx, struct rt_addr adapter,
		    void (*add)(void *arg, const struct rt_link_key *key),
		    void *arg);
	/* Adds or replaces one. */
	int (*save)(void *ctx, struct rt_addr adapter,
		    const struct rt_link_key *key);
	/* Removes one. */
	int (*remove)(void *ctx, struct rt_addr adapter, struct rt_addr addr);
	void *ctx;
};

/* Data for pairing out of band, of either curve. */
struct rt_oob {
	size_t size; /* set by the caller */
	bool has_192, has_256;
	uint8_t c192[16], r192[16];
	uint8_t c256[16], r256[16];
};

/*
 * Gives what was received from a device by other means; its next pairing uses
 * it. NULL: forget it. Returns 0, -EINVAL, -ENOSPC or -ENOMEM.
 */
RT_API_CHECK int rt_host_set_peer_oob(struct rt_host *host, struct rt_addr addr,
				      const struct rt_oob *oob);

/*
 * Asks for data of ours, good for one pairing; `done` comes once from dispatch,
 * with NULL and the reason if it failed. Returns 0, -ENETDOWN or -EBUSY.
 */
RT_API_CHECK int rt_host_read_oob(struct rt_host *host,
				  void (*done)(struct rt_host *host,
					       const struct rt_oob *oob,
					       const struct rt_error_info *info,
					       void *user_data),
				  void *user_data);

/* How a connection is protected. */
struct rt_security_info {
	size_t size;	    /* set by the caller */
	unsigned int level; /* 0 to 4: what the link meets now */
	bool encrypted;
	bool aes;	    /* AES-CCM of Secure Connections, else E0 */
	bool authenticated; /* by a key made with MITM protection */
	bool bonded;	    /* the key is stored */
	uint8_t key_type;   /* as rt_link_key.type; 0xff: none */
	uint8_t key_bytes;  /* of the encryption key; 0: none, or not known */
};

/* The security of the socket's link. -ENOTCONN. */
RT_API_CHECK int rt_socket_security(const struct rt_socket *s,
				    struct rt_security_info *ret_info);

#ifdef __cplusplus
}
#endif

#endif
