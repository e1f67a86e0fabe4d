/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_MODEL_H
#define RT_VCTL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/list.h"
#include "stack/rd.h"
#include "stack/timer.h"
#include "stack/wr.h"
#include "tools/vctl/security.h"
#include "tools/vctl/vctl.h"

/*
 * The inside of the virtual controllers, shared by their source files.
 *
 * A command never queues an event itself: it arms a timer, sends a frame or
 * sets air->changed, and rt_vctl_air_settle() does the rest, so that the
 * answer to the command always comes first.
 *
 * A link is a pair of ends, one at each controller. What one end has to say
 * to the other (data and link manager PDUs alike) goes through one ordered
 * queue of frames, which stands still while the other end can't be reached.
 */

/* Error codes (Core Vol 1 Part F 1.3). */
enum rt_vctl_error {
	RT_VERR_OK = 0x00,
	RT_VERR_UNKNOWN_COMMAND = 0x01,
	RT_VERR_UNKNOWN_CONNECTION = 0x02,
	RT_VERR_PAGE_TIMEOUT = 0x04,
	RT_VERR_AUTHENTICATION = 0x05,
	RT_VERR_KEY_MISSING = 0x06,
	RT_VERR_CONNECTION_TIMEOUT = 0x08,
	RT_VERR_CONNECTION_LIMIT = 0x09,
	RT_VERR_CONNECTION_EXISTS = 0x0b,
	RT_VERR_DISALLOWED = 0x0c,
	RT_VERR_LIMITED_RESOURCES = 0x0d,
	RT_VERR_UNACCEPTABLE_ADDR = 0x0f,
	RT_VERR_ACCEPT_TIMEOUT = 0x10,
	RT_VERR_UNSUPPORTED_VALUE = 0x11,
	RT_VERR_INVALID_PARAMETERS = 0x12,
	RT_VERR_REMOTE_USER = 0x13,
	RT_VERR_LOCAL_HOST = 0x16,
	RT_VERR_PAIRING_NOT_ALLOWED = 0x18,
	RT_VERR_UNSUPPORTED_REMOTE_FEATURE = 0x1a,
	RT_VERR_UNSPECIFIED = 0x1f,
	RT_VERR_ROLE_CHANGE_NOT_ALLOWED = 0x21,
	RT_VERR_LMP_TIMEOUT = 0x22,
	RT_VERR_COLLISION = 0x23,
	RT_VERR_PDU_NOT_ALLOWED = 0x24,
	RT_VERR_ENCRYPTION_MODE = 0x25,
	RT_VERR_DIFFERENT_COLLISION = 0x2a,
	RT_VERR_INSUFFICIENT_SECURITY = 0x2f,
	RT_VERR_SSP_NOT_SUPPORTED = 0x37,
};

/* Event codes (Core Vol 4 Part E 7.7). */
enum rt_vctl_event {
	RT_VEVT_INQUIRY_COMPLETE = 0x01,
	RT_VEVT_INQUIRY_RESULT = 0x02,
	RT_VEVT_CONNECTION_COMPLETE = 0x03,
	RT_VEVT_CONNECTION_REQUEST = 0x04,
	RT_VEVT_DISCONNECTION_COMPLETE = 0x05,
	RT_VEVT_AUTHENTICATION_COMPLETE = 0x06,
	RT_VEVT_REMOTE_NAME = 0x07,
	RT_VEVT_ENCRYPTION_CHANGE = 0x08,
	RT_VEVT_REMOTE_FEATURES = 0x0b,
	RT_VEVT_REMOTE_VERSION = 0x0c,
	RT_VEVT_COMMAND_COMPLETE = 0x0e,
	RT_VEVT_COMMAND_STATUS = 0x0f,
	RT_VEVT_FLUSH_OCCURRED = 0x11,
	RT_VEVT_ROLE_CHANGE = 0x12,
	RT_VEVT_COMPLETED_PACKETS = 0x13,
	RT_VEVT_MODE_CHANGE = 0x14,
	RT_VEVT_PIN_REQUEST = 0x16,
	RT_VEVT_KEY_REQUEST = 0x17,
	RT_VEVT_KEY_NOTIFICATION = 0x18,
	RT_VEVT_DATA_BUFFER_OVERFLOW = 0x1a,
	RT_VEVT_CLOCK_OFFSET = 0x1c,
	RT_VEVT_PACKET_TYPE_CHANGED = 0x1d,
	RT_VEVT_INQUIRY_RESULT_RSSI = 0x22,
	RT_VEVT_REMOTE_EXT_FEATURES = 0x23,
	RT_VEVT_EXTENDED_INQUIRY_RESULT = 0x2f,
	RT_VEVT_KEY_REFRESH_COMPLETE = 0x30,
	RT_VEVT_IO_REQUEST = 0x31,
	RT_VEVT_IO_RESPONSE = 0x32,
	RT_VEVT_CONFIRMATION_REQUEST = 0x33,
	RT_VEVT_PASSKEY_REQUEST = 0x34,
	RT_VEVT_OOB_REQUEST = 0x35,
	RT_VEVT_PAIRING_COMPLETE = 0x36,
	RT_VEVT_SUPERVISION_CHANGED = 0x38,
	RT_VEVT_PASSKEY_NOTIFICATION = 0x3b,
	RT_VEVT_KEYPRESS = 0x3c,
	RT_VEVT_HOST_FEATURES = 0x3d,
	RT_VEVT_ENCRYPTION_CHANGE_V2 = 0x59, /* mask page 2, bit 25 */
};

