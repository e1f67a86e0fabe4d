/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_H
#define RT_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/element.h"
#include "stack/addr.h"
#include "stack/base.h"
#include "stack/reason.h"
#include "stack/slots.h"
#include "stack/uuid.h"

/*
 * Service Discovery Protocol (Core Vol 3 Part B): a database of records and
 * its server on PSM 1, and a client for those of other devices.
 *
 * A record travels as its attributes: octets of UINT16 element, value element,
 * UINT16, value, ... with ascending ids, as they stand in an attribute list
 * without the header of the list. (Other devices do not always sort theirs.)
 */

struct rt_env;
struct rt_l2cap;
struct rt_sdp;

/* Universal attributes (B:5.1); names stand at the language base plus these. */
enum rt_sdp_attribute {
	RT_SDP_RECORD_HANDLE = 0x0000,
	RT_SDP_CLASS_ID_LIST = 0x0001,
	RT_SDP_RECORD_STATE = 0x0002,
	RT_SDP_SERVICE_ID = 0x0003,
	RT_SDP_PROTOCOL_LIST = 0x0004,
	RT_SDP_BROWSE_GROUP_LIST = 0x0005,
	RT_SDP_LANGUAGE_BASE_LIST = 0x0006,
	RT_SDP_TIME_TO_LIVE = 0x0007,
	RT_SDP_AVAILABILITY = 0x0008,
	RT_SDP_PROFILE_LIST = 0x0009,
	RT_SDP_DOCUMENTATION_URL = 0x000a,
	RT_SDP_CLIENT_EXECUTABLE_URL = 0x000b,
	RT_SDP_ICON_URL = 0x000c,
	RT_SDP_ADDITIONAL_PROTOCOL_LISTS = 0x000d,
	RT_SDP_SERVICE_NAME = 0x0100, /* base 0x0100, the usual one */
	RT_SDP_SERVICE_DESCRIPTION = 0x0101,
	RT_SDP_PROVIDER_NAME = 0x0102,
	RT_SDP_VERSION_NUMBER_LIST = 0x0200, /* of the server itself */
	RT_SDP_DATABASE_STATE = 0x0201,	     /* of the server itself */
};

/* UUIDs of protocols and service classes that the stack itself knows. */
#define RT_SDP_UUID_SDP 0x0001
#define RT_SDP_UUID_RFCOMM 0x0003
#define RT_SDP_UUID_L2CAP 0x0100
#define RT_SDP_UUID_SERVER 0x1000
#define RT_SDP_UUID_BROWSE_GROUP 0x1001
#define RT_SDP_UUID_PUBLIC_BROWSE_ROOT 0x1002
#define RT_SDP_UUID_SERIAL_PORT 0x1101

/*
 * Codes of RT_LAYER_SDP in a reason: those of an error response (B:4.4.1), and
 * ours from 0x100 on.
 */
enum rt_sdp_code {
	RT_SDP_BAD_VERSION = 0x0001,
	RT_SDP_BAD_HANDLE = 0x0002,
	RT_SDP_BAD_SYNTAX = 0x0003,
	RT_SDP_BAD_SIZE = 0x0004,
	RT_SDP_BAD_CONTINUATION = 0x0005,
	RT_SDP_NO_RESOURCES = 0x0006,
	RT_SDP_TIMEOUT = 0x0100,     /* no answer within 30 s */
	RT_SDP_MALFORMED = 0x0101,   /* the peer's answer makes no sense */
	RT_SDP_TOO_LONG = 0x0102,    /* over 64 rounds or 64 KiB; or the
					request over the peer's MTU */
	RT_SDP_NO_PROGRESS = 0x0103, /* a continuation that brings nothing */
	RT_SDP_CHANGED = 0x0104, /* its records changed meanwhile, every time */
};

/* The name of such a code as the specification has it. */
const char *rt_sdp_code_name(uint16_t code);

