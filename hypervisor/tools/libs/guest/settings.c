// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads configuration files: a scanner that knows where it is, and a parser by recursive descent. Text is foreign: it is bounded in
 * size and depth, and any bytes lead to a tree or to an error with its line.
 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

struct scanner {
	const char *at, *end;
	struct place place;
	struct report *report;
	unsigned int depth; /* of open brackets */
	bool failed;
};

static struct value *parse_value(struct scanner *s);

static void fail(struct scanner *s, const char *what)
{
	if (!s->failed)
		report_error_at(s->report, s->place, "%s", what);
	s->failed = true;
}

static int peek(const struct scanner *s)
{
	return s->at < s->end ? (unsigned char)*s->at : EOF;
}

static bool looking_at(const struct scanner *s, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(s->end - s->at) >= length && !memcmp(s->at, text, length);
}

static void skip_comment(struct scanner *s)
{
	while (s->at < s->end && *s->at != '\n')
		s->at++;
}

/* Blanks and continued lines; inside of brackets also comments and ends of lines. */
static void skip_blanks(struct scanner *s)
{
	for (;;) {
		int c = peek(s);

		if (c == ' ' || c == '\t' || c == '\r') {
			s->at++;
		} else if (looking_at(s, "\\\n") || looking_at(s, "\\\r\n")) {
			s->at += s->at[1] == '\r' ? 3 : 2;
			s->place.line++;
		} else if (s->depth && c == '\n') {
			s->at++;
			s->place.line++;
		} else if (s->depth && c == '#') {
			skip_comment(s);
		} else {
			return;
		}
	}
}

static bool is_key_start(int c)
{
	return isalpha(c) || c == '_';
}

/* xm-debian.cfg's variables have dashes: install-mirror. */
static bool is_key_part(int c)
{
	return isalnum(c) || c == '_' || c == '-' || c == '.';
}

static void value_free(struct value *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		value_free(v->items[i]);
	free(v->items);
	free(v->text);
	free(v);
}

static struct value *value_new(enum value_kind kind, unsigned int line)
{
	struct value *v = alloc_zeroed(sizeof(*v));

	v->kind = kind;
	v->line = line;
	return v;
}

static void value_append(struct value *list, struct value *item)
{
	/* Room doubles: a power of two is full. */
	if (!(list->count & (list->count - 1)))
		list->items = alloc_array(list->items, list->count ? list->count * 2 : 1,
					  sizeof(*list->items));
	list->items[list->count++] = item;
}

/* The character that stands for the escape at s->at, behind its backslash. */
static char parse_escape(struct scanner *s)
{
	char c = *s->at++;

	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '\n':
		s->place.line++;
		return 0; /* a continued line: nothing */
	case '\\':
	case '\'':
	case '"':
		return c;
	default:
		s->at--;
		return '\\'; /* as Python: an unknown escape is itself */
	}
}

/* One quoted string, appended to @text. */
static char *parse_quoted(struct scanner *s, char *text)
{
	char quote = *s->at, closing[4] = { quote, 0 };
	size_t length = text ? strlen(text) : 0;
	unsigned int line = s->place.line;

	if ((size_t)(s->end - s->at) >= 3 && s->at[1] == quote && s->at[2] == quote)
		closing[1] = closing[2] = quote;
	s->at += strlen(closing);
	text = alloc_array(text, length + (size_t)(s->end - s->at) + 1, 1);
	while (!looking_at(s, closing)) {
		char c;

		if (s->at == s->end || (*s->at == '\n' && !closing[1])) {
			s->place.line = line;
			fail(s, "the string that begins here has no closing quote");
			text[length] = 0;
			return text;
		}
		if (*s->at == '\n')
			s->place.line++;
		c = *s->at++;
		if (c == '\\' && s->at < s->end)
			c = parse_escape(s);
		if (c)
			text[length++] = c;
	}
	text[length] = 0;
	s->at += strlen(closing);
	return alloc_array(text, length + 1, 1);
}

/* Strings that follow each other are one, with or without a plus sign between. */
static struct value *parse_string(struct scanner *s)
{
	struct value *v = value_new(VALUE_STRING, s->place.line);

	for (;;) {
		v->text = parse_quoted(s, v->text);
		skip_blanks(s);
		if (s->failed)
			return v;
		if (peek(s) == '+') {
			s->at++;
			skip_blanks(s);
			if (peek(s) != '"' && peek(s) != '\'') {
				fail(s, "only a string can be added to a string");
				return v;
			}
		}
		if (peek(s) != '"' && peek(s) != '\'')
			return v;
	}
}

/* Decimal, octal behind a 0, hexadecimal behind 0x: xl.cfg(5). */
static struct value *parse_number(struct scanner *s)
{
	struct value *v = value_new(VALUE_NUMBER, s->place.line);
	const char *begin = s->at;
	char *rest;

