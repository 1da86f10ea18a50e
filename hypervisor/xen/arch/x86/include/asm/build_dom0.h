/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes dom0 out of the boot loader's modules. */
#ifndef ASM_BUILD_DOM0_H
#define ASM_BUILD_DOM0_H

/*
 * Boot, once, when memory, vCPUs and event channels can be had: create
 * hardware_domain from the first module (a kernel) and the second (an
 * initrd, optional), release the modules' memory, and make vCPU 0 runnable.
 * Whatever is wrong ends in a panic that says what.
 */
void dom0_build(void);

#endif
