/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/person.h"

#define FILE_BYTES 65536 /* of an info file */

struct keys {
	struct rt_tool *tool;
	bool json;
	bool show;
};

static int explain(const struct keys *keys, const char *what, int err)
{
	char message[RT_MESSAGE_BYTES] = "";

	if (keys->tool->host)
		rt_host_key_store_error(keys->tool->host, message);
	rt_tool_error("%s: %s", what,
		      message[0]       ? message
		      : err == -ENOENT ? "there is no such key"
				       : strerror(-err));
	return RT_EXIT_FAILED;
}

static void print_hex(const uint8_t *key, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		printf("%02X", key[i]);
}

static void print_row(const struct keys *keys, const struct rt_link_key *key)
{
	char addr[RT_ADDR_STR_BYTES];

	printf("%s  %4u  %-22s", rt_addr_format(key->addr, addr), key->type,
	       rt_person_key_name(key->type));
	if (keys->show) {
		fputs("  ", stdout);
		print_hex(key->key, sizeof(key->key));
	}
	putchar('\n');
}

static void print_object(const struct keys *keys, const struct rt_link_key *key)
{
	char addr[RT_ADDR_STR_BYTES];

	printf("{\"address\": \"%s\", \"type\": %u, \"name\": \"%s\"",
	       rt_addr_format(key->addr, addr), key->type,
	       rt_person_key_name(key->type));
	if (keys->show) {
		fputs(", \"key\": \"", stdout);
		print_hex(key->key, sizeof(key->key));
		putchar('"');
	}
	putchar('}');
}

static int list(const struct keys *keys)
{
	struct rt_link_key key = { .size = sizeof(key) };
	struct rt_addr after = { { 0 } };
	unsigned int count = 0;
	int err;

	if (keys->json)
		putchar('[');
	while ((err = rt_host_next_key(keys->tool->host, after, &key)) == 0) {
		if (!keys->json && count == 0)
			printf("%-17s  %4s  %s\n", "ADDRESS", "TYPE", "KEY");
		if (keys->json)
			fputs(count == 0 ? "\n  " : ",\n  ", stdout);
		if (keys->json)
			print_object(keys, &key);
		else
			print_row(keys, &key);
		after = key.addr;
		count++;
	}
	explicit_bzero(key.key, sizeof(key.key));
	if (keys->json)
		puts(count == 0 ? "]" : "\n]");
	return err == -ENOENT ? RT_EXIT_OK
			      : explain(keys, "cannot list the keys", err);
}

static int find(const struct keys *keys, struct rt_addr addr,
		struct rt_link_key *ret_key)
{
	struct rt_addr after = { { 0 } };
	int err;

	do {
		err = rt_host_next_key(keys->tool->host, after, ret_key);
		after = ret_key->addr;
	} while (err == 0 && !rt_addr_equal(after, addr));
	return err;
}

static int export_key(const struct keys *keys, struct rt_addr addr)
{
	struct rt_link_key key = { .size = sizeof(key) };
	char text[256];
	int err = find(keys, addr, &key);

	if (err == 0 && rt_link_key_to_bluez(&key, text, sizeof(text)) < 0)
		err = -EMSGSIZE;
	if (err == 0)
		fputs(text, stdout);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&key, sizeof(key));
	return err < 0 ? explain(keys, "cannot export the key", err)
		       : RT_EXIT_OK;
}

/* Reads all of a file, standard input for "-". Returns the octets. */
static ptrdiff_t read_file(const char *path, char *buf, size_t cap)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	size_t count;
	bool bad;

	if (!file)
		return -errno;
	count = fread(buf, 1, cap, file);
	bad = ferror(file) != 0;
	if (file != stdin)
		fclose(file);
	if (bad)
		return -EIO;
	return count == cap ? -EFBIG : (ptrdiff_t)count;
}

