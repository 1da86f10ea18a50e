/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's debug registers. Breakpoints on the hypervisor's addresses are
 * refused; those on I/O ports stay out of the hardware, because it is the
 * hypervisor that accesses the port. DR7 of the CPU is zero unless the vCPU
 * on it has a breakpoint enabled, so that others pay nothing at a switch.
 * AMD64 manual volume 2, chapter 13.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/types.h>

#include <asm/debug_registers.h>
#include <asm/emulate.h>
#include <asm/layout.h>
#include <asm/page_table.h>
#include <asm/registers.h>
#include <asm/system.h>

#define BREAKPOINTS 4

#define DR7_RESERVED_ZERO 0xd800UL	/* bits 11, 12, 14, 15 */
#define DR6_RESERVED_ZERO 0x1000UL

enum breakpoint_type {
	BREAK_EXECUTE,
	BREAK_WRITE,
	BREAK_IO,	/* exists only with CR4.DE */
	BREAK_READ_WRITE,
};

static bool is_enabled(unsigned long dr7, unsigned int i)
{
	return dr7 >> (2 * i) & 3;
}

static enum breakpoint_type type_of(unsigned long dr7, unsigned int i)
{
	return dr7 >> (16 + 4 * i) & 3;
}

static unsigned int bytes_of(unsigned long dr7, unsigned int i)
{
	static const uint8_t bytes[4] = { 1, 2, 8, 4 };

	return bytes[dr7 >> (18 + 4 * i) & 3];
}

/* What of the guest's DR7 is given to the CPU; 0 when no breakpoint is left. */
static unsigned long dr7_of_hardware(unsigned long dr7)
{
	unsigned int i;

	for (i = 0; i < BREAKPOINTS; i++)
		if (type_of(dr7, i) == BREAK_IO)
			dr7 &= ~((3UL << (2 * i)) | (0xfUL << (16 + 4 * i)));
	return dr7 & DR7_ENABLE_MASK ? dr7 : 0;
}

void debug_registers_load(struct vcpu *v)
{
	const unsigned long *dr = v->arch.debug_register;
	unsigned long dr7 = dr7_of_hardware(dr[7]);

	if (likely(!dr7))
		return;
	dr0_write(dr[0]);
	dr1_write(dr[1]);
	dr2_write(dr[2]);
	dr3_write(dr[3]);
	dr7_write(dr7);
}

/* A guest cannot change the registers itself; DR6 is taken at each #DB. */
void debug_registers_save(struct vcpu *v)
{
	if (unlikely(dr7_of_hardware(v->arch.debug_register[7])))
		dr7_write(0);
}

void debug_exception_note(struct vcpu *v)
{
	unsigned long hit = dr6_read() & (DR6_B_MASK | DR6_BS);

	dr6_write(DR6_DEFAULT);
	v->arch.debug_register[6] |= DR6_DEFAULT | hit;
}

unsigned int debug_io_breakpoints(const struct vcpu *v, uint16_t port, unsigned int bytes)
{
	const unsigned long *dr = v->arch.debug_register;
	unsigned int i, length, hit = 0;
	unsigned long first;

	if (likely(!(dr[7] & DR7_ENABLE_MASK)))
		return 0;
	for (i = 0; i < BREAKPOINTS; i++) {
		length = bytes_of(dr[7], i);
		first = dr[i] & ~(unsigned long)(length - 1);
		if (is_enabled(dr[7], i) && type_of(dr[7], i) == BREAK_IO &&
		    first < (unsigned long)port + bytes && port < first + length)
			hit |= 1U << i;
	}
	return hit;
}

static bool is_hypervisors(unsigned long va)
{
	return va >= HV_VIRT_START && va < HV_VIRT_END;
}

/* The new value of register @reg takes effect at once: @v is running. */
static void set_address(struct vcpu *v, unsigned int reg, unsigned long value)
{
	v->arch.debug_register[reg] = value;
	debug_registers_load(v);
}

static long set_dr7(struct vcpu *v, unsigned long value)
{
	unsigned int i;

	if (value >> 32 || value & DR7_GD)
		return -EINVAL;
	value = (value & ~DR7_RESERVED_ZERO) | DR7_DEFAULT;
	for (i = 0; i < BREAKPOINTS; i++)
		if (is_enabled(value, i) && type_of(value, i) == BREAK_IO &&
		    !(v->arch.cr4_guest & CR4_DE))
			return -EINVAL;
	debug_registers_save(v);
	v->arch.debug_register[7] = value;
	debug_registers_load(v);
	return 0;
}

/* DR4 and DR5 are other names of DR6 and DR7 unless CR4.DE is set; -EINVAL: no such register. */
static int register_number(const struct vcpu *v, unsigned long reg)
{
	if (reg < BREAKPOINTS || reg == 6 || reg == 7)
		return reg;
	if (reg == 4 || reg == 5)
		return v->arch.cr4_guest & CR4_DE ? -EINVAL : (int)reg + 2;
	return -EINVAL;
}

/* HYPERVISOR_set_debugreg. 0; -EINVAL: no such register, or a value that we refuse. */
long do_set_debugreg(struct vcpu *v, unsigned long reg, unsigned long value)
{
	int number = register_number(v, (unsigned int)reg);

	switch (number) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (!address_is_canonical(value) || is_hypervisors(value))
			return -EINVAL;
		set_address(v, number, value);
		return 0;
	case 6:
		if (value >> 32)
			return -EINVAL;
		v->arch.debug_register[6] = (value & ~DR6_RESERVED_ZERO) | DR6_DEFAULT;
		return 0;
	case 7:
		return set_dr7(v, value);
	default:
		return -EINVAL;
	}
}

/* HYPERVISOR_get_debugreg: the value; -EINVAL: no such register. */
long do_get_debugreg(struct vcpu *v, unsigned long reg)
{
	int number = register_number(v, (unsigned int)reg);

	if (number < 0)
		return number;
	if (number == 6)
		return v->arch.debug_register[6] | DR6_DEFAULT;
	if (number == 7)
		return v->arch.debug_register[7] | DR7_DEFAULT;
	return v->arch.debug_register[number & 3];
}
