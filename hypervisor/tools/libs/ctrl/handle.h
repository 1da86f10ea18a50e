/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the functions of this library share: the doors to the kernel, and memory
 * that the hypervisor can reach while it works on a call. Arguments are built
 * there, lists are copied through it piece by piece.
 */
#ifndef CTRL_HANDLE_H
#define CTRL_HANDLE_H

#include "ctrl.h"

#include <xen/sched.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#define DATA_BYTES (4 * CTRL_PAGE_SIZE)

/* Any hypercall's argument; at the start of a page. */
union ctrl_argument {
	struct xen_domctl domctl;
	struct xen_sysctl sysctl;
	struct xen_memory_reservation reservation;
	struct xen_foreign_memory_map foreign_map;
	struct mmuext_op mmuext;
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_status evtchn_status;
	struct sched_remote_shutdown shutdown;
	domid_t domid;
};

struct ctrl {
	xencall_handle *call;
	xenforeignmemory_handle *foreign;
	union ctrl_argument *arg;
	void *data;			/* DATA_BYTES for what arguments point to */
};

/* An argument to fill in, all zero: one at a time, until ctrl_domctl() or ctrl_sysctl(). */
struct xen_domctl *ctrl_domctl_new(struct ctrl *c, unsigned int command, domid_t domid);
struct xen_sysctl *ctrl_sysctl_new(struct ctrl *c, unsigned int command);

/* Make the call. 0 or what it returns, or a negative errno; results are in the argument. */
int ctrl_domctl(struct ctrl *c);
int ctrl_sysctl(struct ctrl *c);

/* What a library call returned, as we return it. */
int ctrl_result(int r);

#endif
