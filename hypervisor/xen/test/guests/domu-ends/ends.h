/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dom0 (main.c) and the domU (domu_side.c) of this test know of each other. */
#ifndef DOMU_ENDS_H
#define DOMU_ENDS_H

#include "domu.h"

/* arg[0]: what the domU is to do before its step 1, and until its end. */
enum kind {
	KIND_OFFERS,	/* grants RW_REF and RO_REF to domain arg[1] */
	KIND_MAPS,	/* maps domain arg[1]'s RW_REF twice, by address and by entry, and its RO_REF */
	KIND_EVENTS,	/* FIFO event channels: with dom0's port arg[1], waiting for arg[2], IPIs and VIRQs */
	KIND_TABLES,	/* everything of its memory that is something else than memory */
	KIND_PINS,	/* pins a tree and takes the pin back, for ever, without a step */
	KIND_BUSY,	/* all vCPUs run, grants of domain 0's RW_REF come and go, for ever, without a step */
};

#define RW_REF 20
#define RO_REF 21

#define OFFERED_WORD 0x0ffe7edUL

/* At the same place in each domain. */
extern char rw_page[], ro_page[];

/* Of KIND_EVENTS: result[] has its unbound ports for domain 0 and for arg[2]. */

/* Of KIND_TABLES: the pages it pinned. */
extern char pinned_page[];

#endif
