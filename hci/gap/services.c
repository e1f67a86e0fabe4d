/* SPDX-License-Identifier: MIT */
#include "hci/gap.h"

/*
 * What published services say of a device: major service classes in the class
 * of device (Assigned Numbers 2.8.2), as the profiles ask for it.
 */

#define POSITIONING 0x010000
#define NETWORKING 0x020000
#define RENDERING 0x040000
#define CAPTURING 0x080000
#define OBJECT_TRANSFER 0x100000
#define AUDIO 0x200000
#define TELEPHONY 0x400000
#define INFORMATION 0x800000

struct service {
	uint16_t uuid;
	uint32_t bits;
};

static const struct service services[] = {
	{ 0x1102, NETWORKING },		    /* LAN Access Using PPP */
	{ 0x1103, NETWORKING | TELEPHONY }, /* Dial-Up Networking */
	{ 0x1104, OBJECT_TRANSFER },	    /* IrMC Sync */
	{ 0x1105, OBJECT_TRANSFER },	    /* OBEX Object Push */
	{ 0x1106, OBJECT_TRANSFER },	    /* OBEX File Transfer */
	{ 0x1107, OBJECT_TRANSFER },	    /* IrMC Sync Command */
	{ 0x1108, AUDIO },		    /* Headset */
	{ 0x1109, TELEPHONY },		    /* Cordless Telephony */
	{ 0x110a, CAPTURING },		    /* Audio Source */
	{ 0x110b, RENDERING },		    /* Audio Sink */
	{ 0x1110, TELEPHONY },		    /* Intercom */
	{ 0x1111, TELEPHONY },		    /* Fax */
	{ 0x1112, AUDIO | TELEPHONY },	    /* Headset Audio Gateway */
	{ 0x1113, INFORMATION },	    /* WAP */
	{ 0x1115, NETWORKING },		    /* PANU */
	{ 0x1116, NETWORKING },		    /* NAP */
	{ 0x1117, NETWORKING },		    /* GN */
	{ 0x1118, RENDERING },		    /* Direct Printing */
	{ 0x111b, OBJECT_TRANSFER },	    /* Imaging Responder */
	{ 0x111e, AUDIO },		    /* Hands-Free */
	{ 0x111f, AUDIO | TELEPHONY },	    /* Hands-Free Audio Gateway */
	{ 0x1122, RENDERING },		    /* Basic Printing */
	{ 0x1126, RENDERING },		    /* HCR Print */
	{ 0x1127, CAPTURING },		    /* HCR Scan */
	{ 0x112d, TELEPHONY },		    /* SIM Access */
	{ 0x112f, OBJECT_TRANSFER },	    /* Phonebook Access Server */
	{ 0x1131, AUDIO },		    /* Headset - HS */
	{ 0x1132, OBJECT_TRANSFER },	    /* Message Access Server */
	{ 0x1136, POSITIONING },	    /* GNSS Server */
	{ 0x1303, CAPTURING },		    /* Video Source */
	{ 0x1304, RENDERING },		    /* Video Sink */
};

uint32_t rt_gap_service_bits(struct rt_uuid uuid)
{
	uint32_t value;

	if (!rt_uuid_to_short(uuid, &value))
		return 0;
	for (size_t i = 0; i < RT_ARRAY_SIZE(services); i++) {
		if (services[i].uuid == value)
			return services[i].bits;
	}
	return 0;
}