/* Link policy settings (7.2.10). */
#define RT_VCTL_POLICY_SWITCH 0x0001
#define RT_VCTL_POLICY_SNIFF 0x0004

#define RT_VCTL_LINKS_MAX 7
#define RT_VCTL_IACS_MAX 2
#define RT_VCTL_NAME_BYTES 248
#define RT_VCTL_EIR_BYTES 240
/* A controller whose host reads nothing stops answering pages. */
#define RT_VCTL_EVENTS_MAX 256
/* In the end even events are lost: a host can cause them without limit. */
#define RT_VCTL_EVENTS_LOST 1024

struct rt_air {
	struct rt_timers timers;
	struct rt_list vctls;
	uint64_t now_us;
	uint64_t random;
	uint32_t latency_us;
	uint32_t serial; /* of the last controller */
	bool changed;	 /* somebody's scan, range or wish has changed */
};

/* What goes between two ends of a link. */
enum rt_vctl_frame_kind {
	RT_VFRAME_HOST, /* no frame of the air: a packet for the host */
	RT_VFRAME_DATA,
	RT_VFRAME_ACK,		  /* the host has taken a data frame */
	RT_VFRAME_CONN_REQ,	  /* initiator: LMP_HOST_CONNECTION_REQ */
	RT_VFRAME_ACCEPT,	  /* arg: the role that the acceptor wants */
	RT_VFRAME_REJECT,	  /* arg: reason */
	RT_VFRAME_SETUP_COMPLETE, /* arg: 1 if the roles were switched */
	RT_VFRAME_DETACH,	  /* arg: reason */
	RT_VFRAME_REQUEST,	  /* op, arg */
	RT_VFRAME_RESPONSE,	  /* op, arg; data */
	RT_VFRAME_SUPERVISION,	  /* value: slots */
	/*
	 * op: enum rt_vctl_pdu; value: of authentication, 1 if its initiator
	 * has sent it.
	 */
	RT_VFRAME_SECURITY,
};

/* Link manager transactions; at most one of each at a time on an end. */
enum rt_vctl_op {
	RT_VOP_FEATURES,
	RT_VOP_EXT_FEATURES,
	RT_VOP_VERSION,
	RT_VOP_CLOCK_OFFSET,
	RT_VOP_NAME,
	RT_VOP_SWITCH,
	RT_VOP_PACKET_TYPE,
	RT_VOP_SNIFF, /* value: interval; 0: active mode */
	RT_VOPS,
};

struct rt_vctl_link;

#define RT_VCTL_HEAD_BYTES 4

struct rt_vctl_frame {
	struct rt_list node;
	uint8_t kind; /* enum rt_vctl_frame_kind */
	uint8_t type; /* enum rt_packet_type of a packet for the host */
	uint8_t op;   /* enum rt_vctl_op */
	uint8_t arg;
	uint16_t value;
	bool start;	   /* data: first fragment of an L2CAP PDU */
	bool gives_credit; /* event: the host may send the next command */
	uint64_t due_us;   /* arrival; event: not before this */
	/*
	 * Data for the host: its link. Event: Disconnection Complete, which
	 * comes behind the data of this link, and frees it.
	 */
	struct rt_vctl_link *link;
	size_t off; /* octets that the host has got already */
	size_t len; /* octets of payload */
	/* Room for a header, then the payload. */
	uint8_t data[];
};

