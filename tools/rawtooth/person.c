/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/person.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stack/hex.h"
#include "tools/rawtooth/args.h"

#define PASSKEY_MAX 999999

bool rt_person_has(int option)
{
	return option >= RT_PERSON_YES && option <= RT_PERSON_IO;
}

static int read_hex(const char *str, struct rt_pin *pin)
{
	for (; str[0] && str[1]; str += 2) {
		const int high = rt_hex_digit(str[0]),
			  low = rt_hex_digit(str[1]);

		if (high < 0 || low < 0 || pin->pin_bytes == sizeof(pin->pin))
			return -EINVAL;
		pin->pin[pin->pin_bytes++] = (uint8_t)(high << 4 | low);
	}
	return str[0] || pin->pin_bytes == 0 ? -EINVAL : 0;
}

static int read_pin(const char *str, struct rt_pin *ret_pin)
{
	struct rt_pin pin = { .pin_bytes = 0 };
	const size_t bytes = strlen(str);
	int err = 0;

	if (strncmp(str, "hex:", 4) == 0) {
		err = read_hex(str + 4, &pin);
	} else if (bytes < 1 || bytes > sizeof(pin.pin)) {
		err = -EINVAL;
	} else {
		memcpy(pin.pin, str, bytes);
		pin.pin_bytes = bytes;
	}
	if (err < 0)
		rt_tool_error("a PIN has 1 to 16 octets, or is hex: and pairs "
			      "of hexadecimal digits");
	else
		*ret_pin = pin;
	return err;
}

static int read_io(const char *str, enum rt_io *ret_io)
{
	static const struct {
		const char *name;
		enum rt_io io;
	} names[] = {
		{ "none", RT_IO_NONE },
		{ "display", RT_IO_DISPLAY },
		{ "yesno", RT_IO_DISPLAY_YES_NO },
		{ "keyboard", RT_IO_KEYBOARD },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, str) == 0) {
			*ret_io = names[i].io;
			return 0;
		}
	}
	rt_tool_error("--io is none, display, yesno or keyboard, not \"%s\"",
		      str);
	return -EINVAL;
}

int rt_person_apply(struct rt_person *person, int option)
{
	switch (option) {
	case RT_PERSON_YES:
		person->yes = true;
		return 0;
	case RT_PERSON_BONDABLE:
		person->bondable = true;
		return 0;
	case RT_PERSON_PIN_CODE:
		person->has_pin = true;
		return read_pin(optarg, &person->pin);
	case RT_PERSON_PASSKEY_TYPED:
		person->has_passkey = true;
		return rt_args_number("the passkey", optarg, 0, PASSKEY_MAX,
				      &person->passkey);
	case RT_PERSON_IO:
		person->has_io = true;
		return read_io(optarg, &person->io);
	}
	return -EINVAL;
}

static bool can_ask(const struct rt_person *person)
{
	return person->interactive && !person->input_ended;
}

/* The answer may come too late: then nobody waits for it. */
static void answer(struct rt_person *person, struct rt_addr addr, bool yes)
{
	if (rt_host_answer(person->tool->host, addr, yes) < 0)
		fputs("That is over already.\n", stderr);
}

/* Nobody can say; `how` is the option that could have. */
static void refuse(struct rt_person *person, struct rt_addr addr,
		   const char *how)
{
	fprintf(stderr, "Refused: nobody is here to answer; %s would\n", how);
	answer(person, addr, false);
}

static void ask(struct rt_person *person, enum rt_person_question question,
		struct rt_addr addr)
{
	person->question = question;
	person->addr = addr;
	person->line_bytes = 0;
	fflush(stderr);
}

static void on_confirm(struct rt_host *host, struct rt_addr addr,
		       uint32_t number, void *user_data)
{
	struct rt_person *person = user_data;
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	fprintf(stderr, "Does %s show %06u? %s", rt_addr_format(addr, str),
		number,
		person->yes	  ? "yes\n"
		: can_ask(person) ? ""
				  : "\n");
	if (person->yes)
		answer(person, addr, true);
	else if (can_ask(person))
		ask(person, RT_PERSON_YES_NO, addr);
	else
		refuse(person, addr, "--yes");
}

