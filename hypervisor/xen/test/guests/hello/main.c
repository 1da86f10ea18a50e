/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hello: a kernel is loaded, runs, prints and powers off.
 *
 * A 64-bit PV kernel is entered in ring 3 with paging on, rsi = start info
 * and a bootstrap stack. Its hypercalls are plain syscall instructions. If
 * this guest fails, nothing else is worth running.
 */
#include "guest.h"

const char test_title[] = "Hello";

void test_main(void)
{
	print("Hello from a tiny guest: \"%s\", %lu pages, command line \"%s\"\n",
	      start_info->magic, start_info->nr_pages, (const char *)start_info->cmd_line);
	check(!strncmp(start_info->magic, "xen-", 4), "start_info.magic begins with xen-, got %s",
	      start_info->magic);
	expect_result("xen_version", hypercall(xen_version, 0), 0x40011);
}
