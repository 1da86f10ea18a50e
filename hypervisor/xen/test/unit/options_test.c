/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/options.c common/option_values.c common/option_speculation.c */
/* sources: common/option_machine.c common/lib/format.c */
/* Command lines, what is made of them, and what is said about bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/abi.h>
#include <hv/options.h>

#include "log.h"

static const struct boot_options *o = &boot_options;

/* Parse a line that must not stop the boot; the warnings are @expected. */
static void parse(const char *line, const char *expected)
{
	assert_int_equal(options_parse(line), 0);
	assert_null(options_error());
	fake_log_clear();
	options_report_warnings();
	assert_string_equal(fake_log_text(), expected);
}

static void assert_fatal(const char *line, const char *expected)
{
	assert_int_equal(options_parse(line), -EINVAL);
	assert_string_equal(options_error(), expected);
}

static void test_defaults(void **state)
{
	(void)state;
	parse(NULL, "");
	parse("", "");
	parse("   \t ", "");
	assert_false(o->com[0].is_given);
	assert_int_equal(o->com[0].io_base, 0x3f8);
	assert_int_equal(o->com[1].io_base, 0x2f8);
	assert_true(o->console_on_vga && o->console_on_com[0] && !o->console_on_com[1]);
	assert_int_equal(o->loglvl.always, 3);
	assert_int_equal(o->guest_loglvl.always, 0);
	assert_int_equal(o->guest_loglvl.limited, 2);
	assert_int_equal(o->switch_key, 'a');
	assert_false(o->noreboot);
	assert_false(o->dom0_mem.exact.is_given);
}

static void test_boot_loader_words(void **state)
{
	(void)state;
	parse("placeholder com1=115200,8n1 console=com1,vga no-real-mode edd=off", "");
	assert_true(o->com[0].is_given);
	assert_int_equal(o->com[0].baud, 115200);
	assert_true(o->console_on_com[0] && o->console_on_vga);
}

static void test_booleans(void **state)
{
	(void)state;
	parse("noreboot", "");
	assert_true(o->noreboot);
	parse("noreboot noreboot=no", "");
	assert_false(o->noreboot);
	parse("noreboot=1 sync_console=enable", "");
	assert_true(o->noreboot && o->sync_console);
	parse("noreboot no-noreboot", "");
	assert_false(o->noreboot);
	parse("noreboot=perhaps", "option noreboot=perhaps: neither yes nor no\n");
	assert_false(o->noreboot);
	parse("no-noreboot=yes", "option no-noreboot=yes: takes no value after no-\n");
}

static void test_com(void **state)
{
	(void)state;
	parse("com1=auto", "");
	assert_true(o->com[0].is_given);
	assert_int_equal(o->com[0].baud, 0);
	parse("com2=9600/1843200,7e2,0x3e8,5 console=com2", "");
	assert_int_equal(o->com[1].baud, 9600);
	assert_int_equal(o->com[1].base_baud, 1843200);
	assert_int_equal(o->com[1].data_bits, 7);
	assert_int_equal(o->com[1].parity, 'e');
	assert_int_equal(o->com[1].stop_bits, 2);
	assert_int_equal(o->com[1].io_base, 0x3e8);
	assert_int_equal(o->com[1].irq, 5);
	assert_true(o->console_on_com[1] && !o->console_on_com[0] && !o->console_on_vga);
	parse("com1=115200,,0x2e8,0", "");
	assert_int_equal(o->com[0].io_base, 0x2e8);
	assert_int_equal(o->com[0].irq, 0);
	assert_int_equal(o->com[0].data_bits, 8);
	parse("com1=baud=38400,parity=o,stop-bits=2,io-base=0x3f8,reg-width=1", "");
	assert_int_equal(o->com[0].baud, 38400);
	assert_int_equal(o->com[0].parity, 'o');
	assert_int_equal(o->com[0].stop_bits, 2);
}