static void on_consent(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	struct rt_person *person = user_data;
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	fprintf(stderr, "Pair with %s, without proof of who it is? %s",
		rt_addr_format(addr, str),
		person->yes	  ? "yes\n"
		: can_ask(person) ? ""
				  : "\n");
	if (person->yes)
		answer(person, addr, true);
	else if (can_ask(person))
		ask(person, RT_PERSON_YES_NO, addr);
	else
		refuse(person, addr, "--yes");
}

static void give_passkey(struct rt_person *person, struct rt_addr addr,
			 uint32_t number)
{
	if (rt_host_answer_passkey(person->tool->host, addr, number) < 0)
		fputs("That is over already.\n", stderr);
}

static void on_passkey(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	struct rt_person *person = user_data;
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	fprintf(stderr, "Which six digits does %s show? ",
		rt_addr_format(addr, str));
	if (person->has_passkey) {
		fprintf(stderr, "%06u\n", person->passkey);
		give_passkey(person, addr, person->passkey);
	} else if (can_ask(person)) {
		ask(person, RT_PERSON_PASSKEY, addr);
	} else {
		putc('\n', stderr);
		refuse(person, addr, "--passkey");
	}
}

static void on_show_passkey(struct rt_host *host, struct rt_addr addr,
			    uint32_t number, unsigned int typed,
			    void *user_data)
{
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	(void)user_data;
	if (typed == 0)
		fprintf(stderr, "Type %06u on %s\n", number,
			rt_addr_format(addr, str));
}

static void give_pin(struct rt_person *person, struct rt_addr addr,
		     const void *pin, size_t bytes)
{
	const int err =
		rt_host_answer_pin(person->tool->host, addr, pin, bytes);

	if (err == -EINVAL) {
		fputs("Refused: a PIN has 1 to 16 octets, and not six digits\n",
		      stderr);
		answer(person, addr, false);
	} else if (err < 0) {
		fputs("That is over already.\n", stderr);
	}
}

static void on_pin(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	struct rt_person *person = user_data;
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	fprintf(stderr, "Which PIN has %s? ", rt_addr_format(addr, str));
	if (can_ask(person)) {
		ask(person, RT_PERSON_PIN, addr);
	} else {
		putc('\n', stderr);
		refuse(person, addr, "--pin");
	}
}

static void authorize(struct rt_person *person, uint32_t id, bool yes)
{
	if (rt_host_authorize(person->tool->host, id, yes) < 0)
		fputs("That is over already.\n", stderr);
}

static void on_authorize(struct rt_host *host, uint32_t id,
			 struct rt_server *server, struct rt_addr addr,
			 void *user_data)
{
	struct rt_person *person = user_data;
	char str[RT_ADDR_STR_BYTES];

	(void)host;
	fprintf(stderr, "May %s connect to port %u? %s",
		rt_addr_format(addr, str), rt_server_port(server),
		person->yes	  ? "yes\n"
		: can_ask(person) ? ""
				  : "\n");
	if (person->yes) {
		authorize(person, id, true);
	} else if (can_ask(person)) {
		person->id = id;
		ask(person, RT_PERSON_AUTHORIZE, addr);
	} else {
		fputs("Refused: nobody is here to answer; --yes would\n",
		      stderr);
		authorize(person, id, false);
	}
}

static void on_over(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	struct rt_person *person = user_data;

	(void)host;
	if (person->question == RT_PERSON_NOTHING ||
	    !rt_addr_equal(person->addr, addr))
		return;
	person->question = RT_PERSON_NOTHING;
	fputs("\n", stderr);
}

static void on_paired(struct rt_host *host, struct rt_addr addr, bool bonded,
		      const struct rt_error_info *info, void *user_data)
{
	struct rt_person *person = user_data;

	(void)host;
	if (person->on_paired)
		person->on_paired(person, addr, bonded, info);
}

/* What the options can answer, and the person if there is one. */
static enum rt_io io_of(const struct rt_person *person)
{
	if (person->has_io)
		return person->io;
	if (person->has_passkey)
		return RT_IO_KEYBOARD;
	return person->interactive ? RT_IO_DISPLAY_YES_NO : RT_IO_NONE;
}

static int take_pin_of_environment(struct rt_person *person)
{
	const char *pin = getenv("RAWTOOTH_PIN");

	if (person->has_pin || !pin || !pin[0])
		return 0;
	person->has_pin = true;
	return read_pin(pin, &person->pin);
}

