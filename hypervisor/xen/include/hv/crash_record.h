/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the machine went down, kept for the next boot to tell. */
#ifndef HV_CRASH_RECORD_H
#define HV_CRASH_RECORD_H

#include <hv/types.h>

#define CRASH_TEXT_MAX 1024

/* As it lies in memory or in a variable of the firmware. The text has a final 0. */
struct crash_record {
	uint64_t magic;
	uint64_t checksum;	/* of all that follows, up to the end of the text */
	uint32_t length;	/* of the text, without the final 0 */
	uint32_t reserved;	/* 0 */
	char	 text[CRASH_TEXT_MAX];
};

/* Bytes of a record that are in use. */
size_t crash_record_size(const struct crash_record *r);

/* Make one of @text; lines become one, and of a long text the beginning is kept. */
void crash_record_fill(struct crash_record *r, const char *text);

/*
 * Is there a record in these @size bytes, which may be anything? If so copy its
 * text, printable and at most @room bytes with the final 0.
 */
bool crash_record_read(const void *bytes, size_t size, char *text, size_t room);

/* ---- arch: where it is kept ---- */

/* Boot, before any memory is taken: take note of the last boot's record, keep its place from others. */
void crash_record_init(void);

/* Say what the last boot left, and forget it: the log and the firmware's services are there. */
void crash_record_report(void);

/* Keep @text over a restart. For when the machine ends; the first of several stays. */
void crash_record_keep(const char *text);

#endif
