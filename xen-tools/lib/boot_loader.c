// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB on a disk layout, see disk.h.  Its programs are the guest's own; the menu is written by the guest's update-grub,
 * whose questions about disks are answered by a small script, as the disk is not there yet.  On classic volumes there is
 * the menu alone: the host's boot loader reads it.
 */
#include "disk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "report.h"
#include "run.h"

#define SECTOR 512

/* Places in GRUB's images, of its manual's and headers' (include/grub/i386/pc/boot.h, diskboot.h). */
#define BOOT_DRIVE_CHECK \
	0x66 /* two bytes: a jump, or nops where firmware tells the drive wrongly */
#define BOOT_CORE_SECTOR 0x5c /* where boot.img finds core.img: eight bytes */
#define BOOT_CODE_SIZE	 440  /* what follows is the disk's signature and table */
#define CORE_LIST	 (SECTOR - 12) /* the last entry of diskboot.img's list: start, length, segment */

int grub_embed(int fd, const struct text *boot, const struct text *core, uint64_t offset,
	       uint64_t room)
{
	uint64_t sector = htole64(offset / SECTOR), next = htole64(offset / SECTOR + 1);
	char boot_code[SECTOR];
	char *image;
	int rc = 0;

	if (boot->length != SECTOR || core->length < 2 * SECTOR || core->length > room)
		return -EINVAL;
	memcpy(boot_code, boot->data, SECTOR);
	memcpy(boot_code + BOOT_CORE_SECTOR, &sector, sizeof(sector));
	memcpy(boot_code + BOOT_DRIVE_CHECK, "\x90\x90", 2);
	image = xt_alloc(core->length);
	memcpy(image, core->data, core->length);
	memcpy(image + CORE_LIST, &next, sizeof(next));
	if (pwrite(fd, boot_code, BOOT_CODE_SIZE, 0) != BOOT_CODE_SIZE ||
	    pwrite(fd, image, core->length, (off_t)offset) != (ssize_t)core->length)
		rc = errno ? -errno : -EIO;
	free(image);
	return rc;
}

static void guest_run(const struct tree *t, const char *what, const char *const argv[])
{
	if (run_in(t->path, argv, NULL, NULL))
		die(XT_FAILED, "%s: %s", what, log_reason());
}

static void make_core(const struct guest *g, const struct tree *t, const char *format,
		      const char *output, const char *extra)
{
	const struct file_system *root = guest_root(g);
	const char *fs_module = starts_with(root->partition->type, "ext") ? "ext2" :
									    root->partition->type;
	char *config = xt_printf("search.fs_uuid %s root\nset prefix=($root)/boot/grub\n",
				 root->uuid);

	tree_write(t, "/boot/grub/load.cfg", 0644, config);
	guest_run(t, "grub-mkimage",
		  (const char *const[]){ "grub-mkimage", "-O", format, "-p", "/boot/grub", "-c",
					 "/boot/grub/load.cfg", "-o", output, "part_gpt", fs_module,
					 "search_fs_uuid", "normal", extra, NULL });
	free(config);
}

static void copy_modules(const struct tree *t, const char *format)
{
	char *from = xt_printf("/usr/lib/grub/%s", format);

	tree_mkdir(t, "/boot/grub", 0755);
	guest_run(t, "GRUB's modules",
		  (const char *const[]){ "cp", "-r", from, "/boot/grub/", NULL });
	free(from);
}

static void install_bios(const struct guest *g, const struct tree *t)
{
	struct text boot = { 0 }, core = { 0 };
	int fd, rc;

	copy_modules(t, "i386-pc");
	make_core(g, t, "i386-pc", "/boot/grub/i386-pc/core.img", "biosdisk");
	if (tree_read(t, "/boot/grub/i386-pc/boot.img", &boot) ||
	    tree_read(t, "/boot/grub/i386-pc/core.img", &core))
		die(XT_FAILED, "the guest's GRUB has no images");
	fd = open(g->volumes[0].path, O_RDWR | O_CLOEXEC);
	rc = fd < 0 ? -errno : grub_embed(fd, &boot, &core, DISK_START, BIOS_BOOT_SIZE);
	if (rc)
		die(XT_FAILED, "GRUB for BIOS: %s", strerror(-rc));
	close(fd);
	text_free(&boot);
	text_free(&core);
}

