/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traps and callbacks of a tiny guest. A test runs an instruction inside
 * GUARD() and looks at trap_last afterwards; or sets trap_hook; a trap that
 * neither expects ends the guest with outcome FAILURE.
 */
#ifndef GUEST_TRAP_H
#define GUEST_TRAP_H

#include "guest.h"

enum vector {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XM = 19,
	TRAP_INT80 = 0x80, /* user code ends by int $0x80, result in rax */
	/* Not vectors: callbacks. */
	ENTRY_EVENT = 0x100,
	ENTRY_SYSCALL,
	ENTRY_SYSCALL32,
	ENTRY_SYSENTER,
	ENTRY_NMI,
	ENTRY_FAILSAFE,
};

/* As trap_common in head.S builds it, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip;
	uint16_t cs, cs_pad;
	uint8_t saved_mask; /* evtchn_upcall_mask when it happened */
	uint8_t cs_pad2[3];
	uint64_t rflags, rsp, ss;
};

/* The last trap or callback, and how many came since trap_forget(). */
struct trap_record {
	struct trap_frame frame;
	uint64_t cr2;	     /* vcpu_info.arch.cr2, for a page fault */
	uint8_t mask_inside; /* evtchn_upcall_mask inside the handler */
	bool from_user;
};
extern struct trap_record trap_last;
extern volatile unsigned int trap_count;

/* Return true to go on at frame->rip, which the hook may change. */
extern bool (*trap_hook)(struct trap_frame *frame);

/* Called for each event upcall, after trap_hook. */
extern void (*event_hook)(void);

/* Where the guarded instruction starts and where to go on after its fault. */
extern uint64_t guard_start, guard_resume;

#define GUARD(insn)                          \
	"movq $770f, guard_start(%%rip)\n\t" \
	"movq $771f, guard_resume(%%rip)\n"  \
	"770:\t" insn "\n"                   \
	"771:\tmovq $0, guard_resume(%%rip)\n"

/* The entries as trap tables want them, for tests that build their own. */
extern const char trap_entry_0[], trap_entry_3[], trap_entry_13[], trap_entry_0x80[],
	trap_entry_0x83[];
extern const char event_entry[], failsafe_entry[], syscall_entry[], syscall32_entry[];
extern const char sysenter_entry[], nmi_entry[];
extern uint64_t failsafe_selectors[4]; /* ds es fs gs */
extern uint64_t boot_rsp;	       /* rsp at the guest's first instruction */
extern char boot_stack[], trap_stack[], trap_stack_end[], hypercall_page[];

/* The vcpu_info in use; before shared_info_map() a dummy with events masked. */
extern struct vcpu_info *vcpu_info;

void trap_forget(void);

/*
 * The guarded code took exactly one trap: @vector with @error, at its first
 * instruction (@advance 0) or that many bytes behind it.
 */
bool expect_trap(const char *what, unsigned int vector, uint64_t error, unsigned int advance);
bool expect_no_trap(const char *what);

/* End user_enter(); only from hooks. */
void __noreturn kernel_resume(uint64_t value);
uint64_t user_enter(struct iret_context *context, uint64_t rdi, uint64_t rsi);

/*
 * Run @entry in user mode (needs user_space_make() of memory.h); returns
 * what it left in rax at int $0x80. Any other trap ends it too, with ~0:
 * trap_last says which.
 */
uint64_t user_run(const void *entry, uint64_t rdi, uint64_t rsi);

/* Code for user mode: a name, and assembly that ends by int $0x80. */
#define USER_CODE(name, code)     \
	extern const char name[]; \
	__asm__(".pushsection .text\n" #name ":\n\t" code "\n.popsection")

/* An iret frame into user mode on the user stack, to be altered by tests. */
struct iret_context user_context(const void *entry);

#endif
