/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crash reports: registers, code, stack and the functions on it. Reads only
 * memory that is surely mapped, as a fault in here would hide the first.
 */
#include <asm/backtrace.h>

#include <hv/domain.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/symbols.h>

#include <asm/image.h>
#include <asm/layout.h>
#include <asm/percpu.h>
#include <asm/system.h>
#include <asm/traps.h>

#define CODE_BYTES    16
#define STACK_WORDS   32
#define WORDS_IN_LINE 4
#define TRACE_LINES   48

/* call rel32 */
#define CALL_OPCODE 0xe8
#define CALL_BYTES  5

/* The main stack begins with this page of a per-CPU area (asm/layout.h). */
#define MAIN_STACK_PAGE 8

static bool is_code(unsigned long address)
{
	return address >= (unsigned long)text_start && address < (unsigned long)text_end;
}

/* Behind a call: C has no other kind than this one, indirect ones go by thunks. */
static bool is_return_address(unsigned long word)
{
	return is_code(word - CALL_BYTES) && is_code(word - 1) &&
	       *(const uint8_t *)(word - CALL_BYTES) == CALL_OPCODE;
}

/*
 * The words of the stack that @rsp points into, as [*first, *end); false
 * unless that stack is one of this CPU's. Below the main stack each stack is
 * one page between guard pages that are not mapped; after an overflow @rsp
 * is in the guard page.
 */
static bool stack_bounds(unsigned long rsp, unsigned long *first, unsigned long *end)
{
	unsigned long area = (unsigned long)cpu_info() & ~(PERCPU_SIZE - 1UL);
	unsigned long page = (rsp - area) >> PAGE_SHIFT;

	if (rsp < area || rsp - area >= PERCPU_SIZE)
		return false;
	*first = ALIGN_UP(rsp, sizeof(long));
	*end = area + PERCPU_SIZE;
	/* The stack of early boot, elsewhere, has no guard pages. */
	if (page >= MAIN_STACK_PAGE || area < PERCPU_START ||
	    area >= PERCPU_START + MAX_CPUS * (unsigned long)PERCPU_SIZE)
		return true;
	if (page & 1) {
		page++;
		*first = area + page * PAGE_SIZE;
	}
	if (page < MAIN_STACK_PAGE)
		*end = area + (page + 1) * PAGE_SIZE;
	return true;
}

static void print_symbol(unsigned long address)
{
	unsigned long offset, size;
	const char *name = symbol_lookup(address, &offset, &size);

	if (name)
		log_error(" [<%016lx>] %s+0x%lx/0x%lx\n", address, name, offset, size);
	else
		log_error(" [<%016lx>] ?\n", address);
}

void backtrace_print(unsigned long rip, unsigned long rsp)
{
	unsigned long at, end;
	unsigned int lines = 1;

	log_error("Call trace (found on the stack):\n");
	print_symbol(rip);
	if (!stack_bounds(rsp, &at, &end)) {
		log_error(" rsp %016lx is not on this CPU's stacks\n", rsp);
		return;
	}
	for (; at + sizeof(long) <= end && lines < TRACE_LINES; at += sizeof(long)) {
		unsigned long word = *(const unsigned long *)at;

		if (is_return_address(word)) {
			print_symbol(word);
			lines++;
		}
	}
}

static void print_code(unsigned long rip)
{
	log_error("Code:");
	for (unsigned int i = 0; i < CODE_BYTES && is_code(rip + i); i++)
		log_error(" %02x", *(const uint8_t *)(rip + i));
	log_error("\n");
}

static void print_stack(unsigned long rsp)
{
	unsigned long at, end;

	if (!stack_bounds(rsp, &at, &end))
		return;
	log_error("Stack from rsp=%016lx:\n", rsp);
	for (unsigned int i = 0; i < STACK_WORDS && at + sizeof(long) <= end; i++) {
		log_error(" %016lx", *(const unsigned long *)at);
		if (i % WORDS_IN_LINE == WORDS_IN_LINE - 1)
			printk_end_line();
		at += sizeof(long);
	}
	printk_end_line();
}

void registers_print(const struct cpu_user_regs *regs)
{
	log_error("rip: %04x:%016lx  rflags: %016lx  vector %u, error code %04x\n", regs->cs,
		  regs->rip, regs->rflags, regs->entry_vector, regs->error_code);
	log_error("rax: %016lx  rbx: %016lx  rcx: %016lx\n", regs->rax, regs->rbx, regs->rcx);
	log_error("rdx: %016lx  rsi: %016lx  rdi: %016lx\n", regs->rdx, regs->rsi, regs->rdi);
	log_error("rbp: %016lx  rsp: %016lx  r8:  %016lx\n", regs->rbp, regs->rsp, regs->r8);
	log_error("r9:  %016lx  r10: %016lx  r11: %016lx\n", regs->r9, regs->r10, regs->r11);
	log_error("r12: %016lx  r13: %016lx  r14: %016lx\n", regs->r12, regs->r13, regs->r14);
	log_error("r15: %016lx  ss: %04x\n", regs->r15, regs->ss);
	log_error("cr0: %016lx  cr2: %016lx\n", cr0_read(), cr2_read());
	log_error("cr3: %016lx  cr4: %016lx\n", cr3_read(), cr4_read());
}

static void print_who(const struct cpu_user_regs *regs)
{
	const struct vcpu *v = cpu_info()->current;

	log_error("---- crash on CPU %u, in %s ----\n", this_cpu(),
		  regs_from_guest(regs) ? "a guest" : "the hypervisor");
	if (v && v->domain)
		log_error("running d%uv%u\n", v->domain->id, v->id);
}

/* A fault while we report comes back here: one report is enough. */
static bool begin_report(void)
{
	static bool is_reported;

	panic_begin();
	return !__atomic_exchange_n(&is_reported, true, __ATOMIC_ACQ_REL);
}

void backtrace_caller(unsigned long return_address)
{
	unsigned long here;

	if (begin_report())
		backtrace_print(return_address, (unsigned long)&here);
}

void crash_dump(const struct cpu_user_regs *regs)
{
	if (!begin_report())
		return;
	printk_end_line();
	print_who(regs);
	registers_print(regs);
	if (regs_from_guest(regs))
		return;
	print_code(regs->rip);
	print_stack(regs->rsp);
	backtrace_print(regs->rip, regs->rsp);
}
