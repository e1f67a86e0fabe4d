/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/names.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *rt_names_version(uint8_t version)
{
	static const char *const names[] = {
		"1.0b", "1.1", "1.2", "2.0", "2.1", "3.0", "4.0", "4.1",
		"4.2",	"5.0", "5.1", "5.2", "5.3", "5.4", "6.0",
	};

	return version < COUNT(names) ? names[version] : "unknown";
}

/* Makers of controllers that are met in practice, not the whole registry. */
static const struct {
	uint16_t id;
	const char *name;
} companies[] = {
	{ 0, "Ericsson" },
	{ 1, "Nokia" },
	{ 2, "Intel" },
	{ 3, "IBM" },
	{ 4, "Toshiba" },
	{ 5, "3Com" },
	{ 6, "Microsoft" },
	{ 7, "Lucent" },
	{ 8, "Motorola" },
	{ 9, "Infineon Technologies" },
	{ 10, "Qualcomm Technologies International (CSR)" },
	{ 11, "Silicon Wave" },
	{ 13, "Texas Instruments" },
	{ 15, "Broadcom" },
	{ 18, "Zeevo" },
	{ 19, "Atmel" },
	{ 29, "Qualcomm" },
	{ 37, "NXP" },
	{ 48, "ST Microelectronics" },
	{ 54, "Renesas Electronics" },
	{ 57, "Integrated System Solution" },
	{ 63, "Bluetooth SIG" },
	{ 69, "Atheros Communications" },
	{ 70, "MediaTek" },
	{ 71, "Bluegiga" },
	{ 72, "Marvell Technology" },
	{ 76, "Apple" },
	{ 78, "Avago Technologies" },
	{ 89, "Nordic Semiconductor" },
	{ 91, "Ralink Technology" },
	{ 93, "Realtek Semiconductor" },
	{ 96, "RivieraWaves" },
	{ 97, "RDA Microelectronics" },
	{ 117, "Samsung Electronics" },
	{ 148, "Airoha Technology" },
	{ 196, "LG Electronics" },
	{ 205, "Microchip Technology" },
	{ 224, "Google" },
	{ 305, "Cypress Semiconductor" },
	{ 529, "Telink Semiconductor" },
	{ 637, "Huawei Technologies" },
	{ 688, "Bestechnic" },
	{ 741, "Espressif Systems" },
	{ 767, "Silicon Laboratories" },
	{ 992, "Actions Technology" },
	{ 1271, "Shenzhen Goodix Technology" },
	{ 1494, "Zhuhai Jieli Technology" },
	{ 1520, "Beken" },
	{ 1521, "The Linux Foundation" },
	{ 1602, "Bluetrum Technology" },
	{ 1855, "Unisoc Technologies" },
	{ 2019, "Airoha Technology" },
	{ 2279, "Barrot Technology" },
};

const char *rt_names_company(uint16_t company)
{
	for (size_t i = 0; i < COUNT(companies); i++) {
		if (companies[i].id == company)
			return companies[i].name;
	}
	return "unknown to this program";
}

const char *rt_names_feature(unsigned int bit)
{
	static const char *const names[RT_NAMES_FEATURES] = {
		[0] = "3 slot packets",
		[1] = "5 slot packets",
		[2] = "encryption",
		[3] = "slot offset",
		[4] = "timing accuracy",
		[5] = "role switch",
		[6] = "hold mode",
		[7] = "sniff mode",
		[9] = "power control requests",
		[10] = "channel quality driven data rate",
		[11] = "SCO link",
		[12] = "HV2 packets",
		[13] = "HV3 packets",
		[14] = "u-law log synchronous data",
		[15] = "A-law log synchronous data",
		[16] = "CVSD synchronous data",
		[17] = "paging parameter negotiation",
		[18] = "power control",
		[19] = "transparent synchronous data",
		[20] = "flow control lag (bit 0)",
		[21] = "flow control lag (bit 1)",
		[22] = "flow control lag (bit 2)",
		[23] = "broadcast encryption",
		[25] = "EDR ACL 2 Mb/s",
		[26] = "EDR ACL 3 Mb/s",
		[27] = "enhanced inquiry scan",
		[28] = "interlaced inquiry scan",
		[29] = "interlaced page scan",
		[30] = "RSSI with inquiry results",
		[31] = "extended SCO link (EV3 packets)",
		[32] = "EV4 packets",
		[33] = "EV5 packets",
		[35] = "AFH capable peripheral",
		[36] = "AFH classification peripheral",
		[37] = "BR/EDR not supported",
		[38] = "LE supported (controller)",
		[39] = "3 slot EDR ACL packets",
		[40] = "5 slot EDR ACL packets",
		[41] = "sniff subrating",
		[42] = "pause encryption",
		[43] = "AFH capable central",
		[44] = "AFH classification central",
		[45] = "EDR eSCO 2 Mb/s",
		[46] = "EDR eSCO 3 Mb/s",
		[47] = "3 slot EDR eSCO packets",
		[48] = "extended inquiry response",
		[49] = "simultaneous LE and BR/EDR (controller)",
		[51] = "secure simple pairing (controller)",
		[52] = "encapsulated PDU",
		[53] = "erroneous data reporting",
		[54] = "non-flushable packet boundary flag",
		[56] = "link supervision timeout changed event",
		[57] = "variable inquiry TX power level",
		[58] = "enhanced power control",
		[63] = "extended features",
	};

	return bit < RT_NAMES_FEATURES ? names[bit] : NULL;
}

const char *rt_names_class(uint32_t class_of_device)
{
	static const char *const names[] = {
		"Miscellaneous", "Computer",   "Phone",	  "Network access",
		"Audio/video",	 "Peripheral", "Imaging", "Wearable",
		"Toy",		 "Health",
	};
	uint32_t major = class_of_device >> 8 & 0x1f;

	return major < COUNT(names) ? names[major] : "Uncategorized";
}
