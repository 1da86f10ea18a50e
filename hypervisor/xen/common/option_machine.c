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

/* Time is the TSC's: the others are what it is measured against at boot. */
const char *parse_clocksource(const char *value)
{
	static const char *const names[] = {
		[CLOCK_DEFAULT] = "tsc",
		[CLOCK_HPET] = "hpet",
		[CLOCK_ACPI] = "acpi",
		[CLOCK_PIT] = "pit",
	};

	if (!value)
		return needs_value;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			boot_options.clock_source = i;
			return NULL;
		}
	}
	return "not pit, hpet, acpi or tsc";
}

const char *parse_cpufreq(const char *value)
{
	bool is_on = true;

	if (value && !strcmp(value, "none"))
		return NULL;
	return !parse_boolean(value, &is_on) && !is_on ? NULL :
							 "frequencies are left to the firmware";
}

const char *parse_cpuidle(const char *value)
{
	const char *fault = parse_boolean(value, &boot_options.cpuidle);

	return !fault && boot_options.cpuidle ? "idle CPUs halt, deeper states are not used" :
						fault;
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

#define WORD_SIZE 32

struct list_word {
	const char *name;
	bool *flag;		/* NULL: known, not honoured */
};

/*
 * A list of words, each "name", "no-name" or "name=<boolean>"; *@overall, where not NULL, is set by a boolean
 * that stands alone. What is understood is stored; the first fault is the result.
 */
static const char *parse_list(const char *value, const struct list_word *words, unsigned int count,
			      bool *overall)
{
	const char *fault = NULL;

	while (*value) {
		char word[WORD_SIZE], *argument;
		size_t length = 0;
		bool is_negated, flag = true;
		const char *name = word, *wrong = "not an item of its list";

		while (value[length] && value[length] != ',')
			length++;
		memset(word, 0, sizeof(word));
		memcpy(word, value, length < sizeof(word) ? length : sizeof(word) - 1);
		value += length + (value[length] == ',');

		argument = strchr(word, '=');
		if (argument)
			*argument++ = '\0';
		is_negated = !strncmp(word, "no-", 3);
		if (overall && !argument && !parse_boolean(word, &flag)) {
			*overall = flag;
			continue;
		}
		name += is_negated ? 3 : 0;
		for (unsigned int i = 0; i < count; i++) {
			if (strcmp(name, words[i].name))
				continue;
			wrong = words[i].flag ? parse_boolean(argument, &flag) :
						"has an item without effect in this version";
			if (!wrong)
				*words[i].flag = flag != is_negated;
			break;
		}
		if (wrong && !fault)
			fault = wrong;
	}
	return fault;
}

const char *parse_iommu(const char *value)
{
	struct iommu_options *o = &boot_options.iommu;
	const struct list_word words[] = {
		{ .name = "verbose", .flag = &o->is_verbose },
		{ .name = "debug", .flag = &o->is_verbose },
		{ .name = "force", .flag = &o->is_required },
		{ .name = "required", .flag = &o->is_required },
		{ .name = "intremap", .flag = &o->remaps_interrupts },
		{ .name = "superpages", .flag = &o->uses_large_pages },
		{ .name = "dom0-passthrough", .flag = &o->passthrough },
		{ .name = "dom0-strict", .flag = &o->wants_strict },
		{ .name = "qinval" },
		{ .name = "quarantine" },
		{ .name = "sharept" },
		{ .name = "intpost" },
		{ .name = "crash-disable" },
		{ .name = "snoop" },
		{ .name = "igfx" },
		{ .name = "amd-iommu-perdev-intremap" },
	};

	return parse_list(value ? value : "on", words, ARRAY_SIZE(words), &o->is_on);
}

const char *parse_dom0_iommu(const char *value)
{
	struct iommu_options *o = &boot_options.iommu;
	const struct list_word words[] = {
		{ .name = "passthrough", .flag = &o->passthrough },
		{ .name = "map-reserved", .flag = &o->maps_reserved },
		{ .name = "map-inclusive", .flag = &o->maps_inclusive },
		{ .name = "strict", .flag = &o->wants_strict },
		{ .name = "none" },
	};

	return value ? parse_list(value, words, ARRAY_SIZE(words), NULL) : needs_value;
}

/* A module's number at the start of @value; *@length is set to what was understood. */
static bool take_module(const char *value, size_t *length, int *module)
{
	bool is_negative = *value == '-';
	size_t i = is_negative;
	int number = 0;

	for (; value[i] >= '0' && value[i] <= '9' && number < 1000; i++)
		number = 10 * number + value[i] - '0';
	if (i == (size_t)is_negative || !number || (value[i] && value[i] != ','))
		return false;
	*module = is_negative ? -number : number;
	*length = i;
	return true;
}

const char *parse_ucode(const char *value)
{
	struct ucode_options *o = &boot_options.ucode;
	const struct list_word words[] = {
		{ .name = "scan", .flag = &o->is_scanned },
		{ .name = "allow-same", .flag = &o->allow_same },
		{ .name = "nmi" },
		{ .name = "digest-check" },
	};
	size_t length = 0;

	if (!value)
		return needs_value;
	if (take_module(value, &length, &o->module))
		value += length + (value[length] == ',');
	return parse_list(value, words, ARRAY_SIZE(words), NULL);
}
