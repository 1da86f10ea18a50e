/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the function an address lies in, in the table made at link time. */
#include <hv/symbols.h>

#include <asm/image.h>

const char *symbol_lookup(unsigned long address, unsigned long *offset, unsigned long *size)
{
	unsigned long target = address - (unsigned long)text_start;
	uint32_t low = 0, high = symbol_count;

	*offset = *size = 0;
	if (!symbol_count || address < (unsigned long)text_start || target < symbol_offsets[0] ||
	    target >= symbol_offsets[symbol_count])
		return NULL;

	/* The answer is in [low, high); it is one row in the end. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_offsets[middle] <= target)
			low = middle;
		else
			high = middle;
	}
	*offset = target - symbol_offsets[low];
	*size = symbol_offsets[low + 1] - symbol_offsets[low];
	return symbol_names + symbol_name_offsets[low];
}
