/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/modes.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "tools/rawtooth/args.h"

#define WINDOW_MAX 63 /* of the standard control field */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const mode_names[] = {
	[RT_SOCKET_MODE_BASIC] = "basic",
	[RT_SOCKET_MODE_ERTM] = "ertm",
	[RT_SOCKET_MODE_STREAMING] = "streaming",
	[RT_SOCKET_MODE_CREDIT] = "credit",
};

static const char *const fcs_names[] = {
	[RT_FCS_DEFAULT] = "default",
	[RT_FCS_NONE] = "off",
	[RT_FCS_16BIT] = "on",
};

/* The index of `word`, or -EINVAL. */
static int find(const char *const *names, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], word) == 0)
			return (int)i;
	}
	return -EINVAL;
}

static int apply_mode(struct rt_modes *modes)
{
	const int mode = find(mode_names, COUNT(mode_names), optarg);

	if (mode < 0) {
		rt_tool_error("the mode is basic, ertm, streaming or credit, "
			      "not \"%s\"",
			      optarg);
		return mode;
	}
	modes->has_mode = true;
	modes->mode = (enum rt_l2cap_socket_mode)mode;
	return 0;
}

static int apply_fcs(struct rt_modes *modes)
{
	const int fcs = find(fcs_names, COUNT(fcs_names), optarg);

	if (fcs < 0) {
		rt_tool_error("the FCS is on, off or default, not \"%s\"",
			      optarg);
		return fcs;
	}
	modes->fcs = (enum rt_fcs)fcs;
	return 0;
}

int rt_modes_apply(struct rt_modes *modes, int option)
{
	modes->given = true;
	switch (option) {
	case RT_MODES_MODE:
		return apply_mode(modes);
	case RT_MODES_REQUIRED:
		modes->required = true;
		return 0;
	case RT_MODES_WINDOW:
		return rt_args_number("the window in frames", optarg, 1, 1024,
				      &modes->window);
	case RT_MODES_FCS:
		return apply_fcs(modes);
	case RT_MODES_MAX_TRANSMIT:
		modes->has_max_transmit = true;
		return rt_args_number("the number of transmissions", optarg, 0,
				      255, &modes->max_transmit);
	case RT_MODES_MPS:
		return rt_args_number("the MPS in octets", optarg, 48, 65531,
				      &modes->mps);
	case RT_MODES_RETRANSMISSION:
		return rt_args_number("the retransmission time in ms", optarg,
				      100, 65535, &modes->retransmission_ms);
	case RT_MODES_MONITOR:
		return rt_args_number("the monitor time in ms", optarg, 100,
				      65535, &modes->monitor_ms);
	}
	return -EINVAL;
}

int rt_modes_set_up(const struct rt_modes *modes,
		    int (*set)(void *target, enum rt_option option,
			       int64_t value),
		    void *target)
{
	const struct {
		bool given;
		enum rt_option option;
		int64_t value;
	} rows[] = {
		{ modes->has_mode, RT_OPTION_MODE, modes->mode },
		{ modes->required, RT_OPTION_MODE_REQUIRED, 1 },
		{ modes->fcs != RT_FCS_DEFAULT, RT_OPTION_FCS, modes->fcs },
		{ modes->window > WINDOW_MAX, RT_OPTION_EXTENDED_WINDOW, 1 },
		{ modes->window != 0, RT_OPTION_WINDOW, modes->window },
		{ modes->has_max_transmit, RT_OPTION_MAX_TRANSMIT,
		  modes->max_transmit },
		{ modes->mps != 0, RT_OPTION_MPS, modes->mps },
		{ modes->retransmission_ms != 0, RT_OPTION_RETRANSMISSION_MS,
		  modes->retransmission_ms },
		{ modes->monitor_ms != 0, RT_OPTION_MONITOR_MS,
		  modes->monitor_ms },
	};
	int err = 0;

	for (size_t i = 0; i < COUNT(rows) && err == 0; i++) {
		if (rows[i].given)
			err = set(target, rows[i].option, rows[i].value);
	}
	return err;
}

const char *rt_modes_name(enum rt_l2cap_socket_mode mode)
{
	return (size_t)mode < COUNT(mode_names) ? mode_names[mode] : "unknown";
}