static int import_key(const struct keys *keys, struct rt_addr addr,
		      const char *path)
{
	struct rt_link_key key = { .size = sizeof(key) };
	char *text = malloc(FILE_BYTES);
	ptrdiff_t count;
	int err;

	if (!text)
		return explain(keys, path, -ENOMEM);
	count = read_file(path, text, FILE_BYTES);
	if (count < 0) {
		free(text);
		rt_tool_error("%s: %s", path, strerror((int)-count));
		return RT_EXIT_FAILED;
	}
	err = rt_link_key_from_bluez(text, (size_t)count, addr, &key);
	explicit_bzero(text, FILE_BYTES);
	free(text);
	if (err < 0) {
		rt_tool_error("%s: %s", path,
			      err == -ENOENT ? "there is no [LinkKey] in it"
					     : "its [LinkKey] is malformed");
		return RT_EXIT_FAILED;
	}
	err = rt_host_add_key(keys->tool->host, &key);
	explicit_bzero(&key, sizeof(key));
	return err < 0 ? explain(keys, "cannot import the key", err)
		       : RT_EXIT_OK;
}

static int remove_key(const struct keys *keys, struct rt_addr addr)
{
	const int err = rt_host_unpair(keys->tool->host, addr);

	return err < 0 ? explain(keys, "cannot remove the key", err)
		       : RT_EXIT_OK;
}

static int run_verb(struct keys *keys, int argc, char **argv)
{
	const char *verb = argc > 0 ? argv[0] : "list";
	struct rt_addr addr = { { 0 } };

	if (argc > 1 && rt_args_addr(argv[1], &addr) < 0)
		return RT_EXIT_USAGE;
	if (rt_tool_start(keys->tool) < 0)
		return RT_EXIT_FAILED;
	if (strcmp(verb, "export") == 0)
		return export_key(keys, addr);
	if (strcmp(verb, "import") == 0)
		return import_key(keys, addr, argv[2]);
	if (strcmp(verb, "remove") == 0)
		return remove_key(keys, addr);
	return list(keys);
}

static bool is_verb(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments;
	} verbs[] = {
		{ "list", 0 },
		{ "export", 1 },
		{ "import", 2 },
		{ "remove", 1 },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[0]) == 0)
			return argc - 1 == verbs[i].arguments;
	}
	return false;
}

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "show", no_argument, NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct keys keys = { .tool = tool };
	struct rt_args args;
	int option;

	rt_args_init(&args, tool, &rt_command_keys, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (option == 'j')
			keys.json = true;
		else
			keys.show = true;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	argc -= optind;
	argv += optind;
	if (argc > 0 && !is_verb(argc, argv))
		return rt_args_wrong(&rt_command_keys,
				     "it takes list, export ADDRESS, import "
				     "ADDRESS FILE or remove ADDRESS");
	return rt_tool_finish(tool, run_verb(&keys, argc, argv));
}

static const char help_text[] =
	"Verbs:\n"
	"  list                all of them (the default)\n"
	"  export ADDRESS      one, as BlueZ keeps it in its info files\n"
	"  import ADDRESS FILE one from such a file; - is standard input\n"
	"  remove ADDRESS      forget the device; unpair does the same\n"
	"\n"
	"Options:\n"
	"  -j, --json          a JSON array of objects\n"
	"  -s, --show          list: the keys themselves, which are secrets\n"
	"\n"
	"Keys belong to one controller. They are kept in a file with its\n"
	"address under $XDG_STATE_HOME/rawtooth, or ~/.local/state/rawtooth.\n";

const struct rt_command rt_command_keys = {
	.name = "keys",
	.arguments = "[options] [VERB ...]",
	.summary = "The link keys of devices that are paired.",
	.help = help_text,
	.short_options = "js",
	.long_options = long_options,
	.run = run,
};

static int run_unpair(struct rt_tool *tool, int argc, char **argv)
{
	struct keys keys = { .tool = tool };
	struct rt_addr addr;
	struct rt_args args;
	int status;

	rt_args_init(&args, tool, &rt_command_unpair, argc, argv);
	if (rt_args_next(&args) == RT_ARGS_STOP)
		return args.status;
	if (argc - optind != 1)
		return rt_args_wrong(&rt_command_unpair,
				     "it takes one address");
	if (rt_args_addr(argv[optind], &addr) < 0)
		return RT_EXIT_USAGE;
	status = rt_tool_start(tool) < 0 ? RT_EXIT_FAILED
					 : remove_key(&keys, addr);
	return rt_tool_finish(tool, status);
}

const struct rt_command rt_command_unpair = {
	.name = "unpair",
	.arguments = "ADDRESS",
	.summary = "Forgets a device that was paired: its key is removed here.",
	.help = "The device still has its own: remove it there as well.\n",
	.short_options = "",
	.run = run_unpair,
};