static void test_bad_com(void **state)
{
	static const char *const bad[] = {
		"com1=fast",
		"com1=0",
		"com1=115200,9n1",
		"com1=115200,8x1",
		"com1=115200,8n3",
		"com1=115200,8n1,pci",
		"com1=115200,8n1,0x3f8,msi",
		"com1=115200,8n1,0x3f8,99",
		"com1=115200,8n1,0x3f8,4,1",
		"com1=115200/0",
		"com1=115200,reg-width=4",
		"com1=115200,8n1x",
		"com1=115200,,0x10000",
		"com1=99999999999999999999",
	};
	char expected[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		strcpy(expected, "option ");
		strcat(expected, bad[i]);
		strcat(expected, ": not <baud>[/<base-baud>][,<frame>[,<io-base>[,<irq>]]]\n");
		parse(bad[i], expected);
		/* Still a console: the warning wants to be read. */
		assert_true(o->com[0].is_given);
		assert_int_equal(o->com[0].io_base, 0x3f8);
	}
	parse("com1", "option com1: needs a value\n");
	assert_false(o->com[0].is_given);
}

static void test_console(void **state)
{
	(void)state;
	parse("console=none", "");
	assert_false(o->console_on_vga || o->console_on_com[0] || o->console_on_com[1]);
	parse("console=com1,pv,vga com1=9600",
	      "option console=com1,pv,vga: only vga, com1, com2 and none are consoles here\n");
	assert_true(o->console_on_vga && o->console_on_com[0]);
	parse("console=com1", "option console: com1 is not used without a com1= option\n");
	parse("console=vga,com2", "option console: com2 is not used without a com2= option\n");
	parse("vga=current,keep", "");
	assert_true(o->keep_vga);
	parse("reboot=kbd,warm", "");
	assert_true(o->reboot_way == REBOOT_KEYBOARD && o->reboot_kind == REBOOT_WARM);
	parse("reboot=P,n", "");
	assert_true(o->reboot_way == REBOOT_POWER && o->noreboot);
	parse("reboot=p,c", "");
	assert_true(o->reboot_way == REBOOT_PCI && o->reboot_kind == REBOOT_COLD);
	parse("reboot=,xen,,t",
	      "option reboot=,xen,,t: only acpi, efi, kbd, pci, Power, triple, no, "
	      "warm and cold are honoured\n");
	assert_true(o->reboot_way == REBOOT_TRIPLE);
	parse("vga=gfx-1024x768x32", "option vga=gfx-1024x768x32: only current, text-80x25 and "
				     "keep are honoured\n");
	assert_false(o->keep_vga);
}

static void test_log_levels(void **state)
{
	(void)state;
	parse("loglvl=all guest_loglvl=error/debug", "");
	assert_int_equal(o->loglvl.always, 4);
	assert_int_equal(o->guest_loglvl.always, 1);
	assert_int_equal(o->guest_loglvl.limited, 4);
	parse("loglvl=none/warning", "");
	assert_int_equal(o->loglvl.always, 0);
	assert_int_equal(o->loglvl.limited, 2);
	parse("loglvl=debug/error", "");
	assert_int_equal(o->loglvl.limited, 4);
	parse("loglvl=loud", "option loglvl=loud: not a log level\n");
	assert_int_equal(o->loglvl.always, 3);
	parse("loglvl=errors", "option loglvl=errors: not a log level\n");
	parse("loglvl=error/", "option loglvl=error/: not a log level\n");
	parse("loglvl", "option loglvl: needs a value\n");
}

static void test_console_details(void **state)
{
	(void)state;
	parse("console_timestamps=boot console_to_ring conswitch=qx conring_size=32k", "");
	assert_int_equal(o->timestamps, TIMESTAMPS_BOOT);
	assert_true(o->console_to_ring && o->keep_input);
	assert_int_equal(o->switch_key, 'q');
	parse("console_timestamps=date",
	      "option console_timestamps=date: no calendar here, showing the time since boot\n");
	assert_int_equal(o->timestamps, TIMESTAMPS_BOOT);
	parse("console_timestamps=swatch", "option console_timestamps=swatch: no such kind\n");
	assert_int_equal(o->timestamps, TIMESTAMPS_NONE);
	parse("conring_size=1M", "option conring_size=1M: the ring has 64 KiB\n");
	parse("conswitch=A", "option conswitch=A: not a letter a to z\n");
	parse("conswitch=ab", "option conswitch=ab: only x may follow the letter\n");
}

