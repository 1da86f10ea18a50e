/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest KERNEL RAMDISK CMDLINE MIB VCPUS [CACHE]: the lower half of the toolstack by itself. Creates a PV
 * guest, prints what its console says and how it ended, and destroys it; already when the console says
 * what is in the environment's UNTIL. The lines "guest: STEP NUMBER" are the TSC's difference of a step:
 * instructions, when QEMU counts them (-icount shift=0,sleep=off).
 */
#include <build/build.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include <x86intrin.h>
#include <xen/io/console.h>
#include <xen/sched.h>
#include <xenevtchn.h>
#include <xenstore.h>

#define SECONDS_TO_LIVE 120

static struct ctrl *ctrl;
static domid_t domid;		/* 0: there is none */

static void say(const char *step, unsigned long long since)
{
	printf("guest: %s %llu\n", step, __rdtsc() - since);
	fflush(stdout);
}

static void die(const char *what, const char *why)
{
	printf("guest: failed: %s: %s\n", what, why);
	if (domid)
		ctrl_domain_destroy(ctrl, domid);
	exit(1);
}

static void need(int rc, const char *what)
{
	if (rc < 0)
		die(what, strerror(-rc));
}

static void create(unsigned long mib, unsigned int vcpus)
{
	struct xen_domctl_createdomain config = {
		.max_vcpus = vcpus,
		.max_evtchn_port = 1023,
		.max_grant_frames = 64,
		.max_maptrack_frames = 1024,
		.grant_opts = XEN_DOMCTL_GRANT_version(2),
	};

	if (getrandom(config.handle, sizeof(config.handle), 0) != sizeof(config.handle))
		die("handle", strerror(errno));
	need(ctrl_domain_create(ctrl, &config, &domid), "createdomain");
	need(ctrl_domain_set_max_vcpus(ctrl, domid, vcpus), "max_vcpus");
	need(ctrl_domain_set_max_memory(ctrl, domid, mib << 10), "max_mem");
}

/* The store's part: without a domain path and a ring, Linux waits for it. */
static struct xs_handle *introduce(const struct build_pv_result *built)
{
	struct xs_handle *store = xs_open(0);
	struct xs_permissions theirs = { .id = domid, .perms = XS_PERM_NONE };
	char path[64];

	if (!store)
		die("xenstored", strerror(errno));
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	if (!xs_mkdir(store, XBT_NULL, path) ||
	    !xs_set_permissions(store, XBT_NULL, path, &theirs, 1) ||
	    !xs_introduce_domain(store, domid, built->store_mfn, built->store_port))
		die("introduction to xenstored", strerror(errno));
	return store;
}

static char tail[256];		/* the console's last characters */

static void console_put(char c)
{
	memmove(tail, tail + 1, sizeof(tail) - 2);
	tail[sizeof(tail) - 2] = c;
	putchar(c);
}

/* Has the console said what the caller waits for? */
static bool said_enough(void)
{
	const char *until = getenv("UNTIL");

	return until && memmem(tail, sizeof(tail), until, strlen(until));
}

/* Everything in the guest's output ring to stdout. */
static void console_drain(volatile struct xencons_interface *ring)
{
	XENCONS_RING_IDX from = ring->out_cons, to = ring->out_prod;

	__sync_synchronize();
	if (to - from > sizeof(ring->out))
		die("console", "its ring is broken");
	while (from != to)
		console_put(ring->out[MASK_XENCONS_IDX(from++, ring->out)]);
	__sync_synchronize();
	ring->out_cons = from;
	fflush(stdout);
}

/* Until the guest has ended. Returns why it did (SHUTDOWN_*), or -1. */
static int watch(volatile struct xencons_interface *ring, xenevtchn_handle *events,
		 evtchn_port_t port)
{
	struct pollfd fd = { .fd = xenevtchn_fd(events), .events = POLLIN };
	struct xen_domctl_getdomaininfo info;
	int seconds;

	for (seconds = 0; seconds < SECONDS_TO_LIVE && !said_enough();) {
		if (poll(&fd, 1, 1000) > 0) {
			xenevtchn_unmask(events, xenevtchn_pending(events));
		} else {
			seconds++;
		}
		console_drain(ring);
		xenevtchn_notify(events, port);
		need(ctrl_domain_info(ctrl, domid, &info), "getdomaininfo");
		if (info.flags & XEN_DOMINF_shutdown)
			return info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	}
	return -1;
}

static void run(const struct build_pv_result *built)
{
	xen_pfn_t frame = built->console_mfn;
	struct xencons_interface *ring;
	struct xs_handle *store;
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	int port, reason;

	if (!events)
		die("evtchn", strerror(errno));
	ring = ctrl_map(ctrl, domid, PROT_READ | PROT_WRITE, &frame, 1);
	if (!ring)
		die("console ring", strerror(errno));
	port = xenevtchn_bind_interdomain(events, domid, built->console_port);
	if (port < 0)
		die("console port", strerror(errno));
	store = introduce(built);

	need(ctrl_domain_unpause(ctrl, domid), "unpausedomain");
	reason = watch(ring, events, port);
	printf("\nguest: ended %d\n", reason);
	ctrl_unmap(ctrl, ring, 1);
	xenevtchn_close(events);
	xs_release_domain(store, domid);
	xs_close(store);
}

int main(int argc, char **argv)
{
	struct build_pv_options options = { .page_count = 0 };
	struct build_pv_result built;
	struct build_kernel *kernel;
	struct build_why why = { "" };
	unsigned long long t;

	if (argc < 6)
		return 2;
	need(ctrl_open(&ctrl), "privcmd");
	t = __rdtsc();
	if (build_kernel_open(argv[1], argc > 6 ? argv[6] : NULL, 0, &kernel, &why))
		die(argv[1], why.text);
	say("open", t);
	options.kernel = kernel;
	options.ramdisk = argv[2][0] ? argv[2] : NULL;
	options.cmdline = argv[3];
	options.page_count = strtoul(argv[4], NULL, 0) << 8;
	if (build_pv_check(&options, &built, &why))
		die(argv[1], why.text);

	t = __rdtsc();
	create(options.page_count >> 8, strtoul(argv[5], NULL, 0));
	say("create", t);
	t = __rdtsc();
	if (build_pv(ctrl, domid, &options, &built, &why))
		die(argv[1], why.text);
	say("build", t);
	build_kernel_close(kernel);
	run(&built);
	t = __rdtsc();
	need(ctrl_domain_destroy(ctrl, domid), "destroydomain");
	say("destroy", t);
	ctrl_close(ctrl);
	return 0;
}
