/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_PDU_H
#define RT_TOOL_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Names of packets, and packets as lines. */

#define RT_PDU_NAME_BYTES 40

/* The name of a signalling command (Core Vol 3 Part A 4), or "" to `str`. */
void rt_pdu_name_signal(const uint8_t *data, size_t bytes, char *str);

/*
 * The name of an RFCOMM frame, "UIH MSC command", to `str` (TS 07.10 5.3 and
 * 5.4.6.3).
 */
void rt_pdu_name_frame(const uint8_t *data, size_t bytes, char *str);

/* The name of the type of a multiplexer message, "MSC", or "unknown". */
const char *rt_pdu_mcc_name(uint8_t type);

/* The type of a multiplexer message by its name, "msc"; -1 if unknown. */
int rt_pdu_find_mcc(const char *name);

/* Prints the octets as hexadecimal digits, without anything between. */
void rt_pdu_print_hex(FILE *file, const uint8_t *data, size_t bytes);

#endif
