/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the values of boot options are read (private to common/options.c).
 *
 * @value is the text after '=', or NULL for an option without one. Each
 * function stores into boot_options and returns NULL, or says in a few words
 * what is wrong; what could be understood of the value is then still stored.
 */
#ifndef OPTION_VALUES_H
#define OPTION_VALUES_H

#include <hv/types.h>

const char *parse_boolean(const char *value, bool *flag);
const char *parse_com1(const char *value);
const char *parse_com2(const char *value);
const char *parse_conring_size(const char *value);
const char *parse_console(const char *value);
const char *parse_console_timestamps(const char *value);
const char *parse_conswitch(const char *value);
const char *parse_dom0_max_vcpus(const char *value);
const char *parse_dom0_mem(const char *value);
const char *parse_guest_loglvl(const char *value);
const char *parse_loglvl(const char *value);
const char *parse_maxcpus(const char *value);
const char *parse_sched(const char *value);
const char *parse_spec_ctrl(const char *value);
const char *parse_reboot(const char *value);
const char *parse_vga(const char *value);
const char *parse_xpti(const char *value);
const char *parse_pv_l1tf(const char *value);

/* Of the machine's devices: option_machine.c. */
const char *parse_clocksource(const char *value);
const char *parse_cpufreq(const char *value);
const char *parse_cpuidle(const char *value);
const char *parse_dom0_iommu(const char *value);
const char *parse_iommu(const char *value);
const char *parse_nmi(const char *value);
const char *parse_ucode(const char *value);
const char *parse_watchdog(const char *value);
const char *parse_watchdog_timeout(const char *value);

/* For both files: "@value is a number up to @max and nothing else." */
bool is_number_up_to(const char *value, uint64_t max, uint64_t *number);

#endif
