// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory of a running domain. xm counted in MiB, xl counts in KiB unless a unit is given. */
#include "xl.h"

static void change_memory(struct guest_config *config, void *kib)
{
	config->memory_kib = *(unsigned int *)kib;
}

static void change_max_memory(struct guest_config *config, void *kib)
{
	config->max_memory_kib = *(unsigned int *)kib;
}

static int change(struct xl *xl, int argc, char **argv,
		  bool (*set)(struct guest_host *, unsigned int, unsigned int),
		  void (*keep)(struct guest_config *, void *))
{
	unsigned int kib;
	int domid;

	if (argc != 3)
		return xl_usage(xl);
	if (!xl_parse_size(xl, argv[2], xl->as_xm ? 'm' : 'k', &kib))
		return XL_USAGE;
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	if (!set(&xl->host, (unsigned int)domid, kib))
		return XL_FAILED;
	xl_change_config(xl, (unsigned int)domid, keep, &kib);
	return XL_OK;
}

int verb_mem_set(struct xl *xl, int argc, char **argv)
{
	return change(xl, argc, argv, guest_set_memory, change_memory);
}

int verb_mem_max(struct xl *xl, int argc, char **argv)
{
	return change(xl, argc, argv, guest_set_max_memory, change_max_memory);
}
