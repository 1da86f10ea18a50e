/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of a Xen guest with privileges (dom0): hypercalls through /dev/xen/privcmd, event
 * channels, grants. The hypercall rows contain the ioctl's own system call, which
 * hc_ioctl_base measures.
 */
#define _GNU_SOURCE
/* Without it the headers give the hypercall numbers of Xen 3.0. */
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#include "bench.h"

#define MULTICALL_ENTRIES 64
#define EXTENTS		  256
#define COPY_SEGMENTS	  16
#define DOM0		  0
#define GRANT_PATTERN	  0x5a
#define IOCTL_UNKNOWN	  _IOC(_IOC_NONE, 'P', 0xee, 0)	/* no driver of this kind has it */

/* Linux's xen/privcmd.h, which cannot be included outside the kernel. */
struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

static int privcmd;
static struct privcmd_hypercall call;	/* what hypercall_repeat does */

static long hypercall(unsigned long op, unsigned long first, unsigned long second)
{
	struct privcmd_hypercall one = { .op = op, .arg = { first, second } };

	return ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &one);
}

static bool ioctl_repeat(long n)
{
	region_begin();
	while (n--)
		ioctl(privcmd, IOCTL_UNKNOWN, &call);
	region_end();
	return true;
}

static bool hypercall_repeat(long n)
{
	if (ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &call) < 0 && errno != ENOSYS)
		return row_skip(strerror(errno));
	region_begin();
	while (n--)
		ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &call);
	region_end();
	return true;
}

static void hypercall_row(const char *name, long repeats, double units,
			  struct privcmd_hypercall what)
{
	struct row row = { name, "call", hypercall_repeat, repeats, 5, units };

	call = what;
	row_run(&row);
}

static void mmuext_rows(void)
{
	struct mmuext_op flush = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	struct mmuext_op invalidate = { .cmd = MMUEXT_INVLPG_LOCAL };

	invalidate.arg1.linear_addr = (unsigned long)buffer_from;
	hypercall_row("hc_tlb_flush_local", 500, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_mmuext_op,
						  { (uintptr_t)&flush, 1, 0, DOMID_SELF } });
	hypercall_row("hc_invlpg_local", 500, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_mmuext_op,
						  { (uintptr_t)&invalidate, 1, 0, DOMID_SELF } });
}

static void multicall_row(void)
{
	static struct multicall_entry entries[MULTICALL_ENTRIES]
		__attribute__((aligned(PAGE_SIZE)));

	for (unsigned int i = 0; i < MULTICALL_ENTRIES; i++)
		entries[i].op = __HYPERVISOR_xen_version;	/* 0: XENVER_version, no argument */
	hypercall_row("hc_multicall_64", 100, MULTICALL_ENTRIES,
		      (struct privcmd_hypercall){ __HYPERVISOR_multicall,
						  { (uintptr_t)entries, MULTICALL_ENTRIES } });
}

static void hypercall_rows(void)
{
	static const struct row base = { "hc_ioctl_base", "call", ioctl_repeat, 1000, 5, 1 };
	static char extra_version[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	static struct evtchn_status status;

	/* What the hypervisor writes to must be mapped: it takes no faults for us. */
	memset(extra_version, 0, sizeof(extra_version));
	status = (struct evtchn_status){ .dom = DOMID_SELF, .port = 1 };
	row_run(&base);
	hypercall_row("hc_nosys", 1000, 1, (struct privcmd_hypercall){ 47, { 0 } });
	hypercall_row("hc_version", 1000, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_xen_version, { XENVER_version } });
	hypercall_row(
		"hc_version_copy16", 1000, 1,
		(struct privcmd_hypercall){ __HYPERVISOR_xen_version,
					    { XENVER_extraversion, (uintptr_t)extra_version } });
	hypercall_row("hc_evtchn_status", 1000, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_event_channel_op,
						  { EVTCHNOP_status, (uintptr_t)&status } });
	hypercall_row("hc_vcpu_is_up", 1000, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_vcpu_op, { VCPUOP_is_up, 0 } });
	hypercall_row("hc_sched_yield", 1000, 1,
		      (struct privcmd_hypercall){ __HYPERVISOR_sched_op, { SCHEDOP_yield } });
	mmuext_rows();
	multicall_row();
}

