/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot options: one table of all names, the splitting of the command
 * line, and what is said about options we do not honour. How a value is
 * read is in option_values.c; docs/options.md documents each row.
 */
#include <hv/options.h>

#include <hv/abi.h>
#include <hv/errno.h>
#include <hv/format.h>
#include <hv/printk.h>
#include <hv/string.h>

#include "option_values.h"

#define COMMAND_LINE_SIZE 2048
#define WARNING_COUNT	  16
#define MESSAGE_SIZE	  120

static const struct boot_options defaults = {
	.com = {
		{ .base_baud = 115200, .data_bits = 8, .parity = 'n', .stop_bits = 1,
		  .io_base = 0x3f8, .irq = 4 },
		{ .base_baud = 115200, .data_bits = 8, .parity = 'n', .stop_bits = 1,
		  .io_base = 0x2f8, .irq = 3 },
	},
	.console_on_com = { true, false },
	.console_on_vga = true,
	.loglvl = { .always = 3, .limited = 3 },
	.guest_loglvl = { .always = 0, .limited = 2 },
	.switch_key = 'a',
	.dom0_min_vcpus = 1,
	.dom0_max_vcpus = UINT32_MAX,
	.max_cpus = UINT32_MAX,
	.speculation = {
		.msr_sc = OPTION_UNSET, .rsb = OPTION_UNSET, .verw = OPTION_UNSET,
		.ibpb_entry = OPTION_UNSET, .bhb_entry = OPTION_UNSET, .ibrs = OPTION_UNSET,
		.stibp = OPTION_UNSET, .ibpb = OPTION_UNSET, .ssbd = OPTION_UNSET,
		.psfd = OPTION_UNSET, .branch_harden = OPTION_UNSET,
		.lock_harden = OPTION_UNSET, .div_scrub = OPTION_UNSET, .xpti_dom0 = OPTION_UNSET,
		.xpti_domu = OPTION_UNSET, .l1tf_dom0 = OPTION_UNSET, .l1tf_domu = OPTION_UNSET,
	},
	.iommu = { .is_on = true, .remaps_interrupts = true, .uses_large_pages = true, .maps_reserved = true },
	.scheduler = XEN_SCHEDULER_CREDIT2,
	.smt = true,
	.x2apic = true,
	.watchdog_timeout_s = 5,
};

struct boot_options boot_options;

enum option_effect {
	EFFECTIVE,
	FATAL_IF_BAD, /* effective, and a bad value stops the boot */
	NO_EFFECT,    /* a Xen option we know and do not honour */
	HARMLESS,     /* asks for what is so anyway, or is put in by boot loaders */
};

/* A boolean (flag), a value (parse), a value that can also be negated (both), or neither for what is not read. */
struct option_row {
	const char *name;
	enum option_effect effect;
	bool *flag;
	const char *(*parse)(const char *value);
};

static const struct option_row option_rows[] = {
	{ "clocksource", .parse = parse_clocksource },
	{ "com1", .parse = parse_com1 },
	{ "com2", .parse = parse_com2 },
	{ "conring_size", .parse = parse_conring_size },
	{ "console", .parse = parse_console },
	{ "console_timestamps", .parse = parse_console_timestamps },
	{ "console_to_ring", .flag = &boot_options.console_to_ring },
	{ "conswitch", .parse = parse_conswitch },
	{ "cpufreq", .parse = parse_cpufreq },
	{ "cpuidle", .flag = &boot_options.cpuidle, .parse = parse_cpuidle },
	{ "crashkernel", .effect = NO_EFFECT },
	{ "dom0", .effect = NO_EFFECT },
	{ "dom0-iommu", .parse = parse_dom0_iommu },
	{ "dom0_max_vcpus", .parse = parse_dom0_max_vcpus },
	{ "dom0_mem", .effect = FATAL_IF_BAD, .parse = parse_dom0_mem },
	{ "dom0_vcpus_pin", .flag = &boot_options.dom0_vcpus_pin },
	{ "edd", .effect = HARMLESS },
	{ "guest_loglvl", .parse = parse_guest_loglvl },
	{ "iommu", .parse = parse_iommu },
	{ "loglvl", .parse = parse_loglvl },
	{ "maxcpus", .parse = parse_maxcpus },
	{ "nmi", .parse = parse_nmi },
	{ "no-real-mode", .effect = HARMLESS },
	{ "noreboot", .flag = &boot_options.noreboot },
	{ "placeholder", .effect = HARMLESS },
	{ "pv-l1tf", .parse = parse_pv_l1tf },
	{ "reboot", .parse = parse_reboot },
	{ "sched", .parse = parse_sched },
	{ "smt", .flag = &boot_options.smt },
	{ "spec-ctrl", .parse = parse_spec_ctrl },
	{ "sync_console", .flag = &boot_options.sync_console },
	{ "ucode", .parse = parse_ucode },
	{ "vga", .parse = parse_vga },
	{ "watchdog", .flag = &boot_options.watchdog, .parse = parse_watchdog },
	{ "watchdog_timeout", .parse = parse_watchdog_timeout },
	{ "x2apic", .flag = &boot_options.x2apic },
	{ "xpti", .parse = parse_xpti },
};

static char warnings[WARNING_COUNT][MESSAGE_SIZE];
static unsigned int warning_count;
static char error[MESSAGE_SIZE];

static void complain(bool is_fatal, const char *fmt, ...) __format_printf(2, 3);