	if (*s->at == '-')
		s->at++;
	while (isalnum(peek(s)) || peek(s) == '.' || peek(s) == '_')
		s->at++;
	v->text = alloc_substring(begin, (size_t)(s->at - begin));
	errno = 0;
	v->number = strtoll(v->text, &rest, 0);
	if (*rest || rest == v->text) {
		if (!s->failed)
			report_error_at(s->report, s->place,
					"'%s' is not a number (a string needs quotes)", v->text);
		s->failed = true;
	} else if (errno == ERANGE) {
		fail(s, "the number is too large");
	}
	return v;
}

static struct value *parse_list(struct scanner *s)
{
	struct value *list = value_new(VALUE_LIST, s->place.line);
	char closing = *s->at == '[' ? ']' : ')';
	unsigned int line = s->place.line;

	s->at++;
	if (++s->depth > SETTINGS_DEPTH_MAX)
		fail(s, "too many brackets inside of each other");
	for (;;) {
		skip_blanks(s);
		if (s->failed)
			break;
		if (peek(s) == closing) {
			s->at++;
			break;
		}
		if (peek(s) == EOF) {
			s->place.line = line;
			fail(s, "the list that begins here has no closing bracket");
			break;
		}
		value_append(list, parse_value(s));
		skip_blanks(s);
		if (peek(s) == ',')
			s->at++;
		else if (peek(s) != closing && peek(s) != EOF)
			fail(s, "a comma or the closing bracket of the list is missing here");
	}
	s->depth--;
	return list;
}

/* True, False, None; anything else without quotes is a mistake. */
static struct value *parse_word(struct scanner *s)
{
	struct value *v = value_new(VALUE_NUMBER, s->place.line);
	const char *begin = s->at;

	while (is_key_part(peek(s)))
		s->at++;
	v->text = alloc_substring(begin, (size_t)(s->at - begin));
	if (!strcmp(v->text, "True")) {
		v->number = 1;
	} else if (!strcmp(v->text, "None")) {
		v->kind = VALUE_NONE;
	} else if (strcmp(v->text, "False")) {
		if (!s->failed)
			report_error_at(s->report, s->place, "the string '%s' needs quotes",
					v->text);
		s->failed = true;
	}
	free(v->text);
	v->text = alloc_string(v->number ? "1" : "0");
	return v;
}

static struct value *parse_value(struct scanner *s)
{
	int c;

	skip_blanks(s);
	c = peek(s);
	if (c == '"' || c == '\'')
		return parse_string(s);
	if (c == '[' || c == '(')
		return parse_list(s);
	if (isdigit(c) || c == '-')
		return parse_number(s);
	if (is_key_start(c))
		return parse_word(s);
	fail(s, "a value is missing here");
	return value_new(VALUE_NONE, s->place.line);
}

static struct setting *find(const struct settings *s, const char *key)
{
	for (struct setting *each = s->first; each; each = each->next)
		if (!strcmp(each->key, key))
			return each;
	return NULL;
}

/* @old with @v behind it: lists and strings only. */
static struct value *appended(struct scanner *s, struct value *old, struct value *v)
{
	char *text;

	if (old->kind != v->kind || old->kind == VALUE_NUMBER || old->kind == VALUE_NONE) {
		fail(s, "'+=' needs two lists or two strings");
		value_free(v);
		return old;
	}
	if (old->kind == VALUE_STRING) {
		text = alloc_format("%s%s", old->text, v->text);
		free(old->text);
		old->text = text;
	} else {
		for (size_t i = 0; i < v->count; i++)
			value_append(old, v->items[i]);
		v->count = 0;
	}
	value_free(v);
	return old;
}

static void set(struct settings *settings, struct scanner *s, char *key, struct place at,
		struct value *v, bool append)
{
	struct setting *old = find(settings, key);

	if (!old) {
		old = alloc_zeroed(sizeof(*old));
		old->key = alloc_string(key);
		*settings->end = old;
		settings->end = &old->next;
	} else if (append) {
		old->value = appended(s, old->value, v);
		free(key);
		return;
	} else {
		value_free(old->value);
	}
	old->at = at;
	old->value = v;
	free(key);
}

/* What a configuration for xm may begin with, and we have no interpreter for. */
static bool is_python_statement(const char *key)
{
	static const char *const words[] = { "import", "from",	"def",	  "if",	    "elif",
					     "else",   "for",	"while",  "try",    "with",
					     "print",  "class", "return", "except", "raise" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(key, words[i]))
			return true;
	return false;
}

static void skip_statement(struct scanner *s)
{
	while (peek(s) != EOF && peek(s) != '\n')
		s->at++;
}

