/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp.h"

#include <errno.h>

struct code {
	const char *name;
	const char *hint;
	int err;
	uint16_t code;
};

static const struct code codes[] = {
	{ "Invalid/unsupported SDP version",
	  "the peer speaks another version of SDP", -EPROTONOSUPPORT,
	  RT_SDP_BAD_VERSION },
	{ "Invalid Service Record Handle",
	  "the peer has withdrawn the record: search for the service again",
	  -ENOENT, RT_SDP_BAD_HANDLE },
	{ "Invalid request syntax",
	  "the peer did not understand the request: the capture shows it",
	  -EPROTO, RT_SDP_BAD_SYNTAX },
	{ "Invalid PDU Size",
	  "the peer did not understand the request: the capture shows it",
	  -EPROTO, RT_SDP_BAD_SIZE },
	{ "Invalid Continuation State", "the peer refused to begin its answer",
	  -EPROTO, RT_SDP_BAD_CONTINUATION },
	{ "Insufficient Resources",
	  "the peer has no memory for the request: try again later", -EBUSY,
	  RT_SDP_NO_RESOURCES },
	{ "No answer",
	  "the peer took the request and did not answer within 30 s",
	  -ETIMEDOUT, RT_SDP_TIMEOUT },
	{ "Malformed answer",
	  "the peer's answer makes no sense: the capture shows it", -EBADMSG,
	  RT_SDP_MALFORMED },
	{ "Too long",
	  "the answer is longer than a sane list of services, or the request "
	  "than the peer receives: ask for fewer attributes",
	  -EMSGSIZE, RT_SDP_TOO_LONG },
	{ "No progress",
	  "the peer's answer goes on without end: its SDP server is broken",
	  -EPROTO, RT_SDP_NO_PROGRESS },
	{ "Records changed",
	  "the peer's services changed during each attempt: try again", -EAGAIN,
	  RT_SDP_CHANGED },
};

static const struct code *find(uint16_t code)
{
	static const struct code unknown = { "Unknown", "", -EIO, 0 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(codes); i++) {
		if (codes[i].code == code)
			return &codes[i];
	}
	return &unknown;
}

const char *rt_sdp_code_name(uint16_t code)
{
	return find(code)->name;
}

int rt_sdp_code_errno(uint16_t code)
{
	return find(code)->err;
}

const char *rt_sdp_code_hint(uint16_t code)
{
	return find(code)->hint;
}
