/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as dom0 manages it: platform_op (platform.h).
 *
 * settime64 is the time that guests are told, the chip's clock is dom0's to write by its ports. getidletime
 * clears what is not there; get_symbol walks all symbols with a cursor that stops at the end; C-states
 * and P-states of processors that exist are taken, CPUs may be parked but not more than there are. ACPI's
 * sleep states that cannot be entered are refused, and the machine runs on.
 */
#include "event.h"
#include "memory.h"

#include <xen/physdev.h>
#include <xen/platform.h>

const char test_title[] = "Platform operations";

#define SECOND 1000000000UL
#define NOON   1900000000UL	/* 2030 */
#define CPUS   2
#define CMOS_FREE 0x60	/* a byte that no clock uses */

static struct xen_platform_op op;

static long platform(uint32_t cmd)
{
	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	return hypercall(platform_op, &op);
}

static uint64_t wall_seconds(void)
{
	return ((uint64_t)shared_info->wc_sec_hi << 32 | shared_info->wc_sec) + time_now() / SECOND;
}

static void check_wall_clock(void)
{
	memset(&op, 0, sizeof(op));
	op.u.settime64.secs = NOON;
	op.u.settime64.system_time = time_now();
	expect_result("settime64", platform(XENPF_settime64), 0);
	check(wall_seconds() >= NOON - 2 && wall_seconds() < NOON + 60,
	      "the time is as set, got %lu", wall_seconds());
	op.u.settime64.mbz = 1;
	expect_refused("settime64 with something that must be zero", platform(XENPF_settime64));
	memset(&op, 0, sizeof(op));
	op.u.settime32.secs = NOON + 5000;
	op.u.settime32.system_time = time_now();
	expect_result("settime32", platform(XENPF_settime32), 0);
	check(wall_seconds() >= NOON + 4998 && wall_seconds() < NOON + 5060,
	      "the time is as set, got %lu", wall_seconds());
}

static uint8_t cmos_read(uint8_t index)
{
	uint8_t v;

	__asm__ volatile("outb %0, $0x70" : : "a"(index));
	__asm__ volatile("inb $0x71, %0" : "=a"(v));
	return v;
}

static void cmos_write(uint8_t index, uint8_t v)
{
	__asm__ volatile("outb %0, $0x70" : : "a"(index));
	__asm__ volatile("outb %0, $0x71" : : "a"(v));
}

static void check_chip(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	uint8_t before;

	expect_result("set_iopl", hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	before = cmos_read(CMOS_FREE);
	cmos_write(CMOS_FREE, before ^ 0x5a);
	expect_equal("what dom0 writes to the chip", cmos_read(CMOS_FREE), before ^ 0x5a);
	cmos_write(CMOS_FREE, before);
	check(cmos_read(0x09) != 0x30, "settime64 has not written the year to the chip");
}

static void check_idle_times(void)
{
	uint8_t map = 0x83;
	uint64_t times[8], first;

	memset(&op, 0, sizeof(op));
	memset(times, 0xaa, sizeof(times));
	op.u.getidletime.cpumap_nr_cpus = 8;
	set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, &map);
	set_xen_guest_handle(op.u.getidletime.idletime, times);
	expect_result("getidletime", platform(XENPF_getidletime), 0);
	expect_equal("CPUs that are there", map, (1 << CPUS) - 1);
	check(op.u.getidletime.now <= time_now(), "its time is not in the future");
	check(times[1] != 0xaaaaaaaaaaaaaaaaUL && times[1] <= time_now(),
	      "CPU 1 was idle for %lu ns", times[1]);
	expect_equal("what was not asked for", times[2], 0xaaaaaaaaaaaaaaaaUL);
	expect_equal("a CPU that is not there", times[7], 0);
	first = times[1];
	while (time_now() < op.u.getidletime.now + SECOND / 50)
		;
	expect_result("getidletime", platform(XENPF_getidletime), 0);
	check(times[1] > first, "CPU 1, idle, has %lu ns more", times[1] - first);
	set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, (uint8_t *)0);
	expect_result("without a map", platform(XENPF_getidletime), -EFAULT);
}

static void check_symbols(void)
{
	static char name[128];
	uint64_t last = 0;
	uint32_t number = 0;
	unsigned int count = 0;

	for (;;) {
		memset(&op, 0, sizeof(op));
		op.u.symdata.symnum = number;
		op.u.symdata.namelen = sizeof(name);
		set_xen_guest_handle(op.u.symdata.name, name);
		if (platform(XENPF_get_symbol) || op.u.symdata.symnum == number)
			break;
		if (!check(op.u.symdata.symnum > number && op.u.symdata.address >= last && name[0],
			   "symbol %u: %s at 0x%lx", number, name, op.u.symdata.address))
			break;
		number = op.u.symdata.symnum;
		last = op.u.symdata.address;
		if (++count == 300)
			break;
	}
	check(count == 300, "there are symbols, got %u", count);
	op.u.symdata.symnum = 0x7fffffff;
	(void)platform(XENPF_get_symbol);
	expect_equal("the cursor beyond the end", op.u.symdata.symnum, 0x7fffffff);
}

static void check_power(void)
{
	uint32_t pdc[3] = { 1, 1, ~0U };

	memset(&op, 0, sizeof(op));
	op.u.core_parking.type = XEN_CORE_PARKING_GET;
	expect_result("core_parking GET", platform(XENPF_core_parking), 0);
	expect_equal("parked", op.u.core_parking.idle_nums, 0);
	op.u.core_parking.type = 99;
	expect_refused("core_parking 99", platform(XENPF_core_parking));
	memset(&op, 0, sizeof(op));
	op.u.set_pminfo.type = XEN_PM_PDC;
	set_xen_guest_handle(op.u.set_pminfo.u.pdc, pdc);
	expect_result("set_processor_pminfo PDC", platform(XENPF_set_processor_pminfo), 0);
	op.u.set_pminfo.type = 77;
	expect_refused("set_processor_pminfo 77", platform(XENPF_set_processor_pminfo));
}

static void check_sleep(void)
{
	memset(&op, 0, sizeof(op));
	op.u.enter_acpi_sleep.sleep_state = 7;
	expect_refused("sleep state 7", platform(XENPF_enter_acpi_sleep));
	op.u.enter_acpi_sleep.sleep_state = 4;
	expect_refused("sleep state 4", platform(XENPF_enter_acpi_sleep));
	op.u.enter_acpi_sleep.sleep_state = 3;
	op.u.enter_acpi_sleep.flags = ~0U;
	expect_refused("sleep with flags that there are not", platform(XENPF_enter_acpi_sleep));
}

void test_main(void)
{
	shared_info_map();
	STEP(check_wall_clock);
	STEP(check_chip);
	STEP(check_idle_times);
	STEP(check_symbols);
	STEP(check_power);
	STEP(check_sleep);
}
