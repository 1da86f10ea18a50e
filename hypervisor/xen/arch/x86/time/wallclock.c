/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time of day: read once from the real-time clock (MC146818), set by dom0
 * from then on, kept as what it was at system time 0. The device itself is written by dom0, which has its ports
 * (Linux: rtc_cmos); XENPF_settime64 is about the time that guests are told, here as on Debian's Xen.
 */
#include <hv/time.h>

#include <hv/printk.h>
#include <hv/spinlock.h>
#include <hv/string.h>
#include <hv/types.h>

#include <asm/acpi.h>
#include <asm/clock.h>
#include <asm/system.h>

#define RTC_INDEX 0x70
#define RTC_DATA  0x71

#define RTC_SECONDS  0x00
#define RTC_MINUTES  0x02
#define RTC_HOURS    0x04
#define RTC_DAY	     0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b

#define STATUS_A_UPDATING 0x80
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY	  0x04
#define HOURS_PM	  0x80

/* An update takes 2 ms at most; a read some microseconds. */
#define READ_TRIES 20000

static struct spinlock wallclock_lock = SPINLOCK_INIT;
static uint64_t base_ns __guarded_by(wallclock_lock);

struct rtc_time {
	uint8_t second, minute, hour, day, month, year, century;
};

static uint8_t rtc_read(uint8_t index)
{
	outb(RTC_INDEX, index);
	return inb(RTC_DATA);
}

static void rtc_read_all(struct rtc_time *t)
{
	uint8_t century = acpi_info.fadt.century_register;

	t->second = rtc_read(RTC_SECONDS);
	t->minute = rtc_read(RTC_MINUTES);
	t->hour = rtc_read(RTC_HOURS);
	t->day = rtc_read(RTC_DAY);
	t->month = rtc_read(RTC_MONTH);
	t->year = rtc_read(RTC_YEAR);
	t->century = century && century < 0x80 ? rtc_read(century) : 0;
}

/* Two readings alike, none of them during an update; there is no waiting for the next second. */
static bool rtc_read_stable(struct rtc_time *t)
{
	struct rtc_time again;

	for (unsigned int i = 0; i < READ_TRIES; i++) {
		if (rtc_read(RTC_STATUS_A) & STATUS_A_UPDATING)
			continue;
		rtc_read_all(t);
		if (rtc_read(RTC_STATUS_A) & STATUS_A_UPDATING)
			continue;
		rtc_read_all(&again);
		if (!memcmp(t, &again, sizeof(again)))
			return true;
	}
	return false;
}

static unsigned int number_of(uint8_t value, bool is_binary)
{
	return is_binary ? value : (value >> 4) * 10 + (value & 15);
}

static unsigned int hours_of(uint8_t value, uint8_t status_b)
{
	unsigned int hour;

	if (status_b & STATUS_B_24_HOURS)
		return number_of(value, status_b & STATUS_B_BINARY);
	hour = number_of(value & ~HOURS_PM, status_b & STATUS_B_BINARY) % 12;
	return value & HOURS_PM ? hour + 12 : hour;
}

static unsigned int year_of(const struct rtc_time *t, bool is_binary)
{
	unsigned int century = number_of(t->century, is_binary);

	if (century < 19 || century > 29)
		century = 20;
	return century * 100 + number_of(t->year, is_binary);
}

void wallclock_init(void)
{
	uint8_t status_b = rtc_read(RTC_STATUS_B);
	bool is_binary = status_b & STATUS_B_BINARY;
	unsigned int month, day;
	struct rtc_time t;

	if (!rtc_read_stable(&t)) {
		log_warning("time: the real-time clock cannot be read\n");
		return;
	}
	month = number_of(t.month, is_binary);
	day = number_of(t.day, is_binary);
	if (month < 1 || month > 12 || day < 1 || day > 31) {
		log_warning("time: the real-time clock is not set\n");
		return;
	}
	wallclock_set(wallclock_seconds(year_of(&t, is_binary), month, day,
					hours_of(t.hour, status_b), number_of(t.minute, is_binary),
					number_of(t.second, is_binary)),
		      0, system_time_ns());
}

uint64_t wallclock_base_ns(void)
{
	unsigned long flags = spin_lock_irqsave(&wallclock_lock);
	uint64_t ns = base_ns;

	spin_unlock_irqrestore(&wallclock_lock, flags);
	return ns;
}

void wallclock_set(uint64_t seconds, uint64_t nanoseconds, uint64_t at_system_time)
{
	unsigned long flags = spin_lock_irqsave(&wallclock_lock);

	base_ns = seconds * NS_PER_SECOND + nanoseconds - at_system_time;
	spin_unlock_irqrestore(&wallclock_lock, flags);
}
