/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of our own functions, for crash reports. */
#ifndef HV_SYMBOLS_H
#define HV_SYMBOLS_H

#include <hv/types.h>

/*
 * The table that scripts/make-symbols makes of the linked hypervisor: for
 * each function, sorted, its offset from text_start and where its name
 * begins. One more offset, of text_end, closes it.
 */
extern const uint32_t symbol_count;
extern const uint32_t symbol_offsets[];
extern const uint32_t symbol_name_offsets[];
extern const char symbol_names[];

/*
 * The function that @address lies in, how far into it, and how long it is.
 * NULL for an address outside our code; then *offset and *size are 0.
 */
const char *symbol_lookup(unsigned long address, unsigned long *offset, unsigned long *size);

#endif
