/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileged instructions that a PV guest's kernel executes although it runs
 * in ring 3, where they raise #GP; and port I/O, and what UMIP takes from
 * user code. The instruction's bytes are read once. AMD64 manual volumes 2, 3.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/types.h>

#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/fpu.h>
#include <asm/guest_registers.h>
#include <asm/io_permission.h>
#include <asm/page_types.h>
#include <asm/registers.h>
#include <asm/segment_base.h>
#include <asm/system.h>
#include <asm/traps.h>

#include "emulation.h"

/* The control registers that a PV guest sees; TS is its own. */
#define CR0_GUEST (CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE)

#define FORCED_EMULATION_PREFIX "\x0f\x0bxen"	/* ud2; .ascii "xen" */
#define FORCED_EMULATION_LENGTH 5

/* ---- memory ---- */

static unsigned long segment_base_64(enum segment segment)
{
	switch (segment) {
	case SEGMENT_FS:
		return fs_base_read();
	case SEGMENT_GS:
		return gs_base_read();
	default:
		return 0;
	}
}

static uint16_t selector_read(const struct cpu_user_regs *regs, enum segment segment)
{
	uint16_t selector = 0;

	switch (segment) {
	case SEGMENT_ES:
		__asm__ __volatile__("mov %%es, %0" : "=r"(selector));
		break;
	case SEGMENT_DS:
		__asm__ __volatile__("mov %%ds, %0" : "=r"(selector));
		break;
	case SEGMENT_FS:
		__asm__ __volatile__("mov %%fs, %0" : "=r"(selector));
		break;
	case SEGMENT_GS:
		__asm__ __volatile__("mov %%gs, %0" : "=r"(selector));
		break;
	case SEGMENT_SS:
		return regs->ss;
	case SEGMENT_CS:
		return regs->cs;
	default:
		break;
	}
	return selector;
}

static bool linear_of_old_code(const struct emulation *e, enum segment segment, uint64_t offset,
			       unsigned int bytes, bool is_write, unsigned long *linear)
{
	struct segment_info info;

	if (!segment_lookup(e->v, selector_read(e->regs, segment), &info) || !info.is_usable)
		return false;
	if (is_write ? !info.is_writable : !info.is_readable)
		return false;
	if (offset > info.limit || info.limit - offset < bytes - 1)
		return false;
	*linear = (uint32_t)(info.base + offset);
	return true;
}

bool emulation_linear(const struct emulation *e, enum segment segment, bool may_override,
		      uint64_t offset, unsigned int bytes, bool is_write, unsigned long *linear)
{
	if (may_override && e->insn.segment != SEGMENT_DEFAULT)
		segment = e->insn.segment;
	if (e->insn.mode != CODE_64)
		return linear_of_old_code(e, segment, offset, bytes, is_write, linear);
	*linear = offset + segment_base_64(segment);
	return address_is_canonical(*linear) && address_is_canonical(*linear + bytes - 1);
}

/* The first byte that cannot be reached is in the first page, or else begins the second. */
enum emulation_result emulation_page_fault(const struct emulation *e, unsigned long linear,
					   unsigned int bytes, bool is_write)
{
	unsigned long second = (linear + bytes - 1) & PAGE_MASK;
	uint8_t byte;

	if (second > linear && !guest_copy_from(&byte, linear, 1) &&
	    (!is_write || !guest_copy_to(linear, &byte, 1)))
		linear = second;
	guest_inject_page_fault(e->regs, linear, PF_USER | (is_write ? PF_WRITE : 0));
	return EMULATION_EXCEPTION;
}

static enum emulation_result store(const struct emulation *e, const void *value, unsigned int bytes)
{
	uint64_t offset = insn_offset(&e->insn, e->regs);
	unsigned long va;

	if (!emulation_linear(e, SEGMENT_DS, true, offset, bytes, true, &va))
		return EMULATION_REFUSED;
	if (guest_copy_to(va, value, bytes))
		return emulation_page_fault(e, va, bytes, true);
	return EMULATION_DONE;
}

/* ---- control and debug registers ---- */

