/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_PERSON_H
#define RT_TOOL_PERSON_H

#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/security.h>

#include "tools/rawtooth/tool.h"

/*
 * Who answers when devices pair: options, or the person at the terminal. What
 * is asked is printed to standard error; a question that nobody can answer is
 * refused, with the option named that would have answered it.
 */
struct rt_person {
	/* Options. */
	bool yes; /* to everything that is a yes or no */
	bool bondable;
	bool legacy; /* PINs, with devices from before SSP */
	bool has_io;
	enum rt_io io;
	struct rt_pin pin;
	bool has_pin;
	bool has_passkey;
	uint32_t passkey;

	/* State. */
	struct rt_tool *tool;
	bool interactive; /* standard input is for answers */
	bool input_ended;
	enum rt_person_question {
		RT_PERSON_NOTHING,
		RT_PERSON_YES_NO,
		RT_PERSON_PASSKEY,
		RT_PERSON_PIN,
		RT_PERSON_AUTHORIZE,
	} question; /* that waits for a line */
	struct rt_addr addr;
	uint32_t id;
	char line[64];
	size_t line_bytes;

	/* Called when a pairing has ended; may be NULL. */
	void (*on_paired)(struct rt_person *person, struct rt_addr addr,
			  bool bonded, const struct rt_error_info *info);
	void *user;
};

/* Values of the long options. */
enum {
	RT_PERSON_YES = 0x500,
	RT_PERSON_BONDABLE,
	RT_PERSON_PIN_CODE,
	RT_PERSON_PASSKEY_TYPED,
	RT_PERSON_IO,
};

/* The rows of a table of long options. */
/* clang-format off */
#define RT_PERSON_OPTIONS                                                \
	{ "yes", no_argument, NULL, RT_PERSON_YES },                     \
	{ "bondable", no_argument, NULL, RT_PERSON_BONDABLE },           \
	{ "pin", required_argument, NULL, RT_PERSON_PIN_CODE },          \
	{ "passkey", required_argument, NULL, RT_PERSON_PASSKEY_TYPED }, \
	{ "io", required_argument, NULL, RT_PERSON_IO }
/* clang-format on */

/* The lines of a help text. */
#define RT_PERSON_HELP                                                         \
	"      --bondable      devices may bond with us\n"                     \
	"      --yes           answer yes: to pairing without proof, to\n"     \
	"                      numbers to compare, to --authorize\n"           \
	"      --pin PIN       for devices from before 2.1: 1 to 16 octets,\n" \
	"                      or hex:00AA...; default: $RAWTOOTH_PIN\n"       \
	"      --passkey N     the six digits that the other side shows\n"     \
	"      --io none|display|yesno|keyboard\n"                             \
	"                      what this side can do (default: as the\n"       \
	"                      other options say)\n"

/* True if the option is one of the above. */
bool rt_person_has(int option);

/* Stores an option. Returns 0, or -EINVAL after an error message. */
int rt_person_apply(struct rt_person *person, int option);

/*
 * Sets agent and policy of the tool's host; `interactive`: a person may answer
 * on standard input. Returns 0 or a negative errno after an error message.
 */
int rt_person_start(struct rt_person *person, struct rt_tool *tool,
		    bool interactive);

/* What to wait for: standard input if it is for answers, else -1. */
struct pollfd rt_person_poll(const struct rt_person *person);

/* Reads what the person has typed, if anything. */
void rt_person_work(struct rt_person *person, const struct pollfd *fd);

/* The name of a link key type: "P-256, authenticated". */
const char *rt_person_key_name(uint8_t type);

#endif
