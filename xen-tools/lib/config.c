// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-tools.conf, see config.h. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

int backtick_shell(const char *command, struct text *out)
{
	FILE *pipe = popen(command, "re");
	char buffer[512];
	size_t count;

	if (!pipe)
		return -errno;
	while ((count = fread(buffer, 1, sizeof(buffer), pipe)) > 0)
		text_add_bytes(out, buffer, count);
	while (out->length && strchr("\n\r \t", out->data[out->length - 1]))
		out->data[--out->length] = '\0';
	return pclose(pipe) ? -EIO : 0;
}

/* @value with each `command` replaced by what it prints.  NULL after a complaint in @errors. */
static char *expand(const char *place, const char *value, backtick_fn backtick, struct text *errors)
{
	struct text t = { 0 };
	const char *tick, *end;
	int rc = 0;

	for (; !rc && (tick = strchr(value, '`')); value = end + 1) {
		char *command;

		text_add_bytes(&t, value, (size_t)(tick - value));
		end = strchr(tick + 1, '`');
		if (!end) {
			text_printf(errors, "%s: a backtick without its partner\n", place);
			text_free(&t);
			return NULL;
		}
		command = xt_dup(tick + 1);
		command[end - tick - 1] = '\0';
		rc = backtick ? backtick(command, &t) : -EPERM;
		if (rc)
			text_printf(errors, "%s: the command `%s` failed\n", place, command);
		free(command);
	}
	if (!rc)
		text_add(&t, value);
	else
		text_free(&t);
	return rc ? NULL : t.data ? t.data : xt_dup("");
}

/* Keys by other names: "nohosts = 1" is "hosts = 0". */
static void keep(struct settings *s, const char *key, const char *value, enum origin origin,
		 const char *place)
{
	const struct option_row *row = option_find(key, EVERY);

	if (!row && starts_with(key, "no")) {
		row = option_find(key + 2, EVERY);
		if (row && row->kind == SWITCH) {
			bool on = !strcmp(value, "1") || !strcmp(value, "yes");

			setting_set(s, row->name, on ? "0" : "1", origin, place);
			return;
		}
	}
	if (row && row->kind == MANY) {
		struct list words = { 0 };

		list_split(&words, value, " ");
		for (size_t i = 0; i < words.count; i++)
			setting_append(s, row->name, words.items[i], origin, place);
		list_free(&words);
		return;
	}
	setting_set(s, row ? row->name : key, value, origin, place);
}

static void parse_line(const char *place, char *line, enum origin origin, backtick_fn backtick,
		       struct settings *s, struct text *errors)
{
	char *equals = strchr(line, '='), *key, *value, *wrong = NULL;
	const struct option_row *row;

	if (!equals) {
		text_printf(errors, "%s: no '=' in this line\n", place);
		return;
	}
	*equals = '\0';
	key = trim(line);
	if (!*key || strpbrk(key, " \t")) {
		text_printf(errors, "%s: '%s' is no key\n", place, key);
		return;
	}
	value = expand(place, trim(equals + 1), backtick, errors);
	if (!value)
		return;
	row = option_find(key, EVERY);
	if (row && *value && row->kind != MANY)
		wrong = option_check(row, value);
	if (wrong)
		text_printf(errors, "%s: %s: %s\n", place, key, wrong);
	else
		keep(s, key, value, origin, place);
	free(wrong);
	free(value);
}

int config_parse(const char *file, const char *content, enum origin origin, backtick_fn backtick,
		 struct settings *s, struct text *errors)
{
	size_t before = errors->length;
	unsigned int number = 0;

	while (*content) {
		size_t length = strcspn(content, "\n");
		char *line = xt_printf("%.*s", (int)length, content), *bare;
		char *place = xt_printf("%s:%u", file, ++number);

		line[strcspn(line, "#")] = '\0';
		bare = trim(line);
		if (*bare)
			parse_line(place, bare, origin, backtick, s, errors);
		free(line);
		free(place);
		content += length + (content[length] == '\n');
	}
	return errors->length == before ? 0 : -EINVAL;
}

int config_read(const char *file, enum origin origin, struct settings *s, struct text *errors)
{
	struct text t = { 0 };
	int rc = file_read(file, &t);

	if (!rc && t.length != strlen(text_get(&t))) {
		text_printf(errors, "%s: a zero byte in it\n", file);
		rc = -EINVAL;
	} else if (!rc) {
		rc = config_parse(file, text_get(&t), origin, backtick_shell, s, errors);
	}
	text_free(&t);
	return rc;
}