/* On the removable medium's path, which every firmware tries without an entry of its own. */
static void install_efi(const struct guest *g, const struct tree *t)
{
	bool is_i386 = !strcmp(g->arch, "i386");
	const char *format = is_i386 ? "i386-efi" : "x86_64-efi";
	const char *disk = g->volumes[0].path;
	char *sector = xt_printf("%llu", (unsigned long long)(g->efi_offset / SECTOR));
	char *size = xt_printf("%llu", (unsigned long long)(EFI_SIZE / KIB));
	char *image = xt_printf("%s@@%llu", disk, (unsigned long long)g->efi_offset);
	char *loader = xt_printf("%s/boot/grub/boot.efi", t->path);
	const char *name = is_i386 ? "::/EFI/BOOT/BOOTIA32.EFI" : "::/EFI/BOOT/BOOTX64.EFI";

	copy_modules(t, format);
	make_core(g, t, format, "/boot/grub/boot.efi", "fat");
	run_or_die("the EFI partition",
		   (const char *const[]){ "mkfs.vfat", "-F", "16", "-n", "EFI", "-i", g->efi_id,
					  "--offset", sector, disk, size, NULL });
	run_or_die("the EFI partition",
		   (const char *const[]){ "mmd", "-i", image, "::/EFI", "::/EFI/BOOT", NULL });
	run_or_die("the EFI partition",
		   (const char *const[]){ "mcopy", "-i", image, loader, name, NULL });
	tree_remove(t, "/boot/grub/boot.efi");
	free(sector);
	free(size);
	free(image);
	free(loader);
}

/* What grub-probe(8) will say in the guest, by the last word of each question that update-grub asks. */
static void answer_probe(const struct guest *g, const struct tree *t)
{
	const struct file_system *root = guest_root(g);
	bool whole = g->layout == LAYOUT_DISK;
	char *device = whole ? xt_printf("%s%u", root->volume->device, root->number) :
			       xt_dup(root->volume->device);
	char *script = xt_printf(
		"#!/bin/sh\nfor word; do case $word in --target=*) t=${word#*=} ;; -t) t=next ;;\n"
		"*) [ \"$t\" != next ] || t=$word ;; esac; done\ncase $t in\n"
		"device) echo /dev/%s ;;\nfs_uuid) echo %s ;;\nfs) echo %s ;;\npartmap) echo %s ;;\n"
		"drive) echo '(hd0)' ;;\n*) ;;\nesac\n",
		device, root->uuid,
		starts_with(root->partition->type, "ext") ? "ext2" : root->partition->type,
		whole ? "gpt" : "");
	char *probe = xt_printf("%s/usr/sbin/grub-probe", t->path);
	char *ours = xt_printf("%s/boot/grub/.probe", t->path);
	char *by_uuid = xt_printf("/dev/disk/by-uuid/%s", root->uuid);

	/* Without it the kernel's root= would be the device's name, which is another one on each machine. */
	tree_write(t, by_uuid, 0644, "");
	tree_write(t, "/boot/grub/.probe", 0755, script);
	if (mount(ours, probe, NULL, MS_BIND, NULL))
		die(XT_FAILED, "%s: %s", probe, strerror(errno));
	guest_run(t, "update-grub",
		  (const char *const[]){ "grub-mkconfig", "-o", "/boot/grub/grub.cfg", NULL });
	if (umount(probe))
		die(XT_FAILED, "%s: %s", probe, strerror(errno));
	tree_remove(t, "/boot/grub/.probe");
	free(device);
	free(script);
	free(probe);
	free(ours);
	free(by_uuid);
}

static void install_stages(const struct guest *g, const struct tree *t)
{
	if (!tree_exists(t, "/usr/bin/grub-mkimage")) {
		report_note(
			"the system has no GRUB: its disk boots only with a kernel of the host");
		return;
	}
	if (tree_exists(t, "/usr/lib/grub/i386-pc/boot.img"))
		install_bios(g, t);
	if (tree_exists(t, strcmp(g->arch, "i386") ? "/usr/lib/grub/x86_64-efi/moddep.lst" :
						     "/usr/lib/grub/i386-efi/moddep.lst"))
		install_efi(g, t);
}

/* Kernels that GRUB as a guest's kernel cannot unpack: see hooks/grub-menu. */
static void add_menu_script(const struct tree *t)
{
	const char *shared = getenv("XEN_TOOLS_SHARE");
	char *file = xt_printf("%s/grub-menu", shared ? shared : "/usr/share/xen-tools");
	struct text script = { 0 };

	if (file_read(file, &script))
		die(XT_ENVIRONMENT, "%s is not there", file);
	tree_write(t, "/etc/grub.d/09_xen-tools", 0755, text_get(&script));
	text_free(&script);
	free(file);
}

void disk_boot_loader(const struct guest *g, const struct tree *t)
{
	if (g->layout == LAYOUT_DISK)
		install_stages(g, t);
	if (!tree_exists(t, "/usr/sbin/grub-mkconfig") || !tree_exists(t, "/usr/sbin/grub-probe"))
		return;
	tree_mkdir(t, "/boot/grub", 0755);
	add_menu_script(t);
	answer_probe(g, t);
}
