/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rawtooth/research.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/person.h"

#define WINDOW_S_MAX 120
#define LET_GO_MS 2000

struct pairing {
	struct rt_tool *tool;
	struct rt_person person;
	struct rt_addr addr; /* zero: whoever comes */
	uint32_t wait_s;     /* 0: we begin */
	bool mitm;
	bool fips;
	bool quiet;
	bool done;
	bool failed;
};

/* The key of the device, without its octets. False if there is none. */
static bool find_key(const struct pairing *p, struct rt_addr addr,
		     struct rt_link_key *ret_key)
{
	struct rt_addr after = { { 0 } };
	bool found = false;

	ret_key->size = sizeof(*ret_key);
	while (!found && rt_host_next_key(p->tool->host, after, ret_key) == 0) {
		after = ret_key->addr;
		found = rt_addr_equal(after, addr);
	}
	explicit_bzero(ret_key->key, sizeof(ret_key->key));
	return found;
}

static void succeed(struct pairing *p, struct rt_addr addr)
{
	struct rt_link_key key = { .size = sizeof(key) };
	char str[RT_ADDR_STR_BYTES];
	char message[RT_MESSAGE_BYTES];
	const int err = rt_host_key_store_error(p->tool->host, message);

	const bool known = find_key(p, addr, &key);

	p->done = true;
	p->addr = addr;
	if (!p->quiet)
		printf("Paired with %s%s%s\n", rt_addr_format(addr, str),
		       known ? ": key " : "",
		       known ? rt_person_key_name(key.type) : "");
	if (err < 0) {
		rt_tool_error("the key could not be stored: %s", message);
		p->failed = true;
	}
}

static void fail(struct pairing *p, struct rt_addr addr,
		 const struct rt_error_info *info)
{
	char str[RT_ADDR_STR_BYTES];
	char text[320];

	rt_tool_error("cannot pair with %s: %s", rt_addr_format(addr, str),
		      rt_error_format(info, text, sizeof(text)));
	p->failed = true;
}

/* Of our own pairing, on_done tells; this is for those of others. */
static void on_paired(struct rt_person *person, struct rt_addr addr,
		      bool bonded, const struct rt_error_info *info)
{
	struct pairing *p = person->user;

	if (p->wait_s == 0)
		return;
	if (info->err < 0)
		fail(p, addr, info);
	else if (bonded)
		succeed(p, addr);
}

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	struct pairing *p = user_data;

	(void)pairing;
	p->done = true;
	if (info->err < 0)
		fail(p, p->addr, info);
	else
		succeed(p, p->addr);
}

static void wait_for_end(struct pairing *p, uint64_t until_us)
{
	struct pollfd fd;
	uint64_t now_us;
	int timeout_ms = -1;

	while (!p->done && rt_tool_running(p->tool)) {
		now_us = rt_tool_now_us();
		if (until_us > 0 && now_us >= until_us)
			return;
		if (until_us > 0)
			timeout_ms = (int)((until_us - now_us) / 1000 + 1);
		fd = rt_person_poll(&p->person);
		rt_tool_wait(p->tool, &fd, 1, timeout_ms);
		rt_person_work(&p->person, &fd);
	}
}

static int begin(struct pairing *p)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.user_data = p,
		.mitm = p->mitm,
		.fips = p->fips,
	};
	struct rt_pairing *pairing;
	char str[RT_ADDR_STR_BYTES];
	char message[RT_MESSAGE_BYTES] = "";
	const int err =
		rt_pairing_start(p->tool->host, p->addr, &options, &pairing);

	if (err < 0) {
		rt_host_key_store_error(p->tool->host, message);
		rt_tool_error("cannot pair with %s: %s",
			      rt_addr_format(p->addr, str),
			      message[0] ? message : strerror(-err));
		return RT_EXIT_FAILED;
	}
	wait_for_end(p, 0);
	rt_pairing_free(pairing);
	return p->done && !p->failed ? RT_EXIT_OK : RT_EXIT_FAILED;
}

