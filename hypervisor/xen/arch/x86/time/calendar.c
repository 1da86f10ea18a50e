/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the real-time clock's date to seconds. Pure arithmetic. */
#include <asm/clock.h>

/* Days from 1970 by the Gregorian calendar; years begin in March, so that leap days end them. */
uint64_t wallclock_seconds(unsigned int year, unsigned int month, unsigned int day,
			   unsigned int hour, unsigned int minute, unsigned int second)
{
	uint64_t days;

	if (month <= 2) {
		month += 12;
		year--;
	}
	days = 365UL * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 +
	       day - 1 - 719468;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}
