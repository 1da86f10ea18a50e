/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the places of asm/patch.h. The first tables have the text a second time, one to one, where it is writable. */
#include <hv/string.h>
#include <hv/types.h>

#include <asm/image.h>
#include <asm/patch.h>

extern const struct code_patch code_patch_start[], code_patch_end[];

static_assert(sizeof(struct code_patch) == 12, "as the assembler lays it out");

void code_patch(uint32_t features)
{
	for (const struct code_patch *p = code_patch_start; p < code_patch_end; p++) {
		unsigned long place = (unsigned long)&p->at + p->at;

		if (features >> p->feature & 1)
			memcpy((void *)image_paddr(place), p->bytes, p->length);
	}
}
