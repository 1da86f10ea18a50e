// SPDX-License-Identifier: GPL-2.0-or-later
/* Layout files of partitions.d: sections with size, type, mountpoint and options; see config.h. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

static const char *const types[] = { "ext2", "ext3", "ext4", "btrfs", "xfs", "swap" };

struct reader {
	const char *file;
	unsigned int line;
	struct text *errors;
	struct partitions *p;
	struct partition *current;
};

static void complain(struct reader *r, const char *what, const char *value)
{
	text_printf(r->errors, "%s:%u: %s%s%s\n", r->file, r->line, what, value ? ": " : "",
		    value ? value : "");
}

static bool is_section_name(const char *s)
{
	return *s && strlen(s) < sizeof(((struct partition *)0)->name) &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       strlen(s);
}

static void begin_section(struct reader *r, char *line)
{
	char *end = strchr(line, ']'), *name;

	r->current = NULL;
	if (!end || end[1]) {
		complain(r, "a section is [name]", NULL);
		return;
	}
	*end = '\0';
	name = trim(line + 1);
	if (!is_section_name(name)) {
		complain(r, "no name for a partition", name);
		return;
	}
	for (size_t i = 0; i < r->p->count; i++) {
		if (!strcmp(r->p->items[i].name, name)) {
			complain(r, "twice", name);
			return;
		}
	}
	if (r->p->count == PARTITIONS_MOST) {
		complain(r, "too many partitions", NULL);
		return;
	}
	r->current = &r->p->items[r->p->count++];
	snprintf(r->current->name, sizeof(r->current->name), "%s", name);
}

static void set_size(struct reader *r, const char *value)
{
	uint64_t size;

	if (!option_size(value, &size) || size < MIB) {
		complain(r, "no size of at least 1M", value);
		return;
	}
	r->current->size = (size + MIB - 1) / MIB * MIB;
}

static void set_type(struct reader *r, const char *value)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i], value)) {
			snprintf(r->current->type, sizeof(r->current->type), "%s", value);
			return;
		}
	}
	complain(r, "no such file system", value);
}

static void set_mountpoint(struct reader *r, const char *value)
{
	if (*value != '/' || strlen(value) >= sizeof(r->current->mountpoint) ||
	    strpbrk(value, " \t\\#") || strstr(value, "/../") || ends_with(value, "/..")) {
		complain(r, "no mount point", value);
		return;
	}
	snprintf(r->current->mountpoint, sizeof(r->current->mountpoint), "%s", value);
}

static void set_key(struct reader *r, char *line)
{
	char *equals = strchr(line, '='), *key, *value;

	if (!equals) {
		complain(r, "no '=' in this line", NULL);
		return;
	}
	*equals = '\0';
	key = trim(line);
	value = trim(equals + 1);
	if (!r->current)
		complain(r, "before the first section", key);
	else if (!strcmp(key, "size"))
		set_size(r, value);
	else if (!strcmp(key, "type"))
		set_type(r, value);
	else if (!strcmp(key, "mountpoint"))
		set_mountpoint(r, value);
	else if (strcmp(key, "options"))
		complain(r, "no such key", key);
	else if (strlen(value) >= sizeof(r->current->options) || strpbrk(value, " \t"))
		complain(r, "no mount options", value);
	else
		snprintf(r->current->options, sizeof(r->current->options), "%s", value);
}

/* What can be judged only at the end.  @line stays that of the end of the file. */
static void check_all(struct reader *r)
{
	size_t roots = 0;

	for (size_t i = 0; i < r->p->count; i++) {
		struct partition *a = &r->p->items[i];
		bool is_swap = !strcmp(a->type, "swap");

		if (!a->size)
			complain(r, "no size", a->name);
		if (!*a->type)
			complain(r, "no type", a->name);
		if (!is_swap && !*a->mountpoint)
			complain(r, "no mountpoint", a->name);
		if (is_swap && *a->mountpoint)
			complain(r, "swap has no mountpoint", a->name);
		roots += !strcmp(a->mountpoint, "/");
		for (size_t j = 0; j < i; j++)
			if (*a->mountpoint && !strcmp(a->mountpoint, r->p->items[j].mountpoint))
				complain(r, "the same mountpoint twice", a->mountpoint);
	}
	if (roots == 0)
		complain(r, "no partition has the mountpoint /", NULL);
}

int partitions_parse(const char *file, const char *content, struct partitions *p,
		     struct text *errors)
{
	struct reader r = { .file = file, .errors = errors, .p = p };
	size_t before = errors->length;

	*p = (struct partitions){ 0 };
	while (*content) {
		size_t length = strcspn(content, "\n");
		char *line = xt_printf("%.*s", (int)length, content), *bare;

		r.line++;
		line[strcspn(line, "#;")] = '\0';
		bare = trim(line);
		if (*bare == '[')
			begin_section(&r, bare);
		else if (*bare)
			set_key(&r, bare);
		free(line);
		content += length + (content[length] == '\n');
	}
	check_all(&r);
	return errors->length == before ? 0 : -EINVAL;
}
