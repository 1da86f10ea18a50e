/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples as lines: totals in the columns that scripts know from xentop -b, or what happened a second. */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "sample.h"

#define SORT_KEYS "ncmtr" /* name, CPU, memory, network, reads and writes */

struct table {
	bool with_rates; /* else totals */
	bool with_full_names;
	char sort; /* of SORT_KEYS, or 0: in order of their numbers */
};

void table_header(FILE *out, const struct table *t);

/* One line a domain, at most @lines. @before may be empty: then CPU and rates are 0. */
void table_print(FILE *out, const struct table *t, const struct sample *before,
		 const struct sample *now, size_t lines);

#endif