static unsigned long cr0_of_guest(const struct vcpu *v)
{
	return CR0_GUEST | (v->arch.cr0_guest & CR0_TS);
}

static enum emulation_result cr0_set(struct vcpu *v, unsigned long value)
{
	if ((value ^ CR0_GUEST) & ~CR0_TS)
		return EMULATION_REFUSED;
	(void)do_fpu_taskswitch(v, value & CR0_TS);
	return EMULATION_DONE;
}

static enum emulation_result cr_read(struct emulation *e)
{
	const struct vcpu *v = e->v;
	unsigned long value;

	switch (e->insn.mod_reg) {
	case 0:
		value = cr0_of_guest(v);
		break;
	case 2:
		value = READ_ONCE(v->info->arch.cr2);
		break;
	case 3:
		value = xen_pfn_to_cr3(mfn_raw(v->arch.kernel_root));
		break;
	case 4:
		value = guest_cr4_read(v);
		break;
	case 8:
		value = 0;
		break;
	default:
		return EMULATION_REFUSED;
	}
	register_write(e->regs, e->insn.mod_rm, 8, value);
	return EMULATION_DONE;
}

/* -ERESTART leaves rip where it is: the guest executes the instruction again. */
static enum emulation_result cr3_set(struct vcpu *v, unsigned long value)
{
	int rc = pv_new_root(v, mfn(xen_cr3_to_pfn(value)));

	if (rc == -ERESTART)
		return EMULATION_AGAIN;
	return rc ? EMULATION_REFUSED : EMULATION_DONE;
}

static enum emulation_result cr_write(struct emulation *e)
{
	unsigned long value = register_read(e->regs, e->insn.mod_rm);
	struct vcpu *v = e->v;

	switch (e->insn.mod_reg) {
	case 0:
		return cr0_set(v, value);
	case 2:
		WRITE_ONCE(v->info->arch.cr2, value);
		return EMULATION_DONE;
	case 3:
		return cr3_set(v, value);
	case 4:
		return guest_cr4_write(v, value) ? EMULATION_DONE : EMULATION_REFUSED;
	case 8:
		return value ? EMULATION_REFUSED : EMULATION_DONE;
	default:
		return EMULATION_REFUSED;
	}
}

/* DR4 and DR5 do not exist with CR4.DE; other numbers never. */
static bool dr_exists(const struct emulation *e)
{
	unsigned int number = e->insn.mod_reg;

	if (number > 7)
		return false;
	return (number != 4 && number != 5) || !(e->v->arch.cr4_guest & CR4_DE);
}

static enum emulation_result dr_access(struct emulation *e, bool is_write)
{
	if (!dr_exists(e)) {
		guest_inject(e->regs, X86_UD);
		return EMULATION_EXCEPTION;
	}
	if (!is_write) {
		register_write(e->regs, e->insn.mod_rm, 8, do_get_debugreg(e->v, e->insn.mod_reg));
		return EMULATION_DONE;
	}
	return do_set_debugreg(e->v, e->insn.mod_reg, register_read(e->regs, e->insn.mod_rm)) ?
		       EMULATION_REFUSED :
		       EMULATION_DONE;
}

/* ---- one instruction each ---- */

static void edx_eax_set(struct cpu_user_regs *regs, uint64_t value)
{
	regs->rax = (uint32_t)value;
	regs->rdx = value >> 32;
}

static uint64_t edx_eax(const struct cpu_user_regs *regs)
{
	return (uint64_t)regs->edx << 32 | regs->eax;
}

static enum emulation_result msr_read(struct emulation *e)
{
	uint64_t value;

	if (!guest_rdmsr(e->v, e->regs->ecx, &value))
		return EMULATION_REFUSED;
	edx_eax_set(e->regs, value);
	return EMULATION_DONE;
}

static enum emulation_result msr_write(struct emulation *e)
{
	return guest_wrmsr(e->v, e->regs->ecx, edx_eax(e->regs)) ? EMULATION_DONE :
								   EMULATION_REFUSED;
}

/*
 * Only with the guest's CR4.TSD set, when user code gets its #GP, or if its domain asked for the trap: or it would
 * not have trapped.
 */
