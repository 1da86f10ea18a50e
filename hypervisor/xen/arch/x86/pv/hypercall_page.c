/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypercall page as xen/arch-x86/xen-x86_64.h describes it. A guest's own syscall instruction does as well; this
 * is for kernels that call the page which their builder had filled.
 */
#include <asm/hypercall_page.h>

#include <hv/abi.h>
#include <hv/string.h>
#include <hv/types.h>

#define ENTRY_SIZE 32
#define BREAKPOINT 0xcc

/* push %rcx; push %r11; mov $nr, %eax; syscall; pop %r11; pop %rcx; ret: syscall destroys the two. */
static const uint8_t plain_entry[] = { 0x51, 0x41, 0x53, 0xb8, 0,    0,	   0,
				       0,    0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };
/* push %rcx; push %r11; push %rax; mov $nr, %eax; syscall: those are part of iret's frame, and it does not return. */
static const uint8_t iret_entry[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 0, 0, 0, 0, 0x0f, 0x05 };

/* Where the number is: in each behind the byte of mov. */
#define PLAIN_NUMBER 4
#define IRET_NUMBER  5

void hypercall_page_fill(void *page)
{
	uint8_t *entry = page;

	memset(page, BREAKPOINT, PAGE_SIZE);
	for (uint32_t nr = 0; nr < PAGE_SIZE / ENTRY_SIZE; nr++, entry += ENTRY_SIZE) {
		if (nr == __HYPERVISOR_iret) {
			memcpy(entry, iret_entry, sizeof(iret_entry));
			memcpy(entry + IRET_NUMBER, &nr, sizeof(nr));
		} else {
			memcpy(entry, plain_entry, sizeof(plain_entry));
			memcpy(entry + PLAIN_NUMBER, &nr, sizeof(nr));
		}
	}
}
