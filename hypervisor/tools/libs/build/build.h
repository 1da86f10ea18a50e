/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a new domain into one that has a kernel to run: memory, the start-of-day
 * layout of xen/xen.h, page tables, console and store rings, first vCPU.
 *
 * In the order of use: build_kernel_open() before anything is created, so that
 * a bad kernel is told early; ctrl_domain_create(), ctrl_domain_set_max_vcpus()
 * and ctrl_domain_set_max_memory(); then build_pv(). The caller introduces the
 * store ring to xenstored, writes the console's nodes, and unpauses.
 *
 * Kernels are not trusted: every number in them is checked before its use.
 * Functions, which are for one thread at a time, return 0 or a negative errno with a text in @why, a cause without
 * the program's or the file's name: "kernel is truncated". Users link with
 * libctrl.a and -lz -llzma -lzstd -llz4.
 */
#ifndef BUILD_H
#define BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ctrl/ctrl.h>

#define BUILD_CACHE "/var/cache/zazen"

struct build_why {
	char text[160];		/* "" unless something failed */
};

/*
 * A kernel that has been found usable: bzImage with a gzip, xz, lz4 or zstd payload, an ELF file,
 * or one of these packed with gzip (xz, lz4, zstd) as a whole.
 */
struct build_kernel;

/*
 * Open the kernel in the file @path. Packed ones are unpacked once and kept in the folder
 * @cache, at most @cache_limit bytes of them (0: 256 MiB); NULL for no such folder. A cache that
 * cannot be used is no error. -ENOENT and others of open(); -ENOEXEC: not a kernel; -EINVAL:
 * a broken one, or not for Xen; -E2BIG: unpacks to more than 1 GiB.
 */
int build_kernel_open(const char *path, const char *cache, uint64_t cache_limit,
		      struct build_kernel **out, struct build_why *why);
void build_kernel_close(struct build_kernel *kernel);	/* NULL is fine */

/* GUEST_OS, GUEST_VERSION and LOADER as the kernel's notes have them; "" for none. */
struct build_kernel_identity {
	char os[32], version[32], loader[32];
};
void build_kernel_identity(const struct build_kernel *kernel, struct build_kernel_identity *out);

struct build_pv_options {
	const struct build_kernel *kernel;
	const char *ramdisk;		/* file, as it is; NULL for none */
	const char *cmdline;		/* NULL for none; up to 1023 bytes */
	uint64_t page_count;		/* memory at the start */
	domid_t console_domid;		/* who serves the console, dom0 mostly */
	domid_t store_domid;		/* who serves the store, dom0 mostly */
	uint32_t flags;			/* more SIF_* for the guest */
};

/* What others must be told about the new domain. */
struct build_pv_result {
	xen_pfn_t console_mfn, store_mfn;
	evtchn_port_t console_port, store_port;		/* of the new domain */
	uint64_t needed_pages;		/* what kernel, ramdisk and tables take of the memory */
};

/*
 * Can this be built at all? To be asked before the domain is created: -ENOENT and others of
 * open() of the ramdisk, -ENOMEM more than @page_count pages needed, -EINVAL the kernel asks for
 * a layout that no PV guest can have, -E2BIG the command line is too long. Sets
 * ->needed_pages of @result, if that is not NULL.
 */
int build_pv_check(const struct build_pv_options *options, struct build_pv_result *result,
		   struct build_why *why);

/*
 * Build the domain, which has no memory yet and has its vCPUs. vCPU 0 is ready to run, the domain
 * stays paused. After an error the domain is half-made and to be destroyed by the caller.
 */
int build_pv(struct ctrl *c, domid_t domid, const struct build_pv_options *options,
	     struct build_pv_result *result, struct build_why *why);

#endif
