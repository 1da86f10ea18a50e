/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical interrupts: from a device through the IO-APIC to an event channel.
 *
 * dom0 drives devices: setup_gsi programs the IO-APIC's entry, map_pirq gives
 * the interrupt a number, bind_pirq an event channel; each interrupt then
 * sets the port pending, and eoi ends it. The device is QEMU's second IDE
 * channel: its CD-ROM raises IRQ 15 at the end of IDENTIFY PACKET DEVICE.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/physdev.h>
#include <xen/sched.h>

const char test_title[] = "Physical interrupts";

#define IDE_IRQ	    15
#define IDE_DATA    0x170
#define IDE_SELECT  0x176
#define IDE_COMMAND 0x177
#define IDE_STATUS  0x177
#define IDE_CONTROL 0x376
#define MS	    1000000UL

static int pirq;
static evtchn_port_t port;

static void out8(uint16_t where, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(where));
}

static uint8_t in8(uint16_t where)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(where));
	return v;
}

static uint16_t in16(uint16_t where)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(where));
	return v;
}

static long physdev(unsigned int cmd, void *arg)
{
	return hypercall(physdev_op, cmd, arg);
}

static void check_setup(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	struct physdev_setup_gsi gsi = { .gsi = IDE_IRQ, .triggering = 0, .polarity = 0 };
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_GSI,
		.index = IDE_IRQ,
		.pirq = IDE_IRQ,
	};
	long rc;

	expect_result("set_iopl", physdev(PHYSDEVOP_set_iopl, &iopl), 0);
	expect_result("map_pirq", physdev(PHYSDEVOP_map_pirq, &map), 0);
	pirq = map.pirq;
	check(pirq == IDE_IRQ, "the pirq is the one that was asked for, got %d", pirq);
	rc = physdev(PHYSDEVOP_setup_gsi, &gsi);
	check(rc == 0 || rc == -EEXIST, "setup_gsi, got %ld", rc);
}

static void check_bind(void)
{
	struct evtchn_bind_pirq bind = { .pirq = (uint32_t)pirq };
	struct physdev_irq_status_query status = { .irq = (uint32_t)pirq };
	struct evtchn_status s;

	expect_result("bind_pirq", hypercall(event_channel_op, EVTCHNOP_bind_pirq, &bind), 0);
	port = bind.port;
	expect_result("status", evtchn_status(port, &s), 0);
	expect_equal("its kind", s.status, EVTCHNSTAT_pirq);
	expect_equal("its pirq", s.u.pirq, (unsigned long)pirq);
	expect_result("bind_pirq twice", hypercall(event_channel_op, EVTCHNOP_bind_pirq, &bind),
		      -EEXIST);
	expect_result("irq_status_query", physdev(PHYSDEVOP_irq_status_query, &status), 0);
	expect_result("send to a pirq port", evtchn_send(port), -EINVAL);
	port_mask_clear(port);
	evtchn_unmask(port);
}

/* IDENTIFY PACKET DEVICE; its data are read, which readies the next one. */
static void ide_identify(void)
{
	unsigned int i;

	out8(IDE_CONTROL, 0);
	out8(IDE_SELECT, 0xa0);
	out8(IDE_COMMAND, 0xa1);
	for (i = 0; i < 1000 && (in8(IDE_CONTROL) & 0x80); i++)
		hypercall(sched_op, SCHEDOP_yield);
}

static void ide_drain(void)
{
	unsigned int i;

	in8(IDE_STATUS);
	for (i = 0; i < 256; i++)
		in16(IDE_DATA);
}

static void wait_for(unsigned int count)
{
	uint64_t end = time_now() + 3000 * MS;

	events_on();
	while (event_seen[port] < count && time_now() < end)
		hypercall(sched_op, SCHEDOP_yield);
	events_off();
}

static void check_delivery(void)
{
	struct physdev_eoi eoi = { .irq = (uint32_t)pirq };
	unsigned int i;

	events_forget();
	for (i = 1; i <= 5; i++) {
		ide_identify();
		wait_for(i);
		if (!check(event_seen[port] == i, "interrupt %u arrives, got %u", i,
			   event_seen[port]))
			break;
		ide_drain();
		expect_result("eoi", physdev(PHYSDEVOP_eoi, &eoi), 0);
	}
}

