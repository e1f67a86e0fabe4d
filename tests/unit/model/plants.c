/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/plants.h"

#include "stack/base.h"

#define S(at, value)                 \
	{                            \
		SET, at, value, NULL \
	}
#define W(at, value)                   \
	{                              \
		SET16, at, value, NULL \
	}
#define F(at, bits)                  \
	{                            \
		FLIP, at, bits, NULL \
	}
#define M(at, more)                  \
	{                            \
		MORE, at, more, NULL \
	}
#define C(n)                    \
	{                       \
		CUT, 0, n, NULL \
	}
#define A(hex)                 \
	{                      \
		ADD, 0, 0, hex \
	}
#define R(hex)                     \
	{                          \
		REPLACE, 0, 0, hex \
	}
#define T                         \
	{                         \
		TWICE, 0, 0, NULL \
	}
#define G                         \
	{                         \
		GO_ON, 0, 0, NULL \
	}
#define D                        \
	{                        \
		DROP, 0, 0, NULL \
	}
#define CID(cid)                     \
	{                            \
		TO_CID, 0, cid, NULL \
	}

#define ZEROS_36                                                 \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 " \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"

/* clang-format off */

const struct plant plants[] = {
	/* ACL packets */
	{ "acl: a continuation of nothing", HOST_RFCOMM, false, ACL_SIG, 0x04,
	  0, 0, { G } },
	{ "acl: a start, 15 of 16 octets pending", HOST_RFCOMM, false,
	  ACL_SIG, 0x04, 0, 0, { C(1), M(2, 0xffff) } },
	{ "acl: 17 octets of a PDU of 16", HOST_RFCOMM, false, ACL_SIG, 0x04,
	  0, 0, { A("00"), M(2, 1) } },
	{ "l2cap: a PDU of 12304 octets", HOST_RFCOMM, false, ACL_SIG, 0x04,
	  0, 0, { M(4, 0x3000) } },

	/* C-frames */
	{ "l2cap: identifier 0", HOST_RFCOMM, false, SIG, 0x04, 0, 0,
	  { S(1, 0) } },
	{ "l2cap: a C-frame of 52 octets", HOST_RFCOMM, false, SIG, 0x04, RAW,
	  0, { A("08 21 24 00"), A(ZEROS_36) } },
	{ "l2cap: an empty C-frame", HOST_RFCOMM, false, SIG, 0x04, RAW, 0,
	  { C(12) } },
	{ "l2cap: a command cut short", HOST_RFCOMM, false, SIG, 0x04, RAW, 0,
	  { C(1) } },
	{ "l2cap: command 0x30\n", HOST_RFCOMM, false, SIG, 0x0a, 0, 0,
	  { S(0, 0x30) } },
	{ "l2cap: identifier 1 used again after", HOST_BASIC, false, SIG, 0x04,
	  0, 0, { S(1, 1) } },

	/* requests */
	{ "l2cap: command 0x02 with 5 octets", HOST_BASIC, false, SIG, 0x02, 0,
	  0, { A("00") } },
	{ "l2cap: connection to PSM 0x1004", HOST_BASIC, false, SIG, 0x02, 0,
	  0, { S(4, 0x04) } },
	{ "l2cap: connection to PSM 0x1105", HOST_BASIC, false, SIG, 0x02, 0,
	  0, { S(5, 0x11) } },
	{ "l2cap: connection from 0x0010\n", HOST_BASIC, false, SIG, 0x02, 0,
	  0, { W(6, 0x10) } },
	{ "l2cap: connection from 0x0040, in use", HOST_BASIC, false, SIG,
	  0x04, 0, 0, { R("02 09 04 00 05 10 40 00") } },
	{ "l2cap: command 0x04 with 2 octets", HOST_BASIC, false, SIG, 0x04, 0,
	  0, { R("04 09 02 00 40 00") } },
	{ "l2cap: configuration of 0x0333, that never was", HOST_BASIC, false,
	  SIG, 0x04, 0, 0, { W(4, 0x333) } },
	{ "l2cap: configuration flags 0x0010", HOST_BASIC, false, SIG, 0x04, 0,
	  0, { W(6, 0x10) } },
	{ "l2cap: configuration option 0x01 of 1", HOST_BASIC, false, SIG,
	  0x04, 0, 0, { S(9, 1), C(1) } },
	{ "l2cap: configuration option 0x01 of 3", HOST_BASIC, false, SIG,
	  0x04, 0, 0, { S(9, 3) } },
	{ "l2cap: configuration option 0x07, that we", HOST_BASIC, false, SIG,
	  0x04, 0, 0, { A("07 02 10 00") } },
	{ "l2cap: an MTU of 47", HOST_BASIC, false, SIG, 0x04, 0, 0,
	  { W(10, 47) } },
	{ "l2cap: FCS type 2", HOST_ERTM, false, SIG, 0x04, 0, 0,
	  { A("05 01 02") } },
	{ "l2cap: mode 2, that we", HOST_ERTM, false, SIG, 0x04, 0, 0,
	  { S(14, 2) } },
	{ "l2cap: a window of 0", HOST_ERTM, false, SIG, 0x04, 0, 0,
	  { S(15, 0) } },
	{ "l2cap: a window of 64", HOST_ERTM, false, SIG, 0x04, 0, 0,
	  { S(15, 64) } },
	{ "l2cap: an MPS of 0", HOST_ERTM, false, SIG, 0x04, 0, 0,
	  { W(21, 0) } },
	{ "l2cap: command 0x06 with 5 octets", HOST_BASIC, false, SIG, 0x06, 0,
	  0, { A("00") } },
	{ "l2cap: disconnection of 0x0333, that never was", HOST_BASIC, false,
	  SIG, 0x06, 0, 0, { W(4, 0x333) } },
	{ "l2cap: disconnection of 0x0040 from 0x0041", HOST_BASIC, false, SIG,
	  0x06, 0, 0, { W(6, 0x41) } },
	{ "l2cap: command 0x0a with 3 octets", HOST_BASIC, false, SIG, 0x0a, 0,
	  0, { A("00") } },
	{ "l2cap: information of type 9", HOST_BASIC, false, SIG, 0x0a, 0, 0,
	  { W(4, 9) } },

	/* responses */
	{ "l2cap: response 0x05 without a request", HOST_BASIC, false, SIG,
	  0x05, 0, 0, { S(1, 0x77) } },
	{ "l2cap: response 0x05 without a request", HOST_BASIC, false, SIG,
	  0x05, RAW, 0, { T } },
	{ "l2cap: response 0x07 without a request", HOST_BASIC, false, SIG,
	  0x05, 0, 0, { S(0, 0x07) } },
	{ "l2cap: response 0x03 with 9 octets", MODEL_BASIC_CHAN, false, SIG,
	  0x03, 0, 0, { A("00") } },
	{ "l2cap: connection result 9", MODEL_BASIC_CHAN, false, SIG, 0x03, 0,
	  0, { W(8, 9) } },
	{ "l2cap: connection result 1, status 3", MODEL_BASIC_CHAN, false, SIG,
	  0x03, 0, 0, { W(8, 1), W(10, 3) } },
	{ "l2cap: connection of 0x0040 answered with 0x0099",
	  MODEL_BASIC_CHAN, false, SIG, 0x03, 0, 0, { W(6, 0x99) } },
	{ "l2cap: connection accepted by 0x0003", MODEL_BASIC_CHAN, false, SIG,
	  0x03, 0, 0, { W(4, 3) } },
	{ "l2cap: response 0x05 with 4 octets", HOST_BASIC, false, SIG, 0x05,
	  0, 0, { C(6) } },
	{ "l2cap: configuration of 0x0040 answered with 0x0077", HOST_BASIC,
	  false, SIG, 0x05, 0, 0, { W(4, 0x77) } },
	{ "l2cap: configuration result 9", HOST_BASIC, false, SIG, 0x05, 0, 0,
	  { W(8, 9) } },
	{ "l2cap: an answer in parts", HOST_BASIC, false, SIG, 0x05, 0, 0,
	  { W(6, 1) } },
	{ "l2cap: success without the retransmission option", HOST_ERTM, false,
	  SIG, 0x05, 0, 0, { C(11) } },
	{ "l2cap: success with mode 4", HOST_ERTM, false, SIG, 0x05, 0, 0,
	  { S(16, 4) } },
	{ "l2cap: MPS 100 answered with 101", HOST_ERTM, false, SIG, 0x05, 0,
	  0, { W(23, 101) } },
	{ "l2cap: window 4 answered with 9", HOST_ERTM, false, SIG, 0x05, 0, 0,
	  { S(17, 9) } },
	{ "l2cap: timers 0 and 12000 ms", HOST_ERTM, false, SIG, 0x05, 0, 0,
	  { W(19, 0) } },
	{ "l2cap: response 0x07 with 5 octets", MODEL_BASIC_CHAN, false, SIG,
	  0x07, 0, 0, { A("00") } },
	{ "l2cap: disconnection answered with 0x0077", MODEL_BASIC_CHAN, false,
	  SIG, 0x07, 0, 0, { W(4, 0x77) } },
	{ "l2cap: response 0x0b with 9 octets", MODEL_ERTM_CHAN, false, SIG,
	  0x0b, 0, 0, { A("00") } },
	{ "l2cap: information 2, result 5", MODEL_ERTM_CHAN, false, SIG, 0x0b,
	  0, 0, { W(6, 5) } },
	{ "l2cap: identifier 119 rejected, that asks nothing", HOST_BASIC,
	  false, SIG, 0x05, 0, 0, { R("01 77 02 00 00 00") } },
	{ "l2cap: command 0x04 rejected, reason 0", HOST_BASIC, false, SIG,
	  0x05, 0, 0, { S(0, 1), W(4, 0), C(8) } },
	{ "l2cap: response 0x01 with", HOST_BASIC, false, SIG, 0x05, 0, 0,
	  { S(0, 1), W(4, 2) } },

	/* channels */
	{ "l2cap: a PDU for channel 0x0003, that we do not", HOST_BASIC, false,
	  BASIC, ANY, 0, 0, { CID(3) } },
	{ "l2cap: a PDU for channel 0x0333, that never was", HOST_BASIC, false,
	  BASIC, ANY, 0, 0, { CID(0x333) } },
	{ "l2cap: data for channel 0x0040 before it is open", HOST_BASIC,
	  false, SIG, 0x04, RAW, 0, { CID(0x40) } },
	{ "l2cap: data for channel 0x0040 after its", HOST_RFCOMM, false, DATA,
	  ANY, RAW, 0, { CID(1), R("06 55 04 00 40 00 40 00") } },
	{ "l2cap: 250 octets, our MTU is 200", MODEL_BASIC_CHAN, true, SIG,
	  0x04, LONG, 0, { W(10, 1000) } },

	/* enhanced retransmission and streaming */
	{ "l2cap: wrong FCS", HOST_ERTM, false, I_FRAME, ANY, RAW, 0,
	  { F(10, 1) } },
	{ "l2cap: wrong FCS", HOST_ERTM, false, S_FRAME, ANY, RAW, 0,
	  { F(-1, 0x80) } },
	{ "l2cap: wrong FCS", HOST_STREAMING, false, I_FRAME, ANY, RAW, 0,
	  { F(10, 1) } },
	{ "l2cap: a frame of 2 octets", HOST_ERTM, false, I_FRAME, ANY, RAW, 0,
	  { R("00 00") } },
	{ "l2cap: TxSeq outside the window", HOST_ERTM, false, I_FRAME, ANY, 0,
	  0, { F(0, 0x40) } },
	{ "l2cap: ReqSeq outside the window", HOST_ERTM, false, I_FRAME, ANY,
	  0, 0, { F(1, 0x20) } },
	{ "l2cap: ReqSeq outside the window", HOST_ERTM, false, S_FRAME, ANY,
	  0, 0, { F(1, 0x20) } },
	{ "l2cap: TxSeq 1 after 0", HOST_ERTM, false, I_FRAME, ANY, 0, 0,
	  { D } },
	{ "l2cap: TxSeq 0 sent 4 times", HOST_ERTM, false, I_FRAME, ANY,
	  ALWAYS, 0, { S(0, 0) } },
	{ "l2cap: more frames than the window", HOST_ERTM, true, SIG, 0x04, 0,
	  0, { S(15, 20) } },
	{ "octets in a frame, MPS 100", HOST_ERTM, true, SIG, 0x04, 0, 0,
	  { W(21, 140) } },
	{ "l2cap: a part without a start", HOST_ERTM, false, I_FRAME, 1, 0, 0,
	  { C(2), F(1, 0xc0) } },
	{ "l2cap: an SDU inside of an SDU", HOST_ERTM, false, I_FRAME, 2, 0, 0,
	  { F(1, 0xc0) } },
	{ "l2cap: an SDU inside of an SDU", HOST_ERTM, false, I_FRAME, 2, 0, 0,
	  { F(1, 0x80) } },
	{ "l2cap: parts longer than the SDU", HOST_ERTM, false, I_FRAME, 1, 0,
	  0, { W(2, 50) } },
	{ "l2cap: parts shorter than the SDU", HOST_ERTM, false, I_FRAME, 1, 0,
	  0, { W(2, 160) } },
	{ "l2cap: an SDU over our MTU", HOST_ERTM, false, I_FRAME, 1, 0, 0,
	  { W(2, 5000) } },
	{ "l2cap: an SDU over our MTU", MODEL_ERTM_CHAN, true, SIG, 0x04, LONG,
	  0, { W(10, 1500) } },
	{ "l2cap: an SDU over our MTU", HOST_STREAMING, false, I_FRAME, 1, 0,
	  0, { W(2, 5000) } },
	{ "l2cap: S-frame", HOST_ERTM, false, S_FRAME, ANY, 0, 0,
	  { F(0, 0x20) } },
	{ "l2cap: S-frame", HOST_ERTM, false, S_FRAME, ANY, 0, 0,
	  { A("00") } },
	{ "l2cap: S-frame with P and F", HOST_ERTM, false, S_FRAME, ANY, 0, 0,
	  { F(0, 0x90) } },
	{ "l2cap: F that answers no poll", HOST_ERTM, false, S_FRAME, ANY, 0,
	  0, { F(0, 0x80) } },
	{ "l2cap: F that answers no poll", HOST_ERTM, false, I_FRAME, ANY, 0,
	  0, { F(0, 0x80) } },
	{ "l2cap: SREJ of a frame not sent", HOST_ERTM, false, S_FRAME, ANY, 0,
	  0, { S(0, 0x0d) } },
	{ "in streaming mode", HOST_STREAMING, false, I_FRAME, ANY, 0, 0,
	  { F(1, 0x01) } },
	{ "in streaming mode", HOST_STREAMING, false, I_FRAME, ANY, 0, 0,
	  { F(0, 0x01) } },
	{ "l2cap: TxSeq 1 after 0", HOST_STREAMING, false, I_FRAME, ANY, 0, 0,
	  { D } },

	/* RFCOMM frames */
	{ "rfcomm: a frame cut short", HOST_RFCOMM, false, RFCOMM, 0x2f, RAW,
	  0, { R("03 3f") } },
	{ "rfcomm: EA of the address is 0", HOST_RFCOMM, false, RFCOMM, 0x2f,
	  0, 0, { F(0, 1) } },
	{ "rfcomm: the length is not that of the frame", HOST_RFCOMM, false,
	  RFCOMM, 0x2f, RAW, 0, { F(2, 2) } },
	{ "rfcomm: the length is not that of the frame", HOST_RFCOMM, false,
	  DATA, ANY, RAW, 0, { F(2, 2) } },
	{ "rfcomm: wrong FCS", HOST_RFCOMM, false, RFCOMM, 0x2f, RAW, 0,
	  { F(3, 1) } },
	{ "rfcomm: wrong FCS", HOST_RFCOMM, false, DATA, ANY, RAW, 0,
	  { F(-1, 1) } },
	{ "rfcomm: frame 0x2f of DLCI 0 with C/R 0", HOST_RFCOMM, false,
	  RFCOMM, 0x2f, 0, 0, { F(0, 2) } },
	{ "rfcomm: frame 0xef of DLCI 10 with C/R 0", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { F(0, 2) } },
	{ "rfcomm: frame 0x63 of DLCI 18 with C/R 0", MODEL_RFCOMM, false,
	  RFCOMM, 0x63, 0, 1, { F(0, 2) } },
	{ "rfcomm: DLCI 62", HOST_RFCOMM, false, RFCOMM, 0x2f, 0, 1,
	  { S(0, 0xfb) } },
	{ "rfcomm: credits for DLCI 0", HOST_RFCOMM, false, MCC, ANY, 0, 0,
	  { F(1, 0x10) } },
	{ "rfcomm: credits that are not agreed on", HOST_RFCOMM, false, RFCOMM,
	  0xef, 0, 0, { R("2b ff 01 00") } },
	{ "rfcomm: frame 0x2f with 1 octets", HOST_RFCOMM, false, RFCOMM, 0x2f,
	  0, 0, { R("03 3f 03 00 00") } },
	{ "rfcomm: frame 0x2f without P/F", HOST_RFCOMM, false, RFCOMM, 0x2f,
	  0, 0, { F(1, 0x10) } },
	{ "rfcomm: frame 0x03\n", HOST_RFCOMM, false, RFCOMM, 0x2f, 0, 1,
	  { S(1, 0x13) } },
	{ "rfcomm: frame 0x2f of DLCI 10 outside of a session", HOST_RFCOMM,
	  false, RFCOMM, 0x2f, 0, 0, { S(0, 0x2b) } },
	{ "rfcomm: frame 0x63 of DLCI 0 in state", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { R("01 73 01 00") } },
	{ "rfcomm: a second session", HOST_RFCOMM, false, DATA, ANY, RAW, 0,
	  { CID(1), R("02 66 04 00 03 00 50 00") } },

	/* RFCOMM data link connections */
	{ "rfcomm: SABM for DLCI 11, of its own", HOST_RFCOMM, false, RFCOMM,
	  0x2f, 0, 1, { S(0, 0x2f) } },
	{ "rfcomm: SABM for DLCI 10, that is there", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { R("2b 3f 01 00") } },
	{ "rfcomm: UA for DLCI 10, that nothing asks for", HOST_RFCOMM, false,
	  DATA, ANY, 0, 0, { R("29 73 01 00") } },
	{ "rfcomm: DM for DLCI 20, that never was", HOST_RFCOMM, false,
	  DATA, ANY, 0, 0, { R("51 1f 01 00") } },
	{ "rfcomm: DISC for DLCI 20, that never was", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { R("53 53 01 00") } },
	{ "rfcomm: data for DLCI 20, that never was", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { S(0, 0x53) } },
	{ "rfcomm: data for DLCI 10, after its end", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { R("2b 53 01 00") } },
	{ "rfcomm: data on DLCI 10 before it is open", HOST_RFCOMM, false,
	  RFCOMM, 0x2f, 0, 1, { R("2b ef 03 55 00") } },
	{ "rfcomm: data on DLCI 10 before MSC", HOST_RFCOMM, false, MCC, 0xe3,
	  0, 0, { R("2b ef 03 55 00") } },
	{ "rfcomm: data on DLCI 10 without a credit", HOST_RFCOMM, true, MCC,
	  0x81, 0, 0, { S(12, 7) } },
	{ "rfcomm: 201 octets on DLCI 10, N1 is 200", HOST_RFCOMM, false, DATA,
	  ANY, 0, 0, { W(2, 201 << 1), A("00") } },

	/* RFCOMM messages */
	{ "rfcomm: messages of 10 octets that do not read", HOST_RFCOMM, false, MCC, 0x83, RAW, 0,
	  { F(4, 2) } },
	{ "rfcomm: message 0xe3 for octet 0x2a", HOST_RFCOMM, false, MCC, 0xe3,
	  0, 0, { F(5, 1) } },
	{ "rfcomm: message 0x43\n", HOST_RFCOMM, false, MCC, 0xe3, 0, 0,
	  { S(3, 0x43) } },
	{ "rfcomm: response 0x91 to nothing", HOST_RFCOMM, false, MCC, 0xe3, 0,
	  0, { S(3, 0x91) } },
	{ "rfcomm: PN of DLCI 10: CL 0xf0", HOST_RFCOMM, false, MCC, 0x83, 0,
	  0, { S(12, 8) } },
	{ "rfcomm: PN of DLCI 10: CL 0xe0", HOST_RFCOMM, false, MCC, 0x83, 0,
	  0, { S(6, 0xe0) } },
	{ "rfcomm: PN of DLCI 10: CL 0xf0", HOST_RFCOMM, false, MCC, 0x83, 0,
	  0, { W(9, 22) } },
	{ "rfcomm: PN of DLCI 11, of its own", HOST_RFCOMM, false, MCC, 0x83,
	  0, 0, { S(5, 11) } },
	{ "rfcomm: PN of 7 octets", HOST_RFCOMM, false, MCC, 0x83, 0, 0,
	  { S(4, 0x0f), C(1) } },
	{ "rfcomm: N1 200 answered with 250", MODEL_RFCOMM, false, MCC, 0x81,
	  0, 0, { W(9, 250) } },
	{ "rfcomm: MSC of 5 octets", HOST_RFCOMM, false, MCC, 0xe3, 0, 0,
	  { A("00 00 00"), S(4, 0x0b) } },
	{ "rfcomm: EA of signals is 0", HOST_RFCOMM, false, MCC, 0xe3, 0, 0,
	  { F(6, 1) } },
	{ "rfcomm: MSC for DLCI 20, that never was", HOST_RFCOMM, false, MCC,
	  0xe3, 0, 0, { S(5, 0x53) } },
	{ "rfcomm: RLS of 3 octets", HOST_RFCOMM, false, MCC, 0xe3, 0, 0,
	  { A("00"), S(3, 0x53), S(4, 0x07) } },
	{ "rfcomm: RPN of 2 octets", HOST_RFCOMM, false, MCC, 0xe3, 0, 0,
	  { S(3, 0x93) } },
	{ "rfcomm: message 0x63 of 2 octets", HOST_RFCOMM, false, MCC, 0xe3, 0,
	  0, { S(3, 0x63) } },

	/* SDP */
	{ "sdp: a request of", HOST_SDP, false, SDP, ANY, RAW, 0,
	  { F(4, 1) } },
	{ "sdp: PDU 0x0a\n", HOST_SDP, false, SDP, ANY, 0, 0, { S(0, 0x0a) } },
	{ "that does not read", HOST_SDP, false, SDP, ANY, 0, 0,
	  { S(5, 0x00) } },
	{ "sdp: a continuation of", HOST_SDP, false, SDP, ANY, 0, 1,
	  { F(-1, 1) } },
	{ "sdp: transaction", MODEL_SDP, false, SDP, 0x07, 0, 0,
	  { F(2, 1) } },
	{ "sdp: a response of another length", MODEL_SDP, false, SDP, 0x07,
	  RAW, 0, { F(4, 1) } },
	{ "sdp: a response of another kind", MODEL_SDP, false, SDP, 0x07, 0, 0,
	  { S(0, 0x05) } },
	{ "sdp: a response that does not read", MODEL_SDP, false, SDP, 0x07, 0,
	  0, { S(6, 1) } },
	{ "sdp: more octets than we asked for", MODEL_SDP, true, SDP, 0x06,
	  ALWAYS, 0, { S(11, 200) } },
	{ "sdp: a part of no octets", MODEL_SDP, false, SDP, 0x07, 0, 0,
	  { W(5, 0), S(7, 0), C(61) } },
	{ "sdp: lists that do not read", MODEL_SDP, false, SDP, 0x07, 0, 0,
	  { S(7, 0x25) } },
	{ "sdp: error 0x0009", MODEL_SDP, false, SDP, 0x07, 0, 0,
	  { S(0, 0x01), W(5, 0x0900), C(62) } },
};

/* clang-format on */

const size_t plant_count = RT_ARRAY_SIZE(plants);
