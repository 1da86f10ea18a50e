/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One privileged instruction on its way through emulate_privileged.c and emulate_port_io.c. */
#ifndef PV_EMULATION_H
#define PV_EMULATION_H

#include <hv/domain.h>
#include <hv/types.h>

#include <asm/decode.h>

enum emulation_result {
	EMULATION_REFUSED,	/* the guest gets its #GP */
	EMULATION_DONE,		/* on to the next instruction */
	EMULATION_AGAIN,	/* a part of it is done: the registers tell how far */
	EMULATION_EXCEPTION,	/* another exception was injected instead */
};

struct emulation {
	struct vcpu	     *v;	/* running */
	struct cpu_user_regs *regs;
	struct insn	      insn;
	unsigned int	      breakpoints; /* DR6 bits of I/O breakpoints that were hit */
};

/*
 * Linear address of @bytes bytes at @offset of @segment, which an override
 * replaces if @may_override.
 * false: outside of the segment, or not canonical.
 */
bool emulation_linear(const struct emulation *e, enum segment segment, bool may_override,
		      uint64_t offset, unsigned int bytes, bool is_write,
		      unsigned long *linear) __must_check;

/* Inject the page fault of an access to @bytes bytes at @linear, which failed. */
enum emulation_result emulation_page_fault(const struct emulation *e, unsigned long linear,
					   unsigned int bytes, bool is_write);

/* in, out, ins, outs. */
enum emulation_result emulate_port_io(struct emulation *e);

#endif
