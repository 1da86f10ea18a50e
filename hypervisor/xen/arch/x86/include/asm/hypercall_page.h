/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of entries through which a PV guest may make hypercalls. */
#ifndef ASM_HYPERCALL_PAGE_H
#define ASM_HYPERCALL_PAGE_H

/* Write it to a page: 32 bytes for each number, to be called. */
void hypercall_page_fill(void *page);

#endif
