// SPDX-License-Identifier: GPL-2.0-or-later
/* Logs, see log_file.h. A disk that is full or missing loses lines, and nothing else. */
#include "log_file.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIME_SIZE 32

/* A name comes from the store: it must not lead out of the directory. */
static void name_make_safe(char *name)
{
	if (*name == '.')
		*name = '_';
	for (; *name; name++)
		if (*name == '/' || iscntrl((unsigned char)*name))
			*name = '_';
}

void log_reopen(struct log_file *log)
{
	struct stat st;

	if (log->fd >= 0)
		close(log->fd);
	log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	log->size = log->fd >= 0 && !fstat(log->fd, &st) ? (size_t)st.st_size : 0;
	log->is_at_start = true;
}

struct log_file *log_open(const struct log_settings *s, const char *name)
{
	struct log_file *log = calloc(1, sizeof(*log));
	char *safe = strdup(name);

	if (!log || !safe)
		goto fail;
	name_make_safe(safe);
	if (asprintf(&log->path, "%s/%s.log", s->directory, safe) < 0)
		goto fail;
	free(safe);
	log->settings = s;
	log->fd = -1;
	log_reopen(log);
	return log;

fail:
	free(safe);
	free(log);
	return NULL;
}

void log_close(struct log_file *log)
{
	if (!log)
		return;
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	free(log);
}

/* NAME.log.1 becomes NAME.log.2, and so on; the last one is forgotten. */
static void rotate(struct log_file *log)
{
	char from[4096], to[4096];

	for (unsigned int i = log->settings->old_max; i; i--) {
		snprintf(to, sizeof(to), "%s.%u", log->path, i);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%u", log->path, i - 1);
		else
			snprintf(from, sizeof(from), "%s", log->path);
		rename(from, to);
	}
	if (!log->settings->old_max)
		unlink(log->path);
	log_reopen(log);
}

static void put(struct log_file *log, const char *text, size_t size)
{
	ssize_t written = log->fd >= 0 ? write(log->fd, text, size) : 0;

	if (written > 0)
		log->size += (size_t)written;
}

static size_t time_format(char text[static TIME_SIZE])
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	return strftime(text, TIME_SIZE, "[%Y-%m-%d %H:%M:%SZ] ", &tm);
}

/* A byte as it stands in the log; the number of characters. */
static size_t byte_format(char *to, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	if (byte == '\r')
		return 0;
	if (byte == '\n' || byte == '\t' || (byte >= ' ' && byte != 0x7f)) {
		*to = (char)byte;
		return 1;
	}
	memcpy(to, "\\x", 2);
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return 4;
}

void log_write(struct log_file *log, const char *text, size_t size)
{
	char out[4096];
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		if (used + TIME_SIZE + 4 > sizeof(out)) {
			put(log, out, used);
			used = 0;
		}
		if (log->is_at_start && log->settings->with_time && text[i] != '\r')
			used += time_format(out + used);
		log->is_at_start = text[i] == '\n' || (log->is_at_start && text[i] == '\r');
		used += byte_format(out + used, (unsigned char)text[i]);
		if (log->is_at_start && log->size + used >= log->settings->size_max) {
			put(log, out, used);
			used = 0;
			rotate(log);
		}
	}
	put(log, out, used);
	if (log->size >= 2 * log->settings->size_max)
		rotate(log); /* a line without end */
}
