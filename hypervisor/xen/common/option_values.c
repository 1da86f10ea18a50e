/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of boot options, in the syntax of Xen's command line
 * (xen-command-line of the xen-doc package). No state but boot_options.
 */
#include "option_values.h"

#include <hv/abi.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

static const char needs_value[] = "needs a value";
static const char not_a_number[] = "not a number";
static const char not_a_size[] = "not a size";

/* Does *@s begin with @word, at its end or before one of @after? Then skip it. */
static bool take_word(const char **s, const char *word, const char *after)
{
	size_t length = strlen(word);

	if (strncmp(*s, word, length))
		return false;
	if ((*s)[length] && !strchr(after, (*s)[length]))
		return false;
	*s += length;
	return true;
}

static bool take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal, 0x hexadecimal or 0 octal digits; false: none, or too big. */
static bool take_number(const char **s, uint64_t *number)
{
	unsigned int base = 10;
	bool has_digit = false;
	int digit;

	if (**s == '0') {
		base = 8;
		if (((*s)[1] | 0x20) == 'x') {
			base = 16;
			*s += 2;
		}
	}
	for (*number = 0; (digit = digit_value(**s)) < (int)base; (*s)++) {
		if (*number > (UINT64_MAX - digit) / base)
			return false;
		*number = *number * base + digit;
		has_digit = true;
	}
	return has_digit;
}

static bool take_number_up_to(const char **s, uint64_t max, uint64_t *number)
{
	return take_number(s, number) && *number <= max;
}

bool is_number_up_to(const char *value, uint64_t max, uint64_t *number)
{
	return take_number_up_to(&value, max, number) && !*value;
}

