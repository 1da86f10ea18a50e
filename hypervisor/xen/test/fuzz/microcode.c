/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as files of microcode, bare or in a cpio archive: what is found lies in them. */
/* sources: arch/x86/cpu/microcode_container.c common/lib/cpio.c */
#include <stdlib.h>
#include <string.h>

#include <hv/cpio.h>

#include <asm/microcode.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t len, const uint8_t *found, size_t size)
{
	if (found && (found < data || size > len || found + size > data + len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct microcode_target t = { .signature = 0x800f12, .platform = 2, .revision = 1 };
	uint32_t revision = 0;
	size_t size = 0;
	const void *p;

	p = microcode_find_intel(data, len, &t, false, &size, &revision);
	check(data, len, p, size);
	p = microcode_find_amd(data, len, &t, true, &size, &revision);
	check(data, len, p, size);
	p = cpio_find(data, len, "kernel/x86/microcode/AuthenticAMD.bin", &size);
	check(data, len, p, size);
	return 0;
}