/* Members of an agent show what it can do, so they follow from `io`. */
static void set_agent(struct rt_person *person, enum rt_io io)
{
	const bool shows = io == RT_IO_DISPLAY || io == RT_IO_DISPLAY_YES_NO;
	const struct rt_agent agent = {
		.size = sizeof(agent),
		.on_confirm = io == RT_IO_DISPLAY_YES_NO ? on_confirm : NULL,
		.on_consent = on_consent,
		.on_passkey = io == RT_IO_KEYBOARD ? on_passkey : NULL,
		.on_show_passkey = shows ? on_show_passkey : NULL,
		.on_pin = on_pin,
		.on_authorize = on_authorize,
		.on_over = on_over,
		.on_paired = on_paired,
	};

	rt_host_set_agent(person->tool->host, &agent, person);
}

int rt_person_start(struct rt_person *person, struct rt_tool *tool,
		    bool interactive)
{
	struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = person->bondable,
	};
	int err;

	person->tool = tool;
	person->interactive = interactive;
	err = take_pin_of_environment(person);
	if (err < 0)
		return err;
	policy.legacy = person->has_pin || interactive;
	policy.pins = person->has_pin ? &person->pin : NULL;
	policy.pin_count = person->has_pin ? 1 : 0;
	policy.io = io_of(person);
	err = rt_host_set_pairing_policy(tool->host, &policy);
	if (err < 0)
		rt_tool_error("cannot set the policy of pairing: %s",
			      strerror(-err));
	else
		set_agent(person, policy.io);
	return err;
}

struct pollfd rt_person_poll(const struct rt_person *person)
{
	/* What was typed ahead answers the next question. */
	const bool waits = person->question != RT_PERSON_NOTHING;
	const struct pollfd fd = {
		.fd = waits && can_ask(person) ? STDIN_FILENO : -1,
		.events = POLLIN,
	};

	return fd;
}

static void take_passkey(struct rt_person *person, const char *line)
{
	uint32_t number;

	if (rt_args_number("the passkey", line, 0, PASSKEY_MAX, &number) < 0)
		answer(person, person->addr, false);
	else
		give_passkey(person, person->addr, number);
}

static void take_line(struct rt_person *person, const char *line)
{
	const enum rt_person_question question = person->question;
	const bool yes = line[0] == 'y' || line[0] == 'Y';

	person->question = RT_PERSON_NOTHING;
	switch (question) {
	case RT_PERSON_NOTHING:
		break;
	case RT_PERSON_YES_NO:
		answer(person, person->addr, yes);
		break;
	case RT_PERSON_PASSKEY:
		take_passkey(person, line);
		break;
	case RT_PERSON_PIN:
		give_pin(person, person->addr, line, strlen(line));
		break;
	case RT_PERSON_AUTHORIZE:
		authorize(person, person->id, yes);
		break;
	}
}

static void take_octet(struct rt_person *person, char c)
{
	if (c != '\n') {
		if (person->line_bytes + 1 < sizeof(person->line))
			person->line[person->line_bytes++] = c;
		return;
	}
	person->line[person->line_bytes] = '\0';
	person->line_bytes = 0;
	take_line(person, person->line);
	explicit_bzero(person->line, sizeof(person->line));
}

void rt_person_work(struct rt_person *person, const struct pollfd *fd)
{
	ssize_t count;
	char c;

	if (fd->fd < 0 || fd->revents == 0)
		return;
	/* One at a time: what stands behind the line is for the next one. */
	count = read(fd->fd, &c, 1);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		person->input_ended = true;
		if (person->question == RT_PERSON_AUTHORIZE)
			authorize(person, person->id, false);
		else if (person->question != RT_PERSON_NOTHING)
			answer(person, person->addr, false);
		person->question = RT_PERSON_NOTHING;
		return;
	}
	take_octet(person, c);
}

const char *rt_person_key_name(uint8_t type)
{
	switch (type) {
	case 0:
		return "PIN";
	case 4:
		return "P-192";
	case 5:
		return "P-192, authenticated";
	case 7:
		return "P-256";
	case 8:
		return "P-256, authenticated";
	}
	return "of an unknown type";
}
