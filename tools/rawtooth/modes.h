/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_MODES_H
#define RT_TOOL_MODES_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/socket.h>

/* The options about the modes of L2CAP: what is said in configuration. */
struct rt_modes {
	bool given; /* any of them */
	bool has_mode;
	bool required;
	bool has_max_transmit;
	enum rt_l2cap_socket_mode mode;
	enum rt_fcs fcs;
	uint32_t window; /* 0: the library's default, and so below */
	uint32_t max_transmit;
	uint32_t mps;
	uint32_t retransmission_ms;
	uint32_t monitor_ms;
};

/* Values of the options. */
enum {
	RT_MODES_MODE = 0x300,
	RT_MODES_REQUIRED,
	RT_MODES_WINDOW,
	RT_MODES_FCS,
	RT_MODES_MAX_TRANSMIT,
	RT_MODES_MPS,
	RT_MODES_RETRANSMISSION,
	RT_MODES_MONITOR,
};

/* The rows of a table of long options. */
/* clang-format off */
#define RT_MODES_OPTIONS                                                 \
	{ "mode", required_argument, NULL, RT_MODES_MODE },              \
	{ "required", no_argument, NULL, RT_MODES_REQUIRED },            \
	{ "window", required_argument, NULL, RT_MODES_WINDOW },          \
	{ "fcs", required_argument, NULL, RT_MODES_FCS },                \
	{ "max-transmit", required_argument, NULL,                       \
	  RT_MODES_MAX_TRANSMIT },                                       \
	{ "mps", required_argument, NULL, RT_MODES_MPS },                \
	{ "retransmission", required_argument, NULL,                     \
	  RT_MODES_RETRANSMISSION },                                     \
	{ "monitor", required_argument, NULL, RT_MODES_MONITOR }
/* clang-format on */

/* The lines of a help text. */
#define RT_MODES_HELP                                                         \
	"      --mode MODE     l2cap: basic (the default), ertm, streaming\n" \
	"                      or credit\n"                                   \
	"      --required      l2cap: rather no connection than one in\n"     \
	"                      another mode\n"                                \
	"      --window N      ertm: frames the peer may send ahead, 1 to\n"  \
	"                      63; to 1024 with the extended window\n"        \
	"      --fcs on|off|default\n"                                        \
	"                      ertm, streaming: what we say about it\n"       \
	"      --max-transmit N\n"                                            \
	"                      ertm: of a frame of the peer's; 0: no end\n"   \
	"      --mps OCTETS    all but basic: longest frame we take\n"        \
	"      --retransmission MS, --monitor MS\n"                           \
	"                      ertm: the timers\n"

/*
 * Stores an option of the above, with its argument in `optarg`. Returns 0, or
 * -EINVAL after an error message.
 */
int rt_modes_apply(struct rt_modes *modes, int option);

/* Sets what was given by `set(target, ...)`. Returns 0 or what that returned.
 */
int rt_modes_set_up(const struct rt_modes *modes,
		    int (*set)(void *target, enum rt_option option,
			       int64_t value),
		    void *target);

/* The name of a mode: "ertm". */
const char *rt_modes_name(enum rt_l2cap_socket_mode mode);

#endif