/* The unit behind a number; without one it is KiB. False: the size is too big. */
static bool take_unit(const char **s, uint64_t *bytes)
{
	static const char letters[] = "bkmgt";
	const char *letter = **s ? strchr(letters, **s | 0x20) : NULL;
	unsigned int shift = letter ? 10 * (letter - letters) : 10;

	if (letter)
		(*s)++;
	if (*bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

const char *parse_boolean(const char *value, bool *flag)
{
	static const char *const yes[] = { "yes", "on", "true", "enable", "1" };
	static const char *const no[] = { "no", "off", "false", "disable", "0" };

	if (!value)
		*flag = true;
	for (unsigned int i = 0; value && i < ARRAY_SIZE(yes); i++) {
		if (!strcmp(value, yes[i]) || !strcmp(value, no[i])) {
			*flag = !strcmp(value, yes[i]);
			value = NULL;
		}
	}
	return value ? "neither yes nor no" : NULL;
}

/* <frac>% (under 100) at @s. */
static bool take_percent(const char **s, unsigned int *percent)
{
	uint64_t number;

	if (!take_number_up_to(s, 99, &number) || !take_char(s, '%'))
		return false;
	*percent = number;
	return true;
}

/* <size> | [<size>+]<frac>% and nothing behind it. */
static bool take_amount(const char **s, struct memory_amount *amount)
{
	struct memory_amount a = { .is_given = true };
	const char *start = *s;

	if (take_percent(s, &a.percent)) {
		*amount = a;
		return true;
	}
	*s = start;
	a.is_negative = take_char(s, '-');
	if (!take_number(s, &a.bytes) || !take_unit(s, &a.bytes))
		return false;
	if (take_char(s, '+') && !take_percent(s, &a.percent))
		return false;
	*amount = a;
	return true;
}

const char *parse_dom0_mem(const char *value)
{
	struct dom0_memory_options *o = &boot_options.dom0_mem;

	if (!value || !*value)
		return needs_value;
	do {
		struct memory_amount *amount = &o->exact;

		if (!strncmp(value, "min:", 4))
			amount = &o->min;
		else if (!strncmp(value, "max:", 4))
			amount = &o->max;
		if (amount != &o->exact)
			value += 4;
		if (!take_amount(&value, amount) || (*value && *value != ','))
			return not_a_size;
		if (!amount->bytes && !amount->percent)
			return "a size of nothing";
	} while (take_char(&value, ','));
	return NULL;
}

/* <number>, or [<min>]-[<max>]. */
const char *parse_dom0_max_vcpus(const char *value)
{
	uint64_t min = 1, max = UINT32_MAX;

	if (!value || !*value)
		return needs_value;
	if (*value != '-' && !take_number_up_to(&value, UINT32_MAX, &min))
		return not_a_number;
	if (!*value)
		max = min;
	else if (!take_char(&value, '-') || (*value && !is_number_up_to(value, UINT32_MAX, &max)))
		return not_a_number;
	if (!min || max < min)
		return "no such number of vCPUs";
	boot_options.dom0_min_vcpus = min;
	boot_options.dom0_max_vcpus = max;
	return NULL;
}

const char *parse_sched(const char *value)
{
	if (!value)
		return needs_value;
	if (!strcmp(value, "credit"))
		boot_options.scheduler = XEN_SCHEDULER_CREDIT;
	else if (!strcmp(value, "credit2"))
		boot_options.scheduler = XEN_SCHEDULER_CREDIT2;
	else if (!strcmp(value, "null"))
		boot_options.scheduler = XEN_SCHEDULER_NULL;
	else
		return "no scheduler of ours: credit, credit2, null";
	return NULL;
}

const char *parse_maxcpus(const char *value)
{
	uint64_t number;

	if (!value)
		return needs_value;
	if (!is_number_up_to(value, UINT32_MAX, &number))
		return not_a_number;
	boot_options.max_cpus = number ? number : 1;
	return NULL;
}

static bool take_level(const char **s, uint8_t *level)
{
	static const char *const names[] = { "none", "error", "warning", "info", "debug" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (take_word(s, names[i], "/")) {
			*level = i;
			return true;
		}
	}
	*level = ARRAY_SIZE(names) - 1;
	return take_word(s, "all", "/");
}

/* <level>[/<rate-limited level>] */
static const char *parse_threshold(const char *value, struct log_threshold *threshold)
{
	uint8_t always, limited;

	if (!value)
		return needs_value;
	if (!take_level(&value, &always))
		return "not a log level";
	limited = always;
	if (take_char(&value, '/') && !take_level(&value, &limited))
		return "not a log level";
	if (*value)
		return "not a log level";
	threshold->always = always;
	threshold->limited = limited > always ? limited : always;
	return NULL;
}

const char *parse_loglvl(const char *value)
{
	return parse_threshold(value, &boot_options.loglvl);
}

const char *parse_guest_loglvl(const char *value)
{
	return parse_threshold(value, &boot_options.guest_loglvl);
}

const char *parse_console_timestamps(const char *value)
{
	enum console_timestamps *timestamps = &boot_options.timestamps;

	*timestamps = TIMESTAMPS_BOOT;
	if (!value || !strcmp(value, "date") || !strcmp(value, "datems"))
		return "no calendar here, showing the time since boot";
	if (!strcmp(value, "boot"))
		return NULL;
	*timestamps = !strcmp(value, "raw") ? TIMESTAMPS_RAW : TIMESTAMPS_NONE;
	return !strcmp(value, "raw") || !strcmp(value, "none") ? NULL : "no such kind";
}

const char *parse_conring_size(const char *value)
{
	uint64_t bytes;

	if (!value)
		return needs_value;
	if (!take_number(&value, &bytes) || !take_unit(&value, &bytes) || *value)
		return not_a_size;
	return bytes > CONSOLE_RING_SIZE ? "the ring has 64 KiB" : NULL;
}

const char *parse_conswitch(const char *value)
{
	if (!value || *value < 'a' || *value > 'z')
		return "not a letter a to z";
	if (value[1] && strcmp(value + 1, "x"))
		return "only x may follow the letter";
	boot_options.switch_key = value[0];
	boot_options.keep_input = value[1] == 'x';
	return NULL;
}

/* A list; what it names replaces the default. */
const char *parse_console(const char *value)
{
	struct boot_options *o = &boot_options;
	const char *fault = NULL;

	if (!value)
		return needs_value;
	o->console_on_vga = o->console_on_com[0] = o->console_on_com[1] = false;
	while (*value) {
		if (take_word(&value, "vga", ","))
			o->console_on_vga = true;
		else if (take_word(&value, "com1", ","))
			o->console_on_com[0] = true;
		else if (take_word(&value, "com2", ","))
			o->console_on_com[1] = true;
		else if (!take_word(&value, "none", ","))
			fault = "only vga, com1, com2 and none are consoles here";
		while (*value && *value++ != ',')
			;
	}
	return fault;
}

/* The screen stays in the mode the boot loader chose; "keep" is honoured. */
/* Of a word only the first letter counts, and the case of that. */
const char *parse_reboot(const char *value)
{
	static const struct {
		char letter;
		uint8_t way;
	} ways[] = {
		{ 'a', REBOOT_ACPI },  { 'e', REBOOT_EFI },   { 'k', REBOOT_KEYBOARD },
		{ 'p', REBOOT_PCI },   { 'P', REBOOT_POWER }, { 't', REBOOT_TRIPLE },
	};
	const char *fault = NULL;

	if (!value || !*value)
		return needs_value;
	while (*value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(ways) && ways[i].letter != *value)
			i++;
		if (i < ARRAY_SIZE(ways))
			boot_options.reboot_way = ways[i].way;
		else if (*value == 'w')
			boot_options.reboot_kind = REBOOT_WARM;
		else if (*value == 'c')
			boot_options.reboot_kind = REBOOT_COLD;
		else if (*value == 'n')
			boot_options.noreboot = true;
		else
			fault = "only acpi, efi, kbd, pci, Power, triple, no, warm and cold are honoured";
		while (*value && *value++ != ',')
			;
	}
	return fault;
}

const char *parse_vga(const char *value)
{
	const char *fault = NULL;

	if (!value)
		return needs_value;
	while (*value) {
		if (take_word(&value, "keep", ","))
			boot_options.keep_vga = true;
		else if (!take_word(&value, "current", ",") &&
			 !take_word(&value, "text-80x25", ","))
			fault = "only current, text-80x25 and keep are honoured";
		while (*value && *value++ != ',')
			;
	}
	return fault;
}

/* <baud>[/<base-baud>] or auto. */
static bool take_baud(const char **s, struct com_options *com)
{
	uint64_t baud, base;

	if (take_word(s, "auto", ",/")) {
		com->baud = 0;
	} else {
		if (!take_number_up_to(s, 100000000, &baud) || !baud)
			return false;
		com->baud = baud;
	}
	if (take_char(s, '/')) {
		if (!take_number_up_to(s, 100000000, &base) || !base)
			return false;
		com->base_baud = base;
	}
	return true;
}

static bool take_data_bits(const char **s, struct com_options *com)
{
	if (**s < '5' || **s > '8')
		return false;
	com->data_bits = *(*s)++ - '0';
	return true;
}

static bool take_parity(const char **s, struct com_options *com)
{
	if (!**s || !strchr("noems", **s))
		return false;
	com->parity = *(*s)++;
	return true;
}

static bool take_stop_bits(const char **s, struct com_options *com)
{
	if (**s != '1' && **s != '2')
		return false;
	com->stop_bits = *(*s)++ - '0';
	return true;
}

static bool take_frame(const char **s, struct com_options *com)
{
	return take_data_bits(s, com) && take_parity(s, com) && take_stop_bits(s, com);
}

static bool take_io_base(const char **s, struct com_options *com)
{
	uint64_t port;

	if (!take_number_up_to(s, 0xfff8, &port) || !port)
		return false;
	com->io_base = port;
	return true;
}

static bool take_irq(const char **s, struct com_options *com)
{
	uint64_t irq;

	if (!take_number_up_to(s, 15, &irq))
		return false;
	com->irq = irq;
	return true;
}

/* Hertz / 16, as Xen documents it ("multiplied by 16"). */
static bool take_clock(const char **s, struct com_options *com)
{
	uint64_t base;

	if (!take_number_up_to(s, 100000000, &base) || !base)
		return false;
	com->base_baud = base;
	return true;
}

/* Only byte-wide registers next to each other, as every PC has them. */
static bool take_register_width(const char **s, struct com_options *com)
{
	(void)com;
	return take_char(s, '1');
}

static bool take_register_shift(const char **s, struct com_options *com)
{
	(void)com;
	return take_char(s, '0');
}

typedef bool com_field_fn(const char **s, struct com_options *com);

/* The field that begins at *@s: by its name, or the @position-th without one. */
static com_field_fn *find_com_field(const char **s, unsigned int *position)
{
	static com_field_fn *const by_position[] = { take_baud, take_frame, take_io_base,
						     take_irq };
	static const struct {
		const char *name;
		com_field_fn *take;
	} by_name[] = {
		{ "baud=", take_baud },
		{ "clock-hz=", take_clock },
		{ "data-bits=", take_data_bits },
		{ "io-base=", take_io_base },
		{ "irq=", take_irq },
		{ "parity=", take_parity },
		{ "reg-shift=", take_register_shift },
		{ "reg-width=", take_register_width },
		{ "stop-bits=", take_stop_bits },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(by_name); i++) {
		size_t length = strlen(by_name[i].name);

		if (!strncmp(*s, by_name[i].name, length)) {
			*s += length;
			return by_name[i].take;
		}
	}
	return *position < ARRAY_SIZE(by_position) ? by_position[(*position)++] : NULL;
}

/*
 * A field that is wrong keeps its default, so that a typing error leaves a
 * console on which the warning can be read.
 */
static const char *parse_com(const char *value, struct com_options *com)
{
	const char *fault = NULL;
	unsigned int position = 0;

	if (!value || !*value)
		return needs_value;
	com->is_given = true;
	do {
		struct com_options changed = *com;
		com_field_fn *take = find_com_field(&value, &position);
		bool is_empty = !*value || *value == ',';

		if (!is_empty && take && take(&value, &changed) && (!*value || *value == ','))
			*com = changed;
		else if (!is_empty || !take)
			fault = "not <baud>[/<base-baud>][,<frame>[,<io-base>[,<irq>]]]";
		while (*value && *value != ',')
			value++;
	} while (take_char(&value, ','));
	return fault;
}

const char *parse_com1(const char *value)
{
	return parse_com(value, &boot_options.com[0]);
}

const char *parse_com2(const char *value)
{
	return parse_com(value, &boot_options.com[1]);
}

/* @amount in bytes; "all but" refers to @available, percent to @total. */
static uint64_t amount_in_bytes(const struct memory_amount *amount, uint64_t available,
				uint64_t total)
{
	uint64_t base = amount->is_negative ? available : 0;

	if (amount->percent)
		base = total / 100 * amount->percent;
	if (amount->is_negative)
		return base > amount->bytes ? base - amount->bytes : 0;
	return base + amount->bytes < base ? UINT64_MAX : base + amount->bytes;
}

uint64_t dom0_memory_choose(const struct dom0_memory_options *o, uint64_t available, uint64_t total,
			    uint64_t *max)
{
	uint64_t reserve = available / 16 < MIB(128) ? available / 16 : MIB(128);
	uint64_t bytes = available - reserve;
	uint64_t min = amount_in_bytes(&o->min, available, total);

	*max = o->max.is_given ? amount_in_bytes(&o->max, available, total) : UINT64_MAX;
	if (o->exact.is_given)
		bytes = amount_in_bytes(&o->exact, available, total);
	if (bytes < min)
		bytes = min;
	if (bytes > *max)
		bytes = *max;
	return bytes < available ? bytes : available;
}
