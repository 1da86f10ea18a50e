/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From ticks to nanoseconds, in the fixed-point form that the ABI gives to guests (xen/xen.h). */
#include <asm/clock.h>

#include <hv/time.h>

struct tsc_scale tsc_scale_make(uint64_t hz)
{
	struct tsc_scale scale = { 0 };

	/* Halved or doubled until mul has all of its 32 bits. */
	for (; hz > 2 * NS_PER_SECOND; hz >>= 1)
		scale.shift--;
	for (; hz <= NS_PER_SECOND; hz <<= 1)
		scale.shift++;
	scale.mul = (NS_PER_SECOND << 32) / hz;
	return scale;
}

uint64_t tsc_scale_apply(struct tsc_scale scale, uint64_t ticks)
{
	if (scale.shift < 0)
		ticks >>= -scale.shift;
	else
		ticks <<= scale.shift;
	return ((unsigned __int128)ticks * scale.mul) >> 32;
}
