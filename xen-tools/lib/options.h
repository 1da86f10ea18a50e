/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of options, option_table.c, from which command lines and configuration files are checked and --help, the
 * man pages, the completion and the tests' list are printed; and the settings that were read.
 */
#ifndef XT_OPTIONS_H
#define XT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Who knows an option. */
enum {
	CREATE = 1 << 0,
	DELETE = 1 << 1,
	LIST = 1 << 2,
	UPDATE = 1 << 3,
	RESIZE = 1 << 4,
	NFS = 1 << 5,
	INSTALL = 1 << 6,
	CUSTOMIZE = 1 << 7,
	CONFIG = 1 << 8,
	GUESS = 1 << 9,
	EVERY = (1 << 10) - 1,
};

enum option_kind {
	FLAG,	/* --name */
	SWITCH, /* --name, --noname, --no-name, --name=0/1 */
	VALUE,	/* --name=value or --name value; the last one counts */
	MANY,	/* the same, and all count */
};

enum value_type {
	ANY,
	BOOLEAN,
	SIZE,	  /* megabytes when bare */
	NUMBER,	  /* range in ->limits as "low-high" */
	CHOICE,	  /* one of ->limits, "a|b|c" */
	HOSTNAME,
	ADDRESS,  /* IPv4 or IPv6, a prefix allowed */
	ADDRESSES, /* several, between blanks */
	IP,	  /* an address, or auto */
	NETMASK,
	MAC,
	NAME,	  /* letters, digits and . _ + - : of bridges, volume groups, suites */
	PATH,	  /* absolute */
	ACCOUNTS, /* user names between commas */
	DEVICE,	  /* ->limits are the prefixes it may begin with, "xvd|sd" */
};

struct option_row {
	const char *name;
	unsigned int commands;
	enum option_kind kind;
	enum value_type type;
	const char *limits;
	const char *argument; /* what help calls the value */
	const char *group;
	const char *meaning;
	const char *deprecated; /* why it does nothing, or what to use; NULL when in use */
};

extern const struct option_row option_table[];
extern const size_t option_count;

struct command {
	const char *name;
	unsigned int bit;
	const char *arguments; /* beside options, for the usage line */
	const char *summary;
	const char *text; /* paragraphs for the man page, AsciiDoc */
};

extern const struct command command_table[];
extern const size_t command_count;

/* Where a setting came from, in the order in which they win. */
enum origin {
	BUILT_IN,
	CONFIG_FILE,
	EXTRA_CONFIG_FILE,
	COMMAND_LINE,
};

struct setting {
	char *name;
	char *value; /* MANY: joined by newlines */
	enum origin origin;
	char *place; /* "FILE:LINE" or "--name" */
};

struct settings {
	struct setting *items;
	size_t count;
};

const struct option_row *option_find(const char *name, unsigned int commands);

/* "-" and "_" are one in names.  A later origin wins; within one origin the later value. */
void setting_set(struct settings *s, const char *name, const char *value, enum origin origin,
		 const char *place);
void setting_append(struct settings *s, const char *name, const char *value, enum origin origin,
		    const char *place);
const struct setting *setting_find(const struct settings *s, const char *name);
/* NULL when it is not set, or empty. */
const char *setting(const struct settings *s, const char *name);
bool setting_on(const struct settings *s, const char *name);
uint64_t setting_number(const struct settings *s, const char *name);
uint64_t setting_size(const struct settings *s, const char *name);
void settings_free(struct settings *s);

/* NULL, or why @value is none for @row (allocated). */
char *option_check(const struct option_row *row, const char *value);
/* The bytes of a SIZE, whose bare numbers are megabytes. */
bool option_size(const char *value, uint64_t *bytes);

/*
 * Reads the command line of @command: options into @s, the other words into @words.  Returns false after saying what
 * is wrong.  Does --help, --manual, --version and the hidden --option-table itself, and ends the program.
 */
bool options_read(const struct command *command, int argc, char **argv, struct settings *s,
		  struct list *words);

/* Printers, for help, man pages and completion (option_print.c). */
void option_print_help(const struct command *command);
void option_print_man(const struct command *command);
void option_print_completion(void);
void option_print_table(void);

const struct command *command_find(const char *name);

#endif
