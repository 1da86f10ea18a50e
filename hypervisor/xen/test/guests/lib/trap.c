/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trap table, the callbacks, and what becomes of a trap (trap.h). */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>

struct trap_record trap_last;
volatile unsigned int trap_count;
bool (*trap_hook)(struct trap_frame *frame);
void (*event_hook)(void);
uint64_t guard_start, guard_resume;

static struct vcpu_info dummy_vcpu_info = { .evtchn_upcall_mask = 1 };
struct vcpu_info *vcpu_info = &dummy_vcpu_info;

static char user_stack[16384] __attribute__((aligned(16)));
static uint8_t mask_before_user;

void traps_init(void);
void trap_table_copy(struct trap_info *table);
void trap_dispatch(struct trap_frame *f);

/* flags: lowest privilege that may use int n; 4: mask events on entry. */
#define GATES(ROW)   \
	ROW(0, 4)    \
	ROW(1, 4)    \
	ROW(3, 7)    \
	ROW(4, 7)    \
	ROW(5, 4)    \
	ROW(6, 4)    \
	ROW(7, 4)    \
	ROW(8, 4)    \
	ROW(9, 4)    \
	ROW(10, 4)   \
	ROW(11, 4)   \
	ROW(12, 4)   \
	ROW(13, 4)   \
	ROW(14, 4)   \
	ROW(15, 4)   \
	ROW(16, 4)   \
	ROW(17, 4)   \
	ROW(18, 4)   \
	ROW(19, 4)   \
	ROW(0x80, 7) \
	ROW(0x82, 7) \
	ROW(0x83, 3)

#define ROW(n, f) extern const char trap_entry_##n[];
GATES(ROW)
#undef ROW

static void callback_set(uint16_t type, const char *entry, uint16_t flags)
{
	struct callback_register cb = {
		.type = type,
		.flags = flags,
		.address = (unsigned long)entry,
	};
	long rc = hypercall(callback_op, CALLBACKOP_register, &cb);

	if (rc)
		print("  note: callback %u refused: %ld\n", type, rc);
}

static const struct trap_info gates[] = {
#define ROW(n, f) { n, f, FLAT_KERNEL_CS, (unsigned long)trap_entry_##n },
	GATES(ROW)
#undef ROW
		{ 0, 0, 0, 0 },
};

/* As a vCPU context wants it: by vector. */
void trap_table_copy(struct trap_info *table)
{
	unsigned int i;

	for (i = 0; gates[i].address; i++)
		table[gates[i].vector] = gates[i];
}

void traps_init(void)
{
	long rc = hypercall(set_trap_table, gates);

	if (rc)
		test_error("set_trap_table failed: %ld", rc);
	callback_set(CALLBACKTYPE_event, event_entry, 0);
	callback_set(CALLBACKTYPE_failsafe, failsafe_entry, 0);
	callback_set(CALLBACKTYPE_syscall, syscall_entry, CALLBACKF_mask_events);
	rc = hypercall(stack_switch, FLAT_KERNEL_SS, trap_stack_end);
	if (rc)
		test_error("stack_switch failed: %ld", rc);
}

static void __noreturn unexpected(const struct trap_frame *f)
{
	print("  unexpected trap: vector 0x%lx error 0x%lx rip %p cs 0x%x rflags 0x%lx\n"
	      "  rsp %p cr2 0x%lx rax 0x%lx rcx 0x%lx rdx 0x%lx rsi 0x%lx rdi 0x%lx\n",
	      f->vector, f->error, (void *)f->rip, f->cs, f->rflags, (void *)f->rsp, trap_last.cr2,
	      f->rax, f->rcx, f->rdx, f->rsi, f->rdi);
	test_failure("unexpected trap 0x%lx at %p", f->vector, (void *)f->rip);
}

void trap_dispatch(struct trap_frame *f)
{
	trap_last.frame = *f;
	trap_last.mask_inside = READ_ONCE(vcpu_info->evtchn_upcall_mask);
	trap_last.cr2 = READ_ONCE(vcpu_info->arch.cr2);
	trap_last.from_user = (f->cs & 3) == 3;
	trap_count++;

	if (trap_hook && trap_hook(f))
		return;
	if (f->vector == ENTRY_EVENT && event_hook) {
		event_hook();
		return;
	}
	if (trap_last.from_user) {
		WRITE_ONCE(vcpu_info->evtchn_upcall_mask, mask_before_user);
		kernel_resume(f->vector == TRAP_INT80 ? f->rax : ~0UL);
	}
	if (!guard_resume)
		unexpected(f);
	f->rip = guard_resume;
	guard_resume = 0;
}

void trap_forget(void)
{
	memset(&trap_last, 0, sizeof(trap_last));
	trap_count = 0;
}

bool expect_trap(const char *what, unsigned int vector, uint64_t error, unsigned int advance)
{
	bool ok = check(trap_count == 1, "%s: expected one trap (vector %u), got %u traps", what,
			vector, trap_count);

	if (ok) {
		ok = check(trap_last.frame.vector == vector && trap_last.frame.error == error,
			   "%s: expected vector %u error 0x%lx, got vector 0x%lx error 0x%lx", what,
			   vector, error, trap_last.frame.vector, trap_last.frame.error);
		ok &= check(trap_last.frame.rip == guard_start + advance,
			    "%s: expected rip %p, got %p", what, (void *)(guard_start + advance),
			    (void *)trap_last.frame.rip);
	}
	trap_forget();
	return ok;
}

bool expect_no_trap(const char *what)
{
	bool ok = check(trap_count == 0,
			"%s: expected no trap, got vector 0x%lx error 0x%lx "
			"rip %p cr2 0x%lx",
			what, trap_last.frame.vector, trap_last.frame.error,
			(void *)trap_last.frame.rip, trap_last.cr2);

	trap_forget();
	return ok;
}

struct iret_context user_context(const void *entry)
{
	return (struct iret_context){
		.rip = (unsigned long)entry,
		.cs = FLAT_USER_CS64,
		.rflags = 0x202,
		.rsp = (unsigned long)(user_stack + sizeof(user_stack) - 64),
		.ss = FLAT_USER_SS64,
	};
}

uint64_t user_run(const void *entry, uint64_t rdi, uint64_t rsi)
{
	struct iret_context c = user_context(entry);

	mask_before_user = READ_ONCE(vcpu_info->evtchn_upcall_mask);
	return user_enter(&c, rdi, rsi);
}
