/* SPDX-License-Identifier: MIT */
#include "api/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hci/hci.h"
#include "hci/security.h"
#include "l2cap/l2cap.h"
#include "l2cap/sdp.h"
#include "rfcomm/rfcomm.h"

/* Waiting for less than this is not worth a word. */
#define ELAPSED_SHOWN_US RT_MS(10)

static const char *layer_name(enum rt_layer layer)
{
	switch (layer) {
	case RT_LAYER_NONE:
		return "";
	case RT_LAYER_TRANSPORT:
		return "transport";
	case RT_LAYER_HCI:
		return "HCI";
	case RT_LAYER_L2CAP:
		return "L2CAP";
	case RT_LAYER_RFCOMM:
		return "RFCOMM";
	case RT_LAYER_SDP:
		return "SDP";
	case RT_LAYER_SECURITY:
		return "security";
	case RT_LAYER_API:
		return "API";
	}
	return "";
}

static const char *phase_name(enum rt_phase phase)
{
	switch (phase) {
	case RT_PHASE_NONE:
		return "";
	case RT_PHASE_OPEN:
		return "bring-up";
	case RT_PHASE_PAGE:
		return "page";
	case RT_PHASE_PAIR:
		return "pairing";
	case RT_PHASE_LOOKUP:
		return "service lookup";
	case RT_PHASE_CONNECT:
		return "connect";
	case RT_PHASE_CONFIGURE:
		return "configure";
	case RT_PHASE_SESSION:
		return "session";
	case RT_PHASE_NEGOTIATE:
		return "negotiate";
	case RT_PHASE_TRANSFER:
		return "transfer";
	case RT_PHASE_DISCONNECT:
		return "disconnect";
	}
	return "";
}

struct errno_text {
	int err;
	const char *name;
	const char *hint;
};

/* What transports report, and engines in words of the system. */
static const struct errno_text errno_texts[] = {
	{ 0, "", "" },
	{ -EPIPE, "Connection to the controller closed",
	  "the other end of the transport has gone" },
	{ -ECONNRESET, "Connection to the controller reset",
	  "the other end of the transport has gone" },
	{ -ENODEV, "Controller gone", "it was unplugged, or its driver ended" },
	{ -EILSEQ, "Framing lost",
	  "octets arrived that are no HCI packets: check speed and flow "
	  "control of the line, and that no other program reads from it" },
	{ -EIO, "Input/output error", "the line to the controller failed" },
	{ -ETIMEDOUT, "Timeout", "the controller does not answer" },
	{ -ENETDOWN, "Controller down", "the controller is not up" },
	{ -ENOMEM, "Out of memory", "" },
};

static const struct errno_text *errno_text(int err)
{
	for (size_t i = 1; i < RT_ARRAY_SIZE(errno_texts); i++) {
		if (errno_texts[i].err == err)
			return &errno_texts[i];
	}
	return &errno_texts[0];
}

static void describe_code(const struct rt_reason *why,
			  struct rt_error_info *info)
{
	switch ((enum rt_layer)why->layer) {
	case RT_LAYER_HCI:
		info->code_name = rt_hci_error_name((uint8_t)why->code);
		info->hint = rt_hci_error_hint((uint8_t)why->code);
		break;
	case RT_LAYER_L2CAP:
		info->code_name = rt_l2cap_code_name(why->code);
		info->hint = rt_l2cap_code_hint(why->code);
		break;
	case RT_LAYER_RFCOMM:
		info->code_name = rt_rfcomm_code_name(why->code);
		info->hint = rt_rfcomm_code_hint(why->code);
		break;
	case RT_LAYER_TRANSPORT:
		info->code_name = errno_text(why->err)->name;
		info->hint = errno_text(why->err)->hint;
		break;
	case RT_LAYER_SDP:
		info->code_name = rt_sdp_code_name(why->code);
		info->hint = rt_sdp_code_hint(why->code);
		break;
	case RT_LAYER_SECURITY:
		info->code_name = rt_sec_code_name(why->code);
		info->hint = rt_sec_code_hint(why->code);
		break;
	case RT_LAYER_NONE:
	case RT_LAYER_API:
		break;
	}
}

/* A sentence for an error that nobody has a better one for. */
static const char *general_hint(int err)
{
	switch (err) {
	case 0:
		return "";
	case -ENOMEM:
		return "there is no memory";
	case -ENETDOWN:
	case -ESHUTDOWN:
		return "the controller is not up";
	case -ETIMEDOUT:
		return "the answer did not come in time";
	case -ECONNRESET:
		return "the peer has ended the connection";
	case -ECONNREFUSED:
		return "the peer does not take the connection";
	case -EMLINK:
	case -ENOSPC:
		return "too many links, channels or requests are open";
	case -EACCES:
	case -EPERM:
		return "the connection is not secure enough for this";
	default:
		return "what was sent and answered can be seen in a capture";
	}
}

void rt_api_error_describe(const struct rt_reason *why, const char *hint,
			   struct rt_error_info *ret_info)
{
	struct rt_error_info info = {
		.size = sizeof(info),
		.layer = layer_name((enum rt_layer)why->layer),
		.code = why->code,
		.code_name = "",
		.err = why->err,
		.phase = phase_name((enum rt_phase)why->phase),
		.elapsed_us = why->elapsed_us,
		.frame = why->frame,
		.hint = "",
	};

