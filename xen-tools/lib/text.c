// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings, lists and whole files, see text.h. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT (16u << 20)

void *xt_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		fputs("out of memory\n", stderr);
		exit(4);
	}
	return p;
}

char *xt_dup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xt_alloc(size), s, size);
}

char *xt_printf(const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	return t.data ? t.data : xt_dup("");
}

void text_add_bytes(struct text *t, const void *bytes, size_t count)
{
	if (t->length + count + 1 > t->room) {
		size_t room = (t->length + count + 1) * 2;
		char *data = xt_alloc(room);

		if (t->data)
			memcpy(data, t->data, t->length);
		free(t->data);
		t->data = data;
		t->room = room;
	}
	memcpy(t->data + t->length, bytes, count);
	t->length += count;
	t->data[t->length] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void text_vprintf(struct text *t, const char *format, va_list args)
{
	char *s = NULL;
	int length = vasprintf(&s, format, args);

	if (length < 0) {
		fputs("out of memory\n", stderr);
		exit(4);
	}
	text_add_bytes(t, s, (size_t)length);
	free(s);
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprintf(t, format, args);
	va_end(args);
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

const char *text_get(const struct text *t)
{
	return t->data ? t->data : "";
}

void list_add(struct list *l, const char *item)
{
	char **items = xt_alloc((l->count + 2) * sizeof(*items));

	if (l->count)
		memcpy(items, l->items, l->count * sizeof(*items));
	free(l->items);
	l->items = items;
	l->items[l->count++] = xt_dup(item);
}

void list_split(struct list *l, const char *s, const char *separators)
{
	char *copy = xt_dup(s), *rest = NULL, *word;

	for (word = strtok_r(copy, separators, &rest); word;
	     word = strtok_r(NULL, separators, &rest))
		list_add(l, word);
	free(copy);
}

bool list_has(const struct list *l, const char *item)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->items[i], item))
			return true;
	return false;
}

void list_free(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
	*l = (struct list){ 0 };
}

char *trim(char *s)
{
	size_t length;

	while (isspace((unsigned char)*s))
		s++;
	length = strlen(s);
	while (length && isspace((unsigned char)s[length - 1]))
		s[--length] = '\0';
	return s;
}

bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool ends_with(const char *s, const char *suffix)
{
	size_t length = strlen(s), suffix_length = strlen(suffix);

	return length >= suffix_length && !strcmp(s + length - suffix_length, suffix);
}

int file_read(const char *path, struct text *t)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	char buffer[16384];

	if (fd < 0)
		return -errno;
	while (!rc) {
		ssize_t r = read(fd, buffer, sizeof(buffer));

		if (r == 0)
			break;
		if (r < 0 && errno != EINTR)
			rc = -errno;
		else if (r > 0 && t->length + (size_t)r > FILE_LIMIT)
			rc = -EFBIG;
		else if (r > 0)
			text_add_bytes(t, buffer, (size_t)r);
	}
	close(fd);
	return rc;
}

static int write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t r = write(fd, data, length);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		data += r;
		length -= (size_t)r;
	}
	return 0;
}

int file_write(const char *path, mode_t mode, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode), rc;

	if (fd < 0)
		return -errno;
	rc = fchmod(fd, mode) ? -errno : write_all(fd, content, strlen(content));
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

bool file_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int make_directories(const char *path, mode_t mode)
{
	char *copy = xt_dup(path);
	int rc = 0;

	for (char *slash = copy; !rc && slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(copy, mode) && (errno != EEXIST || !is_directory(copy)))
			rc = errno == EEXIST ? -ENOTDIR : -errno;
		if (slash)
			*slash = '/';
	}
	free(copy);
	return rc;
}
