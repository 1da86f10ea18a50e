// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines for the administrator. */
#include "report.h"

#include <stdarg.h>

static void tell(struct report *r, struct place at, const char *kind, const char *format,
		 va_list args)
{
	fprintf(r->out, "%s: ", r->program);
	if (at.file && at.line)
		fprintf(r->out, "%s:%u: ", at.file, at.line);
	else if (at.file)
		fprintf(r->out, "%s: ", at.file);
	fputs(kind, r->out);
	vfprintf(r->out, format, args);
	fputc('\n', r->out);
}

void report_error(struct report *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->errors++;
	tell(r, (struct place){ 0 }, "", format, args);
	va_end(args);
}

void report_error_at(struct report *r, struct place at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->errors++;
	tell(r, at, "", format, args);
	va_end(args);
}

void report_warning(struct report *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->warnings++;
	if (!r->quiet)
		tell(r, (struct place){ 0 }, "warning: ", format, args);
	va_end(args);
}

void report_warning_at(struct report *r, struct place at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->warnings++;
	if (!r->quiet)
		tell(r, at, "warning: ", format, args);
	va_end(args);
}

void report_step(struct report *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (r->verbose)
		tell(r, (struct place){ 0 }, "", format, args);
	va_end(args);
}
