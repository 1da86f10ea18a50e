/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log: lines with or without time stamps, never more than a given size on the disk. What a terminal would obey is written as
 * \xNN, so that reading a log does nothing else.
 */
#ifndef XENCONSOLED_LOG_FILE_H
#define XENCONSOLED_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct log_settings {
	const char *directory;
	size_t size_max; /* bytes of one file */
	unsigned int old_max; /* files NAME.log.1 to NAME.log.N are kept */
	bool with_time; /* before each line */
};

struct log_file {
	const struct log_settings *settings;
	char *path;
	int fd; /* -1: cannot be written */
	size_t size;
	bool is_at_start; /* of a line */
};

/* NAME.log in the directory of @s; what a file's name cannot have is replaced. NULL: no memory. */
struct log_file *log_open(const struct log_settings *s, const char *name);
void log_close(struct log_file *log); /* NULL is fine */

/* Opens the file anew: somebody has moved it away. */
void log_reopen(struct log_file *log);
void log_write(struct log_file *log, const char *text, size_t size);

#endif