enum rt_vctl_link_state {
	RT_VLINK_OUT,	    /* we paged; waiting for the other host */
	RT_VLINK_CANCELLED, /* ... and our host has changed its mind */
	RT_VLINK_PAGED,	    /* our host has not been asked yet */
	RT_VLINK_IN,	    /* our host is asked */
	RT_VLINK_ACCEPTED,  /* it agreed; waiting for set-up complete */
	RT_VLINK_REFUSED,   /* it refused, or took too long */
	RT_VLINK_OPEN,
	RT_VLINK_CLOSING, /* we sent a detach */
	RT_VLINK_DEAD,	  /* the host has not heard of the end yet */
};

/* One end of a link. */
struct rt_vctl_link {
	struct rt_list node;
	struct rt_vctl *vctl;
	struct rt_vctl_link *peer; /* NULL: nobody there any more */
	struct rt_addr addr;	   /* of the other controller */
	uint8_t state;		   /* enum rt_vctl_link_state */
	uint8_t role;		   /* 0 central, 1 peripheral */
	uint8_t reason;		   /* what `wait` closes the link with */
	uint8_t ext_page;	   /* of the pending RT_VOP_EXT_FEATURES */
	uint8_t want_role;	   /* of the pending RT_VOP_SWITCH */
	bool may_switch;	   /* initiator: allows a role switch */
	uint16_t handle;
	uint16_t policy;
	uint16_t packet_types;
	uint16_t flush_timeout;
	uint16_t sniff_slots;	   /* 0: active mode */
	uint16_t want_sniff_slots; /* of the pending RT_VOP_SNIFF */
	bool flushing; /* the rest of an L2CAP PDU whose start was flushed */
	uint16_t supervision_slots;
	uint32_t pending;   /* bits of enum rt_vctl_op */
	uint32_t unacked;   /* data frames that occupy our buffers */
	uint32_t completed; /* to be told to our host */
	uint32_t held;	    /* packets that our host has not given back */
	struct rt_list out; /* frames to the other end */
	struct rt_timer air;
	struct rt_timer supervision;
	struct rt_timer wait; /* closes the link with `reason` */
	bool has_key;	      /* of an authentication on this link */
	struct rt_vctl_auth auth;
	struct rt_vctl_crypt crypt;
	struct rt_timer auth_step;    /* the host has answered */
	struct rt_timer auth_timeout; /* somebody has not */
	struct rt_timer crypt_step;
};

struct rt_vctl_page {
	bool active;
	bool name; /* remote name request, no link */
	bool may_switch;
	uint8_t reason; /* that it ends with when `end` fires */
	struct rt_addr addr;
	uint64_t earliest_us;
	struct rt_timer ripe;
	struct rt_timer end;
};

struct rt_vctl_inquiry {
	bool active;
	uint8_t responses_left; /* 0: no limit */
	uint32_t lap;
	uint64_t earliest_us;
	struct rt_timer ripe;
	struct rt_timer end;
	uint32_t *seen; /* serials of controllers reported */
	size_t seen_count;
};

/* What HCI Reset brings back to the defaults. */
struct rt_vctl_settings {
	uint64_t event_mask;
	uint64_t event_mask_2;
	uint8_t name[RT_VCTL_NAME_BYTES];
	uint8_t eir[RT_VCTL_EIR_BYTES];
	uint8_t eir_fec;
	uint8_t scan_enable;
	uint8_t inquiry_mode;
	uint8_t inquiry_scan_type;
	uint8_t page_scan_type;
	uint8_t iac_count;
	uint32_t iac[RT_VCTL_IACS_MAX];
	uint32_t class_of_device;
	uint16_t page_timeout;
	uint16_t accept_timeout;
	uint16_t voice;
	uint16_t default_policy;
	uint16_t page_scan_interval;
	uint16_t page_scan_window;
	uint16_t inquiry_scan_interval;
	uint16_t inquiry_scan_window;
	uint8_t key_size_min; /* 0: what the options say */
	bool ssp;	      /* the host does Secure Simple Pairing */
	bool secure;	      /* ... Secure Connections */
	bool ssp_debug;
	bool host_flow; /* controller-to-host flow control of ACL data */
	uint16_t host_acl_bytes; /* 0: never told */
	uint16_t host_acl_packets;
};