static void parse_setting(struct settings *settings, struct scanner *s)
{
	const char *begin = s->at;
	struct place at = s->place;
	bool append = false;
	struct value *v;
	char *key;

	while (is_key_part(peek(s)))
		s->at++;
	key = alloc_substring(begin, (size_t)(s->at - begin));
	skip_blanks(s);
	if (looking_at(s, "+=")) {
		append = true;
		s->at++;
	}
	if (peek(s) != '=') {
		fail(s, is_python_statement(key) ?
				"a statement of Python; only KEY = VALUE is understood" :
				"'=' is missing behind the key");
		free(key);
		return;
	}
	s->at++;
	v = parse_value(s);
	skip_blanks(s);
	if (!s->failed && peek(s) != EOF && !strchr("\n;#", peek(s)))
		fail(s, "a new line or ';' is missing behind the value");
	if (s->failed) {
		value_free(v);
		free(key);
		return;
	}
	set(settings, s, key, at, v, append);
}

static void parse_all(struct settings *settings, struct scanner *s)
{
	for (;;) {
		skip_blanks(s);
		switch (peek(s)) {
		case EOF:
			return;
		case '#':
			skip_comment(s);
			continue;
		case '\n':
			s->place.line++;
			s->at++;
			continue;
		case ';':
			s->at++;
			continue;
		default:
			break;
		}
		if (is_key_start(peek(s)))
			parse_setting(settings, s);
		else
			fail(s, "a key is expected here");
		/* One complaint a line; the next line is another try. */
		if (s->failed) {
			s->failed = false;
			s->depth = 0;
			skip_statement(s);
		}
	}
}

void settings_init(struct settings *s)
{
	*s = (struct settings){ 0 };
	s->end = &s->first;
}

void settings_free(struct settings *s)
{
	while (s->first) {
		struct setting *next = s->first->next;

		value_free(s->first->value);
		free(s->first->key);
		free(s->first);
		s->first = next;
	}
	free(s->names[0]);
	free(s->names[1]);
	settings_init(s);
}

void settings_parse(struct settings *s, const char *name, const char *text, size_t length,
		    struct report *report)
{
	struct scanner scanner = { .at = text, .end = text + length, .report = report };

	free(s->names[0]);
	s->names[0] = alloc_string(name);
	scanner.place = (struct place){ s->names[0], 1 };
	if (memchr(text, 0, length))
		report_error_at(report, (struct place){ name, 0 },
				"holds a zero byte: not a configuration");
	else
		parse_all(s, &scanner);
}

/* All of a file, or NULL and errno. */
static char *read_all(int fd, size_t *length)
{
	char *text = alloc_zeroed(SETTINGS_FILE_MAX + 1);
	ssize_t r;

	*length = 0;
	while ((r = read(fd, text + *length, SETTINGS_FILE_MAX + 1 - *length)) > 0)
		*length += (size_t)r;
	if (!r && *length <= SETTINGS_FILE_MAX)
		return text;
	free(text);
	if (!r)
		errno = EFBIG;
	return NULL;
}

void settings_read(struct settings *s, const char *path, struct report *report)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(0);
	size_t length = 0;
	char *text = NULL;

	if (fd >= 0)
		text = read_all(fd, &length);
	if (!text)
		report_error_at(report, (struct place){ path, 0 }, "cannot be read: %s",
				strerror(errno));
	else
		settings_parse(s, path, text, length, report);
	free(text);
	if (fd >= 0)
		close(fd);
}

/* Whether @argument is settings by the syntax of files. */
static bool is_by_syntax(const char *argument)
{
	struct settings trial;
	struct report silent = { .out = fopen("/dev/null", "we"), .program = "" };
	bool good;

	settings_init(&trial);
	if (silent.out) {
		settings_parse(&trial, "", argument, strlen(argument), &silent);
		fclose(silent.out);
	}
	good = silent.out && !silent.errors && trial.first;
	settings_free(&trial);
	return good;
}

void settings_override(struct settings *s, const char *argument, struct report *report)
{
	size_t length = strlen(argument);
	struct scanner scanner = { .at = argument, .end = argument + length, .report = report };
	const char *equals = strchr(argument, '=');
	struct value *v;

	if (!s->names[1])
		s->names[1] = alloc_string("command line");
	scanner.place = (struct place){ s->names[1], 0 };
	if (is_by_syntax(argument)) {
		parse_all(s, &scanner);
		return;
	}
	if (!equals || equals == argument || !is_key_start((unsigned char)*argument)) {
		report_error_at(report, scanner.place, "'%s' is not KEY=VALUE", argument);
		return;
	}
	v = value_new(VALUE_STRING, 0);
	v->text = alloc_string(equals + 1);
	set(s, &scanner, alloc_substring(argument, (size_t)(equals - argument)), scanner.place, v,
	    false);
}

const struct setting *settings_find(const struct settings *s, const char *key)
{
	const struct setting *found = find(s, key);

	return found && found->value->kind != VALUE_NONE ? found : NULL;
}
