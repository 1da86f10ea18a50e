/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that was found usable. */
#ifndef BUILD_KERNEL_H
#define BUILD_KERNEL_H

#include "elf.h"

struct build_kernel {
	struct image image;		/* the ELF file; has its own descriptor */
	struct elf_kernel elf;
};

#endif
