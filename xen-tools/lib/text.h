/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings that grow, lists of strings, whole files.  Memory that cannot be had ends the program: nothing here is
 * long-lived, and the undo keeper (undo.h) takes back what was made.
 */
#ifndef XT_TEXT_H
#define XT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct text {
	char *data; /* always ends in a zero byte once anything was added; NULL before */
	size_t length;
	size_t room;
};

struct list {
	char **items; /* NULL-terminated, so that it can be an argument vector */
	size_t count;
};

void *xt_alloc(size_t size);
char *xt_dup(const char *s);
char *xt_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const void *bytes, size_t count);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *format, va_list args);
void text_free(struct text *t);
/* Never NULL. */
const char *text_get(const struct text *t);

void list_add(struct list *l, const char *item);
/* All words of @s between any of @separators; empty words are left out. */
void list_split(struct list *l, const char *s, const char *separators);
bool list_has(const struct list *l, const char *item);
void list_free(struct list *l);

/* Cuts blanks off both ends, in place. */
char *trim(char *s);
bool starts_with(const char *s, const char *prefix);
bool ends_with(const char *s, const char *suffix);

/* Reads all of @path, at most 16 MiB.  Returns 0 or -errno. */
int file_read(const char *path, struct text *t);
/* Writes @content to @path, anew, with exactly @mode.  Returns 0 or -errno. */
int file_write(const char *path, mode_t mode, const char *content);
bool file_exists(const char *path);
bool is_directory(const char *path);
/* Like mkdir -p.  Returns 0 or -errno. */
int make_directories(const char *path, mode_t mode);

#endif