static void test_dom0_mem(void **state)
{
	(void)state;
	parse("dom0_mem=1024M", "");
	assert_int_equal(o->dom0_mem.exact.bytes, MIB(1024));
	parse("dom0_mem=524288", "");
	assert_int_equal(o->dom0_mem.exact.bytes, MIB(512));
	parse("dom0_mem=512M,max:1G,min:0x100m", "");
	assert_int_equal(o->dom0_mem.exact.bytes, MIB(512));
	assert_int_equal(o->dom0_mem.max.bytes, GIB(1));
	assert_int_equal(o->dom0_mem.min.bytes, MIB(256));
	parse("dom0_mem=-256M", "");
	assert_true(o->dom0_mem.exact.is_negative);
	parse("dom0_mem=1G+10%,max:25%", "");
	assert_int_equal(o->dom0_mem.exact.bytes, GIB(1));
	assert_int_equal(o->dom0_mem.exact.percent, 10);
	assert_int_equal(o->dom0_mem.max.percent, 25);
	parse("dom0_mem=max:2T", "");
	assert_false(o->dom0_mem.exact.is_given);
	assert_int_equal(o->dom0_mem.max.bytes, GIB(2048));
}

/* One line that says what counts; percent and "all but" cannot be compared yet. */
static void test_conflicting_dom0_mem(void **state)
{
	(void)state;
	parse("dom0_mem=min:2G,max:1G", "option dom0_mem: min is more than max: max counts\n");
	parse("dom0_mem=2G,max:1G", "option dom0_mem: more than max: max counts\n");
	parse("dom0_mem=1G,min:2G", "option dom0_mem: less than min: min counts\n");
	parse("dom0_mem=2G,max:1G,min:1536M",
	      "option dom0_mem: min is more than max: max counts\n");
	parse("dom0_mem=1G,max:1G,min:1G", "");
	parse("dom0_mem=90%,max:1G", "");
	parse("dom0_mem=-1M,max:512K", "");
}

static void test_bad_dom0_mem(void **state)
{
	(void)state;
	assert_fatal("dom0_mem=banana", "option dom0_mem=banana: not a size");
	assert_fatal("dom0_mem=512Q", "option dom0_mem=512Q: not a size");
	assert_fatal("dom0_mem=512M,", "option dom0_mem=512M,: not a size");
	assert_fatal("dom0_mem=512M,max:", "option dom0_mem=512M,max:: not a size");
	assert_fatal("dom0_mem=100%", "option dom0_mem=100%: not a size");
	assert_fatal("dom0_mem=1G+10", "option dom0_mem=1G+10: not a size");
	assert_fatal("dom0_mem=99999999999999999999",
		     "option dom0_mem=99999999999999999999: not a size");
	assert_fatal("dom0_mem=99999999T", "option dom0_mem=99999999T: not a size");
	assert_fatal("dom0_mem=0", "option dom0_mem=0: a size of nothing");
	assert_fatal("dom0_mem=", "option dom0_mem=: needs a value");
	assert_fatal("dom0_mem", "option dom0_mem: needs a value");
	assert_fatal("dom0_mem=--1M", "option dom0_mem=--1M: not a size");
	assert_fatal("dom0_mem=x dom0_mem=y", "option dom0_mem=x: not a size");
	/* A later line begins anew. */
	parse("dom0_mem=1G", "");
}

static const struct speculation_options *spec(const char *line, const char *warning)
{
	parse(line, warning);
	return &o->speculation;
}

static void test_spec_ctrl(void **state)
{
	const struct speculation_options *s = spec("", "");

	(void)state;
	assert_int_equal(s->rsb, OPTION_UNSET);
	assert_int_equal(s->xpti_dom0, OPTION_UNSET);
	assert_int_equal(s->thunk, THUNK_DEFAULT);

	s = spec("spec-ctrl=no", "");
	assert_int_equal(s->rsb, 0);
	assert_int_equal(s->branch_harden, 0);
	assert_int_equal(s->xpti_dom0, 0);
	assert_int_equal(s->thunk, THUNK_JMP);
	s = spec("xpti spec-ctrl=no", "");
	assert_int_equal(s->xpti_dom0, 1);
	s = spec("spec-ctrl=no-xen", "");
	assert_int_equal(s->rsb, 0);
	assert_int_equal(s->xpti_dom0, OPTION_UNSET);

	s = spec("spec-ctrl=no,rsb,verw=pv,ibpb-entry=no-pv,bti-thunk=lfence,ibrs=off", "");
	assert_int_equal(s->rsb, 1);
	assert_int_equal(s->verw, 1);
	assert_int_equal(s->ibpb_entry, 0);
	assert_int_equal(s->ibrs, 0);
	assert_int_equal(s->thunk, THUNK_LFENCE);
	s = spec("spec-ctrl=pv=no,no-branch-harden", "");
	assert_int_equal(s->rsb, 0);
	assert_int_equal(s->branch_harden, 0);
	assert_int_equal(s->stibp, OPTION_UNSET);
}