/* The other side has not finished yet: the link is its to close. */
static void let_go(struct pairing *p)
{
	const uint64_t until_us = rt_tool_now_us() + LET_GO_MS * UINT64_C(1000);

	while (rt_tool_running(p->tool) && rt_tool_now_us() < until_us &&
	       rt_host_has_link(p->tool->host, p->addr))
		rt_tool_wait(p->tool, NULL, 0, LET_GO_MS / 20);
}

static int wait_for_others(struct pairing *p)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char str[RT_ADDR_STR_BYTES];

	rt_host_set_connectable(p->tool->host, true);
	rt_host_set_discoverable(p->tool->host, true);
	rt_host_open_pairing(p->tool->host, p->addr, p->wait_s * 1000);
	rt_host_controller_info(p->tool->host, &info);
	if (!p->quiet)
		fprintf(stderr, "Waiting for pairing with %s\n",
			rt_addr_format(info.addr, str));
	wait_for_end(p, rt_tool_now_us() + (uint64_t)p->wait_s * 1000000);
	if (!p->done && !p->failed && rt_tool_running(p->tool))
		rt_tool_error("nobody has paired");
	if (p->done)
		let_go(p);
	return p->done && !p->failed ? RT_EXIT_OK : RT_EXIT_FAILED;
}

static int run_pairing(struct pairing *p)
{
	int status;

	if (rt_tool_start(p->tool) < 0)
		return RT_EXIT_FAILED;
	p->person.bondable = true;
	p->person.on_paired = on_paired;
	p->person.user = p;
	if (rt_person_start(&p->person, p->tool, true) < 0)
		return RT_EXIT_FAILED;
	status = p->wait_s > 0 ? wait_for_others(p) : begin(p);
	return rt_tool_explain_loss(p->tool) ? RT_EXIT_FAILED : status;
}

enum {
	OPT_WAIT = 0x100,
	OPT_MITM,
	OPT_FIPS,
};

static const struct option long_options[] = {
	{ "wait", optional_argument, NULL, OPT_WAIT },
	{ "mitm", no_argument, NULL, OPT_MITM },
	{ "fips", no_argument, NULL, OPT_FIPS },
	{ "quiet", no_argument, NULL, 'q' },
	RT_PERSON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static int apply(struct pairing *p, int option)
{
	switch (option) {
	case OPT_WAIT:
		p->wait_s = WINDOW_S_MAX;
		return optarg ? rt_args_number("the time to wait in seconds",
					       optarg, 1, WINDOW_S_MAX,
					       &p->wait_s)
			      : 0;
	case OPT_FIPS:
		p->fips = true;
		p->mitm = true;
		return 0;
	case OPT_MITM:
		p->mitm = true;
		return 0;
	case 'q':
		p->quiet = true;
		return 0;
	}
	return rt_person_apply(&p->person, option);
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct pairing pairing = { .tool = tool };
	struct rt_args args;
	int option;

	rt_args_init(&args, tool, &rt_command_pair, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&pairing, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	if (argc - optind > 1 || (argc == optind && pairing.wait_s == 0))
		return rt_args_wrong(&rt_command_pair, "it takes one address");
	if (argc > optind && rt_args_addr(argv[optind], &pairing.addr) < 0)
		return RT_EXIT_USAGE;
	return rt_tool_finish(tool, run_pairing(&pairing));
}

static const char help_text[] =
	"Options:\n"
	"      --wait[=SECONDS]\n"
	"                      let a device pair with us, for 120 s at most;\n"
	"                      with an address, only that one\n"
	"      --mitm          only with proof of who is there\n"
	"      --fips          only with Secure Connections as well\n"
	"  -q, --quiet         no line for success\n" RT_PERSON_HELP "\n"
	"What is asked is answered by these options, or by a line of input.\n"
	"A device that has a bond with us gets a new one. Keys are kept for\n"
	"this controller under $XDG_STATE_HOME/rawtooth: see rawtooth keys.\n";

const struct rt_command rt_command_pair = {
	.name = "pair",
	.arguments = "[options] ADDRESS | --wait [options] [ADDRESS]",
	.summary = "Pairs with a device, and keeps the key: a bond.",
	.help = help_text,
	.short_options = "q",
	.long_options = long_options,
	.run = run,
};
