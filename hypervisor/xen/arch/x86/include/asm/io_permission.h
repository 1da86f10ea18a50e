/* SPDX-License-Identifier: GPL-2.0-or-later */
/* I/O ports: who may use them, and what becomes of those that are ours. */
#ifndef ASM_IO_PERMISSION_H
#define ASM_IO_PERMISSION_H

#include <hv/types.h>

struct domain;
struct vcpu;

/* Boot: when it is known which serial ports are ours. */
void io_permission_init(void);

/* May guest code in the present mode of @v use ports, by the guest's own IOPL? */
bool guest_has_io_privilege(const struct vcpu *v);

/* May it use @bytes of them from @port on, by IOPL or bitmap? */
bool guest_may_use_ports(struct vcpu *v, uint16_t port, unsigned int bytes);

/*
 * An access that guest_may_use_ports() has allowed, 1, 2 or 4 bytes. Ports of the hypervisor's, and all
 * for domains without devices, look as if nothing were there: all ones, writes are lost.
 */
uint32_t guest_port_read(const struct domain *d, uint16_t port, unsigned int bytes);
void guest_port_write(const struct domain *d, uint16_t port, unsigned int bytes, uint32_t value);

#endif
