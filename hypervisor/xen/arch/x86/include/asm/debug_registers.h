/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug registers, for those who execute instructions of a guest. */
#ifndef ASM_DEBUG_REGISTERS_H
#define ASM_DEBUG_REGISTERS_H

#include <hv/types.h>

struct vcpu;

/* DR6 bits of the I/O breakpoints of @v that an access hits. They are never in the hardware. */
unsigned int debug_io_breakpoints(const struct vcpu *v, uint16_t port, unsigned int bytes);

#endif
