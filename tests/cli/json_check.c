/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Exits with 0 if standard input is one JSON text (RFC 8259), with 1 if not. */

#define TEXT_BYTES 65536
#define DEPTH 32

static const char *skip_value(const char *p, int depth);

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *skip_escape(const char *p)
{
	if (*p != 'u')
		return *p && strchr("\"\\/bfnrt", *p) ? p + 1 : NULL;
	for (int i = 1; i <= 4; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return NULL;
	}
	return p + 5;
}

static const char *skip_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (p && *p != '"') {
		if ((unsigned char)*p < 0x20)
			return NULL;
		p = *p == '\\' ? skip_escape(p + 1) : p + 1;
	}
	return p ? p + 1 : NULL;
}

static const char *skip_digits(const char *p)
{
	if (!isdigit((unsigned char)*p))
		return NULL;
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

static const char *skip_number(const char *p)
{
	if (*p == '-')
		p++;
	if (p[0] == '0' && isdigit((unsigned char)p[1]))
		return NULL;
	p = skip_digits(p);
	if (p && *p == '.')
		p = skip_digits(p + 1);
	if (!p || (*p != 'e' && *p != 'E'))
		return p;
	p++;
	return skip_digits(*p == '+' || *p == '-' ? p + 1 : p);
}

static const char *skip_member(const char *p, int depth)
{
	p = skip_string(skip_space(p));
	if (!p)
		return NULL;
	p = skip_space(p);
	return *p == ':' ? skip_value(p + 1, depth) : NULL;
}

/* An array or, with members, an object. */
static const char *skip_list(const char *p, char end, int depth)
{
	if (depth == 0)
		return NULL;
	p = skip_space(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		p = end == '}' ? skip_member(p, depth - 1)
			       : skip_value(p, depth - 1);
		if (!p)
			return NULL;
		if (*p == end)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static const char *skip_word(const char *p)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	}
	return NULL;
}

static const char *skip_value(const char *p, int depth)
{
	p = skip_space(p);
	if (*p == '{')
		p = skip_list(p, '}', depth);
	else if (*p == '[')
		p = skip_list(p, ']', depth);
	else if (*p == '"')
		p = skip_string(p);
	else if (*p == '-' || isdigit((unsigned char)*p))
		p = skip_number(p);
	else
		p = skip_word(p);
	return p ? skip_space(p) : NULL;
}

int main(void)
{
	static char text[TEXT_BYTES];
	size_t used = fread(text, 1, sizeof(text) - 1, stdin);
	const char *end;

	if (used == sizeof(text) - 1 || memchr(text, 0, used))
		return 1;
	end = skip_value(text, DEPTH);
	return end && *end == '\0' ? 0 : 1;
}
