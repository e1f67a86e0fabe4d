/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/figures.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "tools/rawtooth/modes.h"

enum kind {
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_BOOL,
	KIND_MODE,
};

struct figure {
	const char *name;
	enum kind kind;
	enum rt_protocol protocol; /* UNKNOWN: both */
	size_t offset;
};

#define BOTH RT_PROTOCOL_UNKNOWN
#define L2CAP RT_PROTOCOL_L2CAP
#define RFCOMM RT_PROTOCOL_RFCOMM
#define FIGURE(member, kind, protocol)                           \
	{                                                        \
#member, (kind), (protocol),                     \
			offsetof(struct rt_socket_stats, member) \
	}

static const struct figure figures[] = {
	FIGURE(tx_bytes, KIND_U64, BOTH),
	FIGURE(rx_bytes, KIND_U64, BOTH),
	FIGURE(tx_frames, KIND_U64, BOTH),
	FIGURE(rx_frames, KIND_U64, BOTH),
	FIGURE(tx_mtu, KIND_U16, BOTH),
	FIGURE(rx_mtu, KIND_U16, BOTH),
	FIGURE(tx_credits, KIND_U32, BOTH),
	FIGURE(rx_credits, KIND_U32, BOTH),
	FIGURE(stalled_credits_us, KIND_U64, BOTH),
	FIGURE(stalled_peer_us, KIND_U64, BOTH),
	FIGURE(stalls, KIND_U32, RFCOMM),
	FIGURE(credit_flow, KIND_BOOL, RFCOMM),
	FIGURE(msc_missing, KIND_BOOL, RFCOMM),
	FIGURE(mode, KIND_MODE, L2CAP),
	FIGURE(fcs, KIND_BOOL, L2CAP),
	FIGURE(extended_window, KIND_BOOL, L2CAP),
	FIGURE(tx_window, KIND_U16, L2CAP),
	FIGURE(rx_window, KIND_U16, L2CAP),
	FIGURE(retransmitted, KIND_U64, L2CAP),
	FIGURE(rx_bad_fcs, KIND_U64, L2CAP),
	FIGURE(rx_duplicates, KIND_U64, L2CAP),
	FIGURE(rx_lost, KIND_U64, L2CAP),
	FIGURE(rx_dropped, KIND_U64, L2CAP),
	FIGURE(polls, KIND_U64, L2CAP),
	FIGURE(busy_us, KIND_U64, L2CAP),
};

static void print_bool(FILE *file, bool value, bool json)
{
	if (json)
		fputs(value ? "true" : "false", file);
	else
		fputs(value ? "1" : "0", file);
}

static void print_mode(FILE *file, enum rt_l2cap_socket_mode mode, bool json)
{
	const char *quote = json ? "\"" : "";

	fprintf(file, "%s%s%s", quote, rt_modes_name(mode), quote);
}

static void print_value(FILE *file, const struct figure *figure,
			const struct rt_socket_stats *stats, bool json)
{
	const void *at = (const char *)stats + figure->offset;

	switch (figure->kind) {
	case KIND_U16:
		fprintf(file, "%" PRIu16, *(const uint16_t *)at);
		break;
	case KIND_U32:
		fprintf(file, "%" PRIu32, *(const uint32_t *)at);
		break;
	case KIND_U64:
		fprintf(file, "%" PRIu64, *(const uint64_t *)at);
		break;
	case KIND_BOOL:
		print_bool(file, *(const bool *)at, json);
		break;
	case KIND_MODE:
		print_mode(file, *(const enum rt_l2cap_socket_mode *)at, json);
		break;
	}
}

void rt_figures_print(FILE *file, const struct rt_socket *s, bool json)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	const struct figure *figure;
	const char *between = "{";

	rt_socket_get_stats(s, &stats);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		figure = &figures[i];
		if (figure->protocol != BOTH &&
		    figure->protocol != rt_socket_protocol(s))
			continue;
		if (json)
			fprintf(file, "%s\"%s\": ", between, figure->name);
		else
			fprintf(file, "%s ", figure->name);
		print_value(file, figure, &stats, json);
		if (!json)
			putc('\n', file);
		between = ", ";
	}
	if (json)
		fputs("}\n", file);
}
