// SPDX-License-Identifier: GPL-2.0-or-later
/* Installation methods and the base systems that are kept, see install.h. */
#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "run.h"

#define BASE_FORMAT 2	       /* changes when what a base system holds changes */
#define BASE_AGE (7 * 86400) /* seconds after which it is made anew: security updates */

static const char *get(const struct guest *g, const char *name)
{
	return setting(g->settings, name);
}

static bool is_debian_like(const struct guest *g)
{
	return !strcmp(g->method, "mmdebstrap") || !strcmp(g->method, "debootstrap") ||
	       !strcmp(g->method, "cdebootstrap");
}

static bool is_ubuntu(const struct guest *g)
{
	return !strcmp(g->dist.family, "ubuntu");
}

/* Before Debian 12 and in Ubuntu before 22.10 resolved is a part of systemd itself. */
static bool has_resolved_package(const struct guest *g)
{
	static const char *const without[] = { "buster", "bullseye", "stretch", "jessie",
					       "bionic", "focal",    "jammy",	"oldoldstable" };

	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (!strcmp(g->dist.suite, without[i]))
			return false;
	return true;
}

/*
 * Linux 5.9 has left 32-bit PV guests out, and Debian 13 its own i386 kernels: from bullseye on the kernel of an i386 guest
 * is that of amd64, by multiarch.
 */
static bool has_foreign_kernel(const struct guest *g)
{
	return g->own_kernel && !is_ubuntu(g) && !strcmp(g->arch, "i386") &&
	       strcmp(g->dist.suite, "buster") != 0 && strcmp(g->dist.suite, "stretch") != 0;
}

static const char *kernel_package(const struct guest *g)
{
	if (is_ubuntu(g))
		return "linux-image-generic";
	if (has_foreign_kernel(g))
		return "linux-image-amd64:amd64";
	return strcmp(g->arch, "i386") ? "linux-image-amd64" : "linux-image-686-pae";
}

static void add_kernel(const struct guest *g, struct text *t)
{
	bool i386 = !strcmp(g->arch, "i386");

	if (g->own_kernel)
		text_printf(t, ",%s,initramfs-tools,zstd", kernel_package(g));
	if (g->own_kernel && g->layout == LAYOUT_DISK)
		text_printf(t, ",grub-pc,%s", i386 ? "grub-efi-ia32-bin" : "grub-efi-amd64-bin");
	else if (g->own_kernel)
		text_add(t, ",grub-pc"); /* its menu is what pygrub reads */
	else
		text_add(t, ",kmod");
}

char *install_packages(const struct guest *g)
{
	struct text t = { 0 };
	struct list more = { 0 };
	const char *locale = get(g, "locale");

	/* From trixie on login is not essential, and without it consoles take no name. */
	text_add(&t, "systemd-sysv,udev,dbus,libpam-systemd,login,passwd,openssh-server,iproute2,"
		     "iputils-ping,netbase,less,nano");
	if (!strcmp(get(g, "network"), "ifupdown"))
		text_add(&t, ",ifupdown,isc-dhcp-client");
	else if (has_resolved_package(g))
		text_add(&t, ",systemd-resolved");
	if (locale && strcmp(locale, "C.UTF-8"))
		text_add(&t, ",locales");
	add_kernel(g, &t);
	list_split(&more, get(g, "packages") ? get(g, "packages") : "", ", \n");
	for (size_t i = 0; i < more.count; i++)
		text_printf(&t, ",%s", more.items[i]);
	list_free(&more);
	return t.data;
}

/* All lines of the guest's sources.list. */
static void add_sources(const struct guest *g, struct list *lines)
{
	const char *components = is_ubuntu(g) ? "main universe" : "main";
	const char *suite = g->dist.suite;
	bool rolling = !strcmp(suite, "sid") || !strcmp(suite, "unstable");
	bool remote = starts_with(g->mirror, "http");
	char *line = xt_printf("deb %s %s %s", g->mirror, suite, components);

	list_add(lines, line);
	free(line);
	if (rolling || g->dist.is_old || !remote)
		return;
	line = xt_printf("deb %s %s-updates %s", g->mirror, suite, components);
	list_add(lines, line);
	free(line);
	if (is_ubuntu(g))
		line = xt_printf("deb %s %s-security %s", g->mirror, suite, components);
	else
		line = xt_printf("deb %s %s-security %s",
				 get(g, "security_mirror") ?
					 get(g, "security_mirror") :
					 "http://deb.debian.org/debian-security",
				 suite, components);
	list_add(lines, line);
	free(line);
}

