/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Indices that a guest chooses, also on ways that a processor takes only by
 * speculation: behind a comparison that it believes to be passed. There is no
 * branch here that could be believed.
 */
#ifndef HV_NOSPEC_H
#define HV_NOSPEC_H

/* @index if it is below @size (of at most 2^63), which the caller has checked; otherwise 0. */
static inline unsigned long index_nospec(unsigned long index, unsigned long size)
{
	/* What the compiler knows of the index from the check is not to be used. */
	__asm__("" : "+r"(index));
	/* The sign bit is set in @index or in the difference if @index is not below @size. */
	return index & (unsigned long)(~(long)(index | (size - 1 - index)) >> 63);
}

#endif