static long reservation_change(unsigned long command, xen_pfn_t *frames, long count)
{
	struct xen_memory_reservation reservation = { .nr_extents = count, .domid = DOMID_SELF };

	set_xen_guest_handle(reservation.extent_start, frames);
	return hypercall(__HYPERVISOR_memory_op, command, (uintptr_t)&reservation);
}

/* @n pages from the hypervisor's allocator, and back to it. */
static bool memory_take_give(long n)
{
	static xen_pfn_t frames[EXTENTS];

	memset(frames, 0, sizeof(frames));
	while (n > 0) {
		long part = n < EXTENTS ? n : EXTENTS, taken, given = 0;

		region_begin();
		taken = reservation_change(XENMEM_increase_reservation, frames, part);
		if (taken > 0)
			given = reservation_change(XENMEM_decrease_reservation, frames, taken);
		region_end();
		if (taken != part || given != part)
			return row_skip("the reservation cannot change");
		n -= part;
	}
	return true;
}

/* Event channels */

static int evtchn;
static unsigned int own_port;	/* bound to a port of this very domain */

static int port_make(int device)
{
	struct ioctl_evtchn_bind_unbound_port bind = { .remote_domain = DOMID_SELF };

	return ioctl(device, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind);
}

static int port_join(int device, unsigned int remote_port)
{
	struct ioctl_evtchn_bind_interdomain bind = { .remote_domain = DOMID_SELF,
						      .remote_port = remote_port };

	return ioctl(device, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);
}

static void event_send(int device, unsigned int port)
{
	struct ioctl_evtchn_notify notify = { .port = port };

	ioctl(device, IOCTL_EVTCHN_NOTIFY, &notify);
}

/* Wait for an event, and let the next one come. */
static bool event_take(int device)
{
	unsigned int port;

	return read(device, &port, sizeof(port)) == sizeof(port) &&
	       write(device, &port, sizeof(port)) == sizeof(port);
}

/* Take what the binding itself has raised. */
static void events_drain(int device)
{
	fcntl(device, F_SETFL, O_NONBLOCK);
	while (event_take(device))
		;
	fcntl(device, F_SETFL, 0);
}

static bool port_open_close(long n)
{
	region_begin();
	while (n--) {
		struct ioctl_evtchn_unbind unbind;
		int port = port_make(evtchn);

		if (port < 0)
			die("an unbound port");
		unbind.port = port;
		ioctl(evtchn, IOCTL_EVTCHN_UNBIND, &unbind);
	}
	region_end();
	return true;
}

static bool event_to_self(long n)
{
	region_begin();
	while (n--) {
		event_send(evtchn, own_port);
		if (!event_take(evtchn))
			die("event");
	}
	region_end();
	return true;
}

static bool event_while_pending(long n)
{
	event_send(evtchn, own_port);
	region_begin();
	while (n--)
		event_send(evtchn, own_port);
	region_end();
	return event_take(evtchn);
}

/* Answer each event on a port joined to @port; says on @ready that it is. */
static void event_echo(unsigned int port, int ready)
{
	int device = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
	int joined = port_join(device, port);

	if (write(ready, joined < 0 ? "-" : "+", 1) != 1 || joined < 0)
		_exit(1);
	while (event_take(device))
		event_send(device, joined);
	_exit(0);
}

static bool event_round_trips(long n)
{
	int device = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC), ready[2],
	    port = port_make(device);
	pid_t child;
	char answer;

	if (port < 0 || pipe(ready))
		return row_skip("no port");
	child = fork();
	if (!child)
		event_echo(port, ready[1]);
	if (read(ready[0], &answer, 1) != 1 || answer != '+')
		return row_skip("the peer could not bind");
	events_drain(device);
	region_begin();
	while (n--) {
		event_send(device, port);
		if (!event_take(device))
			die("event");
	}
	region_end();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(device);
	close(ready[0]);
	close(ready[1]);
	return true;
}

