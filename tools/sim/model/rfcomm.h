/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_RFCOMM_H
#define RT_SIM_RFCOMM_H

#include "tools/sim/model/parts.h"

/*
 * RFCOMM 1.2 with TS 07.10 ("R:", "T:"): what rfcomm.c, mux.c, mcc.c and dlc.c
 * share.
 */

#define FRAME_SABM 0x2fU
#define FRAME_UA 0x63U
#define FRAME_DM 0x0fU
#define FRAME_DISC 0x43U
#define FRAME_UIH 0xefU
#define FRAME_PF 0x10U

#define DLCI_MIN 2
#define DLCI_MAX 61
/* Address, control, length, credits, FCS: N1 is so much below the MTU. */
#define FRAME_EXTRA 6

#define MCC_PN 0x20U
#define MCC_TEST 0x08U
#define MCC_FCON 0x28U
#define MCC_FCOFF 0x18U
#define MCC_MSC 0x38U
#define MCC_NSC 0x04U
#define MCC_RPN 0x24U
#define MCC_RLS 0x14U

#define CL_REQUEST 0xf0
#define CL_RESPONSE 0xe0
#define CREDITS_FIRST_MAX 7
#define N1_MIN 23
#define N1_MAX 32767
#define MSC_FC 0x02
#define MSC_SIGNALS 0x8d

/* What a frame says before anybody acts on it. */
struct frame {
	uint8_t dlci;
	uint8_t type;
	bool pf;
	bool cr;
	bool has_credits;
	uint8_t credits;
	struct rt_bytes info;
};

/*
 * Writes a frame with its FCS, its P/F bit and C/R bit as they have to be.
 * Returns its octets, for which there is room.
 */
size_t model_rfcomm_put(const struct model_mux *mux, uint8_t *ret,
			const struct frame *frame);

/* Sends a frame without information. */
void model_rfcomm_send(struct model *m, struct model_link *link,
		       unsigned int type, uint8_t dlci);

/* Sends a frame of DLCI 0 with these octets. */
void model_rfcomm_send_info(struct model *m, struct model_link *link,
			    struct rt_bytes info);

/* The DLC with this DLCI on the link; NULL if there is none. */
struct model_dlc *model_dlc_of(struct model *m, const struct model_link *link,
			       uint8_t dlci);

/* A DLC that a peer opens, in state ASKED; NULL if there is no such server. */
struct model_dlc *model_dlc_accept(struct model *m, struct model_link *link,
				   uint8_t dlci);

/* The session is open: goes on with a DLC that waited for it. */
void model_dlc_start(struct model *m, struct model_dlc *dlc);

/* PN has been settled: SABM. */
void model_dlc_sabm(struct model *m, struct model_dlc *dlc);

/* SABM has been answered: MSC. */
void model_dlc_established(struct model *m, struct model_dlc *dlc);

/* Opens the DLC if MSC has gone both ways. */
void model_dlc_check_open(struct model *m, struct model_dlc *dlc);

/* It is over: `closed` or `failed`. */
void model_dlc_end(struct model *m, struct model_dlc *dlc, enum model_end why);

/* Data and credits for it. */
void model_dlc_rx(struct model *m, struct model_dlc *dlc,
		  const struct frame *f);

/* The largest N1 that we propose or agree to on this session. */
uint16_t model_dlc_n1(const struct model *m, const struct model_link *link);

/* Credits that we give at first. */
uint8_t model_dlc_first_credits(const struct model *m);

/* A multiplexer message, as the information of a UIH frame of DLCI 0. */
void model_mcc_rx(struct model *m, struct model_link *link,
		  struct rt_bytes info);

/* Sends a message of ours; a command is awaited an answer to. */
void model_mcc_send(struct model *m, struct model_link *link, unsigned int type,
		    bool command, struct rt_bytes value);

/* PN about a DLC of ours. */
void model_mcc_send_pn(struct model *m, struct model_dlc *dlc);

/* MSC of a DLC, with our signals. */
void model_mcc_send_msc(struct model *m, struct model_dlc *dlc);

/* SABM, UA, DM or DISC on DLCI 0. */
void model_mux_control(struct model *m, struct model_link *link,
		       unsigned int type);

/* The session ends in order; it is opened anew if a DLC waits for it. */
void model_mux_closed(struct model *m, struct model_link *link,
		      enum model_end why);

/* A DLC has ended: the session may have become useless. */
void model_mux_unused(struct model *m, struct model_link *link);

#endif
