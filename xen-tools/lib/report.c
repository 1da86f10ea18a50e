// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages, progress and the log of a guest, see report.h. */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define LOGS_KEPT 9

const char *program = "xen-tools";

static bool verbose;
static double started;
static char *stage_name;
static double stage_started;
static int log_file = -1;
static char *log_name;
static off_t log_seen; /* the stage's part of the log begins here */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void report_begin(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	const char *path = getenv("PATH");
	char *complete = xt_printf(
		"%s%s/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
		path ? path : "", path ? ":" : "");

	program = slash ? slash + 1 : argv0;
	started = now();
	setenv("PATH", complete, 1);
	free(complete);
}

double elapsed(void)
{
	return now() - started;
}

void report_verbose(bool on)
{
	verbose = on;
}

bool report_is_verbose(void)
{
	return verbose;
}

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO);
}

/* A stage's unfinished line is wiped first. */
static void say(const char *kind, const char *format, va_list args)
{
	struct text t = { 0 };

	text_printf(&t, "%s: %s", program, kind);
	text_vprintf(&t, format, args);
	fprintf(stderr, "%s%s\n", stage_name && on_terminal() ? "\r\033[K" : "", text_get(&t));
	if (log_file >= 0)
		dprintf(log_file, "%s\n", text_get(&t));
	text_free(&t);
}

void report_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void report_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("note: ", format, args);
	va_end(args);
}

void report_detail(const char *format, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void die(enum exit_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("", format, args);
	va_end(args);
	exit(code);
}

static char *log_directory(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (geteuid() == 0)
		return xt_dup("/var/log/xen-tools");
	if (state && *state)
		return xt_printf("%s/xen-tools", state);
	return xt_printf("%s/.local/state/xen-tools", home ? home : "/tmp");
}

static void rotate(const char *directory, const char *name)
{
	for (int i = LOGS_KEPT; i > 0; i--) {
		char *older = xt_printf("%s/%s.%d.log", directory, name, i);
		char *newer = i == 1 ? xt_printf("%s/%s.log", directory, name) :
				       xt_printf("%s/%s.%d.log", directory, name, i - 1);

		rename(newer, older);
		free(newer);
		free(older);
	}
}

const char *log_open(const char *name)
{
	char *directory = log_directory();

	if (make_directories(directory, 0750)) {
		report_note("%s cannot be made: no log is written", directory);
		free(directory);
		return NULL;
	}
	rotate(directory, name);
	log_name = xt_printf("%s/%s.log", directory, name);
	log_file = open(log_name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (log_file < 0)
		report_note("%s: %s: no log is written", log_name, strerror(errno));
	free(directory);
	return log_file < 0 ? NULL : log_name;
}

const char *log_path(void)
{
	return log_file < 0 ? NULL : log_name;
}

int log_fd(void)
{
	static int nowhere = -1;

	if (log_file >= 0)
		return log_file;
	if (nowhere < 0)
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return nowhere;
}

static bool looks_like_error(const char *line)
{
	static const char *const words[] = {
		"E:",	     "error",	 "Error",  "ERROR",  "cannot",
		"not found", "No space", "failed", "Failed", "denied"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

const char *log_reason(void)
{
	struct text t = { 0 };
	struct list lines = { 0 };
	const char *reason = "no reason was given";

	if (log_file < 0 || file_read(log_name, &t))
		return reason;
	list_split(&lines, t.length > (size_t)log_seen ? t.data + log_seen : "", "\n");
	if (lines.count)
		reason = lines.items[lines.count - 1];
	for (size_t i = 0; i < lines.count; i++) {
		if (looks_like_error(lines.items[i])) {
			reason = lines.items[i];
			break;
		}
	}
	return reason; /* the list lives on: the program is about to end */
}

void stage(const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	if (stage_name) {
		fprintf(stderr, "%s%6.1f s  %s\n", on_terminal() ? "\r\033[K" : "",
			now() - stage_started, stage_name);
		free(stage_name);
		stage_name = NULL;
	}
	if (!format)
		return;
	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	stage_name = t.data;
	stage_started = now();
	if (on_terminal())
		fprintf(stderr, "      ... %s", stage_name);
	if (log_file >= 0) {
		log_seen = lseek(log_file, 0, SEEK_END);
		dprintf(log_file, "== %s\n", stage_name);
	}
}

void stage_tick(void)
{
	if (stage_name && on_terminal())
		fprintf(stderr, "\r\033[K%6.1f s  %s ...", now() - stage_started, stage_name);
}