struct rt_vctl {
	struct rt_list node;
	struct rt_air *air;
	struct rt_vctl_options options;
	char name[RT_VCTL_NAME_BYTES]; /* the one after a reset */
	uint32_t serial;
	uint32_t clock; /* its native clock at the time 0 */
	uint32_t resets;
	struct rt_addr alias;	 /* that it pages with; zero: none */
	uint8_t key_size_answer; /* 0: the truth */
	uint16_t next_handle;
	bool fault[RT_VCTL_FAULTS];
	bool command_free; /* the host may send a command */
	bool merge_ready;  /* RT_VCTL_MERGE_COMPLETIONS: it is late enough */
	unsigned int loss_permille;
	struct rt_vctl_settings set;
	struct rt_vctl_page page;
	struct rt_vctl_inquiry inquiry;
	struct rt_list links;
	struct rt_list events;
	size_t event_count;
	struct rt_list acl;
	struct rt_vctl_frame *lent; /* the host looks at it; may be NULL */
	uint8_t nocp[2 + 1 + RT_VCTL_LINKS_MAX * 2 * 4];
	struct rt_timer merge;
	struct rt_timer wake; /* an event was held back until now */
	struct rt_vctl_stats stats;
};

/* --- air.c --- */

/* Does all that is due now and what follows from it. */
void rt_vctl_air_settle(struct rt_air *air);

/* A number from the seeded generator. */
uint32_t rt_vctl_air_random(struct rt_air *air);

/* The controller with this address, or NULL. */
struct rt_vctl *rt_vctl_air_find(struct rt_air *air, struct rt_addr addr);

/* True if the two can hear each other. */
bool rt_vctl_air_hears(const struct rt_vctl *a, const struct rt_vctl *b);

/* Arms a timer `delay_us` from now. */
void rt_vctl_air_arm(struct rt_air *air, struct rt_timer *timer,
		     uint64_t delay_us);

/* Stops a timer. */
void rt_vctl_air_stop(struct rt_air *air, struct rt_timer *timer);

/* Microseconds of `n` slots of 0.625 ms. */
uint64_t rt_vctl_slots_us(uint32_t n);

/* --- vctl.c --- */

/* Everything as after power on: links forgotten, queues empty (7.3.2). */
void rt_vctl_reset(struct rt_vctl *vctl);

/* --- queue.c --- */

/* A frame with room for `len` octets, or NULL. */
struct rt_vctl_frame *rt_vctl_frame_new(enum rt_vctl_frame_kind kind,
					const void *data, size_t len);

/* Frees a frame; NULL is allowed. */
void rt_vctl_frame_free(struct rt_vctl_frame *frame);

/* Frees all frames of a list. */
void rt_vctl_frames_free(struct rt_list *list);

/*
 * Queues an event unless the host has masked it. Returns it for marking, or
 * NULL if it was not queued.
 */
struct rt_vctl_frame *rt_vctl_event(struct rt_vctl *vctl,
				    enum rt_vctl_event code,
				    const struct rt_wr *params);

/* Empties the queues for the host. */
void rt_vctl_queue_clear(struct rt_vctl *vctl);

/* Forgets the data of a link that wait for the host. */
void rt_vctl_queue_purge(struct rt_vctl *vctl, const struct rt_vctl_link *link);

/* --- command.c --- */

/* A command packet from the host. */
void rt_vctl_command(struct rt_vctl *vctl, struct rt_bytes packet);

struct rt_vctl_command {
	uint16_t opcode;
	int16_t bytes;	   /* of parameters; RT_VCMD_VARIABLE */
	uint8_t ret_bytes; /* of return parameters behind the status */
	uint8_t flags;	   /* RT_VCMD_ */
	uint8_t octet;	   /* in the supported commands (6.27) */
	uint8_t bit;
	/*
	 * Returns the status; writes return parameters to `ret` on success.
	 * The octets that `r` gives are all there if `bytes` said how many.
	 */
	uint8_t (*run)(struct rt_vctl *vctl, struct rt_rd *r,
		       struct rt_wr *ret);
};