static void test_spec_ctrl_warnings(void **state)
{
	(void)state;

	(void)spec("spec-ctrl=yes", "option spec-ctrl=yes: can only be switched off as a whole\n");
	(void)spec("spec-ctrl=rsbx", "option spec-ctrl=rsbx: names something unknown\n");
	(void)spec(
		"spec-ctrl=eager-fpu",
		"option spec-ctrl=eager-fpu: names something that has no effect in this version\n");
	assert_int_equal(spec("spec-ctrl=oops,rsb=0",
			      "option spec-ctrl=oops,rsb=0: names something unknown\n")
				 ->rsb,
			 0);
}

static void test_xpti(void **state)
{
	(void)state;
	assert_int_equal(spec("xpti", "")->xpti_domu, 1);
	assert_int_equal(spec("xpti=dom0=no", "")->xpti_dom0, 0);
	assert_int_equal(spec("xpti=dom0=no", "")->xpti_domu, OPTION_UNSET);
	assert_int_equal(spec("xpti=no,domu", "")->xpti_domu, 1);
	assert_int_equal(spec("xpti=no,default", "")->xpti_dom0, OPTION_UNSET);
	assert_int_equal(spec("xpti=no", "")->l1tf_domu, OPTION_UNSET);
	assert_int_equal(spec("pv-l1tf=no", "")->l1tf_domu, 0);
	assert_int_equal(spec("pv-l1tf=dom0", "")->l1tf_dom0, 1);
	assert_int_equal(spec("pv-l1tf=dom0", "")->l1tf_domu, OPTION_UNSET);
}

static uint64_t choose(const char *line, uint64_t *max)
{
	assert_int_equal(options_parse(line), 0);
	return dom0_memory_choose(&o->dom0_mem, MIB(4000), MIB(4096), max);
}

static void test_dom0_memory_choose(void **state)
{
	uint64_t max;

	(void)state;
	assert_int_equal(choose("", &max), MIB(4000 - 128));
	assert_int_equal(max, UINT64_MAX);
	assert_int_equal(dom0_memory_choose(&o->dom0_mem, MIB(320), MIB(512), &max), MIB(300));
	assert_int_equal(choose("dom0_mem=1G", &max), GIB(1));
	assert_int_equal(choose("dom0_mem=64G", &max), MIB(4000));
	assert_int_equal(choose("dom0_mem=-1000M", &max), MIB(3000));
	assert_int_equal(choose("dom0_mem=-8G,min:512M", &max), MIB(512));
	assert_int_equal(choose("dom0_mem=2G,max:1G", &max), GIB(1));
	assert_int_equal(max, GIB(1));
	assert_int_equal(choose("dom0_mem=min:2G,max:1G", &max), GIB(1));
	assert_int_equal(choose("dom0_mem=25%", &max), MIB(4096) / 100 * 25);
	assert_int_equal(choose("dom0_mem=1G+10%", &max), GIB(1) + MIB(4096) / 100 * 10);
	assert_int_equal(choose("dom0_mem=-100M+50%", &max), MIB(4096) / 100 * 50 - MIB(100));
}