	describe_code(why, &info);
	if (hint)
		info.hint = hint;
	if (!info.hint[0])
		info.hint = general_hint(why->err);
	*ret_info = info;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_word(char c)
{
	return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9');
}

/*
 * Appends a name in the middle of a sentence: "Page Timeout" becomes "page
 * timeout", and words like "PSM" and "T1" stay.
 */
static size_t append_lower(char *str, size_t cap, size_t len, const char *name)
{
	bool word_begins = true;
	char c;

	for (; *name && len + 1 < cap; name++) {
		c = *name;
		if (word_begins && is_upper(c) && is_lower(name[1]))
			c = (char)(c - 'A' + 'a');
		word_begins = !is_word(c);
		str[len++] = c;
	}
	str[len] = '\0';
	return len;
}

static size_t append(char *str, size_t cap, size_t len, const char *text)
{
	const size_t n = RT_MIN(strlen(text), cap - 1 - len);

	memcpy(str + len, text, n);
	str[len + n] = '\0';
	return len + n;
}

static size_t append_elapsed(char *str, size_t cap, size_t len,
			     uint64_t elapsed_us)
{
	char text[48];

	if (elapsed_us < ELAPSED_SHOWN_US)
		return len;
	snprintf(text, sizeof(text), " after %llu.%02llu s",
		 (unsigned long long)(elapsed_us / 1000000),
		 (unsigned long long)(elapsed_us / 10000 % 100));
	return append(str, cap, len, text);
}

char *rt_error_format(const struct rt_error_info *info, char *str, size_t cap)
{
	struct rt_error_info full;
	size_t len = 0;

	if (cap == 0)
		return str;
	str[0] = '\0';
	rt_api_copy_in(&full, sizeof(full), info);
	if (full.code_name && full.code_name[0]) {
		len = append_lower(str, cap, len, full.code_name);
		len = append_elapsed(str, cap, len, full.elapsed_us);
		if (full.hint && full.hint[0])
			len = append(str, cap, len, ": ");
	}
	if (full.hint)
		append(str, cap, len, full.hint);
	return str;
}

/*
 * What the controller says when a link can't be made as secure as somebody
 * wants it.
 */
static bool is_security(const struct rt_reason *why)
{
	if (why->layer == RT_LAYER_SECURITY)
		return true;
	if (why->layer != RT_LAYER_HCI)
		return false;
	switch (why->code) {
	case 0x05: /* Authentication Failure */
	case 0x06: /* PIN or Key Missing */
	case 0x18: /* Pairing Not Allowed */
	case 0x25: /* Encryption Mode Not Acceptable */
	case 0x29: /* Pairing With Unit Key Not Supported */
	case 0x2f: /* Insufficient Security */
	case 0x37: /* Secure Simple Pairing Not Supported By Host */
	case 0x38: /* Host Busy - Pairing */
		return true;
	default:
		return false;
	}
}

/*
 * Qt calls a link that can't be secured an unknown error, and keeps
 * MissingPermissions for what the system's user has not allowed. Here it is
 * about the one permission there is: that of the peer, or of the user, to
 * connect.
 */
enum rt_socket_error rt_api_error_class(const struct rt_reason *why)
{
	if (is_security(why))
		return RT_SOCKET_ERROR_MISSING_PERMISSIONS;
	switch (why->err) {
	case 0:
	case -ECONNRESET:
		return RT_SOCKET_ERROR_REMOTE_HOST_CLOSED;
	case -EHOSTDOWN:
	case -EHOSTUNREACH:
		return RT_SOCKET_ERROR_HOST_NOT_FOUND;
	case -ECONNREFUSED:
		return RT_SOCKET_ERROR_SERVICE_NOT_FOUND;
	case -EACCES:
	case -EPERM:
		return RT_SOCKET_ERROR_MISSING_PERMISSIONS;
	default:
		return RT_SOCKET_ERROR_NETWORK;
	}
}

static void format_text(struct rt_api_error *error)
{
	struct rt_error_info info;

	rt_api_error_describe(&error->why, error->hint, &info);
	rt_error_format(&info, error->text, sizeof(error->text));
	if (!error->text[0])
		append(error->text, sizeof(error->text), 0, "unknown error");
}

void rt_api_error_from_reason(struct rt_api_error *error,
			      const struct rt_reason *why)
{
	const bool transport = why->layer == RT_LAYER_TRANSPORT;

	/* The controller's end that closed is not the peer. */
	error->code =
		transport ? RT_SOCKET_ERROR_NETWORK : rt_api_error_class(why);
	error->why = *why;
	error->hint = NULL;
	format_text(error);
}

void rt_api_error_from_here(struct rt_api_error *error,
			    enum rt_socket_error code, int err,
			    const char *hint)
{
	error->code = code;
	error->why = (struct rt_reason){ .layer = RT_LAYER_API, .err = err };
	error->hint = hint;
	format_text(error);
}

void rt_api_error_explain(struct rt_api_error *error, enum rt_socket_error code,
			  const char *hint)
{
	error->code = code;
	error->hint = hint;
	format_text(error);
}

void rt_api_error_add_unsent(struct rt_api_error *error, size_t bytes)
{
	const size_t len = strlen(error->text);
	char text[64];

	if (bytes == 0)
		return;
	snprintf(text, sizeof(text), " (%zu octets were not sent)", bytes);
	append(error->text, sizeof(error->text), len, text);
}

void rt_api_copy_out(void *ret, const void *full, size_t full_bytes)
{
	char *to = ret;
	size_t size;
	size_t known;

	memcpy(&size, ret, sizeof(size));
	known = RT_MIN(size, full_bytes);
	if (known <= sizeof(size))
		return;
	memcpy(to + sizeof(size), (const char *)full + sizeof(size),
	       known - sizeof(size));
	memset(to + known, 0, size - known);
}

void rt_api_copy_in(void *ret_full, size_t full_bytes, const void *given)
{
	size_t size = 0;

	memset(ret_full, 0, full_bytes);
	if (given)
		memcpy(&size, given, sizeof(size));
	if (size >= sizeof(size))
		memcpy(ret_full, given, RT_MIN(size, full_bytes));
}