static void event_rows(void)
{
	static const struct row port_row = {
		"evtchn_alloc_close", "port", port_open_close, 100, 3, 1
	};
	static const struct row rows[] = {
		{ "evtchn_self", "event", event_to_self, 500, 5, 1 },
		{ "evtchn_send_pending", "call", event_while_pending, 500, 5, 1 },
		{ "evtchn_pingpong", "roundtrip", event_round_trips, 300, 5, 1 },
		{ .name = NULL },
	};
	int port;

	evtchn = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
	if (evtchn < 0) {
		puts("SKIP evtchn no device");
		return;
	}
	row_run(&port_row);
	port = port_make(evtchn);
	own_port = port;
	if (port < 0 || port_join(evtchn, own_port) < 0)
		die("a pair of ports");
	events_drain(evtchn);
	rows_run(rows);
}

/* Grants */

static int gntdev;
static uint32_t grant;		/* of a page of ours to ourselves, filled with GRANT_PATTERN */

static bool grant_make(void)
{
	struct ioctl_gntalloc_alloc_gref request = { .domid = DOM0,
						     .flags = GNTALLOC_FLAG_WRITABLE,
						     .count = 1 };
	int device = open("/dev/xen/gntalloc", O_RDWR);
	char *page;

	if (device < 0 || ioctl(device, IOCTL_GNTALLOC_ALLOC_GREF, &request) < 0)
		return false;
	page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, device, request.index);
	if (page == MAP_FAILED)
		return false;
	memset(page, GRANT_PATTERN, PAGE_SIZE);
	grant = request.gref_ids[0];
	return true;
}

static bool grant_copy(long n)
{
	struct gntdev_grant_copy_segment segments[COPY_SEGMENTS] = { 0 };
	struct ioctl_gntdev_grant_copy request = { .count = COPY_SEGMENTS, .segments = segments };
	long calls = (n + COPY_SEGMENTS - 1) / COPY_SEGMENTS;

	for (unsigned int i = 0; i < COPY_SEGMENTS; i++) {
		segments[i].source.foreign.ref = grant;
		segments[i].source.foreign.domid = DOM0;
		segments[i].dest.virt = buffer_to + i * PAGE_SIZE;
		segments[i].len = PAGE_SIZE;
		segments[i].flags = GNTCOPY_source_gref;
	}
	buffer_to[100] = 0;
	if (ioctl(gntdev, IOCTL_GNTDEV_GRANT_COPY, &request) < 0 || segments[0].status ||
	    buffer_to[100] != GRANT_PATTERN)
		return row_skip("grant copy fails");
	region_begin();
	while (calls--)
		ioctl(gntdev, IOCTL_GNTDEV_GRANT_COPY, &request);
	region_end();
	return true;
}

static bool grant_map_once(void)
{
	struct ioctl_gntdev_map_grant_ref request = { .count = 1,
						      .refs = { { .domid = DOM0, .ref = grant } } };
	struct ioctl_gntdev_unmap_grant_ref unmap = { .count = 1 };
	volatile char *page;

	if (ioctl(gntdev, IOCTL_GNTDEV_MAP_GRANT_REF, &request) < 0)
		return false;
	page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, gntdev, request.index);
	if (page == MAP_FAILED)
		return false;
	if (page[100] != GRANT_PATTERN)
		die("the granted page");
	munmap((char *)(uintptr_t)page, PAGE_SIZE);
	unmap.index = request.index;
	ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap);
	return true;
}

static bool grant_map_unmap(long n)
{
	bool is_good = true;

	region_begin();
	while (n-- && is_good)
		is_good = grant_map_once();
	region_end();
	return is_good ? true : row_skip("grant map fails");
}

static void grant_rows(void)
{
	static const struct row rows[] = {
		{ "grant_map_unmap", "page", grant_map_unmap, 200, 3, 1 },
		{ "grant_copy_4k", "page", grant_copy, 512, 3, 1 },
		{ .name = NULL },
	};

	gntdev = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	if (gntdev < 0 || !grant_make()) {
		puts("SKIP grant no device");
		return;
	}
	rows_run(rows);
}

void xen_rows_run(void)
{
	static const struct row memory_row = {
		"mem_alloc_free", "page", memory_take_give, 1024, 3, 1
	};

	privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (privcmd < 0) {
		puts("SKIP hypercalls no privcmd");
		return;
	}
	hypercall_rows();
	row_run(&memory_row);
	event_rows();
	grant_rows();
}
