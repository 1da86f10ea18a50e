// SPDX-License-Identifier: GPL-2.0-or-later
/* What settings are before anybody says anything, and the reading of the configuration files. */
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"

static const char *const built_in[][2] = {
	{ "size", "4G" },
	{ "swap", "512M" },
	{ "memory", "512M" },
	{ "vcpus", "1" },
	{ "fs", "ext4" },
	{ "image", "sparse" },
	{ "format", "raw" },
	{ "type", "pv" },
	{ "install-method", "mmdebstrap" },
	{ "cache", "1" },
	{ "genpass", "1" },
	{ "genpass_len", "16" },
	{ "hash_method", "yescrypt" },
	{ "install", "1" },
	{ "hooks", "1" },
	{ "disk_device", "xvda" },
	{ "extension", ".cfg" },
	{ "output", "/etc/xen" },
	{ "roledir", "/etc/xen-tools/role.d" },
	{ "hosts", "1" },
	{ "network", "networkd" },
	{ "locale", "C.UTF-8" },
	{ "ext4_options", "noatime,nodiratime,errors=remount-ro" },
	{ "ext3_options", "noatime,nodiratime,errors=remount-ro" },
	{ "ext2_options", "noatime,nodiratime,errors=remount-ro" },
	{ "xfs_options", "defaults" },
	{ "btrfs_options", "defaults" },
};

static void read_file(const char *file, enum origin origin, bool must, struct settings *s)
{
	struct text errors = { 0 };
	int rc = config_read(file, origin, s, &errors);

	if (rc == -EINVAL) {
		struct list lines = { 0 };

		list_split(&lines, text_get(&errors), "\n");
		for (size_t i = 0; i < lines.count; i++)
			report_error("%s", lines.items[i]);
		exit(XT_USAGE);
	}
	if (rc && (must || rc != -ENOENT))
		die(XT_ENVIRONMENT, "%s cannot be read", file);
	text_free(&errors);
}

void guest_defaults(struct settings *s)
{
	const char *directory = getenv("XEN_TOOLS_CONFIG"), *extra;
	char *file = xt_printf("%s/xen-tools.conf", directory ? directory : CONFIG_DIRECTORY);

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		setting_set(s, built_in[i][0], built_in[i][1], BUILT_IN, "built in");
	read_file(file, CONFIG_FILE, false, s);
	extra = setting(s, "config");
	if (extra)
		read_file(extra, EXTRA_CONFIG_FILE, true, s);
	free(file);
}

char *user_path(const char *root_path, const char *variable, const char *home_path)
{
	const char *value = getenv(variable), *home = getenv("HOME");

	if (geteuid() == 0)
		return xt_dup(root_path);
	if (value && *value == '/')
		return xt_printf("%s/xen-tools", value);
	return xt_printf("%s/%s/xen-tools", home ? home : "/tmp", home_path);
}