static void test_cpu_counts(void **state)
{
	(void)state;
	parse("dom0_max_vcpus=2-4", "");
	assert_int_equal(o->dom0_min_vcpus, 2);
	assert_int_equal(o->dom0_max_vcpus, 4);
	parse("dom0_max_vcpus=-6", "");
	assert_int_equal(o->dom0_min_vcpus, 1);
	assert_int_equal(o->dom0_max_vcpus, 6);
	parse("dom0_max_vcpus=3-", "");
	assert_int_equal(o->dom0_min_vcpus, 3);
	assert_int_equal(o->dom0_max_vcpus, UINT32_MAX);
	parse("dom0_max_vcpus=2", "");
	assert_int_equal(o->dom0_min_vcpus, 2);
	assert_int_equal(o->dom0_max_vcpus, 2);
	parse("dom0_max_vcpus=0", "option dom0_max_vcpus=0: no such number of vCPUs\n");
	parse("dom0_max_vcpus=4-2", "option dom0_max_vcpus=4-2: no such number of vCPUs\n");
	assert_int_equal(o->max_cpus, UINT32_MAX);
	parse("maxcpus=many", "option maxcpus=many: not a number\n");
	parse("maxcpus=0", "");
	assert_int_equal(o->max_cpus, 1);
	assert_int_equal(o->scheduler, XEN_SCHEDULER_CREDIT2);
	assert_true(o->smt);
	parse("sched=credit", "");
	assert_int_equal(o->scheduler, XEN_SCHEDULER_CREDIT);
	parse("sched=rtds", "option sched=rtds: no scheduler of ours: credit, credit2, null\n");
}

static void test_without_effect(void **state)
{
	(void)state;
	parse("crashkernel=128M",
	      "option crashkernel: known, but without effect in this version\n");
	/* Read nevertheless, for what will use them. */
	options_parse("maxcpus=8 dom0_vcpus_pin no-smt sched=null");
	assert_int_equal(o->scheduler, XEN_SCHEDULER_NULL);
	assert_false(o->smt);
	assert_int_equal(o->max_cpus, 8);
	assert_true(o->dom0_vcpus_pin);
}

static void test_unknown(void **state)
{
	(void)state;
	parse("frobnicate=1 no-frobnicate --", "option frobnicate: unknown, ignored\n"
					       "option no-frobnicate: unknown, ignored\n"
					       "option --: unknown, ignored\n");
	parse("=", "option : unknown, ignored\n");
	parse("no-loglvl", "option no-loglvl: unknown, ignored\n");
}

static void test_quotes(void **state)
{
	(void)state;
	parse("\"dom0_mem=1G\" 'noreboot' con\"sole=\"none", "");
	assert_true(o->noreboot);
	assert_false(o->console_on_vga);
	parse("'loglvl=a b'", "option loglvl=a b: not a log level\n");
	parse("noreboot 'unended", "option unended: unknown, ignored\n");
	assert_true(o->noreboot);
}

static void test_many_and_long(void **state)
{
	char line[4096];
	const char *text;
	unsigned int count = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	for (size_t i = 3; i < 200; i += 4)
		line[i] = ' ';
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(options_parse(line), 0);
	fake_log_clear();
	options_report_warnings();
	text = fake_log_text();
	assert_non_null(strstr(text, "command line longer than 2047 bytes"));
	assert_non_null(strstr(text, "more warnings about options\n"));
	for (; *text; text++)
		count += *text == '\n';
	assert_int_equal(count, 17);
}

static void test_machine(void **state)
{
	(void)state;
	parse("", "");
	assert_true(o->x2apic);
	assert_false(o->watchdog);
	assert_int_equal(o->watchdog_timeout_s, 5);
	assert_int_equal(o->nmi, NMI_TO_DOM0);
	parse("x2apic=no watchdog nmi=fatal watchdog_timeout=0", "");
	assert_false(o->x2apic);
	assert_true(o->watchdog && o->ignores_unknown_nmis);
	assert_int_equal(o->nmi, NMI_FATAL);
	assert_int_equal(o->watchdog_timeout_s, 0);
	parse("watchdog=force nmi=ignore", "");
	assert_true(o->watchdog && !o->ignores_unknown_nmis);
	parse("watchdog no-watchdog", "");
	assert_false(o->watchdog);
	parse("watchdog=maybe nmi=loud nmi watchdog_timeout=4000",
	      "option watchdog=maybe: neither yes nor no\n"
	      "option nmi=loud: not ignore, dom0 or fatal\n"
	      "option nmi: needs a value\n"
	      "option watchdog_timeout=4000: not a number\n");
}

