/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/bench.h"

START_TEST(short_names_are_those_of_sdptool_in_any_case)
{
	static const struct {
		const char *name;
		uint16_t value;
	} rows[] = {
		{ "DID", 0x1200 },   { "SP", 0x1101 },	  { "spp", 0x1101 },
		{ "DUN", 0x1103 },   { "LAN", 0x1102 },	  { "FAX", 0x1111 },
		{ "OPUSH", 0x1105 }, { "opush", 0x1105 }, { "FTP", 0x1106 },
		{ "HS", 0x1108 },    { "HF", 0x111e },	  { "HFAG", 0x111f },
		{ "SAP", 0x112d },   { "NAP", 0x1116 },	  { "GN", 0x1117 },
		{ "PANU", 0x1115 },  { "HCRP", 0x1126 },  { "HID", 0x1124 },
		{ "CIP", 0x1128 },   { "A2SRC", 0x110a }, { "A2SNK", 0x110b },
		{ "AVRCT", 0x110e }, { "AVRTG", 0x110c }, { "CTP", 0x1109 },
		{ "ICP", 0x1110 },   { "SYNC", 0x1104 },  { "PBAP", 0x1130 },
		{ "MAP", 0x1134 },   { "Gatt", 0x1801 },  { "l2cap", 0x0100 },
	};
	struct rt_uuid uuid;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		ck_assert_int_eq(rt_sdp_uuid_by_name(rows[i].name, &uuid), 0);
		ck_assert(
			rt_uuid_equal(uuid, rt_uuid_from_short(rows[i].value)));
	}
}
END_TEST

START_TEST(a_uuid_in_any_form_is_a_name_too)
{
	struct rt_uuid uuid;

	ck_assert_int_eq(rt_sdp_uuid_by_name("0x1101", &uuid), 0);
	ck_assert(rt_uuid_equal(uuid, rt_uuid_from_short(0x1101)));
	ck_assert_int_eq(rt_sdp_uuid_by_name(
				 "00001101-0000-1000-8000-00805f9b34fb", &uuid),
			 0);
	ck_assert(rt_uuid_equal(uuid, rt_uuid_from_short(0x1101)));
	ck_assert_int_eq(rt_sdp_uuid_by_name("", &uuid), -EINVAL);
	ck_assert_int_eq(rt_sdp_uuid_by_name("SPX", &uuid), -EINVAL);
	ck_assert_int_eq(rt_sdp_uuid_by_name("S", &uuid), -EINVAL);
}
END_TEST

START_TEST(well_known_uuids_have_a_name)
{
	struct rt_uuid other = rt_uuid_from_short(0x1101);

	ck_assert_str_eq(rt_sdp_uuid_name(rt_uuid_from_short(0x1101)),
			 "Serial Port");
	ck_assert_str_eq(rt_sdp_uuid_name(rt_uuid_from_short(0x0003)),
			 "RFCOMM");
	ck_assert_ptr_null(rt_sdp_uuid_name(rt_uuid_from_short(0xffff)));
	ck_assert_ptr_null(rt_sdp_uuid_name(rt_uuid_from_short(0x11101)));
	other.b[15] ^= 1;
	ck_assert_ptr_null(rt_sdp_uuid_name(other));
}
END_TEST

START_TEST(each_row_of_the_names_stands_once_and_is_found)
{
	static const struct {
		uint16_t value;
		const char *alias;
		const char *name;
	} rows[] = {
#define NAME(value, alias, name) { value, alias, name },
#define ALIAS(alias, value) { value, alias, NULL },
#include "l2cap/sdp/names.def"
#undef NAME
#undef ALIAS
	};
	struct rt_uuid uuid;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		uuid = rt_uuid_from_short(rows[i].value);
		ck_assert_ptr_nonnull(rt_sdp_uuid_name(uuid));
		if (rows[i].name)
			ck_assert_str_eq(rt_sdp_uuid_name(uuid), rows[i].name);
		if (!rows[i].alias[0])
			continue;
		ck_assert_int_eq(rt_sdp_uuid_by_name(rows[i].alias, &uuid), 0);
		ck_assert(
			rt_uuid_equal(uuid, rt_uuid_from_short(rows[i].value)));
	}
}
END_TEST

START_TEST(each_code_has_a_name_an_errno_and_a_hint)
{
	static const uint16_t codes[] = {
		RT_SDP_BAD_VERSION,	 RT_SDP_BAD_HANDLE,
		RT_SDP_BAD_SYNTAX,	 RT_SDP_BAD_SIZE,
		RT_SDP_BAD_CONTINUATION, RT_SDP_NO_RESOURCES,
		RT_SDP_TIMEOUT,		 RT_SDP_MALFORMED,
		RT_SDP_TOO_LONG,	 RT_SDP_NO_PROGRESS,
		RT_SDP_CHANGED,
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(codes); i++) {
		ck_assert_str_ne(rt_sdp_code_name(codes[i]), "Unknown");
		ck_assert_str_ne(rt_sdp_code_hint(codes[i]), "");
		ck_assert_int_lt(rt_sdp_code_errno(codes[i]), 0);
	}
	ck_assert_str_eq(rt_sdp_code_name(0x0007), "Unknown");
	ck_assert_str_eq(rt_sdp_code_hint(0x0007), "");
	ck_assert_int_eq(rt_sdp_code_errno(0x0007), -EIO);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		short_names_are_those_of_sdptool_in_any_case,
		a_uuid_in_any_form_is_a_name_too,
		well_known_uuids_have_a_name,
		each_row_of_the_names_stands_once_and_is_found,
		each_code_has_a_name_an_errno_and_a_hint,
	};

	return suite_run("sdp/names", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
