/* SPDX-License-Identifier: MIT */
#include "rfcomm/mcc.h"

#include <errno.h>

#include "rfcomm/frame.h"

#define EA 0x01
#define CR 0x02

#define RT_CODEC_FILE "rfcomm/mcc.def"
#define RT_CODEC_NAME(name) rt_rfcomm_mcc_##name
#define RT_CODEC_CODE(NAME) RT_RFCOMM_MCC_##NAME
#define RT_CODEC_TABLE rt_rfcomm_mcc_table
#include "stack/codec_tables.h"

int rt_rfcomm_mcc_next(struct rt_rd *r, struct rt_rfcomm_mcc *ret_mcc)
{
	const uint8_t octet = rt_rd_u8(r);
	const uint8_t low = rt_rd_u8(r);
	const uint8_t high = low & EA ? 0 : rt_rd_u8(r);
	const struct rt_bytes value =
		rt_rd_take(r, (size_t)(low >> 1 | high << 7));

	/* A clear EA announces a longer type. None is defined. */
	if (!rt_rd_ok(r) || !(octet & EA))
		return -EBADMSG;
	ret_mcc->octet = octet;
	ret_mcc->type = octet >> 2;
	ret_mcc->command = rt_rfcomm_mcc_is_command(octet);
	ret_mcc->value = value;
	return 0;
}

uint8_t rt_rfcomm_mcc_octet(uint8_t type, bool command)
{
	return (uint8_t)(type << 2 | (command ? CR : 0) | EA);
}

bool rt_rfcomm_mcc_is_command(uint8_t octet)
{
	return octet & CR;
}

size_t rt_rfcomm_mcc_bytes(size_t value_bytes)
{
	return value_bytes + (value_bytes <= 127 ? 2 : 3);
}

void rt_rfcomm_mcc_write(struct rt_wr *w, uint8_t octet, struct rt_bytes value)
{
	rt_wr_u8(w, octet);
	if (value.len <= 127)
		rt_wr_u8(w, (uint8_t)(value.len << 1 | EA));
	else
		rt_wr_le16(w, (uint16_t)(value.len << 1));
	rt_wr_put(w, value);
}

uint8_t rt_rfcomm_mcc_address(uint8_t dlci)
{
	return (uint8_t)(dlci << 2 | CR | EA);
}

int rt_rfcomm_mcc_dlci(uint8_t address, uint8_t *ret_dlci)
{
	const uint8_t dlci = address >> 2;

	if (!(address & EA))
		return -EBADMSG;
	if (dlci < RT_RFCOMM_DLCI_MIN || dlci > RT_RFCOMM_DLCI_MAX)
		return -EBADMSG;
	*ret_dlci = dlci;
	return 0;
}
