/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_SDP_H
#define RT_SIM_SDP_H

#include "tools/sim/model/parts.h"

/* Numbers of SDP (Core Vol 3 Part B 4.2, 4.4.1; Assigned Numbers). */

#define SDP_ERROR 0x01
#define SDP_SEARCH_REQ 0x02
#define SDP_ATTRIBUTE_REQ 0x04
#define SDP_SEARCH_ATTRIBUTE_REQ 0x06
#define SDP_SEARCH_ATTRIBUTE_RSP 0x07

#define ERROR_HANDLE 0x0002
#define ERROR_SYNTAX 0x0003
#define ERROR_SIZE 0x0004
#define ERROR_CONTINUATION 0x0005

#define UUID_RFCOMM 0x0003
#define UUID_L2CAP 0x0100
#define UUID_BROWSE_ROOT 0x1002
#define UUID_SERIAL_PORT 0x1101

#endif