/* Keep a message; of too many the last ones are only counted. */
static void complain(bool is_fatal, const char *fmt, ...)
{
	char *message = NULL;
	va_list args;

	if (is_fatal && !error[0])
		message = error;
	else if (warning_count++ < WARNING_COUNT)
		message = warnings[warning_count - 1];
	if (!message)
		return;
	va_start(args, fmt);
	format_string_v(message, MESSAGE_SIZE, fmt, args);
	va_end(args);
}

static const struct option_row *find_row(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(option_rows); i++)
		if (!strcmp(option_rows[i].name, name))
			return &option_rows[i];
	return NULL;
}

/* "no-x" is x=no for booleans only. */
static const struct option_row *find_negated_row(const char *name)
{
	const struct option_row *row = NULL;

	if (!strncmp(name, "no-", 3))
		row = find_row(name + 3);
	return row && (row->flag || row->effect == NO_EFFECT) ? row : NULL;
}

static const char *apply(const struct option_row *row, const char *value, bool is_negated)
{
	if (row->flag && (is_negated || !row->parse)) {
		if (is_negated) {
			*row->flag = false;
			return value ? "takes no value after no-" : NULL;
		}
		return parse_boolean(value, row->flag);
	}
	if (row->parse)
		return row->parse(value);
	return NULL;
}

/* @word is "name" or "name=value"; it is cut in two. */
static void parse_word(char *word)
{
	const struct option_row *row;
	bool is_negated = false;
	char *value = strchr(word, '=');
	const char *fault;

	if (value)
		*value++ = '\0';
	row = find_row(word);
	if (!row) {
		row = find_negated_row(word);
		is_negated = row;
	}
	if (!row) {
		complain(false, "option %.40s: unknown, ignored", word);
		return;
	}
	fault = apply(row, value, is_negated);
	if (fault)
		complain(row->effect == FATAL_IF_BAD, "option %s%s%.40s: %s", word,
			 value ? "=" : "", value ? value : "", fault);
	else if (row->effect == NO_EFFECT)
		complain(false, "option %s: known, but without effect in this version", word);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * The word at *@cursor, ended by a NUL, with its quotes removed, or NULL.
 * Quotes, single or double, keep blanks inside a word.
 */
static char *next_word(char **cursor)
{
	char *from = *cursor, *start, *to;
	char quote = '\0';

	while (is_space(*from))
		from++;
	if (!*from)
		return NULL;
	for (start = to = from; *from && (quote || !is_space(*from)); from++) {
		if (quote ? *from == quote : *from == '"' || *from == '\'')
			quote = quote ? '\0' : *from;
		else
			*to++ = *from;
	}
	*cursor = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

/* A port named in console= but not set up by its own option stays silent: say so. */
static void check_com_consoles(void)
{
	const struct boot_options *o = &boot_options;

	if (o->console_on_com[0] && !o->com[0].is_given && !o->console_on_vga)
		complain(false, "option console: com1 is not used without a com1= option");
	if (o->console_on_com[1] && !o->com[1].is_given)
		complain(false, "option console: com2 is not used without a com2= option");
}

/* Amounts that can be compared without knowing the machine. */
static bool is_more(const struct memory_amount *a, const struct memory_amount *b)
{
	return a->is_given && b->is_given && !a->percent && !b->percent && !a->is_negative &&
	       !b->is_negative && a->bytes > b->bytes;
}

static void check_iommu_conflicts(const struct iommu_options *o)
{
	if (!o->is_on && o->is_required)
		complain(false, "option iommu: off and required: off counts");
	if (!o->is_on && (o->passthrough || o->wants_strict))
		complain(false, "option dom0-iommu: without effect with iommu=off");
	else if (o->passthrough && o->wants_strict)
		complain(false, "option dom0-iommu: passthrough and strict: passthrough counts");
	else if (o->wants_strict)
		complain(false, "option dom0-iommu: strict is not known here: dom0's devices reach "
				"guests' memory, too");
}

/* Options that contradict each other: say which one counts. */
static void check_conflicts(void)
{
	const struct boot_options *o = &boot_options;

	check_iommu_conflicts(&o->iommu);
	if (is_more(&o->dom0_mem.min, &o->dom0_mem.max))
		complain(false, "option dom0_mem: min is more than max: max counts");
	else if (is_more(&o->dom0_mem.exact, &o->dom0_mem.max))
		complain(false, "option dom0_mem: more than max: max counts");
	else if (is_more(&o->dom0_mem.min, &o->dom0_mem.exact))
		complain(false, "option dom0_mem: less than min: min counts");
}

int options_parse(const char *cmdline)
{
	static char copy[COMMAND_LINE_SIZE];
	size_t length = cmdline ? strlen(cmdline) : 0;
	char *cursor = copy, *word;

	boot_options = defaults;
	warning_count = 0;
	error[0] = '\0';
	if (length >= sizeof(copy)) {
		complain(false, "command line longer than %zu bytes: the rest is ignored",
			 sizeof(copy) - 1);
		length = sizeof(copy) - 1;
	}
	if (length)
		memcpy(copy, cmdline, length);
	copy[length] = '\0';

	while ((word = next_word(&cursor)))
		parse_word(word);
	check_com_consoles();
	check_conflicts();
	return error[0] ? -EINVAL : 0;
}

const char *options_error(void)
{
	return error[0] ? error : NULL;
}

void options_report_warnings(void)
{
	for (unsigned int i = 0; i < warning_count && i < WARNING_COUNT; i++)
		log_warning("%s\n", warnings[i]);
	if (warning_count > WARNING_COUNT)
		log_warning("%u more warnings about options\n", warning_count - WARNING_COUNT);
}
