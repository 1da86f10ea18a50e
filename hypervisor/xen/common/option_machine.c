/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of boot options about interrupts, clocks and other devices, in the syntax of Xen's command line
 * (xen-command-line of the xen-doc package). No state but boot_options.
 */
#include "option_values.h"

#include <hv/options.h>
#include <hv/string.h>

static const char needs_value[] = "needs a value";
static const char not_a_number[] = "not a number";

const char *parse_nmi(const char *value)
{
	static const char *const names[] = {
		[NMI_TO_DOM0] = "dom0",
		[NMI_IGNORED] = "ignore",
		[NMI_FATAL] = "fatal",
	};

	if (!value)
		return needs_value;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			boot_options.nmi = i;
			return NULL;
		}
	}
	return "not ignore, dom0 or fatal";
}

/* force, or a boolean */
const char *parse_watchdog(const char *value)
{
	if (value && !strcmp(value, "force")) {
		boot_options.watchdog = true;
		boot_options.ignores_unknown_nmis = false;
		return NULL;
	}
	boot_options.ignores_unknown_nmis = true;
	return parse_boolean(value, &boot_options.watchdog);
}

const char *parse_watchdog_timeout(const char *value)
{
	uint64_t number;

	if (!value)
		return needs_value;
	if (!is_number_up_to(value, 3600, &number))
		return not_a_number;
	boot_options.watchdog_timeout_s = number;
	return NULL;
}
