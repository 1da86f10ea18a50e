/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a kernel: unwrapping, headers, notes, and building a small guest
 * of what is accepted. What is refused has a reason; what is accepted either
 * does not fit or makes page tables that the hypervisor takes.
 */
#include <build/build.h>

#include "fake_ctrl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL 2048		/* pages */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build(const struct build_kernel *kernel)
{
	struct build_pv_options options = { .kernel = kernel, .page_count = SMALL };
	struct build_pv_result result;
	struct build_why why;
	struct fake *fake;
	struct ctrl *c;
	int rc;

	options.page_count = 1 << 20;
	rc = build_pv_check(&options, &result, &why);
	options.page_count = SMALL;
	if (rc || build_pv_check(&options, &result, &why)) {
		if (!why.text[0])
			abort();
		return;
	}
	c = fake_new(&fake);
	if (build_pv(c, 1, &options, &result, &why) || fake->maps)
		abort();
	fake_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct build_kernel *kernel;
	struct build_why why = { "" };
	int rc;

	if (fd < 0) {
		fd = memfd_create("input", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	rc = build_kernel_open(path, NULL, 0, &kernel, &why);
	if (rc) {
		if (rc > 0 || !why.text[0])
			abort();
		return 0;
	}
	build(kernel);
	build_kernel_close(kernel);
	return 0;
}
