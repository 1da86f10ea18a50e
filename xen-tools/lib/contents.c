// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's own files, see contents.h. */
#include "contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts.h"
#include "report.h"
#include "run.h"

static const char *get(const struct guest *g, const char *name)
{
	return setting(g->settings, name);
}

static void write_names(const struct guest *g, const struct tree *t)
{
	struct text hosts = { 0 }, old = { 0 };
	bool has_domain = *g->domain;
	char *line = xt_printf("%s\n", g->host), id[33];
	uint8_t random[16];
	char *address = g->address_count ? address_text(&g->addresses[0]) : xt_dup("127.0.1.1");

	tree_write(t, "/etc/hostname", 0644, line);
	text_add(&hosts, "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n");
	text_printf(&hosts, "%s\t%s%s%s\n", address, g->name, has_domain ? " " : "",
		    has_domain ? g->host : "");
	if (setting_on(g->settings, "copyhosts") || setting_on(g->settings, "copy-hosts")) {
		if (!file_read("/etc/hosts", &old))
			text_printf(&hosts, "\n# of the host\n%s", text_get(&old));
	}
	tree_write(t, "/etc/hosts", 0644, text_get(&hosts));

	random_bytes(random, sizeof(random));
	random[6] = (uint8_t)((random[6] & 0x0f) | 0x40); /* machine-id(5): a version 4 UUID */
	random[8] = (uint8_t)((random[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		sprintf(id + 2 * i, "%02x", random[i]);
	free(line);
	line = xt_printf("%s\n", id);
	tree_write(t, "/etc/machine-id", 0444, line);
	if (tree_exists(t, "/var/lib/dbus"))
		tree_symlink(t, "/var/lib/dbus/machine-id", "/etc/machine-id");
	free(line);
	free(address);
	text_free(&hosts);
	text_free(&old);
}

/* A unit is switched on as its [Install] section says; without systemd nothing happens. */
static void enable(const struct tree *t, const char *unit)
{
	run_in(t->path, (const char *const[]){ "systemctl", "-q", "enable", unit, NULL }, NULL,
	       NULL);
}

static void write_resolv_conf(const struct guest *g, const struct tree *t)
{
	struct text out = { 0 };

	if (tree_exists(t, "/lib/systemd/systemd-resolved") &&
	    !strcmp(get(g, "network"), "networkd")) {
		enable(t, "systemd-resolved.service");
		tree_symlink(t, "/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
		return;
	}
	for (size_t i = 0; i < g->search.count; i++)
		text_printf(&out, "%s%s", i ? " " : "search ", g->search.items[i]);
	if (g->search.count)
		text_add(&out, "\n");
	for (size_t i = 0; i < g->nameservers.count; i++)
		text_printf(&out, "nameserver %s\n", g->nameservers.items[i]);
	tree_write(t, "/etc/resolv.conf", 0644, text_get(&out));
	text_free(&out);
}

static void write_network(const struct guest *g, const struct tree *t)
{
	struct text out = { 0 };

	if (!strcmp(get(g, "network"), "networkd")) {
		network_networkd(g, &out);
		tree_write(t, "/etc/systemd/network/10-xen-tools.network", 0644, text_get(&out));
		enable(t, "systemd-networkd.service");
	} else {
		char *link = xt_printf("[Match]\nMACAddress=%s\n\n[Link]\nNamePolicy=\nName=eth0\n",
				       g->mac);

		tree_write(t, "/etc/systemd/network/10-xen-tools.link", 0644, link);
		network_ifupdown(g, &out);
		tree_write(t, "/etc/network/interfaces", 0644, text_get(&out));
		free(link);
	}
	text_free(&out);
}

void contents_fstab(const struct guest *g, struct text *out)
{
	text_add(out, "# file system\tmount point\ttype\toptions\tdump\tpass\n");
	for (size_t i = 0; i < g->file_system_count; i++) {
		const struct file_system *fs = &g->file_systems[i];
		const struct partition *p = fs->partition;
		bool is_swap = !strcmp(p->type, "swap"), is_root = !strcmp(p->mountpoint, "/");
		/* There is no checker of these two at boot. */
		bool unchecked = is_swap || !strcmp(p->type, "btrfs") || !strcmp(p->type, "xfs");

		text_printf(out, "UUID=%s\t%s\t%s\t%s\t0\t%d\n", fs->uuid,
			    is_swap ? "none" : p->mountpoint, p->type,
			    *p->options ? p->options :
			    is_swap	? "sw" :
					  "defaults",
			    unchecked ? 0 :
			    is_root   ? 1 :
					2);
	}
	if (g->layout == LAYOUT_DISK)
		text_printf(out, "UUID=%.4s-%.4s\t/boot/efi\tvfat\tumask=0077,nofail\t0\t1\n",
			    g->efi_id, g->efi_id + 4);
}

static void write_fstab(const struct guest *g, const struct tree *t)
{
	struct text out = { 0 };

	/* mkfs.vfat's id is printed in capitals by the kernel's tools. */
	for (char *c = g->efi_id; c && *c; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	contents_fstab(g, &out);
	tree_write(t, "/etc/fstab", 0644, text_get(&out));
	if (g->layout == LAYOUT_DISK)
		tree_mkdir(t, "/boot/efi", 0700);
	text_free(&out);
}

/*
 * A Xen guest has hvc0, a plain machine ttyS0: the one that is there becomes /dev/console.  With tty0 named as well it
 * would be that in both.  systemd puts a login on the console, on hvc0 and on tty1.
 */
static void write_consoles(const struct guest *g, const struct tree *t)
{
	const char *serial = get(g, "serial_device");

	if (tree_exists(t, "/etc/default/grub")) {
		tree_write(
			t, "/etc/default/grub.d/xen-tools.cfg", 0644,
			"# Consoles of a plain machine and of a Xen guest; made by xen-create-image\n"
			"GRUB_TIMEOUT=2\n"
			"GRUB_CMDLINE_LINUX_DEFAULT=\"\"\n"
			"GRUB_CMDLINE_LINUX=\"console=hvc0 console=ttyS0,115200\"\n"
			"GRUB_TERMINAL=\"console serial\"\n"
			"GRUB_SERIAL_COMMAND=\"serial --unit=0 --speed=115200\"\n"
			"GRUB_DISABLE_OS_PROBER=true\n");
	}
	if (serial) {
		char *unit = xt_printf("serial-getty@%s.service", serial);

		enable(t, unit);
		free(unit);
	}
}

static void write_locale(const struct guest *g, const struct tree *t)
{
	const char *locale = get(g, "locale");
	char *line;

	if (!locale)
		return;
	line = xt_printf("LANG=%s\n", locale);
	tree_write(t, "/etc/default/locale", 0644, line);
	free(line);
	if (!strcmp(locale, "C.UTF-8") || !tree_exists(t, "/usr/sbin/locale-gen"))
		return;
	line = xt_printf("%s %s\n", locale,
			 strchr(locale, '.') ? strchr(locale, '.') + 1 : "ISO-8859-1");
	tree_write(t, "/etc/locale.gen", 0644, line);
	if (run_in(t->path, (const char *const[]){ "locale-gen", NULL }, NULL, NULL))
		die(XT_FAILED, "no such locale: %s: %s", locale, log_reason());
	free(line);
}

static void write_timezone(const struct guest *g, const struct tree *t)
{
	const char *zone = get(g, "timezone");
	struct text t_host = { 0 };
	char *target, *line;

	if (!zone && !file_read("/etc/timezone", &t_host))
		zone = trim(t_host.data ? t_host.data : xt_dup(""));
	if (!zone || !*zone || strstr(zone, ".."))
		zone = "Etc/UTC";
	target = xt_printf("/usr/share/zoneinfo/%s", zone);
	line = xt_printf("%s\n", zone);
	tree_symlink(t, "/etc/localtime", target);
	tree_write(t, "/etc/timezone", 0644, line);
	free(target);
	free(line);
	text_free(&t_host);
}

static void write_apt(const struct guest *g, const struct tree *t)
{
	const char *proxy = get(g, "apt_proxy");
	char *line;

	/* What the installing machine needed is not the guest's. */
	tree_remove(t, "/etc/apt/apt.conf.d/99mmdebstrap");
	if (!proxy)
		return;
	line = xt_printf("Acquire::http::Proxy \"%s\";\n", proxy);
	tree_write(t, "/etc/apt/apt.conf.d/01proxy", 0644, line);
	free(line);
}

static void make_ssh_keys(const struct tree *t, struct text *fingerprints)
{
	static const char *const kinds[] = { "ed25519", "ecdsa", "rsa" };

	if (!tree_exists(t, "/usr/bin/ssh-keygen") || !tree_exists(t, "/etc/ssh"))
		return;
	if (run_in(t->path, (const char *const[]){ "ssh-keygen", "-A", NULL }, NULL, NULL))
		die(XT_FAILED, "ssh-keygen: %s", log_reason());
	for (size_t i = 0; i < 3; i++) {
		char *file = xt_printf("/etc/ssh/ssh_host_%s_key.pub", kinds[i]);

		run_in(t->path, (const char *const[]){ "ssh-keygen", "-l", "-f", file, NULL }, NULL,
		       fingerprints);
		free(file);
	}
}

static void copy_modules(const struct guest *g, const struct tree *t)
{
	char *into = xt_printf("%s/lib/modules/", t->path);

	if (g->modules) {
		tree_mkdir(t, "/lib/modules", 0755);
		run_or_die("the kernel's modules",
			   (const char *const[]){ "cp", "-a", "--", g->modules, into, NULL });
	}
	free(into);
}

void contents_write(const struct guest *g, const struct tree *t, struct text *fingerprints)
{
	write_names(g, t);
	write_network(g, t);
	write_resolv_conf(g, t);
	write_fstab(g, t);
	write_consoles(g, t);
	write_locale(g, t);
	write_timezone(g, t);
	write_apt(g, t);
	accounts_write(g, t);
	make_ssh_keys(t, fingerprints);
	copy_modules(g, t);
}