static void test_iommu(void **state)
{
	(void)state;
	parse("", "");
	assert_true(o->iommu.is_on && o->iommu.remaps_interrupts && o->iommu.maps_reserved);
	assert_false(o->iommu.is_required || o->iommu.passthrough);
	parse("iommu=0", "");
	assert_false(o->iommu.is_on);
	parse("iommu=verbose,required,no-intremap,superpages=off", "");
	assert_true(o->iommu.is_on && o->iommu.is_required && o->iommu.is_verbose);
	assert_false(o->iommu.remaps_interrupts || o->iommu.uses_large_pages);
	parse("dom0-iommu=passthrough,no-map-reserved iommu", "");
	assert_true(o->iommu.passthrough);
	assert_false(o->iommu.maps_reserved);
	parse("iommu=verbose=maybe,no,averyveryveryveryveryverylongword,,sharept dom0-iommu=strict dom0-iommu",
	      "option iommu=verbose=maybe,no,averyveryveryveryveryve: neither yes nor no\n"
	      "option dom0-iommu: needs a value\n"
	      "option dom0-iommu: without effect with iommu=off\n");
	assert_false(o->iommu.is_on);
}

static void test_iommu_conflicts(void **state)
{
	(void)state;
	parse("iommu=off,required", "option iommu: off and required: off counts\n");
	parse("dom0-iommu=strict,passthrough",
	      "option dom0-iommu: passthrough and strict: passthrough counts\n");
	parse("iommu=dom0-strict",
	      "option dom0-iommu: strict is not known here: dom0's devices reach "
	      "guests' memory, too\n");
	parse("iommu=required dom0-iommu=no-strict", "");
}

static void test_clocks(void **state)
{
	(void)state;
	parse("", "");
	assert_int_equal(o->clock_source, CLOCK_DEFAULT);
	parse("clocksource=acpi", "");
	assert_int_equal(o->clock_source, CLOCK_ACPI);
	parse("clocksource=pit clocksource=tsc", "");
	assert_int_equal(o->clock_source, CLOCK_DEFAULT);
	parse("clocksource=sun clocksource", "option clocksource=sun: not pit, hpet, acpi or tsc\n"
					     "option clocksource: needs a value\n");
}

static void test_power(void **state)
{
	(void)state;
	parse("no-cpuidle cpuidle=off cpufreq=none cpufreq=no", "");
	parse("cpuidle", "option cpuidle: idle CPUs halt, deeper states are not used\n");
	parse("cpuidle=maybe", "option cpuidle=maybe: neither yes nor no\n");
	parse("cpufreq=xen:performance",
	      "option cpufreq=xen:performance: frequencies are left to the firmware\n");
	parse("cpufreq", "option cpufreq: frequencies are left to the firmware\n");
}

static void test_ucode(void **state)
{
	(void)state;
	parse("", "");
	assert_true(!o->ucode.module && !o->ucode.is_scanned && !o->ucode.allow_same);
	parse("ucode=scan", "");
	assert_true(o->ucode.is_scanned);
	parse("ucode=-1,allow-same", "");
	assert_int_equal(o->ucode.module, -1);
	assert_true(o->ucode.allow_same);
	parse("ucode=2,scan=no", "");
	assert_int_equal(o->ucode.module, 2);
	assert_false(o->ucode.is_scanned);
	parse("ucode=0 ucode=9x ucode=- ucode", "option ucode=0: not an item of its list\n"
						"option ucode=9x: not an item of its list\n"
						"option ucode=-: not an item of its list\n"
						"option ucode: needs a value\n");
	assert_int_equal(o->ucode.module, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec_ctrl),     cmocka_unit_test(test_spec_ctrl_warnings),
		cmocka_unit_test(test_xpti),	      cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_machine),	      cmocka_unit_test(test_ucode),
		cmocka_unit_test(test_iommu),	      cmocka_unit_test(test_boot_loader_words),
		cmocka_unit_test(test_booleans),      cmocka_unit_test(test_com),
		cmocka_unit_test(test_bad_com),	      cmocka_unit_test(test_console),
		cmocka_unit_test(test_log_levels),    cmocka_unit_test(test_console_details),
		cmocka_unit_test(test_dom0_mem),      cmocka_unit_test(test_conflicting_dom0_mem),
		cmocka_unit_test(test_bad_dom0_mem),  cmocka_unit_test(test_dom0_memory_choose),
		cmocka_unit_test(test_cpu_counts),    cmocka_unit_test(test_without_effect),
		cmocka_unit_test(test_unknown),	      cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_many_and_long), cmocka_unit_test(test_iommu_conflicts),
		cmocka_unit_test(test_clocks),	      cmocka_unit_test(test_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
