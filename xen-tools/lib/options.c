// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines and single values against the option table, see options.h. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "run.h"
#include "values.h"

#ifndef XT_VERSION
#define XT_VERSION "unknown"
#endif

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(command_table[i].name, name))
			return &command_table[i];
	return NULL;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return !*a && !*b;
}

const struct option_row *option_find(const char *name, unsigned int commands)
{
	for (size_t i = 0; i < option_count; i++)
		if ((option_table[i].commands & commands) && same_name(option_table[i].name, name))
			return &option_table[i];
	return NULL;
}

/* "nodhcp" and "no-dhcp" are "dhcp", negated. */
static const struct option_row *find_negated(const char *name, unsigned int commands)
{
	const struct option_row *row;

	if (!starts_with(name, "no"))
		return NULL;
	row = option_find(name + (name[2] == '-' ? 3 : 2), commands);
	return row && row->kind == SWITCH ? row : NULL;
}

const struct setting *setting_find(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (same_name(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

static void set(struct settings *s, const char *name, const char *value, enum origin origin,
		const char *place, bool append)
{
	struct setting *items, *item = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (same_name(s->items[i].name, name))
			item = &s->items[i];
	if (item && item->origin > origin)
		return;
	if (!item) {
		items = xt_alloc((s->count + 1) * sizeof(*items));
		if (s->count)
			memcpy(items, s->items, s->count * sizeof(*items));
		free(s->items);
		s->items = items;
		item = &items[s->count++];
		item->name = xt_dup(name);
	}
	append = append && item->value && item->origin == origin;
	value = append ? xt_printf("%s\n%s", item->value, value) : xt_dup(value);
	free(item->value);
	free(item->place);
	item->value = (char *)(uintptr_t)value;
	item->origin = origin;
	item->place = xt_dup(place);
}

void setting_set(struct settings *s, const char *name, const char *value, enum origin origin,
		 const char *place)
{
	set(s, name, value, origin, place, false);
}

void setting_append(struct settings *s, const char *name, const char *value, enum origin origin,
		    const char *place)
{
	set(s, name, value, origin, place, true);
}

const char *setting(const struct settings *s, const char *name)
{
	const struct setting *item = setting_find(s, name);

	return item && *item->value ? item->value : NULL;
}

bool setting_on(const struct settings *s, const char *name)
{
	const char *value = setting(s, name);
	bool on;

	return value && bool_read(value, &on) && on;
}

uint64_t setting_number(const struct settings *s, const char *name)
{
	const char *value = setting(s, name);

	return value ? strtoull(value, NULL, 10) : 0;
}

bool option_size(const char *value, uint64_t *bytes)
{
	return size_read(value, MIB, bytes);
}

uint64_t setting_size(const struct settings *s, const char *name)
{
	const char *value = setting(s, name);
	uint64_t bytes = 0;

	return value && option_size(value, &bytes) ? bytes : 0;
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->items[i].name);
		free(s->items[i].value);
		free(s->items[i].place);
	}
	free(s->items);
	*s = (struct settings){ 0 };
}

static bool is_name(const char *s)
{
	if (*s == '-' || *s == '.')
		return false;
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "._+-:@") == strlen(s);
}

static bool in_choices(const char *choices, const char *value, bool as_prefix)
{
	struct list words = { 0 };
	bool found = false;

	list_split(&words, choices, "|");
	for (size_t i = 0; i < words.count; i++)
		found |= as_prefix ? starts_with(value, words.items[i]) :
				     !strcmp(value, words.items[i]);
	list_free(&words);
	return found;
}

static bool all_addresses(const char *value)
{
	struct list words = { 0 };
	struct address a;
	bool good;

	list_split(&words, value, " ,");
	good = words.count > 0;
	for (size_t i = 0; i < words.count; i++)
		good &= address_read(words.items[i], &a) && a.prefix < 0;
	list_free(&words);
	return good;
}

static bool all_accounts(const char *value)
{
	struct list words = { 0 };
	bool good;

	list_split(&words, value, " ,");
	good = words.count > 0;
	for (size_t i = 0; i < words.count; i++)
		good &= account_valid(words.items[i]);
	list_free(&words);
	return good;
}

static char *check_number(const char *limits, const char *value)
{
	unsigned long long low, high;
	uint64_t number;

	if (sscanf(limits, "%llu-%llu", &low, &high) != 2 || number_read(value, low, high, &number))
		return NULL;
	return xt_printf("'%s' is no number from %s", value, limits);
}

/* Whether @value is one of @type at all; @what is how the complaint calls it. */
static bool value_fits(enum value_type type, const char *value, const char **what)
{
	struct address a;
	uint64_t bytes;
	uint8_t mac[6];
	int prefix;
	bool on;

	switch (type) {
	case BOOLEAN:
		*what = "yes or no";
		return bool_read(value, &on);
	case SIZE:
		*what = "a size (examples: 512M, 4G)";
		return option_size(value, &bytes);
	case HOSTNAME:
		*what = "a host name";
		return hostname_valid(value);
	case ADDRESS:
		*what = "an address without prefix";
		return address_read(value, &a) && a.prefix < 0;
	case ADDRESSES:
		*what = "a list of addresses";
		return all_addresses(value);
	case IP:
		*what = "an IPv4 or IPv6 address (or auto)";
		return !strcmp(value, "auto") || address_read(value, &a);
	case NETMASK:
		*what = "a netmask";
		return netmask_read(value, &prefix);
	case MAC:
		*what = "a unicast MAC address";
		return mac_read(value, mac);
	case NAME:
		*what = "a name";
		return is_name(value);
	case PATH:
		*what = "an absolute path";
		return *value == '/';
	case ACCOUNTS:
		*what = "a list of user names";
		return all_accounts(value);
	default:
		return true;
	}
}