/* A base system is named after all that it was made from. */
static char *base_path(const struct guest *g)
{
	char *directory = get(g, "basedir") ? xt_dup(get(g, "basedir")) :
					      user_path("/var/cache/xen-tools/base",
							"XDG_CACHE_HOME", ".cache");
	char *packages = install_packages(g), *path;
	char *all = xt_printf("%d %s %s %s %s", BASE_FORMAT, g->mirror, packages,
			      g->keyring ? g->keyring : "", g->method);
	uint64_t hash = 0xcbf29ce484222325;

	for (const char *c = all; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
	path = xt_printf("%s/%s-%s-%016llx.tar.zst", directory, g->dist.suite, g->arch,
			 (unsigned long long)hash);
	free(directory);
	free(packages);
	free(all);
	return path;
}

static char *package_directory(const struct guest *g)
{
	if (get(g, "cachedir"))
		return xt_dup(get(g, "cachedir"));
	if (geteuid() == 0 && is_directory("/var/cache/apt/archives"))
		return xt_dup("/var/cache/apt/archives");
	return user_path("/var/cache/xen-tools/archives", "XDG_CACHE_HOME", ".cache");
}

static bool uses_cache(const struct guest *g)
{
	return setting_on(g->settings, "cache") && is_debian_like(g);
}

void install_prepare(const struct guest *g)
{
	char *base, *packages, *partial;

	if (!uses_cache(g) || !setting_on(g->settings, "install"))
		return;
	base = base_path(g);
	*strrchr(base, '/') = '\0';
	packages = package_directory(g);
	partial = xt_printf("%s/partial", packages);
	if (make_directories(base, 0755))
		die(XT_ENVIRONMENT, "%s cannot be made (--basedir names another)", base);
	if (make_directories(partial, 0755))
		die(XT_ENVIRONMENT, "%s cannot be made (--cachedir names another)", partial);
	free(base);
	free(packages);
	free(partial);
}

void install_check(const struct guest *g)
{
	if (!setting_on(g->settings, "install"))
		return;
	if (!strcmp(g->method, "debootstrap"))
		need_program(get(g, "debootstrap-cmd") ? get(g, "debootstrap-cmd") : g->method,
			     g->method);
	else if (is_debian_like(g) || !strcmp(g->method, "rinse"))
		need_program(g->method, g->method);
	if (!strcmp(g->method, "tar") || uses_cache(g))
		need_program("tar", "tar");
	if (uses_cache(g))
		need_program("zstd", "zstd");
	if (g->keyring && is_debian_like(g) && !file_exists(g->keyring))
		die(XT_ENVIRONMENT, "%s is not there: install the keyring of %s", g->keyring,
		    g->dist.family);
	if (is_ubuntu(g) && is_debian_like(g) && !g->keyring &&
	    !file_exists("/usr/share/keyrings/ubuntu-archive-keyring.gpg"))
		die(XT_ENVIRONMENT,
		    "Ubuntu's keys are not there: run apt-get install ubuntu-keyring");
}

static bool base_is_good(const char *path)
{
	char *sum = xt_printf("%s.sha256", path);
	struct stat st;
	bool good = !stat(path, &st) && time(NULL) - st.st_mtime < BASE_AGE && file_exists(sum);
	struct text wanted = { 0 }, found = { 0 };

	good = good && !file_read(sum, &wanted) && wanted.length >= 64 &&
	       !run_with((const char *const[]){ "sha256sum", path, NULL }, NULL, &found) &&
	       found.length >= 64 && !strncmp(wanted.data, found.data, 64);
	if (!good && !stat(path, &st))
		report_note("%s is old or damaged: made anew", path);
	free(sum);
	text_free(&wanted);
	text_free(&found);
	return good;
}

static void unpack(const char *archive, const char *directory, bool own_format)
{
	char *decompress = own_format ? xt_dup("--zstd") : xt_dup("--auto-compress");

	if (mkdir(directory, 0755))
		die(XT_FAILED, "%s: %s", directory, strerror(errno));
	run_or_die("unpacking",
		   (const char *const[]){ "tar", decompress, "--numeric-owner", "--xattrs",
					  "--xattrs-include=*", "--exclude=./dev/*", "-xpf",
					  archive, "-C", directory, NULL });
	free(decompress);
}

/* Written beside its name, then named: a base system is whole or not there. */
static void keep_base(const char *directory, const char *path)
{
	char *part = xt_printf("%s.%d.part", path, getpid()), *sum = xt_printf("%s.sha256", path);
	struct text digest = { 0 };

	run_or_die("keeping the base system",
		   (const char *const[]){ "tar", "-I", "zstd -q -1 -T0", "--numeric-owner",
					  "--xattrs", "--xattrs-include=*", "--exclude=./dev/*",
					  "-cf", part, "-C", directory, ".", NULL });
	if (run_with((const char *const[]){ "sha256sum", part, NULL }, NULL, &digest) ||
	    rename(part, path) || file_write(sum, 0644, text_get(&digest)))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	text_free(&digest);
	free(part);
	free(sum);
}

static void add_option(struct list *argv, const char *name, const char *value)
{
	char *option = xt_printf("%s=%s", name, value);

	list_add(argv, option);
	free(option);
}

/* APT works in the directory of packages, which is mounted in the guest's place for them. */
static void add_package_cache(const struct guest *g, struct list *argv)
{
	char *directory = package_directory(g), *mount_hook;

	mount_hook = xt_printf("mkdir -p \"$1/var/cache/apt/archives\" && "
			       "mount --bind '%s' \"$1/var/cache/apt/archives\"",
			       directory);
	add_option(argv, "--setup-hook", mount_hook);
	add_option(argv, "--customize-hook", "umount \"$1/var/cache/apt/archives\"");
	list_add(argv, "--skip=essential/unlink,check/empty");
	free(mount_hook);
	free(directory);
}

/*
 * Drivers of virtual machines alone, instead of all that there are: the initial ramdisk is a third, so are the time to
 * make it (now and at each upgrade) and the memory to boot with.  Its hook is not a conffile, as the list of modules is.
 */
static const char initramfs_conf[] =
	"# A guest of xen-create-image, see hooks/xen-tools.  MODULES=most is for real machines.\n"
	"MODULES=list\n";
static const char initramfs_hook[] =
	"#!/bin/sh\n"
	"# Drivers of the virtual machines that this guest may be.\n"
	"[ \"$1\" != prereqs ] || exit 0\n"
	". /usr/share/initramfs-tools/hook-functions\n"
	"manual_add_modules xen-blkfront xen-netfront xen-scsifront virtio_blk virtio_scsi virtio_pci virtio_net\n"
	"manual_add_modules ata_piix ata_generic ahci sd_mod sr_mod nvme e1000 e1000e 8139cp\n"
	"manual_add_modules ext4 btrfs xfs vfat isofs crc32c_generic dm_mod\n";

/* Files beside the system's directory, which an essential-hook copies in before the kernel is installed. */
static void add_initramfs(const char *directory, struct list *argv)
{
	char *conf = xt_printf("%s.initramfs-conf", directory);
	char *hook = xt_printf("%s.initramfs-hook", directory);
	char *command = xt_printf(
		"install -D -m 644 '%s' \"$1/etc/initramfs-tools/conf.d/xen-tools\" && "
		"install -D -m 755 '%s' \"$1/etc/initramfs-tools/hooks/xen-tools\"",
		conf, hook);

	if (file_write(conf, 0644, initramfs_conf) || file_write(hook, 0755, initramfs_hook))
		die(XT_FAILED, "%s cannot be written", hook);
	add_option(argv, "--essential-hook", command);
	free(conf);
	free(hook);
	free(command);
}

static void run_mmdebstrap(const struct guest *g, const char *directory)
{
	struct list argv = { 0 }, sources = { 0 };
	char *packages = install_packages(g), *proxy;

	add_sources(g, &sources);
	list_add(&argv, "mmdebstrap");
	list_add(&argv, "--mode=root");
	list_add(&argv, "--variant=apt");
	list_add(&argv, "--format=directory");
	add_option(&argv, "--architectures", has_foreign_kernel(g) ? "i386,amd64" : g->arch);
	/* Every amd64 kernel of Debian runs i386 programs: no need of arch-test to find out. */
	if (!strcmp(g->arch, "i386"))
		list_add(&argv, "--skip=check/qemu");
	add_option(&argv, "--include", packages);
	list_add(&argv, "--aptopt=Acquire::Languages \"none\"");
	if (g->keyring)
		add_option(&argv, "--keyring", g->keyring);
	if (get(g, "apt_proxy")) {
		proxy = xt_printf("Acquire::http::Proxy \"%s\"", get(g, "apt_proxy"));
		add_option(&argv, "--aptopt", proxy);
		free(proxy);
	}
	add_option(&argv, "--essential-hook",
		   "printf 'grub-pc grub-pc/install_devices_empty boolean true\\n"
		   "locales locales/default_environment_locale select None\\n' | "
		   "chroot \"$1\" debconf-set-selections");
	if (g->own_kernel)
		add_initramfs(directory, &argv);
	if (uses_cache(g))
		add_package_cache(g, &argv);
	list_add(&argv, g->dist.suite);
	list_add(&argv, directory);
	for (size_t i = 0; i < sources.count; i++)
		list_add(&argv, sources.items[i]);
	run_or_die("installing", (const char *const *)argv.items);
	list_free(&argv);
	list_free(&sources);
	free(packages);
}

/* What debootstrap does not do: packages of other lists, and sources beside the mirror. */
static void complete_debootstrap(const struct guest *g, const char *directory)
{
	struct list sources = { 0 }, words = { 0 }, argv = { 0 };
	struct text t = { 0 };
	struct tree tree;
	char *packages = install_packages(g);

	tree_open(&tree, directory);
	add_sources(g, &sources);
	for (size_t i = 0; i < sources.count; i++)
		text_printf(&t, "%s\n", sources.items[i]);
	tree_write(&tree, "/etc/apt/sources.list", 0644, text_get(&t));
	setenv("DEBIAN_FRONTEND", "noninteractive", 1);
	if (has_foreign_kernel(g))
		run_in(directory,
		       (const char *const[]){ "dpkg", "--add-architecture", "amd64", NULL }, NULL,
		       NULL);
	run_in(directory, (const char *const[]){ "debconf-set-selections", NULL },
	       "grub-pc grub-pc/install_devices_empty boolean true\n", NULL);
	if (run_in(directory, (const char *const[]){ "apt-get", "-q", "update", NULL }, NULL, NULL))
		die(XT_FAILED, "apt-get update: %s", log_reason());
	list_split(&argv, "apt-get -q -y --no-install-recommends install", " ");
	list_split(&words, packages, ",");
	for (size_t i = 0; i < words.count; i++)
		list_add(&argv, words.items[i]);
	if (run_in(directory, (const char *const *)argv.items, NULL, NULL))
		die(XT_FAILED, "apt-get install: %s", log_reason());
	run_in(directory, (const char *const[]){ "apt-get", "clean", NULL }, NULL, NULL);
	close(tree.fd);
	list_free(&sources);
	list_free(&words);
	list_free(&argv);
	text_free(&t);
	free(packages);
}

static void run_debootstrap(const struct guest *g, const char *directory)
{
	const char *command = get(g, "debootstrap-cmd");
	bool is_c = !strcmp(g->method, "cdebootstrap") ||
		    (command && strstr(command, "cdebootstrap"));
	char *arch = xt_printf("--arch=%s", g->arch), *cache = package_directory(g), *keyring;
	struct list argv = { 0 };

	list_add(&argv, command ? command : g->method);
	list_add(&argv, is_c ? "--flavour=minimal" : "--variant=minbase");
	list_add(&argv, arch);
	if (g->keyring) {
		keyring = xt_printf("--keyring=%s", g->keyring);
		list_add(&argv, keyring);
		free(keyring);
	}
	if (uses_cache(g) && !is_c)
		add_option(&argv, "--cache-dir", cache);
	if (get(g, "apt_proxy"))
		setenv("http_proxy", get(g, "apt_proxy"), 1);
	list_add(&argv, g->dist.suite);
	list_add(&argv, directory);
	list_add(&argv, g->mirror);
	run_or_die("installing", (const char *const *)argv.items);
	complete_debootstrap(g, directory);
	list_free(&argv);
	free(arch);
	free(cache);
}

static void copy(const char *source, const char *directory)
{
	char *all = xt_printf("%s/.", source);

	if (mkdir(directory, 0755))
		die(XT_FAILED, "%s: %s", directory, strerror(errno));
	run_or_die("copying", (const char *const[]){ "cp", "-a", "--one-file-system", "--", all,
						     directory, NULL });
	free(all);
}

static void run_rinse(const struct guest *g, const char *directory)
{
	char *dist = xt_printf("--distribution=%s", g->dist.suite);
	char *arch = xt_printf("--arch=%s", g->arch),
	     *into = xt_printf("--directory=%s", directory);

	run_or_die("installing", (const char *const[]){ "rinse", dist, arch, into, NULL });
	free(dist);
	free(arch);
	free(into);
}

/* Keys and identities that packages made are each guest's own. */
static void make_anonymous(const char *directory)
{
	struct tree t;

	tree_open(&t, directory);
	run_in(directory,
	       (const char *const[]){ "sh", "-c", "rm -f /etc/ssh/ssh_host_*_key*", NULL }, NULL,
	       NULL);
	if (tree_exists(&t, "/etc/machine-id"))
		tree_write(&t, "/etc/machine-id", 0444, "");
	tree_remove(&t, "/var/lib/dbus/machine-id");
	tree_remove(&t, "/var/lib/systemd/random-seed");
	close(t.fd);
}

static void install_fresh(const struct guest *g, const char *directory)
{
	stage("Installing %s (%s) from %s", g->dist.suite, g->arch, g->mirror);
	if (!strcmp(g->method, "mmdebstrap"))
		run_mmdebstrap(g, directory);
	else
		run_debootstrap(g, directory);
	make_anonymous(directory);
}

/* APT takes one user of its directory at a time, and refuses others.  Returns whether there was another before us. */
static bool lock_packages(const struct guest *g, int *fd)
{
	char *directory = package_directory(g);
	bool waited = false;

	*fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		stage("Waiting for another installation, which uses %s", directory);
		waited = true;
		while (flock(*fd, LOCK_EX) && errno == EINTR)
			;
	}
	free(directory);
	return waited;
}

