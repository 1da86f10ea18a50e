/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of a crash record. Whoever reads one does not know what was in that
 * memory: nothing of it is believed before the checksum is right.
 */
#include <hv/crash_record.h>

#include <hv/string.h>

#define MAGIC	    0x315243454e455a41UL	/* the bytes "AZENECR1" */
#define HEADER_SIZE offsetof(struct crash_record, text)
#define SUM_FROM    offsetof(struct crash_record, length)

/* FNV-1a, 64 bits: against chance, not against malice. */
static uint64_t checksum(const uint8_t *p, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325UL;

	while (len--)
		sum = (sum ^ *p++) * 0x100000001b3UL;
	return sum;
}

size_t crash_record_size(const struct crash_record *r)
{
	return HEADER_SIZE + r->length + 1;
}

void crash_record_fill(struct crash_record *r, const char *text)
{
	size_t length = 0;

	for (; *text && length < CRASH_TEXT_MAX - 1; text++) {
		bool is_blank = *text <= ' ';

		if (is_blank && (!length || r->text[length - 1] == ' '))
			continue;
		r->text[length++] = is_blank ? ' ' : *text;
	}
	while (length && r->text[length - 1] == ' ')
		length--;
	r->text[length] = '\0';
	r->length = (uint32_t)length;
	r->reserved = 0;
	r->checksum = checksum((const uint8_t *)r + SUM_FROM, crash_record_size(r) - SUM_FROM);
	r->magic = MAGIC;
}

bool crash_record_read(const void *bytes, size_t size, char *text, size_t room)
{
	struct crash_record r;
	size_t length;

	if (size < HEADER_SIZE + 1)
		return false;
	memcpy(&r, bytes, size < sizeof(r) ? size : sizeof(r));
	if (r.magic != MAGIC || r.length >= CRASH_TEXT_MAX || HEADER_SIZE + r.length + 1 > size)
		return false;
	if (r.checksum !=
	    checksum((const uint8_t *)&r + SUM_FROM, crash_record_size(&r) - SUM_FROM))
		return false;
	length = r.length < room - 1 ? r.length : room - 1;
	for (size_t i = 0; i < length; i++)
		text[i] = r.text[i] >= ' ' && r.text[i] <= '~' ? r.text[i] : '?';
	text[length] = '\0';
	return true;
}
