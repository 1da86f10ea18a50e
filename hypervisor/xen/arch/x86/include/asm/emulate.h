/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that a PV guest cannot execute in ring 3 and that are executed for it. */
#ifndef ASM_EMULATE_H
#define ASM_EMULATE_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/system.h>

struct vcpu;

/*
 * #GP with error code 0 in a guest: privileged instruction or port access? True when done (regs moved on, or
 * another exception injected); false: the guest gets its #GP.
 */
bool emulate_privileged(struct vcpu *v, struct cpu_user_regs *regs);

/* #UD in a guest: `ud2; .ascii "xen"; cpuid`? Same result. */
bool emulate_forced_cpuid(struct cpu_user_regs *regs);

/* A store to a page-table page, decoded. Everything is already in values: nothing refers to guest memory. */
struct table_write {
	enum {
		TABLE_WRITE_STORE,	/* mov reg/imm -> memory */
		TABLE_WRITE_XCHG,
		TABLE_WRITE_CMPXCHG,	/* compare with expected */
		TABLE_WRITE_AND,
		TABLE_WRITE_OR,
		TABLE_WRITE_XOR,
		TABLE_WRITE_ADD,
		TABLE_WRITE_SUB,
		TABLE_WRITE_XADD,
		TABLE_WRITE_BTS,
		TABLE_WRITE_BTR,
		TABLE_WRITE_BTC, /* operand: bit number, already reduced to width */
	} op;
	unsigned int  width;		/* 1, 2, 4, 8 bytes */
	unsigned long address;		/* linear */
	uint64_t      operand;
	uint64_t      expected;		/* CMPXCHG */
	unsigned int  length;		/* of the instruction */
	unsigned int
		reg; /* register to be written back (XCHG, XADD; CMPXCHG: rax), as encoded 0 to 15 */
	bool	      high_byte;	/* ... is AH, CH, DH or BH */
};

/*
 * Decode the instruction at regs->rip of the running guest if it is a store to @fault_address that we execute.
 * 0; -EOPNOTSUPP: any other instruction; -EFAULT: its bytes cannot be read.
 */
int table_write_decode(const struct cpu_user_regs *regs, unsigned long fault_address,
		       struct table_write *out) __must_check;

/* Registers, flags and rip after the write: @old is what memory held, @success of a CMPXCHG. */
void table_write_retire(struct cpu_user_regs *regs, const struct table_write *w, uint64_t old,
			bool success);

/* What memory shall hold after it, given what it held. */
uint64_t table_write_result(const struct table_write *w, uint64_t old);

/* #DB for a single step, if @regs says so, or for breakpoints that were hit. */
void debug_trap(struct cpu_user_regs *regs, unsigned int causes);

/*
 * An instruction of @length bytes was executed for the guest: past it, RF off, and #DB injected if it
 * single-steps or hit the breakpoints @breakpoints (DR6's low bits).
 */
static inline void instruction_retire(struct cpu_user_regs *regs, unsigned int length,
				      unsigned int breakpoints)
{
	regs->rip += length;
	regs->rflags &= ~EFLAGS_RF;
	if (unlikely(regs->rflags & EFLAGS_TF || breakpoints))
		debug_trap(regs, breakpoints);
}

/* MSR and CPUID policy. false: #GP. */
bool guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
bool guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
struct cpuid_result;
void guest_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_result *res);

/* What PV guests see of word @word of the features (asm/cpu_features.h), if nothing is taken from them. */
uint32_t cpuid_guest_feature(unsigned int word);

/* Boot: read the machine's CPUID and make what guests see. */
void cpuid_policy_init(void);

/* Registers of the floating-point unit. */
void fpu_cpu_init(void);		/* each CPU: CR0, CR4, XCR0 */
int fpu_vcpu_init(struct vcpu *v) __must_check;	/* allocates v->arch.fpu, initial state */
void fpu_save(struct vcpu *v);		/* on switching away, if fpu_is_loaded */
void fpu_restore(
	struct vcpu *v); /* eager, on switching to: no state of another vCPU is ever visible */
void fpu_firmware_begin(void);		/* initial state on this CPU, the vCPU's is put away */
void fpu_firmware_end(void);
void fpu_sync_ts(struct vcpu *v);	/* CR0.TS of the CPU as the guest wants it */

/* Debug registers. */
void debug_registers_load(struct vcpu *v);
void debug_registers_save(struct vcpu *v);
/* #DB in a guest: merge DR6 into the guest's view. */
void debug_exception_note(struct vcpu *v);
long do_set_debugreg(struct vcpu *v, unsigned long reg, unsigned long value);
long do_get_debugreg(struct vcpu *v, unsigned long reg);
long do_fpu_taskswitch(struct vcpu *v, unsigned long set);

/*
 * FS and GS bases, for the vCPU that is loaded on this CPU. In guest-kernel mode the active GS base is the kernel's,
 * the shadow one (MSR KERNEL_GS_BASE) the user's; in guest-user mode they are swapped.
 */
void segments_save(struct vcpu *v);
bool segments_load(
	struct vcpu *v); /* false: a selector could not be loaded, and is zero: failsafe callback */
long do_set_segment_base(struct vcpu *v, unsigned long which, unsigned long base);

#endif
