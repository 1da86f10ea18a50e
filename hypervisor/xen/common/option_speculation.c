/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of spec-ctrl=, xpti= and pv-l1tf=, in the syntax of Xen's command line. */
#include "option_values.h"

#include <hv/options.h>
#include <hv/string.h>

#define ITEM_SIZE 32

/*
 * The next item of the list at *@s, copied, or false at its end. An item that
 * is too long is cut off: no such word is known.
 */
static bool next_item(const char **s, char item[ITEM_SIZE])
{
	size_t length = 0;

	if (!**s)
		return false;
	for (; **s && **s != ','; (*s)++)
		if (length < ITEM_SIZE - 1)
			item[length++] = **s;
	item[length] = '\0';
	if (**s)
		(*s)++;
	return true;
}

/* Is @item @name, no-@name, or @name=<boolean>? Then *@flag is what it says. */
static bool take_flag(const char *item, const char *name, int8_t *flag)
{
	size_t length = strlen(name);
	bool value = true;

	if (!strncmp(item, "no-", 3) && !strcmp(item + 3, name)) {
		*flag = false;
		return true;
	}
	if (strncmp(item, name, length))
		return false;
	if (item[length] == '=') {
		if (parse_boolean(item + length + 1, &value))
			return false;
	} else if (item[length]) {
		return false;
	}
	*flag = value;
	return true;
}

/* As above, and @name=pv, @name=no-pv, @name=pv=<boolean>; of HVM, there is none, it is true anyway. */
static bool take_pv_flag(const char *item, const char *name, int8_t *flag)
{
	size_t length = strlen(name);
	int8_t hvm;

	if (take_flag(item, name, flag))
		return true;
	if (strncmp(item, name, length) || item[length] != '=')
		return false;
	item += length + 1;
	return take_flag(item, "pv", flag) || take_flag(item, "hvm", &hvm);
}

/* What protects us on entry from PV guests. */
static void set_entry(struct speculation_options *o, int8_t on)
{
	o->msr_sc = o->rsb = o->verw = o->ibpb_entry = o->bhb_entry = on;
}

static void set_all_off(struct speculation_options *o)
{
	set_entry(o, false);
	o->ibrs = o->stibp = o->ibpb = o->ssbd = o->psfd = false;
	o->branch_harden = o->lock_harden = o->div_scrub = false;
	o->thunk = THUNK_JMP;
}

static bool take_thunk(const char *item, enum indirect_thunk *thunk)
{
	static const char name[] = "bti-thunk=";

	if (strncmp(item, name, sizeof(name) - 1))
		return false;
	item += sizeof(name) - 1;
	if (!strcmp(item, "retpoline"))
		*thunk = THUNK_RETPOLINE;
	else if (!strcmp(item, "lfence"))
		*thunk = THUNK_LFENCE;
	else if (!strcmp(item, "jmp"))
		*thunk = THUNK_JMP;
	else
		return false;
	return true;
}

static bool take_known(const char *item, struct speculation_options *o)
{
	const struct {
		const char *name;
		int8_t *flag;
	} plain[] = {
		{ "ibrs", &o->ibrs },		      { "stibp", &o->stibp },
		{ "ibpb", &o->ibpb },		      { "ssbd", &o->ssbd },
		{ "psfd", &o->psfd },		      { "branch-harden", &o->branch_harden },
		{ "lock-harden", &o->lock_harden },   { "div-scrub", &o->div_scrub },
	}, by_kind[] = {
		{ "msr-sc", &o->msr_sc },	    { "rsb", &o->rsb },
		{ "verw", &o->verw },		    { "md-clear", &o->verw },
		{ "ibpb-entry", &o->ibpb_entry },   { "bhb-entry", &o->bhb_entry },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(plain); i++)
		if (take_flag(item, plain[i].name, plain[i].flag))
			return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(by_kind); i++)
		if (take_pv_flag(item, by_kind[i].name, by_kind[i].flag))
			return true;
	return take_thunk(item, &o->thunk);
}

/* Documented for Xen, and about what is not here or is always so: HVM guests, microcode's switches, the FPU. */
static bool take_without_effect(const char *item)
{
	static const char *const names[] = { "hvm",	    "eager-fpu",   "l1d-flush",
					     "srb-lock",    "unpriv-mmio", "gds-mit",
					     "bhi-dis-s",   "bp-spec-reduce" };
	int8_t unused;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (take_flag(item, names[i], &unused))
			return true;
	return !strncmp(item, "bhb-seq=", 8);
}

/* Everything off: "no" for isolation too, unless that was asked for before; "no-xen", "xen=no". */
static bool take_overall(const char *item, struct speculation_options *o, const char **fault)
{
	bool on = true, is_plain = !parse_boolean(item, &on);
	int8_t flag = on;

	if (!is_plain && !take_flag(item, "xen", &flag))
		return false;
	if (flag) {
		*fault = "can only be switched off as a whole";
		return true;
	}
	set_all_off(o);
	if (is_plain && o->xpti_dom0 == OPTION_UNSET)
		o->xpti_dom0 = false;
	if (is_plain && o->xpti_domu == OPTION_UNSET)
		o->xpti_domu = false;
	return true;
}

const char *parse_spec_ctrl(const char *value)
{
	struct speculation_options *o = &boot_options.speculation;
	const char *fault = NULL;
	char item[ITEM_SIZE];
	int8_t pv;

	if (!value || !*value)
		return "needs a value";
	while (next_item(&value, item)) {
		if (take_overall(item, o, &fault) || take_known(item, o))
			continue;
		if (take_flag(item, "pv", &pv))
			set_entry(o, pv);
		else if (take_without_effect(item))
			fault = "names something that has no effect in this version";
		else
			fault = "names something unknown";
	}
	return fault;
}

/* "List of [ default, <bool>, dom0=<bool>, domu=<bool> ]": which domains something is for. */
static const char *parse_domains(const char *value, int8_t *dom0, int8_t *domu)
{
	const char *fault = NULL;
	char item[ITEM_SIZE];

	if (!value || !*value) {
		*dom0 = *domu = true;
		return NULL;
	}
	while (next_item(&value, item)) {
		bool on;

		if (!parse_boolean(item, &on))
			*dom0 = *domu = on;
		else if (!strcmp(item, "default"))
			*dom0 = *domu = OPTION_UNSET;
		else if (!take_flag(item, "dom0", dom0) && !take_flag(item, "domu", domu))
			fault = "not a list of default, <boolean>, dom0=<boolean>, domu=<boolean>";
	}
	return fault;
}

const char *parse_xpti(const char *value)
{
	struct speculation_options *o = &boot_options.speculation;

	return parse_domains(value, &o->xpti_dom0, &o->xpti_domu);
}

const char *parse_pv_l1tf(const char *value)
{
	struct speculation_options *o = &boot_options.speculation;

	return parse_domains(value, &o->l1tf_dom0, &o->l1tf_domu);
}
