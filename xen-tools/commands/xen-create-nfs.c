// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-create-nfs(8): a configuration alone, for a guest whose root is on a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "hooks.h"
#include "report.h"
#include "values.h"
#include "xen_config.h"

static const char *get(const struct settings *s, const char *name)
{
	return setting(s, name);
}

/* Documentation/admin-guide/nfs/nfsroot.rst: ip=CLIENT:SERVER:GATEWAY:NETMASK:NAME:DEVICE:METHOD */
static void add_kernel(const struct settings *s, struct text *out)
{
	struct utsname host;
	bool dhcp = setting_on(s, "dhcp");
	const char *const parts[] = { "ip", "nfs_server", "gateway", "netmask", "hostname" };

	uname(&host);
	if (get(s, "kernel"))
		text_printf(out, "kernel      = '%s'\n", get(s, "kernel"));
	else
		text_printf(out, "kernel      = '/boot/vmlinuz-%s'\n", host.release);
	if (get(s, "initrd"))
		text_printf(out, "ramdisk     = '%s'\n", get(s, "initrd"));
	text_printf(out, "extra       = 'root=/dev/nfs nfsroot=%s:%s ro console=hvc0 ip=",
		    get(s, "nfs_server"), get(s, "nfs_root"));
	if (dhcp) {
		text_add(out, "dhcp'\n");
		return;
	}
	for (size_t i = 0; i < 5; i++)
		text_printf(out, "%s:", get(s, parts[i]) ? get(s, parts[i]) : "");
	text_add(out, ":off'\n");
}

static void add_network(const struct settings *s, struct text *out)
{
	uint8_t mac[6];
	char *made;

	mac_from(get(s, "hostname"), mac);
	made = mac_text(mac);
	text_printf(out, "vif         = [ 'mac=%s", get(s, "mac") ? get(s, "mac") : made);
	if (!setting_on(s, "dhcp"))
		text_printf(out, ",ip=%s", get(s, "ip"));
	text_add(out, "' ]\n");
	free(made);
}

static void make_text(const struct settings *s, struct text *out)
{
	text_printf(out, "# %s, made by xen-create-nfs\n\nname        = '%s'\ntype        = 'pv'\n",
		    get(s, "hostname"), get(s, "hostname"));
	add_kernel(s, out);
	text_printf(out, "memory      = %llu\nvcpus       = 1\n",
		    (unsigned long long)(setting_size(s, "memory") / MIB));
	add_network(s, out);
	text_add(out,
		 "on_poweroff = 'destroy'\non_reboot   = 'restart'\non_crash    = 'restart'\n");
	if (get(s, "admins"))
		text_printf(out, "xen_shell = '%s'\n", get(s, "admins"));
}

static void check(const struct settings *s)
{
	static const char *const needed[] = { "hostname", "nfs_server", "nfs_root" };

	for (size_t i = 0; i < 3; i++)
		if (!get(s, needed[i]))
			die(XT_USAGE, "--%s is missing (see --help)", needed[i]);
	if (!setting_on(s, "dhcp") && !get(s, "ip"))
		die(XT_USAGE, "--ip or --dhcp is needed");
	if (strpbrk(get(s, "nfs_server"), "' \\") || strpbrk(get(s, "nfs_root"), "' \\"))
		die(XT_USAGE, "no quotes and blanks in --nfs_server and --nfs_root");
	if (get(s, "kernel") && !file_exists(get(s, "kernel")))
		die(XT_ENVIRONMENT, "%s is not there", get(s, "kernel"));
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list words = { 0 };
	struct text out = { 0 };
	char *path;
	int rc;

	report_begin(argv[0]);
	setting_set(&s, "output", "/etc/xen", BUILT_IN, "built in");
	setting_set(&s, "extension", ".cfg", BUILT_IN, "built in");
	setting_set(&s, "memory", "256M", BUILT_IN, "built in");
	if (!options_read(command_find("xen-create-nfs"), argc, argv, &s, &words) || words.count)
		return XT_USAGE;
	check(&s);
	path = xt_printf("%s/%s%s", get(&s, "output"), get(&s, "hostname"),
			 get(&s, "extension") ? get(&s, "extension") : "");
	if (file_exists(path) && !setting_on(&s, "force"))
		die(XT_ENVIRONMENT, "%s exists (--force replaces it)", path);
	if (get(&s, "template")) {
		hooks_environment_of(&s);
		if (template_fill(get(&s, "template"), NULL, &out))
			return XT_FAILED;
	} else {
		make_text(&s, &out);
	}
	rc = file_write(path, 0640, text_get(&out));
	if (rc)
		die(XT_ENVIRONMENT, "%s: %s", path, strerror(-rc));
	printf("%s\n", path);
	return XT_OK;
}