static enum emulation_result tsc_read(struct emulation *e, bool with_aux)
{
	if (!e->v->arch.in_kernel && e->v->arch.cr4_guest & CR4_TSD)
		return EMULATION_REFUSED;
	edx_eax_set(e->regs, rdtsc());
	if (with_aux)
		e->regs->rcx = e->v->arch.tsc_aux;
	return EMULATION_DONE;
}

static void cpuid_execute(const struct vcpu *v, struct cpu_user_regs *regs)
{
	struct cpuid_result res;

	guest_cpuid(v, regs->eax, regs->ecx, &res);
	regs->rax = res.eax;
	regs->rbx = res.ebx;
	regs->rcx = res.ecx;
	regs->rdx = res.edx;
}

/*
 * Caches are the hardware domain's business, whose devices may not look into them; nobody else can
 * tell. INVD, which would lose data, writes back too.
 */
static enum emulation_result caches_write_back(const struct vcpu *v)
{
	if (v->domain->is_hardware)
		__asm__ __volatile__("wbinvd" ::: "memory");
	return EMULATION_DONE;
}

static enum emulation_result page_invalidate(struct emulation *e)
{
	unsigned long va;

	if (emulation_linear(e, SEGMENT_DS, true, insn_offset(&e->insn, e->regs), 1, false, &va))
		invlpg(va);
	return EMULATION_DONE;
}

/*
 * CLI and STI do nothing: the event mask is the guest's to write, and PV
 * kernels (Linux) execute a stray CLI without a matching STI.
 */
static enum emulation_result interrupt_flag(const struct emulation *e)
{
	return guest_has_io_privilege(e->v) ? EMULATION_DONE : EMULATION_REFUSED;
}

/*
 * What UMIP keeps from ring 3. Guests never knew real values: the tables have no limit and lie at a
 * kernel address, as Linux tells its processes.
 */
static enum emulation_result descriptor_table_store(struct emulation *e, bool is_idt)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __packed table = { 0, is_idt ? 0xffffffffffff0000 : 0xfffffffffffe0000 };

	if (!e->insn.is_memory)
		return EMULATION_REFUSED;
	return store(e, &table, e->insn.mode == CODE_64 ? 10 : 6);
}

/* SMSW, SLDT, STR: a register gets the operand's width, memory 16 bits. */
static enum emulation_result word_store(struct emulation *e, uint64_t value)
{
	if (e->insn.is_memory)
		return store(e, &value, 2);
	register_write(e->regs, e->insn.mod_rm, insn_operand_bytes(&e->insn), value);
	return EMULATION_DONE;
}

/* ---- groups ---- */

/* 0f 01 with a register operand: each byte is an instruction of its own. */
static enum emulation_result group_01_register(struct emulation *e)
{
	switch ((e->insn.mod_reg & 7) << 3 | (e->insn.mod_rm & 7)) {
	case 021:	/* xsetbv */
		return e->v->arch.in_kernel && fpu_xcr_write(e->v, e->regs->ecx, edx_eax(e->regs)) ?
			       EMULATION_DONE :
			       EMULATION_REFUSED;
	case 071:	/* rdtscp */
		return tsc_read(e, true);
	default:
		return EMULATION_REFUSED;
	}
}

static enum emulation_result group_01(struct emulation *e)
{
	if (!insn_modrm(&e->insn, e->regs))
		return EMULATION_REFUSED;
	if ((e->insn.mod_reg & 7) == 4)
		return word_store(e, cr0_of_guest(e->v));
	if (!e->insn.is_memory)
		return group_01_register(e);
	switch (e->insn.mod_reg & 7) {
	case 0:
		return descriptor_table_store(e, false);
	case 1:
		return descriptor_table_store(e, true);
	case 7:
		return e->v->arch.in_kernel ? page_invalidate(e) : EMULATION_REFUSED;
	default:
		return EMULATION_REFUSED;
	}
}

/* 0f 00: SLDT and STR; the others of it load system segments. */
static enum emulation_result group_00(struct emulation *e)
{
	if (!insn_modrm(&e->insn, e->regs) || (e->insn.mod_reg & 7) > 1)
		return EMULATION_REFUSED;
	return word_store(e, 0);
}