/* The errno, negative, that fits such a code. */
int rt_sdp_code_errno(uint16_t code);

/* One sentence that helps the user with such a code; "" if there is none. */
const char *rt_sdp_code_hint(uint16_t code);

/* The name of a well-known UUID: "Serial Port"; NULL if it has none. */
const char *rt_sdp_uuid_name(struct rt_uuid uuid);

/*
 * The UUID for a short name as sdptool has them ("SP", "spp", "OPUSH", any
 * case) or for any form that rt_uuid_parse() reads. Returns 0 or -EINVAL.
 */
int rt_sdp_uuid_by_name(const char *name, struct rt_uuid *ret_uuid);

/*
 * Makes the database with the server's own record (handle 0, B:5.2), which is
 * in no browse group, and listens on PSM 1 at security level 0. Returns 0,
 * -EADDRINUSE or -ENOMEM.
 */
int rt_sdp_new(struct rt_env *env, struct rt_l2cap *l2cap,
	       struct rt_sdp **ret) RT_MUST_CHECK;

/*
 * Frees it at once with records and queries, telling nobody. Call it before
 * rt_l2cap_free(), and not from an op.
 */
void rt_sdp_free(struct rt_sdp *sdp);

/*
 * Prepares for the end: gives up the queries, whose ops are called, closes
 * our channels and takes no others.
 */
void rt_sdp_shutdown(struct rt_sdp *sdp);

/* True if no query is under way and no channel of ours is open. */
bool rt_sdp_is_idle(const struct rt_sdp *sdp);

/*
 * Publishes a record (B:2.2) under a new handle from 0x00010001 on. The
 * attributes are copied; ServiceRecordHandle is ours and must not be among
 * them. A record without a BrowseGroupList is not found by browsing.
 *
 * Returns 0, -EINVAL (not ascending, or malformed), -EMSGSIZE (over the limit
 * of octets), -ENOSPC (limit of records, or of octets of all together) or
 * -ENOMEM.
 */
int rt_sdp_add(struct rt_sdp *sdp, struct rt_bytes attributes,
	       uint32_t *ret_handle) RT_MUST_CHECK;

/* Replaces a record's attributes. Returns as rt_sdp_add(), or -ENOENT. */
int rt_sdp_update(struct rt_sdp *sdp, uint32_t handle,
		  struct rt_bytes attributes) RT_MUST_CHECK;

/* Withdraws a record. Does nothing if there is none. */
void rt_sdp_remove(struct rt_sdp *sdp, uint32_t handle);

/*
 * The record after `handle` (0: the first after the server's own), for lists.
 * Its attributes include the handle; the view lives until the next change.
 * False if there is none.
 */
bool rt_sdp_next(const struct rt_sdp *sdp, uint32_t handle,
		 uint32_t *ret_handle, struct rt_bytes *ret_attributes);

/*
 * The classes of all records but the server's own, each once, for the EIR (Vol
 * 3 Part C 8.1). Writes at most `cap` and returns how many.
 */
size_t rt_sdp_classes(const struct rt_sdp *sdp, struct rt_uuid *ret_uuids,
		      size_t cap);

/* Finds an attribute in the attributes of a record. False if it has none. */
bool rt_sdp_attribute_find(struct rt_bytes attributes, uint16_t id,
			   struct rt_element *ret_value);

/* True if one of the record's values is or contains the UUID (B:2.6). */
bool rt_sdp_record_has_uuid(struct rt_bytes attributes, struct rt_uuid uuid);

/*
 * The UUIDs of the ServiceClassIDList, the most specific one first (B:5.1.2);
 * a list in one sequence too many is understood. Writes at most `cap` and
 * returns how many.
 */
size_t rt_sdp_record_classes(struct rt_bytes attributes,
			     struct rt_uuid *ret_uuids, size_t cap);

/*
 * The version of the first profile in the BluetoothProfileDescriptorList
 * (B:5.1.11): 0x0102 is 1.2. 0 if none is named.
 */
