/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O ports of the hardware domain, the only one that has any. All of them are
 * its own but those that the hypervisor drives: interrupt controllers, system
 * timer, its consoles; PCI configuration and CMOS are shared in an orderly way.
 * To other domains it looks as if nothing were there: kernels look for devices.
 */
#include <hv/domain.h>
#include <hv/guest_copy.h>
#include <hv/options.h>
#include <hv/pci.h>
#include <hv/spinlock.h>
#include <hv/types.h>
#include <hv/uart.h>

#include <asm/acpi.h>
#include <asm/bounce.h>
#include <asm/io_permission.h>
#include <asm/system.h>

#define PORT_COUNT 0x10000U

#define PIT_MODE 0x43
#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71
#define SYSTEM_CONTROL_B 0x61
#define SPEAKER_BITS 0x03	/* timer 2's gate, and its output to the speaker */

/* The hypervisor's devices: reads give all ones, writes are lost. */
static const struct {
	uint16_t first, last;
} owned_ports[] = {
	{ 0x20, 0x21 },
	{ 0xa0, 0xa1 }, /* interrupt controllers */
	{ 0x40, 0x41 },			/* timer channels 0 and 1; dom0 has the speaker's */
};

/*
 * The domain's CMOS index: index and data ports are one access to us, under
 * cmos_lock. The index itself is a byte that whoever writes it last has set.
 */
static struct spinlock cmos_lock = SPINLOCK_INIT;
static uint8_t cmos_index;

/*
 * Masks of the 8259s, for a dom0 that is told of no IO-APIC: only if they can be written and
 * read back does it set numbers aside for the ISA bus's interrupts (Linux: probe_8259A()). Else its
 * event channels have these numbers, and a driver that knows its interrupt by heart takes one away.
 */
#define PIC_MASK_MASTER 0x21
#define PIC_MASK_SLAVE	0xa1

static uint8_t pic_masks[2] = { 0xff, 0xff };

static uint8_t *pic_mask_of(uint16_t port)
{
	if (!acpi_info.madt.is_assumed)
		return NULL;
	return port == PIC_MASK_MASTER ? &pic_masks[0] :
	       port == PIC_MASK_SLAVE  ? &pic_masks[1] :
					 NULL;
}

static bool port_is_owned(uint16_t port)
{
	uint16_t first, last;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(owned_ports); i++)
		if (port >= owned_ports[i].first && port <= owned_ports[i].last)
			return true;
	for (i = 0; i < COM_PORT_COUNT; i++)
		if (uart_ports(i, &first, &last) && port >= first && port <= last)
			return true;
	return false;
}

/*
 * A bit for each port with something between it and the guest; some more, so that four ports are
 * always in two bytes.
 */
static uint8_t special_ports[PORT_COUNT / 8 + 1];

static void special_add(unsigned int first, unsigned int last)
{
	for (unsigned int port = first; port <= last; port++)
		special_ports[port / 8] |= 1U << port % 8;
}

void io_permission_init(void)
{
	uint16_t first, last;

	for (unsigned int i = 0; i < ARRAY_SIZE(owned_ports); i++)
		special_add(owned_ports[i].first, owned_ports[i].last);
	for (unsigned int i = 0; i < COM_PORT_COUNT; i++)
		if (uart_ports(i, &first, &last))
			special_add(first, last);
	special_add(PIT_MODE, PIT_MODE);
	special_add(CMOS_INDEX, CMOS_DATA);
	special_add(SYSTEM_CONTROL_B, SYSTEM_CONTROL_B);
}

static bool ports_are_plain(uint16_t port, unsigned int bytes)
{
	unsigned int bits = special_ports[port / 8] | special_ports[port / 8 + 1] << 8;

	return !(bits >> port % 8 & ((1U << bytes) - 1));
}

static uint8_t cmos_read(void)
{
	unsigned long flags = spin_lock_irqsave(&cmos_lock);
	uint8_t value;

	outb(CMOS_INDEX, cmos_index);
	value = inb(CMOS_DATA);
	spin_unlock_irqrestore(&cmos_lock, flags);
	return value;
}

static void cmos_write(uint8_t value)
{
	unsigned long flags = spin_lock_irqsave(&cmos_lock);

	outb(CMOS_INDEX, cmos_index);
	outb(CMOS_DATA, value);
	spin_unlock_irqrestore(&cmos_lock, flags);
}

