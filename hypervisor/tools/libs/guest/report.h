// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the administrator is told: "xl create: FILE:LINE: what is wrong". Errors are counted, so that a reader can go on and name
 * everything that is wrong at once.
 */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include <stdbool.h>
#include <stdio.h>

struct report {
	FILE *out;
	const char *program; /* "xl create" */
	unsigned int errors;
	unsigned int warnings;
	bool quiet;   /* warnings are counted alone */
	bool verbose; /* progress is told */
};

/* A position in a configuration; @line 0 is no line, @file NULL no file. */
struct place {
	const char *file;
	unsigned int line;
};

void report_error(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_error_at(struct report *r, struct place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void report_warning(struct report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_warning_at(struct report *r, struct place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Told when verbose. */
void report_step(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
