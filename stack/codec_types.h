/* SPDX-License-Identifier: MIT */
/*
 * No include guard: makes the codes and structures of RT_CODEC_FILE, each
 * time for other definitions of the four macros (see stack/codec.h), which it
 * undefines.
 */
#include "stack/codec.h"

/* clang-format off */

#define MSG(code, NAME, name, end) RT_CODEC_CODE(NAME) = (code),
#define FIELD(msg, kind, field)
#define END(msg)
enum {
#include RT_CODEC_FILE
};
#undef MSG
#undef FIELD
#undef END

#define MSG(code, NAME, name, end) \
	struct RT_CODEC_NAME(name) { \
		struct rt_bytes tail;
#define FIELD(msg, kind, field) rt_codec_type_##kind field;
#define END(msg) };
#include RT_CODEC_FILE
#undef MSG
#undef FIELD
#undef END

#define RT_CODEC_MSG_(name) name##_msg
#define RT_CODEC_MSG(name) RT_CODEC_MSG_(name)
#define MSG(code, NAME, name, end) \
	extern const struct rt_codec_msg RT_CODEC_MSG(RT_CODEC_NAME(name));
#define FIELD(msg, kind, field)
#define END(msg)
#include RT_CODEC_FILE
#undef MSG
#undef FIELD
#undef END

extern const struct rt_codec_table RT_CODEC_TABLE;

#undef RT_CODEC_MSG
#undef RT_CODEC_MSG_
#undef RT_CODEC_FILE
#undef RT_CODEC_NAME
#undef RT_CODEC_CODE
#undef RT_CODEC_TABLE

/* clang-format on */
