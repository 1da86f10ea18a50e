/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Xen ELF notes of a tiny guest (xen/elfnote.h). A row of matrix.cfg
 * varies them by its "define =": NOTE_INIT_P2M=address, NOTE_MOD_START_PFN,
 * NOTE_HYPERCALL_PAGE, or NO_NOTES for a kernel that is no Xen kernel.
 */
#include <xen/elfnote.h>

	.macro note type:req, desc:vararg
	.section .note.Xen, "a", @note
	.balign	4
	.long	2f - 1f, 4f - 3f, \type
1:	.asciz	"Xen"
2:	.balign	4
3:	\desc
4:	.balign	4
	.endm

#ifndef NO_NOTES
	note	XEN_ELFNOTE_GUEST_OS, .asciz "zazen-test"
	note	XEN_ELFNOTE_GUEST_VERSION, .asciz "1"
	note	XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
	note	XEN_ELFNOTE_LOADER, .asciz "generic"
	note	XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
	note	XEN_ELFNOTE_PADDR_OFFSET, .quad 0
	note	XEN_ELFNOTE_ENTRY, .quad guest_entry
	note	XEN_ELFNOTE_FEATURES, .asciz "writable_page_tables|dom0"
	note	XEN_ELFNOTE_PAE_MODE, .asciz "yes"
	note	XEN_ELFNOTE_SUSPEND_CANCEL, .long 1
#ifdef NOTE_HYPERCALL_PAGE
	note	XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
#endif
#ifdef NOTE_INIT_P2M
	note	XEN_ELFNOTE_INIT_P2M, .quad NOTE_INIT_P2M
#endif
#ifdef NOTE_MOD_START_PFN
	note	XEN_ELFNOTE_MOD_START_PFN, .quad 1
#endif
#endif

	.section .note.GNU-stack, "", @progbits