static void check_masked(void)
{
	struct physdev_eoi eoi = { .irq = (uint32_t)pirq };

	events_forget();
	port_mask(port);
	ide_identify();
	wait_for(1);
	expect_equal("a masked port gives no upcall", event_seen[port], 0);
	check(port_is_pending(port), "but is pending");
	events_on();
	expect_result("unmask", evtchn_unmask(port), 0);
	events_off();
	expect_equal("which delivers it", event_seen[port], 1);
	ide_drain();
	physdev(PHYSDEVOP_eoi, &eoi);
}

/* physdev.h: after pirq_eoi_gmfn_v1 "the associated event channel will automatically get unmasked" by an EOI. */
static void check_eoi_page(void)
{
	struct physdev_pirq_eoi_gmfn page = { .gmfn = virt_to_mfn(page_alloc()) };
	struct physdev_eoi eoi = { .irq = (uint32_t)pirq };

	port_mask(port);
	physdev(PHYSDEVOP_eoi, &eoi);
	check(port_is_masked(port), "an EOI leaves the mask alone");
	expect_result("pirq_eoi_gmfn_v1", physdev(PHYSDEVOP_pirq_eoi_gmfn_v1, &page), 0);
	expect_result("pirq_eoi_gmfn_v2 after it", physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &page),
		      -EBUSY);
	expect_result("eoi", physdev(PHYSDEVOP_eoi, &eoi), 0);
	check(!port_is_masked(port), "an EOI takes the mask off");
	page.gmfn = ~0UL;
	expect_refused("a frame that does not exist", physdev(PHYSDEVOP_pirq_eoi_gmfn_v1, &page));
}

static void check_errors(void)
{
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_GSI,
		.index = 4000,
		.pirq = -1,
	};
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 4000 };
	struct evtchn_bind_pirq bind = { .pirq = 100000 };
	struct physdev_eoi eoi = { .irq = 100000 };
	struct physdev_irq_status_query status = { .irq = 100000 };
	struct physdev_apic apic = { .apic_physbase = 0x12345000, .reg = 1 };

	expect_refused("map_pirq of GSI 4000", physdev(PHYSDEVOP_map_pirq, &map));
	map.index = -5;
	expect_refused("map_pirq of GSI -5", physdev(PHYSDEVOP_map_pirq, &map));
	map.index = 15;
	map.type = 77;
	expect_refused("map_pirq of no type", physdev(PHYSDEVOP_map_pirq, &map));
	expect_refused("unmap_pirq 4000", physdev(PHYSDEVOP_unmap_pirq, &unmap));
	expect_refused("bind_pirq 100000", hypercall(event_channel_op, EVTCHNOP_bind_pirq, &bind));
	expect_refused("eoi 100000", physdev(PHYSDEVOP_eoi, &eoi));
	expect_refused("irq_status_query 100000", physdev(PHYSDEVOP_irq_status_query, &status));
	expect_refused("apic_read of no IO-APIC", physdev(PHYSDEVOP_apic_read, &apic));
	expect_result("unknown operation", physdev(99, &apic), -ENOSYS);
	expect_result("bad pointer", physdev(PHYSDEVOP_map_pirq, 0), -EFAULT);
	apic = (struct physdev_apic){ .apic_physbase = 0xfec00000, .reg = 1 };
	expect_result("apic_read of the version", physdev(PHYSDEVOP_apic_read, &apic), 0);
	check((apic.value & 0xff) >= 0x11 && (apic.value >> 16 & 0xff) == 23,
	      "24 entries, got version register 0x%x", apic.value);
}

static void check_close(void)
{
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = pirq };

	expect_result("close", evtchn_close(port), 0);
	expect_result("unmap_pirq", physdev(PHYSDEVOP_unmap_pirq, &unmap), 0);
	expect_refused("unmap_pirq twice", physdev(PHYSDEVOP_unmap_pirq, &unmap));
}

void test_main(void)
{
	events_init();
	STEP(check_setup);
	STEP(check_bind);
	STEP(check_delivery);
	STEP(check_masked);
	STEP(check_eoi_page);
	STEP(check_errors);
	STEP(check_close);
}