uint16_t rt_sdp_record_version(struct rt_bytes attributes);

/* What a record says about how to reach its service. */
struct rt_sdp_access {
	bool rfcomm;	  /* else L2CAP */
	uint16_t port;	  /* server channel or PSM */
	uint16_t version; /* as rt_sdp_record_version() */
};

/*
 * Reads the ProtocolDescriptorList: its first stack that ends in RFCOMM or
 * L2CAP and what belongs to the service itself. A list of alternatives, and
 * one in a sequence too many, are understood. False if there is nothing that
 * we can connect to.
 */
bool rt_sdp_record_access(struct rt_bytes attributes,
			  struct rt_sdp_access *ret_access);

enum rt_sdp_transaction {
	RT_SDP_SEARCH,		  /* handles (B:4.5) */
	RT_SDP_ATTRIBUTES,	  /* of one handle (B:4.6) */
	RT_SDP_SEARCH_ATTRIBUTES, /* records (B:4.7) */
};

#define RT_SDP_UUIDS_MAX 12
#define RT_SDP_RANGES_MAX 16

struct rt_sdp_range {
	uint16_t first, last;
};

struct rt_sdp_query {
	enum rt_sdp_transaction transaction;
	struct rt_addr addr;
	/* SEARCH*: all of them must be in a record; 1 to 12. */
	const struct rt_uuid *uuids;
	size_t uuid_count;
	uint32_t handle; /* ATTRIBUTES */
	/* ATTRIBUTES*: ascending, apart; none: all there are. */
	const struct rt_sdp_range *ranges;
	size_t range_count;
	uint16_t max_handles; /* SEARCH; 0: 256 */
	uint16_t max_bytes;   /* ATTRIBUTES*: of one answer; 0: fits the MTU */
};

/*
 * From inside both, all of this header but rt_sdp_free() may be called, this
 * query be cancelled too, and channels be opened.
 */
struct rt_sdp_query_ops {
	/*
	 * A record has been found: its handle as far as it is known, and its
	 * attributes (empty for SEARCH), which are well formed and live until
	 * the call returns. Only whole answers are told of, never part of one.
	 * A record without any of the attributes that were asked for is told
	 * of to ATTRIBUTES only: servers differ.
	 */
	void (*record)(void *user, uint32_t handle, struct rt_bytes attributes);
	/* It is over: why->err is 0 or it failed. Once; the query is gone. */
	void (*done)(void *user, const struct rt_reason *why);
};

/*
 * Asks a device. All is copied. One transaction at a time runs with a device,
 * on a channel that its queries share and that stays open for 2 s after the
 * last one; devices do not wait for one another. If the device answers with
 * error 5 because its records changed, the query begins anew, three times at
 * most.
 *
 * A channel that L2CAP, the link or the gate did not give ends the query with
 * their reason: so "refused" by the device is RT_LAYER_L2CAP.
 *
 * Returns 0 and a handle, -EINVAL (address, counts, ranges), -ENOSPC (limit of
 * queries), -ESHUTDOWN, -ENOMEM, or what rt_l2cap_connect() returns. Ends in
 * `done`, never before this returns.
 */
int rt_sdp_query(struct rt_sdp *sdp, const struct rt_sdp_query *query,
		 const struct rt_sdp_query_ops *ops, void *user,
		 rt_handle *ret_query) RT_MUST_CHECK;

/* Forgets a query; its ops are not called any more. Stale: does nothing. */
void rt_sdp_cancel(struct rt_sdp *sdp, rt_handle query);

struct rt_sdp_stats {
	uint32_t requests;  /* answered */
	uint32_t refused;   /* answered with an error */
	uint32_t malformed; /* responses, or what came instead, of no use */
};

/* The figures as of now. */
const struct rt_sdp_stats *rt_sdp_get_stats(const struct rt_sdp *sdp);

#endif
