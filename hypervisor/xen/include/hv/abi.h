/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door to the Xen ABI: the public headers of Debian's libxen-dev.
 * They are compiled as a toolstack would see them (__XEN_TOOLS__, never
 * __XEN__), so guest handles are plain typed pointers here: to follow one
 * is a bug, guest memory is reached only through hv/guest_copy.h.
 */
#ifndef HV_ABI_H
#define HV_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif

#include <xen/xen.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/elfnote.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#if XEN_DOMCTL_INTERFACE_VERSION != 0x15
#error "the ABI of this hypervisor is that of libxen-dev 4.17 (domctl 0x15)"
#endif

#endif
