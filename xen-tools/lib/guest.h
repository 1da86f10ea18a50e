/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest as it is to be: everything that is known before anything is made.  guest_plan() turns settings into this and
 * refuses what cannot be; the other files carry it out.
 */
#ifndef XT_GUEST_H
#define XT_GUEST_H

#include "config.h"
#include "tree.h"
#include "values.h"

#define DISK_START MIB	    /* the first partition's */
#define BIOS_BOOT_SIZE MIB  /* GRUB's core image */
#define EFI_SIZE (64 * MIB) /* GRUB for UEFI */

enum { ADDRESSES_MOST = 64, VOLUMES_MOST = PARTITIONS_MOST };

enum layout {
	LAYOUT_DISK,	/* one volume: GPT with BIOS boot, EFI, file systems */
	LAYOUT_CLASSIC, /* one volume for each file system */
};

enum backend {
	STORE_FILES,
	STORE_LVM,
	STORE_ZFS,
	STORE_DEVICES, /* --image-dev */
};

struct volume {
	char *name; /* "disk", "swap", or the section's */
	char *path;
	char *device; /* in the guest: xvda, xvda2 */
	uint64_t size;
	struct partition *only; /* classic: what is on it */
};

struct file_system {
	struct partition *partition;
	struct volume *volume;
	uint64_t offset; /* in the volume */
	unsigned int number; /* of the partition; 0: the whole volume */
	char *uuid;
};

struct guest {
	struct settings *settings;
	const char *name; /* host name as given */
	char *host, *domain; /* its first label, and the rest or "" */
	struct distribution dist;
	const char *arch;
	char *mirror, *keyring;
	const char *method;

	enum layout layout;
	enum backend backend;
	char *directory; /* STORE_FILES: where files are */
	struct partitions partitions;
	struct volume volumes[VOLUMES_MOST];
	size_t volume_count;
	struct file_system file_systems[PARTITIONS_MOST];
	size_t file_system_count;
	char *efi_id; /* eight hexadecimal digits */
	uint64_t efi_offset;

	bool dhcp;
	struct address addresses[ADDRESSES_MOST];
	size_t address_count;
	struct list gateways, nameservers, search;
	char *mac;
	char *pool_address; /* taken from the pool */

	bool own_kernel; /* boots the kernel inside */
	char *kernel, *initrd, *modules; /* of the host, otherwise */
	char *password; /* root's, NULL: none */
	bool password_made;
	char *config_path;
	char *template;
};

/* Fills @g from @s.  Ends the program with XT_USAGE or XT_ENVIRONMENT after saying all that is wrong. */
void guest_plan(struct guest *g, struct settings *s);
/* Built-in values, files, and what the command line said already. */
void guest_defaults(struct settings *s);
struct file_system *guest_root(const struct guest *g);
struct file_system *guest_swap(const struct guest *g);
/* The directory of log, cache and the like: @root_path for root, below $HOME otherwise. */
char *user_path(const char *root_path, const char *variable, const char *home_path);

#endif