/* Moves to and from control and debug registers ignore ModRM.mod and the operand size. */
static enum emulation_result register_move(struct emulation *e)
{
	uint8_t modrm = e->insn.bytes[e->insn.length];

	if (e->insn.length >= e->insn.available)
		return EMULATION_REFUSED;
	e->insn.length++;
	e->insn.mod_reg = ((modrm >> 3) & 7) | (e->insn.rex & REX_R) << 1;
	e->insn.mod_rm = (modrm & 7) | (e->insn.rex & REX_B) << 3;
	switch (e->insn.opcode) {
	case 0x0f20:
		return cr_read(e);
	case 0x0f22:
		return cr_write(e);
	default:
		return dr_access(e, e->insn.opcode == 0x0f23);
	}
}

/* What only the guest's kernel may do, which is 64-bit code. */
static enum emulation_result kernel_instruction(struct emulation *e)
{
	if (!e->v->arch.in_kernel || e->insn.mode != CODE_64)
		return EMULATION_REFUSED;
	switch (e->insn.opcode) {
	case 0x0f06:
		return cr0_set(e->v, CR0_GUEST);	/* clts */
	case 0x0f08:
	case 0x0f09:
		return caches_write_back(e->v);
	case 0x0f20:
	case 0x0f21:
	case 0x0f22:
	case 0x0f23:
		return register_move(e);
	case 0x0f30:
		return msr_write(e);
	case 0x0f32:
		return msr_read(e);
	default:
		return EMULATION_REFUSED;
	}
}

static enum emulation_result execute(struct emulation *e)
{
	switch (e->insn.opcode) {
	case 0x6c:
	case 0x6d:
	case 0x6e:
	case 0x6f:
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7:
	case 0xec:
	case 0xed:
	case 0xee:
	case 0xef:
		return emulate_port_io(e);
	case 0xfa:
	case 0xfb:
		return interrupt_flag(e);
	case 0x0f00:
		return group_00(e);
	case 0x0f01:
		return group_01(e);
	case 0x0f31:
		return tsc_read(e, false);
	case 0x0fa2:	/* where the CPU lets it fault */
		cpuid_execute(e->v, e->regs);
		return EMULATION_DONE;
	default:
		return kernel_instruction(e);
	}
}

/* ---- entry points ---- */

void debug_trap(struct cpu_user_regs *regs, unsigned int causes)
{
	if (regs->rflags & EFLAGS_TF)
		causes |= DR6_BS;
	if (causes) {
		current_vcpu()->arch.debug_register[6] |= causes;
		guest_inject(regs, X86_DB);
	}
}

bool emulate_privileged(struct vcpu *v, struct cpu_user_regs *regs)
{
	struct emulation e = { .v = v, .regs = regs };

	if (!code_fetch(v, regs, &e.insn) || !insn_start(&e.insn) || e.insn.lock)
		return false;
	switch (execute(&e)) {
	case EMULATION_DONE:
		if (e.insn.mode != CODE_64)	/* eip wraps */
			regs->rip = (uint32_t)(regs->rip + e.insn.length) - e.insn.length;
		instruction_retire(regs, e.insn.length, e.breakpoints);
		return true;
	case EMULATION_AGAIN:
		if (e.insn.repeat)
			debug_trap(regs, e.breakpoints);
		return true;
	case EMULATION_EXCEPTION:
		return true;
	default:
		return false;
	}
}

/* #UD was raised by the ud2, whose bytes we read again: they may be others by now. */
bool emulate_forced_cpuid(struct cpu_user_regs *regs)
{
	static const char code[] = FORCED_EMULATION_PREFIX "\x0f\xa2";
	uint8_t bytes[FORCED_EMULATION_LENGTH + 2];
	unsigned int i;

	if (guest_copy_from(bytes, regs->rip, sizeof(bytes)))
		return false;
	for (i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != (uint8_t)code[i])
			return false;
	cpuid_execute(current_vcpu(), regs);
	instruction_retire(regs, sizeof(bytes), 0);
	return true;
}