enum {
	RT_VCMD_VARIABLE = -1,
	RT_VCMD_STATUS = 1 << 0,   /* answered by Command Status */
	RT_VCMD_SILENT = 1 << 1,   /* answered only if it fails; no credit */
	RT_VCMD_HANDLE = 1 << 2,   /* return parameters begin with a handle */
	RT_VCMD_ADDR = 1 << 3,	   /* ... with an address */
	RT_VCMD_OPTIONAL = 1 << 4, /* unknown to a bad controller */
	RT_VCMD_EXTENDED = 1 << 5, /* unknown with RT_VCTL_NO_EXTENDED */
	RT_VCMD_SSP = 1 << 6,	   /* unknown without Simple Pairing */
	RT_VCMD_SECURE = 1 << 7,   /* ... without Secure Connections */
};

/* Commands by file; rows end with one whose `run` is NULL. */
extern const struct rt_vctl_command rt_vctl_commands_link[];
extern const struct rt_vctl_command rt_vctl_commands_baseband[];
extern const struct rt_vctl_command rt_vctl_commands_info[];
extern const struct rt_vctl_command rt_vctl_commands_security[];
extern const struct rt_vctl_command rt_vctl_commands_answer[];

/* The octets of Read Local Supported Commands, 64 of them. */
void rt_vctl_supported_commands(const struct rt_vctl *vctl, uint8_t ret[64]);

/* --- info.c --- */

#define RT_VCTL_VERSION 9 /* 5.0 */
#define RT_VCTL_SUBVERSION 0x0001
#define RT_VCTL_COMPANY 0xffff /* for tests (Assigned Numbers) */

/* True if the controller does Secure Simple Pairing. */
bool rt_vctl_has_ssp(const struct rt_vctl *vctl);

/* True if the controller does Secure Connections. */
bool rt_vctl_has_secure(const struct rt_vctl *vctl);

/* The last page of LMP features that says anything. */
uint8_t rt_vctl_feature_page_max(const struct rt_vctl *vctl);

/* LMP features of a page (Core Vol 2 Part C 3.3). */
void rt_vctl_features(const struct rt_vctl *vctl, uint8_t page, uint8_t ret[8]);

/* --- link.c --- */

/* The end with this handle that the host may use, or NULL. */
struct rt_vctl_link *rt_vctl_link_find(struct rt_vctl *vctl, uint16_t handle);

/* True if it has ended, and the host has not taken the event yet. */
bool rt_vctl_link_is_ending(const struct rt_vctl *vctl, uint16_t handle);

/* The end to this address that is not dead, or NULL. */
struct rt_vctl_link *rt_vctl_link_to(struct rt_vctl *vctl, struct rt_addr addr);

/* Joins two controllers; the first has paged. False if there is no memory. */
bool rt_vctl_link_join(struct rt_vctl *from, struct rt_vctl *to);

/* Sends a frame to the other end; takes it over. NULL is ignored. */
void rt_vctl_link_send(struct rt_vctl_link *link, struct rt_vctl_frame *frame);

/* Sends a frame without payload. */
void rt_vctl_link_signal(struct rt_vctl_link *link,
			 enum rt_vctl_frame_kind kind, uint8_t op, uint8_t arg);

/* True if frames get through. */
bool rt_vctl_link_reaches(const struct rt_vctl_link *link);

/* Looks again at who can be reached: supervision starts or stops. */
void rt_vctl_link_check(struct rt_vctl_link *link);

/* Closes the end and tells the host with `reason`. */
void rt_vctl_link_close(struct rt_vctl_link *link, uint8_t reason);

/* Closes the end by and by, after the answer to the command in hand. */
void rt_vctl_link_close_soon(struct rt_vctl_link *link, uint64_t delay_us,
			     uint8_t reason);

/* Frees the end without a word; the other one is left alone on the air. */
void rt_vctl_link_free(struct rt_vctl_link *link);

/* Links that are not dead. */
unsigned rt_vctl_link_count(const struct rt_vctl *vctl);

/* --- setup.c --- */

/* Our host refuses the one who paged it, or took too long. */
void rt_vctl_setup_refuse(struct rt_vctl_link *link, uint8_t reason);

