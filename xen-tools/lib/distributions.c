// SPDX-License-Identifier: GPL-2.0-or-later
/* distributions.conf and mirrors.conf, see config.h. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Splits "key = value # comment" in place; false for an empty line.  *@value is NULL without '='. */
static bool split_line(char *line, char **key, char **value)
{
	char *equals;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!*line)
		return false;
	equals = strchr(line, '=');
	*value = equals ? trim(equals + 1) : NULL;
	if (equals)
		*equals = '\0';
	*key = trim(line);
	return true;
}

static void take_words(struct distribution *d, const char *value, const char *place,
		       struct text *errors)
{
	struct list words = { 0 };

	list_split(&words, value, " \t");
	if (!words.count || strlen(words.items[0]) >= sizeof(d->family))
		text_printf(errors, "%s: no family of distributions\n", place);
	else
		snprintf(d->family, sizeof(d->family), "%s", words.items[0]);
	for (size_t i = 1; i < words.count; i++) {
		const char *word = words.items[i];

		if (!strcmp(word, "eol"))
			d->is_old = true;
		else if (!strcmp(word, "pygrub"))
			d->boots_itself = true;
		else if (!strcmp(word, "default-keyring"))
			d->default_keyring = true;
		else if (ends_with(word, ".gpg") && strlen(word) < sizeof(d->keyring) &&
			 !strchr(word, '/'))
			snprintf(d->keyring, sizeof(d->keyring), "%s", word);
		else if (strcmp(word, "dont-test"))
			text_printf(errors, "%s: no such keyword: %s\n", place, word);
	}
	list_free(&words);
}

int distribution_find(const char *file, const char *content, const char *suite,
		      struct distribution *d, struct text *errors)
{
	size_t before = errors->length;
	unsigned int number = 0;
	bool found = false;

	*d = (struct distribution){ 0 };
	snprintf(d->suite, sizeof(d->suite), "%s", suite);
	for (; *content; number++) {
		size_t length = strcspn(content, "\n");
		char *line = xt_printf("%.*s", (int)length, content), *key, *value;
		char *place = xt_printf("%s:%u", file, number + 1);

		if (!split_line(line, &key, &value)) {
			/* nothing in it */
		} else if (!value || !*value || !*key) {
			text_printf(errors, "%s: a line is 'suite = family keywords'\n", place);
		} else {
			struct distribution other = { 0 };
			bool is_it = !found && !strcmp(key, d->suite);

			take_words(is_it ? d : &other, value, place, errors);
			found |= is_it;
		}
		free(line);
		free(place);
		content += length + (content[length] == '\n');
	}
	if (errors->length != before)
		return -EINVAL;
	return found ? 0 : -ENOENT;
}

static char *value_of(const char *content, const char *wanted)
{
	char *result = NULL;

	while (*content && !result) {
		size_t length = strcspn(content, "\n");
		char *line = xt_printf("%.*s", (int)length, content), *key, *value;

		if (split_line(line, &key, &value) && value && *value && !strcmp(key, wanted))
			result = xt_dup(value);
		free(line);
		content += length + (content[length] == '\n');
	}
	return result;
}

char *mirror_find(const char *content, const struct distribution *d)
{
	char *mirror = value_of(content, d->suite), *archive;

	if (mirror)
		return mirror;
	archive = xt_printf("%s_archive", d->family);
	mirror = value_of(content, d->is_old ? archive : d->family);
	free(archive);
	return mirror;
}
