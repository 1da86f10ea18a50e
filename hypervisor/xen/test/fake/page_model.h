/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An executable model of the page-type rules, and the machine of
 * guest_memory.h driven beside it. The model knows definitions only: what is
 * in use follows from scratch, each time, from pins, roots and descriptor
 * tables; an operation is to be accepted if the world that it makes, with
 * what it gives up still held, is a legal one.
 */
#ifndef FAKE_PAGE_MODEL_H
#define FAKE_PAGE_MODEL_H

#include <hv/types.h>

struct page_model_stats {
	unsigned long operations, accepted, refused, preempted, abandoned, stuck;
};

extern struct page_model_stats page_model_stats;

/*
 * Carry out the operations that @data spells, on a fresh machine. After each
 * one result, contents, counts and TLBs are compared and the machine is
 * audited; a difference is printed and ends the program (abort).
 */
void page_model_run(const uint8_t *data, size_t size);

#endif