/* Frames of connection set-up and detachment, as they arrive at `link`. */
void rt_vctl_setup_rx(struct rt_vctl_link *link,
		      const struct rt_vctl_frame *frame);

/* Connection Complete for the host. */
void rt_vctl_connection_complete(struct rt_vctl *vctl, struct rt_addr addr,
				 uint16_t handle, uint8_t status);

/* --- lmp.c --- */

/* Begins a transaction. Returns a status for the command. */
uint8_t rt_vctl_lmp_request(struct rt_vctl_link *link, enum rt_vctl_op op,
			    uint8_t arg);

/* Requests and responses, as they arrive at `link`. */
void rt_vctl_lmp_rx(struct rt_vctl_link *link,
		    const struct rt_vctl_frame *frame);

/* Ends all transactions of a closing link with `reason`. */
void rt_vctl_lmp_abort(struct rt_vctl_link *link, uint8_t reason);

/* Remote Name Request Complete; `name` may be NULL. */
void rt_vctl_name_complete(struct rt_vctl *vctl, uint8_t status,
			   struct rt_addr addr, const uint8_t *name);

/* Remote Host Supported Features Notification, after a page for a name. */
void rt_vctl_host_features(struct rt_vctl *vctl, const struct rt_vctl *of);

/* Sniff mode of that interval, or active mode. A status for the command. */
uint8_t rt_vctl_sniff_request(struct rt_vctl_link *link, uint16_t slots);

/* Role Change. */
void rt_vctl_role_change(struct rt_vctl_link *link, uint8_t status);

/* How far the other's clock is ahead, as clock offsets are written. */
uint16_t rt_vctl_clock_offset(const struct rt_vctl *vctl,
			      const struct rt_vctl *other);

/* --- page.c --- */

/* Prepares the pager. */
void rt_vctl_page_init(struct rt_vctl *vctl);

/* Begins to page. Returns a status for the command. */
uint8_t rt_vctl_page_start(struct rt_vctl *vctl, struct rt_addr addr, bool name,
			   bool may_switch);

/* Ends a page soon, with `reason`. */
void rt_vctl_page_cancel(struct rt_vctl *vctl, uint8_t reason);

/* The address that it gives when it pages. */
struct rt_addr rt_vctl_page_addr(const struct rt_vctl *vctl);

/* Looks whether the paged one answers. */
void rt_vctl_page_poll(struct rt_vctl *vctl);

/* Stops paging without a word. */
void rt_vctl_page_stop(struct rt_vctl *vctl);

/* --- inquiry.c --- */

/* Prepares the inquiry. */
void rt_vctl_inquiry_init(struct rt_vctl *vctl);

/* Begins an inquiry of `length` times 1.28 s. Returns a status. */
uint8_t rt_vctl_inquiry_start(struct rt_vctl *vctl, uint32_t lap,
			      uint8_t length, uint8_t responses);

/* Looks who answers. */
void rt_vctl_inquiry_poll(struct rt_vctl *vctl);

/* Stops the inquiry without a word. */
void rt_vctl_inquiry_stop(struct rt_vctl *vctl);

/* --- acl.c --- */

/* Prepares the timer of late completions. */
void rt_vctl_acl_init(struct rt_vctl *vctl);

/* ACL data from the host. */
void rt_vctl_acl_rx(struct rt_vctl *vctl, struct rt_bytes packet);

/* A data frame or its acknowledgement arrives at `link`. Takes it over. */
void rt_vctl_acl_arrive(struct rt_vctl_link *link, struct rt_vctl_frame *frame);

/* True if the data that have waited longest may go to the host. */
bool rt_vctl_acl_may_go(const struct rt_vctl *vctl);

/* Takes them, or their next piece, as a packet. */
struct rt_bytes rt_vctl_acl_take(struct rt_vctl *vctl);

/* The host gives back `count` buffers of a link. False: more than it has. */
bool rt_vctl_acl_give_back(struct rt_vctl *vctl, uint16_t handle,
			   uint16_t count);

/* True if Number Of Completed Packets is to be sent now. */
bool rt_vctl_acl_owes_completion(const struct rt_vctl *vctl);

/* That event. */
struct rt_bytes rt_vctl_acl_take_completion(struct rt_vctl *vctl);

#endif
