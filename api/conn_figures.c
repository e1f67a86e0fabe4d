/* SPDX-License-Identifier: MIT */
#include "api/conn.h"
#include "api/host.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

/* What the layers below know of a connection, in the words of the user. */

static enum rt_l2cap_socket_mode socket_mode(enum rt_l2cap_mode mode)
{
	switch (mode) {
	case RT_L2CAP_MODE_BASIC:
		return RT_SOCKET_MODE_BASIC;
	case RT_L2CAP_MODE_ERTM:
		return RT_SOCKET_MODE_ERTM;
	case RT_L2CAP_MODE_STREAMING:
		return RT_SOCKET_MODE_STREAMING;
	case RT_L2CAP_MODE_CREDIT:
		return RT_SOCKET_MODE_CREDIT;
	}
	return RT_SOCKET_MODE_BASIC;
}

bool rt_api_conn_waits(const struct rt_api_conn *conn)
{
	struct rt_l2cap_info info;

	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		return true;
	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return false;
	return info.mode == RT_L2CAP_MODE_ERTM ||
	       info.mode == RT_L2CAP_MODE_CREDIT;
}

static void get_rfcomm_stats(const struct rt_api_conn *conn,
			     struct rt_socket_stats *stats)
{
	struct rt_rfcomm_info info;

	if (rt_rfcomm_get_info(conn->host->rfcomm, conn->handle, &info) < 0)
		return;
	stats->tx_frames = info.tx_frames;
	stats->rx_frames = info.rx_frames;
	stats->tx_credits = info.tx_credits;
	stats->rx_credits = info.rx_credits;
	stats->rx_mtu = info.frame_bytes;
	stats->tx_mtu = info.frame_bytes;
	stats->stalled_credits_us = info.stalled_credits_us;
	stats->stalled_peer_us = info.stalled_peer_us;
	stats->stalls = info.stalls;
	stats->msc_missing = info.msc_missing;
	stats->credit_flow = info.credit_flow;
}

static void get_l2cap_stats(const struct rt_api_conn *conn,
			    struct rt_socket_stats *stats)
{
	struct rt_l2cap_info info;

	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return;
	stats->rx_mtu = info.imtu;
	stats->tx_mtu = info.omtu;
	stats->mode = socket_mode(info.mode);
	stats->fcs = info.fcs;
	stats->extended_window = info.extended;
	stats->rx_window = info.rx_window;
	stats->tx_window = info.tx_window;
	stats->tx_credits = info.tx_credits;
	stats->rx_credits = info.rx_credits;
	stats->retransmitted = info.retransmitted;
	stats->rx_bad_fcs = info.rx_bad_fcs;
	stats->rx_duplicates = info.rx_duplicates;
	stats->rx_lost = info.rx_lost;
	stats->polls = info.polls;
	stats->busy_us = info.busy_us;
	if (info.mode == RT_L2CAP_MODE_CREDIT)
		stats->stalled_credits_us = info.stalled_peer_us;
	else
		stats->stalled_peer_us = info.stalled_peer_us;
}

void rt_api_conn_get_stats(const struct rt_api_conn *conn,
			   struct rt_socket_stats *stats)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		get_rfcomm_stats(conn, stats);
	else
		get_l2cap_stats(conn, stats);
}

static bool get_rfcomm_agreed(const struct rt_api_conn *conn,
			      enum rt_option option, int64_t *ret_value)
{
	struct rt_rfcomm_info info;

	if (rt_rfcomm_get_info(conn->host->rfcomm, conn->handle, &info) < 0)
		return false;
	if (option == RT_OPTION_FRAME_BYTES)
		*ret_value = info.frame_bytes;
	else if (option == RT_OPTION_PEER_MODEM_SIGNALS)
		*ret_value = info.peers.signals;
	else
		return false;
	return true;
}

static bool get_window_agreed(const struct rt_l2cap_info *info,
			      enum rt_option option, int64_t *ret_value)
{
	if (info->mode != RT_L2CAP_MODE_ERTM)
		return false;
	if (option == RT_OPTION_WINDOW)
		*ret_value = info->rx_window;
	else if (option == RT_OPTION_EXTENDED_WINDOW)
		*ret_value = info->extended;
	else
		return false;
	return true;
}

static bool get_frames_agreed(const struct rt_l2cap_info *info,
			      enum rt_option option, int64_t *ret_value)
{
	const bool has_fcs = info->mode == RT_L2CAP_MODE_ERTM ||
			     info->mode == RT_L2CAP_MODE_STREAMING;

	if (option == RT_OPTION_FCS && has_fcs)
		*ret_value = info->fcs ? RT_FCS_16BIT : RT_FCS_NONE;
	else if (option == RT_OPTION_MPS && info->mode != RT_L2CAP_MODE_BASIC)
		*ret_value = info->rx_mps;
	else
		return false;
	return true;
}

static bool get_l2cap_agreed(const struct rt_api_conn *conn,
			     enum rt_option option, int64_t *ret_value)
{
	struct rt_l2cap_info info;

	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return false;
	if (option == RT_OPTION_MTU)
		*ret_value = info.imtu;
	else if (option == RT_OPTION_MODE)
		*ret_value = socket_mode(info.mode);
	else
		return get_window_agreed(&info, option, ret_value) ||
		       get_frames_agreed(&info, option, ret_value);
	return true;
}

bool rt_api_conn_get_agreed(const struct rt_api_conn *conn,
			    enum rt_option option, int64_t *ret_value)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		return get_rfcomm_agreed(conn, option, ret_value);
	return get_l2cap_agreed(conn, option, ret_value);
}
