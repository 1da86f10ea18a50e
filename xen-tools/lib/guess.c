// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading of sources.list(5), both forms, see guess.h. */
#include "guess.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A main archive: not security, updates or somebody's own. */
static bool is_main(const char *mirror, const char *suite)
{
	return starts_with(mirror, "http") && strstr(mirror, "://") &&
	       !strstr(mirror, "security") && !strchr(suite, '/') && !strchr(suite, '-') &&
	       (strstr(mirror, "debian") || strstr(mirror, "ubuntu"));
}

static bool take(const char *mirror, const char *suite, char **mirror_out, char **suite_out)
{
	size_t length = strlen(mirror);

	if (!is_main(mirror, suite))
		return false;
	while (length && mirror[length - 1] == '/')
		length--;
	*mirror_out = xt_printf("%.*s", (int)length, mirror);
	*suite_out = xt_dup(suite);
	return true;
}

/* "deb [options] URI SUITE COMPONENT..." */
static bool take_line(const char *line, char **mirror, char **suite)
{
	struct list words = { 0 };
	size_t at = 1;
	bool found;

	list_split(&words, line, " \t");
	if (words.count > 1 && *words.items[1] == '[') {
		while (at < words.count && !ends_with(words.items[at], "]"))
			at++;
		at++;
	}
	found = at + 1 < words.count && !strcmp(words.items[0], "deb") &&
		take(words.items[at], words.items[at + 1], mirror, suite);
	list_free(&words);
	return found;
}

struct stanza {
	struct list types, uris, suites;
	bool is_off;
};

static void stanza_free(struct stanza *s)
{
	list_free(&s->types);
	list_free(&s->uris);
	list_free(&s->suites);
	s->is_off = false;
}

static bool take_stanza(struct stanza *s, char **mirror, char **suite)
{
	bool found = false;

	for (size_t u = 0; u < s->uris.count && !found; u++)
		for (size_t i = 0; i < s->suites.count && !found; i++)
			found = !s->is_off && list_has(&s->types, "deb") &&
				take(s->uris.items[u], s->suites.items[i], mirror, suite);
	stanza_free(s);
	return found;
}

static void add_field(struct stanza *s, const char *line)
{
	static const char blanks[] = " \t";

	if (!strncasecmp(line, "Types:", 6))
		list_split(&s->types, line + 6, blanks);
	else if (!strncasecmp(line, "URIs:", 5))
		list_split(&s->uris, line + 5, blanks);
	else if (!strncasecmp(line, "Suites:", 7))
		list_split(&s->suites, line + 7, blanks);
	else if (!strncasecmp(line, "Enabled:", 8))
		s->is_off = strstr(line + 8, "no") != NULL;
}

bool sources_parse(const char *content, char **mirror, char **suite)
{
	struct stanza s = { 0 };
	bool found = false;

	while (*content && !found) {
		size_t length = strcspn(content, "\n");
		char *line = xt_printf("%.*s", (int)length, content), *bare;

		line[strcspn(line, "#")] = '\0';
		bare = trim(line);
		if (starts_with(bare, "deb ") || starts_with(bare, "deb\t"))
			found = take_line(bare, mirror, suite);
		else if (*bare)
			add_field(&s, bare);
		else if (!length)
			found = take_stanza(&s, mirror, suite);
		free(line);
		content += length + (content[length] == '\n');
	}
	if (!found)
		found = take_stanza(&s, mirror, suite);
	else
		stanza_free(&s);
	return found;
}

static bool guess(const char *file, char **mirror, char **suite)
{
	static const char *const patterns[] = { "/etc/apt/sources.list",
						"/etc/apt/sources.list.d/*.list",
						"/etc/apt/sources.list.d/*.sources" };
	bool found = false;
	glob_t names = { 0 };

	if (file)
		glob(file, GLOB_NOCHECK, NULL, &names);
	for (size_t i = 0; i < 3 && !file; i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &names);
	for (size_t i = 0; i < names.gl_pathc && !found; i++) {
		struct text t = { 0 };

		if (!file_read(names.gl_pathv[i], &t))
			found = sources_parse(text_get(&t), mirror, suite);
		text_free(&t);
	}
	globfree(&names);
	return found;
}

char *guess_suite(const char *file)
{
	char *mirror = NULL, *suite = NULL;

	guess(file, &mirror, &suite);
	free(mirror);
	return suite;
}

char *guess_mirror(const char *file)
{
	char *mirror = NULL, *suite = NULL;

	guess(file, &mirror, &suite);
	free(suite);
	return mirror;
}
