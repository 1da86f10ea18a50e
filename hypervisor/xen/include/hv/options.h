/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot options: what the command line asked for. docs/options.md is the
 * reference; set once at boot by options_parse(), read-only from then on.
 */
#ifndef HV_OPTIONS_H
#define HV_OPTIONS_H

#include <hv/types.h>

#define COM_PORT_COUNT 2

/* com1=, com2= */
struct com_options {
	bool is_given;
	uint32_t baud;	    /* 0: "auto", leave speed and frame as the firmware set them */
	uint32_t base_baud; /* highest rate: the UART's clock / 16 */
	uint8_t data_bits;  /* 5 to 8 */
	uint8_t stop_bits;  /* 1 or 2 */
	char parity;	    /* n o e m s */
	uint16_t io_base;
	uint8_t irq; /* ISA line, 0: polled */
};

/*
 * Importance as numbers: none 0, error 1, warning 2, info 3, debug (all) 4.
 * A message whose own number is <= always is printed; one <= limited is
 * printed as far as the rate limit lets it.
 */
struct log_threshold {
	uint8_t always;
	uint8_t limited;
};

/* reboot=: which way to restart the machine is tried first. */
enum reboot_way {
	REBOOT_DEFAULT,
	REBOOT_ACPI,
	REBOOT_EFI,
	REBOOT_KEYBOARD,
	REBOOT_PCI,
	REBOOT_POWER,
	REBOOT_TRIPLE,
};

enum reboot_kind {
	REBOOT_UNSAID,
	REBOOT_WARM, /* the BIOS may leave memory and devices as they are */
	REBOOT_COLD,
};

enum console_timestamps {
	TIMESTAMPS_NONE,
	TIMESTAMPS_BOOT, /* [ssssss.uuuuuu] since the clock started */
	TIMESTAMPS_RAW,	 /* nanoseconds, hexadecimal */
};

/* An amount of memory: +/- bytes plus percent of what the machine has. */
struct memory_amount {
	bool is_given;
	bool is_negative; /* all but this */
	uint64_t bytes;
	unsigned int percent;
};

struct dom0_memory_options {
	struct memory_amount exact, min, max;
};

#define OPTION_UNSET (-1)	/* neither yes nor no was said */

enum indirect_thunk {
	THUNK_DEFAULT, /* retpoline */
	THUNK_RETPOLINE,
	THUNK_LFENCE,
	THUNK_JMP,
};

/* spec-ctrl=, xpti= and pv-l1tf=: 0, 1 or OPTION_UNSET. */
struct speculation_options {
	int8_t msr_sc, rsb, verw, ibpb_entry, bhb_entry;
	int8_t ibrs, stibp, ibpb, ssbd, psfd, branch_harden, lock_harden, div_scrub;
	int8_t xpti_dom0, xpti_domu, l1tf_dom0, l1tf_domu;
	enum indirect_thunk thunk;
};

/* nmi=: what becomes of memory and bus errors that the chipset reports. */
enum nmi_action {
	NMI_TO_DOM0,
	NMI_IGNORED,
	NMI_FATAL,
};

/* clocksource=: what the TSC is measured against. */
enum clock_source {
	CLOCK_DEFAULT,
	CLOCK_HPET,
	CLOCK_ACPI,
	CLOCK_PIT,
};

/* iommu= and dom0-iommu= */
struct iommu_options {
	bool is_on;
	bool is_required;
	bool is_verbose;
	bool remaps_interrupts;	/* permitted */
	bool uses_large_pages;	/* permitted */
	bool passthrough;	/* dom0: no translation */
	bool wants_strict;	/* dom0: its own RAM alone; is a warning */
	bool maps_reserved;	/* dom0: reserved memory below 4 GiB too */
	bool maps_inclusive;	/* dom0: everything below 4 GiB that is not ours */
};

/* ucode= */
struct ucode_options {
	int  module;		/* of the boot loader, from the end if negative; 0: none */
	bool is_scanned;	/* look for an archive in all modules */
	bool allow_same;
};

struct boot_options {
	struct com_options com[COM_PORT_COUNT];
	bool console_on_com[COM_PORT_COUNT];
	bool console_on_vga;
	bool keep_vga;	      /* vga=...,keep: do not hand the screen to dom0 */
	bool console_to_ring; /* guests' console output is kept in the ring too */
	bool sync_console;    /* always so here: output is polled */
	bool noreboot;	      /* after a crash wait for a person */
	enum reboot_way reboot_way;
	enum reboot_kind reboot_kind;
	enum console_timestamps timestamps;
	struct log_threshold loglvl, guest_loglvl;
	char switch_key; /* Ctrl-<key> three times moves the input; 'a' */
	bool keep_input; /* conswitch=<key>x: input stays with Xen at boot */

	struct dom0_memory_options dom0_mem;
	unsigned int dom0_min_vcpus; /* dom0_max_vcpus=min-max; 1 */
	unsigned int dom0_max_vcpus; /* UINT_MAX: one for each CPU */
	bool dom0_vcpus_pin;
	unsigned int max_cpus; /* maxcpus= */
	struct speculation_options speculation;

	struct iommu_options iommu;
	struct ucode_options ucode;
	bool x2apic;		 /* permitted */
	enum nmi_action nmi;
	bool watchdog;
	bool ignores_unknown_nmis; /* false only with watchdog=force */
	unsigned int watchdog_timeout_s; /* 0: off */
	enum clock_source clock_source;
	bool cpuidle;		 /* was asked for: idle CPUs halt either way */
	unsigned int scheduler; /* sched=: XEN_SCHEDULER_* of xen/domctl.h */
	bool smt; /* also second threads of cores */
};

extern struct boot_options boot_options;

/*
 * Parse @cmdline (NULL is an empty one) into boot_options. Needs nothing
 * initialised and prints nothing: complaints are kept for later.
 * Returns 0, or -EINVAL when options_error() says why we must not go on.
 */
int options_parse(const char *cmdline);

/* The first fatal complaint, without a newline, or NULL. */
const char *options_error(void);

/* Log the kept warnings; once, when the consoles work. */
void options_report_warnings(void);

/*
 * Bytes of memory that dom0 gets when the machine has @total bytes, of which
 * @available are free for it, and in *@max what it may grow to (UINT64_MAX:
 * no limit). Never more than @available; not rounded to pages.
 */
uint64_t dom0_memory_choose(const struct dom0_memory_options *o, uint64_t available, uint64_t total,
			    uint64_t *max);

#endif