static uint8_t byte_read(uint16_t port)
{
	uint8_t *mask = pic_mask_of(port);

	if (mask)
		return READ_ONCE(*mask);
	switch (port) {
	case PIT_MODE:
		return 0;
	case CMOS_INDEX:
		return READ_ONCE(cmos_index);
	case CMOS_DATA:
		return cmos_read();
	default:
		return port_is_owned(port) ? 0xff : inb(port);
	}
}

/* Modes of timer channel 2, or a read-back that asks for no other channel. */
static bool pit_mode_is_speakers(uint8_t mode)
{
	return mode >> 6 == 2 || (mode >> 6 == 3 && !(mode & 0x06));
}

static void byte_write(uint16_t port, uint8_t value)
{
	uint8_t *mask = pic_mask_of(port);

	if (mask) {
		WRITE_ONCE(*mask, value);
		return;
	}
	switch (port) {
	case PIT_MODE:
		if (pit_mode_is_speakers(value))
			outb(port, value);
		return;
	case SYSTEM_CONTROL_B:	/* what lets errors through as NMIs is not the guest's */
		outb(port, (inb(port) & ~SPEAKER_BITS & 0x0f) | (value & SPEAKER_BITS));
		return;
	case CMOS_INDEX:	/* bit 7 masks NMIs */
		WRITE_ONCE(cmos_index, value & 0x7f);
		return;
	case CMOS_DATA:
		cmos_write(value);
		return;
	default:
		if (!port_is_owned(port))
			outb(port, value);
	}
}

static bool ports_are_pci(uint16_t port, unsigned int bytes)
{
	/* 0xcf9 alone is the reset register, not part of the index */
	return port >= 0xcf8 && port + bytes <= 0xd00 && !(port == 0xcf9 && bytes == 1);
}

uint32_t guest_port_read(const struct domain *d, uint16_t port, unsigned int bytes)
{
	uint32_t value = ~0U;
	unsigned int i;

	if (!d->is_hardware)
		return ~0U;
	if (ports_are_pci(port, bytes))
		return guest_pci_port_read(port, bytes, &value) ? ~0U : value;
	if (ports_are_plain(port, bytes))
		return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);

	value = 0;
	for (i = 0; i < bytes; i++)
		value |= (uint32_t)byte_read(port + i) << (8 * i);
	return value;
}

void guest_port_write(const struct domain *d, uint16_t port, unsigned int bytes, uint32_t value)
{
	unsigned int i;

	if (!d->is_hardware)
		return;
	if (ports_are_pci(port, bytes)) {
		(void)guest_pci_port_write(port, bytes, value);
		return;
	}
	if (!ports_are_plain(port, bytes)) {
		for (i = 0; i < bytes; i++)
			byte_write(port + i, value >> (8 * i));
		return;
	}
	if (bytes == 1)
		outb(port, value);
	else if (bytes == 2)
		outw(port, value);
	else
		outl(port, value);
}

/*
 * A guest kernel counts as level 1 of the virtual IOPL, unless it has asked for the architecture's
 * rule (VMASST_TYPE_architectural_iopl), by which it is level 0; user code is level 3.
 */
bool guest_has_io_privilege(const struct vcpu *v)
{
	unsigned int level = 3;

	if (v->arch.in_kernel)
		level = !(READ_ONCE(v->domain->vm_assist) & 1UL << VMASST_TYPE_architectural_iopl);
	return v->arch.iopl >= level;
}

/* The bitmap is the guest kernel's, and need not be mapped for its processes. */
static int bitmap_read(struct vcpu *v, uint8_t *bits, unsigned int first, unsigned int last)
{
	bool from_user = !v->arch.in_kernel;
	int rc;

	if (from_user)
		guest_mode_toggle(v);
	rc = guest_copy_from(bits, v->arch.io_bitmap + first, last - first + 1);
	if (from_user)
		guest_mode_toggle(v);
	return rc;
}

/* Like the bitmap of a TSS: one or two bytes hold the bits of up to four ports. */
static bool bitmap_allows(struct vcpu *v, uint16_t port, unsigned int bytes)
{
	uint8_t bits[2] = { 0xff, 0xff };

	if (!v->arch.io_bitmap || port + bytes > v->arch.io_bitmap_ports)
		return false;
	if (bitmap_read(v, bits, port / 8, (port + bytes - 1) / 8))
		return false;
	return !((bits[0] | bits[1] << 8) >> (port & 7) & ((1U << bytes) - 1));
}

bool guest_may_use_ports(struct vcpu *v, uint16_t port, unsigned int bytes)
{
	if (port + bytes > PORT_COUNT)
		return false;
	return guest_has_io_privilege(v) || bitmap_allows(v, port, bytes);
}