char *option_check(const struct option_row *row, const char *value)
{
	const char *what = NULL;

	if (strpbrk(value, "\n\r"))
		return xt_dup("a line break in the value");
	if (row->kind == FLAG || row->kind == SWITCH)
		return value_fits(BOOLEAN, value, &what) ? NULL :
							   xt_printf("'%s' is not %s", value, what);
	if (row->type == NUMBER)
		return check_number(row->limits, value);
	if (row->type == CHOICE && !in_choices(row->limits, value, false))
		return xt_printf("'%s' is none of %s", value, row->limits);
	if (row->type == DEVICE && (!is_name(value) || !in_choices(row->limits, value, true)))
		return xt_printf("'%s' is no device that begins with %s", value, row->limits);
	if (!value_fits(row->type, value, &what))
		return xt_printf("'%s' is not %s", value, what);
	return NULL;
}

static bool complain(const char *name, const char *what)
{
	report_error("--%s: %s (see --help)", name, what);
	return false;
}

static bool take(const struct option_row *row, const char *name, const char *value,
		 struct settings *s)
{
	char *wrong = option_check(row, value), *place;

	if (wrong)
		return complain(name, wrong);
	if (row->deprecated)
		report_note("--%s is out of use: %s", name, row->deprecated);
	place = xt_printf("--%s", name);
	set(s, row->name, value, COMMAND_LINE, place, row->kind == MANY);
	free(place);
	return true;
}

/* What everybody on the machine can read in the list of processes, see proc(5): not for long. */
static void wipe(char *value)
{
	memset(value, 'x', strlen(value));
}

/* One word that begins with "--"; *@next is the word after it, consumed when it is the value. */
static bool read_option(const struct command *command, char *word, char *next, bool *consumed,
			struct settings *s)
{
	char *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
	char *name = xt_dup(word + 2);
	const struct option_row *row;
	bool negated = false, good;

	*consumed = false;
	if (equals)
		name[equals - word - 2] = '\0';
	row = option_find(name, command->bit);
	if (!row) {
		row = find_negated(name, command->bit);
		negated = row != NULL;
	}
	if (!row)
		good = complain(name, "no such option");
	else if (negated)
		good = value ? complain(name, "takes no value") : take(row, name, "0", s);
	else if (row->kind == FLAG || row->kind == SWITCH)
		good = take(row, name, value ? value : "1", s);
	else if (value || (next && (*consumed = true)))
		good = take(row, name, value ? value : next, s);
	else
		good = complain(name, "needs a value");
	if (row && !strcmp(row->name, "password") && (value || *consumed))
		wipe(value ? value : next);
	free(name);
	return good;
}

static void answer_and_end(const struct command *command, const struct settings *s)
{
	if (setting_on(s, "help")) {
		option_print_help(command);
		exit(XT_OK);
	}
	if (setting_on(s, "version")) {
		printf("%s %s (zazen)\n", command->name, XT_VERSION);
		exit(XT_OK);
	}
	if (setting_on(s, "manual")) {
		/* Not installed, there is no page: then its source. */
		if (!run((const char *const[]){ "man", "-w", command->name, NULL }))
			execlp("man", "man", command->name, (char *)NULL);
		option_print_man(command);
		exit(XT_OK);
	}
}

/* What is asked while packages are made and tested; in no manual. */
static void answer_makefile(const struct command *command, const char *word)
{
	if (!strcmp(word, "--option-table"))
		option_print_table();
	else if (!strcmp(word, "--man-source"))
		option_print_man(command);
	else if (!strcmp(word, "--completion"))
		option_print_completion();
	else
		return;
	exit(XT_OK);
}

bool options_read(const struct command *command, int argc, char **argv, struct settings *s,
		  struct list *words)
{
	bool only_words = false, good = true, consumed;

	if (argc == 2)
		answer_makefile(command, argv[1]);
	for (int i = 1; i < argc; i++) {
		if (only_words || argv[i][0] != '-' || !argv[i][1]) {
			list_add(words, argv[i]);
		} else if (!strcmp(argv[i], "--")) {
			only_words = true;
		} else if (!strcmp(argv[i], "-h")) {
			option_print_help(command);
			exit(XT_OK);
		} else if (argv[i][1] != '-') {
			report_error("%s: options begin with two hyphens (see --help)", argv[i]);
			good = false;
		} else {
			good &= read_option(command, argv[i], argv[i + 1], &consumed, s);
			i += consumed;
		}
	}
	answer_and_end(command, s);
	report_verbose(setting_on(s, "verbose") || setting_on(s, "debug"));
	return good;
}
