/* SPDX-License-Identifier: MIT */
/*
 * No include guard: makes the descriptors of RT_CODEC_FILE (see
 * stack/codec.h). Included once in one source file for each .def file.
 */
#include "stack/codec.h"

/* clang-format off */

#define RT_CODEC_PASTE_(a, b) a##b
#define RT_CODEC_PASTE(a, b) RT_CODEC_PASTE_(a, b)
#define RT_CODEC_FIELDS(name) RT_CODEC_PASTE(RT_CODEC_NAME(name), _fields)
#define RT_CODEC_MSG(name) RT_CODEC_PASTE(RT_CODEC_NAME(name), _msg)

/* Field lists; the row with the null name keeps an empty list legal. */
#define MSG(code, NAME, name, end) \
	static const struct rt_codec_field RT_CODEC_FIELDS(name)[] = {
#define FIELD(msg, kind, field) \
	{ #field, offsetof(struct RT_CODEC_NAME(msg), field), RT_CODEC_##kind },
#define END(msg) \
	{ 0 },   \
	};
#include RT_CODEC_FILE
#undef MSG
#undef FIELD
#undef END

#define MSG(code_, NAME, name_, end_)                                       \
	const struct rt_codec_msg RT_CODEC_MSG(name_) = {                   \
		.code = (code_),                                            \
		.name = #NAME,                                              \
		.struct_bytes = sizeof(struct RT_CODEC_NAME(name_)),        \
		.end = RT_CODEC_##end_,                                     \
		.field_count = RT_ARRAY_SIZE(RT_CODEC_FIELDS(name_)) - 1,   \
		.fields = RT_CODEC_FIELDS(name_),                           \
	};
#define FIELD(msg, kind, field)
#define END(msg)
#include RT_CODEC_FILE
#undef MSG
#undef FIELD
#undef END

#define MSG(code, NAME, name, end) &RT_CODEC_MSG(name),
#define FIELD(msg, kind, field)
#define END(msg)
static const struct rt_codec_msg *const RT_CODEC_PASTE(RT_CODEC_TABLE,
						       _list)[] = {
#include RT_CODEC_FILE
};
#undef MSG
#undef FIELD
#undef END

const struct rt_codec_table RT_CODEC_TABLE = {
	RT_ARRAY_SIZE(RT_CODEC_PASTE(RT_CODEC_TABLE, _list)),
	RT_CODEC_PASTE(RT_CODEC_TABLE, _list),
};

#undef RT_CODEC_FIELDS
#undef RT_CODEC_MSG
#undef RT_CODEC_PASTE
#undef RT_CODEC_PASTE_
#undef RT_CODEC_FILE
#undef RT_CODEC_NAME
#undef RT_CODEC_CODE
#undef RT_CODEC_TABLE

/* clang-format on */
