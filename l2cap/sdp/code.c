/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp.h"

#include <errno.h>

#include "stack/base.h"
#include "stack/code.h"

static const struct rt_code codes[] = {
	{ RT_SDP_BAD_VERSION, -EPROTONOSUPPORT,
	  "Invalid/unsupported SDP version",
	  "the peer speaks another version of SDP" },
	{ RT_SDP_BAD_HANDLE, -ENOENT, "Invalid Service Record Handle",
	  "the peer has withdrawn the record: search for the service again" },
	{ RT_SDP_BAD_SYNTAX, -EPROTO, "Invalid request syntax",
	  "the peer did not understand the request: the capture shows it" },
	{ RT_SDP_BAD_SIZE, -EPROTO, "Invalid PDU Size",
	  "the peer did not understand the request: the capture shows it" },
	{ RT_SDP_BAD_CONTINUATION, -EPROTO, "Invalid Continuation State",
	  "the peer refused to begin its answer" },
	{ RT_SDP_NO_RESOURCES, -EBUSY, "Insufficient Resources",
	  "the peer has no memory for the request: try again later" },
	{ RT_SDP_TIMEOUT, -ETIMEDOUT, "No answer",
	  "the peer took the request and did not answer within 30 s" },
	{ RT_SDP_MALFORMED, -EBADMSG, "Malformed answer",
	  "the peer's answer makes no sense: the capture shows it" },
	{ RT_SDP_TOO_LONG, -EMSGSIZE, "Too long",
	  "the answer is longer than a sane list of services, or the request "
	  "than the peer receives: ask for fewer attributes" },
	{ RT_SDP_NO_PROGRESS, -EPROTO, "No progress",
	  "the peer's answer goes on without end: its SDP server is broken" },
	{ RT_SDP_CHANGED, -EAGAIN, "Records changed",
	  "the peer's services changed during each attempt: try again" },
};

static const struct rt_code *find(uint16_t code)
{
	static const struct rt_code unknown = { 0, -EIO, "Unknown", "" };
	const struct rt_code *row =
		rt_code_find(codes, RT_ARRAY_SIZE(codes), code);

	return row ? row : &unknown;
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
