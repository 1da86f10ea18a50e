/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user is told: errors, notes, one progress line a stage, the log of a guest; and the exit codes, which the
 * manual page lists.  Results go to stdout, the rest to stderr.
 */
#ifndef XT_REPORT_H
#define XT_REPORT_H

#include <stdbool.h>

enum exit_code {
	XT_OK = 0,
	XT_USAGE = 2,	    /* an option or a value is wrong: nothing was begun */
	XT_ENVIRONMENT = 3, /* the machine lacks something, or something is in the way */
	XT_FAILED = 4,	    /* begun, failed, taken back */
	XT_INTERRUPTED = 5, /* a signal came; taken back */
};

extern const char *program; /* how the command was called, for messages */

/* Notes the time; completes PATH by the directories of administrators' programs, which users often lack. */
void report_begin(const char *argv0);
/* Extra talk is printed when @on. */
void report_verbose(bool on);
bool report_is_verbose(void);

/* One line "program: ..." on stderr, and in the log. */
void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die(enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Opens /var/log/xen-tools/NAME.log (for others than root: $XDG_STATE_HOME/xen-tools), mode 0640 in a directory of
 * 0750; older ones are kept as NAME.1.log to NAME.9.log.  Returns its path or NULL.
 */
const char *log_open(const char *name);
/* Where programs that we run write what they say: the log, or /dev/null before there is one. */
int log_fd(void);
const char *log_path(void);
/* The last lines of the log that look like an error, for messages; never NULL. */
const char *log_reason(void);

/* A stage begins; the one before it, if any, ends.  NULL ends the last. */
void stage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Called twice a second while something is awaited: the time of the stage on a terminal goes on. */
void stage_tick(void);
/* Seconds since report_begin(). */
double elapsed(void);

#endif
