/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IN, OUT, INS and OUTS of guests, in 64-bit and older code. A repeated
 * instruction is done in portions, so that nothing holds the CPU for long;
 * its registers always tell how far it is. AMD64 manual volume 3.
 */
#include <hv/guest_copy.h>
#include <hv/types.h>

#include <asm/debug_registers.h>
#include <asm/io_permission.h>
#include <asm/system.h>

#include "emulation.h"

/* Iterations for one trap: a few hundred microseconds on slow devices. */
#define REPEAT_PORTION 128

#define RCX 1
#define RSI 6
#define RDI 7

/* Ports move at most 4 bytes; even opcodes one. */
static unsigned int port_bytes(const struct insn *insn)
{
	if (!(insn->opcode & 1))
		return 1;
	return insn_operand_bytes(insn) == 2 ? 2 : 4;
}

static uint32_t port_in(struct emulation *e, uint16_t port, unsigned int bytes)
{
	e->breakpoints |= debug_io_breakpoints(e->v, port, bytes);
	return guest_port_read(e->v->domain, port, bytes);
}

static void port_out(struct emulation *e, uint16_t port, unsigned int bytes, uint32_t value)
{
	e->breakpoints |= debug_io_breakpoints(e->v, port, bytes);
	guest_port_write(e->v->domain, port, bytes, value);
}

static enum emulation_result in_or_out(struct emulation *e, uint16_t port)
{
	unsigned int bytes = port_bytes(&e->insn);

	if (!guest_may_use_ports(e->v, port, bytes))
		return EMULATION_REFUSED;
	if (e->insn.opcode & 2)
		port_out(e, port, bytes, e->regs->eax);
	else
		register_write(e->regs, 0, bytes, port_in(e, port, bytes));
	return EMULATION_DONE;
}

/* RCX, RSI and RDI are as wide as addresses are. */
static uint64_t string_register(const struct emulation *e, unsigned int number)
{
	return register_read(e->regs, number) & width_mask(insn_address_bytes(&e->insn));
}

static void string_register_add(struct emulation *e, unsigned int number, int64_t step)
{
	register_write(e->regs, number, insn_address_bytes(&e->insn),
		       string_register(e, number) + step);
}

/*
 * The device's data must not be lost to a page fault: the destination is written once before, with
 * what it holds. The instruction would overwrite it anyway.
 */
static bool destination_is_writable(unsigned long va, unsigned int bytes)
{
	uint32_t value;

	return !guest_copy_from(&value, va, bytes) && !guest_copy_to(va, &value, bytes);
}

static enum emulation_result ins_once(struct emulation *e, uint16_t port, unsigned int bytes)
{
	unsigned long va;
	uint32_t value;

	if (!emulation_linear(e, SEGMENT_ES, false, string_register(e, RDI), bytes, true, &va))
		return EMULATION_REFUSED;
	if (!destination_is_writable(va, bytes))
		/* read again: which page it is, not what is in it */
		return emulation_page_fault(e, va, bytes, true);
	value = port_in(e, port, bytes);
	if (guest_copy_to(va, &value, bytes))	/* unmapped by another vCPU meanwhile */
		/* read again: likewise */
		return emulation_page_fault(e, va, bytes, true);
	return EMULATION_DONE;
}

static enum emulation_result outs_once(struct emulation *e, uint16_t port, unsigned int bytes)
{
	unsigned long va;
	uint32_t value = 0;

	if (!emulation_linear(e, SEGMENT_DS, true, string_register(e, RSI), bytes, false, &va))
		return EMULATION_REFUSED;
	if (guest_copy_from(&value, va, bytes))
		/* read again: likewise */
		return emulation_page_fault(e, va, bytes, false);
	port_out(e, port, bytes, value);
	return EMULATION_DONE;
}

/* One iteration: DONE when it was the last. */
static enum emulation_result string_once(struct emulation *e, uint16_t port, unsigned int bytes)
{
	int64_t step = e->regs->rflags & EFLAGS_DF ? -(int64_t)bytes : (int64_t)bytes;
	bool is_out = e->insn.opcode & 2;
	enum emulation_result result;

	result = is_out ? outs_once(e, port, bytes) : ins_once(e, port, bytes);
	if (result != EMULATION_DONE)
		return result;
	string_register_add(e, is_out ? RSI : RDI, step);
	if (!e->insn.repeat)
		return EMULATION_DONE;
	string_register_add(e, RCX, -1);
	return string_register(e, RCX) ? EMULATION_AGAIN : EMULATION_DONE;
}

/* A single step or an I/O breakpoint is a trap after each iteration. */
static enum emulation_result ins_or_outs(struct emulation *e)
{
	unsigned int bytes = port_bytes(&e->insn), i;
	uint16_t port = e->regs->dx;
	enum emulation_result result = EMULATION_AGAIN;

	if (!guest_may_use_ports(e->v, port, bytes))
		return EMULATION_REFUSED;
	if (e->insn.repeat && !string_register(e, RCX))
		return EMULATION_DONE;
	for (i = 0; i < REPEAT_PORTION && result == EMULATION_AGAIN; i++) {
		result = string_once(e, port, bytes);
		if (e->regs->rflags & EFLAGS_TF || e->breakpoints)
			break;
	}
	return result;
}

enum emulation_result emulate_port_io(struct emulation *e)
{
	uint64_t port;

	switch (e->insn.opcode) {
	case 0x6c:
	case 0x6d:
	case 0x6e:
	case 0x6f:
		return ins_or_outs(e);
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7:
		if (!insn_immediate(&e->insn, 1, &port))
			return EMULATION_REFUSED;
		return in_or_out(e, port & 0xff);
	default:	/* 0xec to 0xef */
		return in_or_out(e, e->regs->dx);
	}
}