static void unpack_base(const struct guest *g, const char *base, const char *directory)
{
	stage("Unpacking the base system of %s (%s)", g->dist.suite, g->arch);
	unpack(base, directory, true);
}

/* Who waited for somebody else's installation may find the base system made by it. */
static void install_with_cache(const struct guest *g, const char *directory)
{
	char *base = base_path(g);
	int lock = -1;

	if (base_is_good(base) || (lock_packages(g, &lock) && base_is_good(base))) {
		unpack_base(g, base, directory);
	} else {
		install_fresh(g, directory);
		stage("Keeping the base system for the next guest");
		keep_base(directory, base);
	}
	if (lock >= 0)
		close(lock);
	free(base);
}

void install_system(const struct guest *g, const char *directory)
{
	if (!strcmp(g->method, "tar")) {
		stage("Unpacking %s", get(g, "install-source"));
		unpack(get(g, "install-source"), directory, false);
	} else if (!strcmp(g->method, "copy")) {
		stage("Copying %s", get(g, "install-source"));
		copy(get(g, "install-source"), directory);
	} else if (!strcmp(g->method, "rinse")) {
		stage("Installing %s with rinse", g->dist.suite);
		run_rinse(g, directory);
	} else if (!uses_cache(g)) {
		install_fresh(g, directory);
	} else {
		install_with_cache(g, directory);
	}
	if (chmod(directory, 0755))
		die(XT_FAILED, "%s: %s", directory, strerror(errno));
}
