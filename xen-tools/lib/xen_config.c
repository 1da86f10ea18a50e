// SPDX-License-Identifier: GPL-2.0-or-later
/* xl.cfg(5) of a guest, see xen_config.h. */
#include "xen_config.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char *get(const struct guest *g, const char *name)
{
	return setting(g->settings, name);
}

/*
 * GRUB as a Xen guest's kernel reads the menu inside the guest.  pygrub reads the disk in dom0 as root, and is only of
 * Debian's own Xen; it is taken when it was asked for, or when it is here and GRUB is not.
 */
static char *guest_grub(const struct guest *g)
{
	const struct setting *asked = setting_find(g->settings, "pygrub");
	const char *directory = getenv("XEN_TOOLS_GRUB");
	char *grub = xt_printf("%s/%s", directory ? directory : "/usr/lib/grub-xen",
			       strcmp(get(g, "type"), "pvh") ? "grub-x86_64-xen.bin" :
							       "grub-i386-xen_pvh.bin");
	glob_t found = { 0 };
	bool pygrub = asked && asked->origin == COMMAND_LINE;

	if (!pygrub && !file_exists(grub)) {
		pygrub = !glob("/usr/lib/xen-*/bin/pygrub", 0, NULL, &found);
		globfree(&found);
		if (!pygrub)
			report_note("%s is not here: to start the guest, install grub-xen-host",
				    grub);
	}
	if (!pygrub)
		return grub;
	free(grub);
	return NULL;
}

static void add_guest_boot(const struct guest *g, struct text *out)
{
	char *grub = guest_grub(g);

	if (grub)
		text_printf(out, "kernel      = '%s'\n", grub);
	else
		text_add(out, "bootloader  = 'pygrub'\n");
	free(grub);
}

static void add_boot(const struct guest *g, struct text *out)
{
	const char *type = get(g, "type");
	const struct file_system *root = guest_root(g);

	text_printf(out, "type        = '%s'\n", type);
	if (!g->own_kernel) {
		text_printf(out, "kernel      = '%s'\n", g->kernel);
		if (g->initrd)
			text_printf(out, "ramdisk     = '%s'\n", g->initrd);
		text_printf(out, "root        = 'UUID=%s ro'\nextra       = 'console=hvc0'\n",
			    root->uuid);
	} else if (strcmp(type, "hvm")) {
		add_guest_boot(g, out);
	} else {
		text_add(out, "boot        = 'c'\nserial      = 'pty'\n");
	}
}

static void add_disks(const struct guest *g, struct text *out)
{
	bool qcow2 = !strcmp(get(g, "format"), "qcow2");

	text_add(out, "disk        = [\n");
	/* The root first: boot loaders look there. */
	for (int roots = 1; roots >= 0; roots--) {
		for (size_t i = 0; i < g->volume_count; i++) {
			const struct volume *v = &g->volumes[i];
			bool is_root = !v->only || !strcmp(v->only->mountpoint, "/");

			if (is_root != (roots == 1))
				continue;
			if (qcow2)
				text_printf(out, "                  '%s,qcow2,%s,w',\n", v->path,
					    v->device);
			else
				text_printf(out, "                  '%s%s,%s,w',\n",
					    g->backend == STORE_FILES ? "file:" : "phy:", v->path,
					    v->device);
		}
	}
	text_add(out, "              ]\n");
}

static void add_network(const struct guest *g, struct text *out)
{
	text_printf(out, "vif         = [ 'mac=%s", g->mac);
	for (size_t i = 0; i < g->address_count; i++) {
		char *address = address_text(&g->addresses[i]);

		text_printf(out, "%s%s", i ? " " : ",ip=", address);
		free(address);
	}
	if (get(g, "bridge") && get(g, "vlan"))
		text_printf(out, ",bridge=%s.%s,script=vif-openvswitch", get(g, "bridge"),
			    get(g, "vlan"));
	else if (get(g, "bridge"))
		text_printf(out, ",bridge=%s", get(g, "bridge"));
	if (get(g, "vifname"))
		text_printf(out, ",vifname=%s", get(g, "vifname"));
	text_add(out, "' ]\n");
}

void xen_config_text(const struct guest *g, struct text *out)
{
	uint64_t most = setting_size(g->settings, "maxmem");

	text_printf(
		out,
		"# %s (%s, %s), made by xen-create-image; xl.cfg(5) says what else is possible.\n\n",
		g->name, g->dist.suite, g->arch);
	text_printf(out, "name        = '%s'\n", g->name);
	add_boot(g, out);
	text_printf(out, "vcpus       = %s\nmemory      = %llu\n", get(g, "vcpus"),
		    (unsigned long long)(setting_size(g->settings, "memory") / MIB));
	if (most)
		text_printf(out, "maxmem      = %llu\n", (unsigned long long)(most / MIB));
	text_add(out, "\n");
	add_disks(g, out);
	add_network(g, out);
	text_add(out,
		 "\non_poweroff = 'destroy'\non_reboot   = 'restart'\non_crash    = 'restart'\n");
	if (get(g, "admins"))
		text_printf(out, "\nxen_shell = '%s'\n", get(g, "admins"));
}

/* As templates of xen-tools know them: in the order of the file, so that the index is the partition's number. */
static char *partition_lines(const struct guest *g)
{
	struct text t = { 0 };

	for (size_t i = 0; i < g->volume_count; i++) {
		const struct volume *v = &g->volumes[i];
		char *size = size_text(v->size);

		text_printf(&t, "%s|%s|%s|%s|%s\n", v->path,
			    g->backend == STORE_FILES ? "file:" : "phy:",
			    v->only ? v->only->mountpoint : "/", size,
			    v->only ? v->only->type : "disk");
		free(size);
	}
	return t.data;
}

void xen_config_make(const struct guest *g, struct text *out)
{
	char *lines;

	if (!g->template) {
		xen_config_text(g, out);
		return;
	}
	lines = partition_lines(g);
	if (template_fill(g->template, lines, out))
		exit(XT_FAILED);
	free(lines);
}
