/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_LIE_H
#define RT_SIM_LIE_H

#include <stdint.h>

/*
 * What a hostile peer does: each is one sentence of the specification broken,
 * or one promise not kept. A lie is told instead of, or besides, a PDU that
 * the honest model was about to send.
 */

/* clang-format off */

/* X(what it is, its name, kinds of PDUs that it goes with) */
#define MODEL_LIES(X) \
	/* ACL packets and L2CAP frames */ \
	X(PDU_CUT, "pdu-cut", ANY) /* octets missing at the end */ \
	X(PDU_LENGTH, "pdu-length", ANY) /* length field one off */ \
	X(PDU_LENGTH_MAX, "pdu-length-max", ANY) /* 0xFFFF */ \
	X(PDU_EMPTY, "pdu-empty", ANY) /* no payload at all */ \
	X(ACL_START_TWICE, "acl-start-twice", ANY) /* the first never ends */ \
	X(ACL_ORPHAN, "acl-orphan", ANY) /* continuation without a start */ \
	X(ACL_CRUMBS, "acl-crumbs", ANY) /* an octet a fragment: legal */ \
	X(ACL_EMPTY, "acl-empty", ANY) /* packets of no octets */ \
	X(CID_STRANGE, "cid-strange", ANY) /* reserved and unknown ones */ \
	X(LINK_DROP, "link-drop", ANY) /* the link ends in mid-PDU */ \
	/* L2CAP signalling */ \
	X(SIG_WRONG_ID, "sig-wrong-id", SIG) \
	X(SIG_ZERO_ID, "sig-zero-id", SIG) \
	X(SIG_TWICE, "sig-twice", SIG) \
	X(SIG_MUTE, "sig-mute", SIG) /* never sent */ \
	X(SIG_CODE, "sig-code", SIG) /* a code that there is not */ \
	X(SIG_LENGTH, "sig-length", SIG) /* the command's length field */ \
	X(SIG_TAIL, "sig-tail", SIG) /* a second command, cut short */ \
	X(SIG_ECHO_FLOOD, "sig-echo-flood", SIG) /* 168 in one C-frame */ \
	X(SIG_UNSOLICITED, "sig-unsolicited", SIG) /* responses to nothing */ \
	X(SIG_REJECT, "sig-reject", SIG) /* Command Reject instead */ \
	X(SIG_TOO_LONG, "sig-too-long", SIG) /* over any MTUsig */ \
	X(CONNECT_SCID_USED, "connect-scid-used", SIG) \
	X(CONNECT_SCID_RESERVED, "connect-scid-reserved", SIG) \
	X(CONNECT_PSM, "connect-psm", SIG) /* not odd, or unknown */ \
	X(CONNECT_FLOOD, "connect-flood", SIG) \
	X(CONNECT_PENDING, "connect-pending", SIG) /* for ever */ \
	X(RESPONSE_CID, "response-cid", SIG) /* of no channel */ \
	X(CONFIG_OPTION_LENGTH, "config-option-length", SIG) \
	X(CONFIG_OPTION_UNKNOWN, "config-option-unknown", SIG) \
	X(CONFIG_ENDLESS, "config-endless", SIG) /* requests, one by one */ \
	X(CONFIG_REFUSE, "config-refuse", SIG) /* whatever it is */ \
	X(CONFIG_MORE, "config-more", SIG) /* "continued", for ever */ \
	X(CONFIG_MTU, "config-mtu", SIG) /* less than 48 */ \
	X(CONFIG_WINDOW, "config-window", SIG) /* TxWindow 0 or 64 */ \
	X(CONFIG_MPS, "config-mps", SIG) /* 0, or more than fits */ \
	X(CONFIG_MODE, "config-mode", SIG) /* another, or none that is */ \
	X(DISCONNECT_WRONG, "disconnect-wrong", SIG) /* ids that don't fit */ \
	/* enhanced retransmission and streaming */ \
	X(ERTM_REQSEQ, "ertm-reqseq", FRAME) /* outside the window */ \
	X(ERTM_TXSEQ, "ertm-txseq", IFRAME) /* outside the window */ \
	X(ERTM_SAR, "ertm-sar", IFRAME) /* in the wrong order */ \
	X(ERTM_SDU_LENGTH, "ertm-sdu-length", IFRAME) \
	X(ERTM_FCS, "ertm-fcs", FRAME) \
	X(ERTM_FINAL, "ertm-final", FRAME) /* P and F that answer nothing */ \
	X(ERTM_REJECT, "ertm-reject", FRAME) /* REJ and SREJ of any frame */ \
	X(ERTM_BUSY, "ertm-busy", FRAME) /* RNR, for ever */ \
	X(ERTM_MPS, "ertm-mps", IFRAME) /* longer than the MPS */ \
	/* RFCOMM */ \
	X(RFC_FCS, "rfc-fcs", RFCOMM) \
	X(RFC_CR, "rfc-cr", RFCOMM) \
	X(RFC_LENGTH, "rfc-length", RFCOMM) \
	X(RFC_OVER_N1, "rfc-over-n1", RFCOMM) \
	X(RFC_NO_CREDIT, "rfc-no-credit", RFCOMM) /* more than were granted */ \
	X(RFC_CREDITS, "rfc-credits", RFCOMM) /* 255 again and again */ \
	X(RFC_WITHHOLD, "rfc-withhold", RFCOMM) /* credits, for ever */ \
	X(RFC_DLCI, "rfc-dlci", RFCOMM) /* SABM and PN for what is none */ \
	X(RFC_DISC_0, "rfc-disc-0", RFCOMM) /* at any time */ \
	X(RFC_PN, "rfc-pn", RFCOMM) /* N1 of 0, convergence layers */ \
	X(RFC_MCC, "rfc-mcc", RFCOMM) /* lengths: RPN of 1, MSC of 9 */ \
	X(RFC_TEST, "rfc-test", RFCOMM) /* of 1000 octets */ \
	X(RFC_MUTE, "rfc-mute", RFCOMM) /* SABM, UA, messages never sent */ \
	X(RFC_UNSOLICITED, "rfc-unsolicited", RFCOMM) /* UA, DM, answers */ \
	/* SDP */ \
	X(SDP_CONTINUATION, "sdp-continuation", SDP) /* forged, endless */ \
	X(SDP_NESTED, "sdp-nested", SDP) /* elements 1000 deep */ \
	X(SDP_TRANSACTION, "sdp-transaction", SDP) /* id, or PDU of another */ \
	X(SDP_LENGTH, "sdp-length", SDP) /* of parameters, lists, counts */

/* clang-format on */

enum model_lie {
#define X(id, name, kinds) MODEL_LIE_##id,
	MODEL_LIES(X)
#undef X
		MODEL_LIE_COUNT,
};

/* Bit of a lie in model_lies.mask. */
#define MODEL_LIE_BIT(lie) (UINT64_C(1) << (lie))

struct model_lies {
	unsigned int permille; /* of PDUs that come with a lie; 0: none */
	uint64_t mask;	       /* which lies; 0: all */
};

/* The lie's name, "sig-mute"; NULL if there is no such lie. */
const char *model_lie_name(enum model_lie lie);

#endif
