// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The syntax of configuration files, xl.cfg(5) "SYNTAX", and as much of Python's as configurations of xm use: settings
 * KEY = VALUE, one a line or separated by semicolons; a value is a string, a number, True, False, None or a list of values.
 * What the keys mean is config_keys.c's.
 */
#ifndef GUEST_SETTINGS_H
#define GUEST_SETTINGS_H

#include <stddef.h>

#include "report.h"

#define SETTINGS_FILE_MAX  (1024 * 1024)
#define SETTINGS_DEPTH_MAX 16

enum value_kind {
	VALUE_STRING,
	VALUE_NUMBER,
	VALUE_LIST,
	VALUE_NONE, /* Python's None: as if the key was not set */
};

struct value {
	enum value_kind kind;
	unsigned int line;
	char *text;	  /* of a string or number, as written */
	long long number; /* of a number */
	struct value **items;
	size_t count;
};

struct setting {
	struct setting *next;
	char *key;
	struct place at;
	struct value *value;
};

struct settings {
	struct setting *first;
	struct setting **end;
	char *names[2]; /* of the file, of the command line: what places point to */
};

void settings_init(struct settings *s);
void settings_free(struct settings *s);

/*
 * Parse @length bytes of @text, which was read from @name (kept as a copy). A key that is set again replaces what was set
 * before; `+=` appends. Complaints go to @report.
 */
void settings_parse(struct settings *s, const char *name, const char *text, size_t length,
		    struct report *report);
/* The same for a file; "-" is standard input. */
void settings_read(struct settings *s, const char *path, struct report *report);
/*
 * One argument KEY=VALUE of a command line, which replaces what the file says. The shell has often eaten the quotes: what is
 * no value by the syntax is a string as it stands.
 */
void settings_override(struct settings *s, const char *argument, struct report *report);

/* NULL if not set, or set to None. */
const struct setting *settings_find(const struct settings *s, const char *key);

#endif
