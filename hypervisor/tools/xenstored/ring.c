// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients in domains: a page that both sides write, and an event channel (misc/xenstore-ring.txt in xen-doc, xen/io/xs_wire.h).
 * Whatever a guest writes into its page is read once and checked; the worst it can do is end its connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>

#include "server.h"

#define RING_BYTES ((uint32_t)XENSTORE_RING_SIZE)
#define RING_PAGE 4096

struct xen_world {
	xenevtchn_handle *evtchn;
	xengnttab_handle *gnttab;
	xenforeignmemory_handle *memory;
	xencall_handle *call;
	evtchn_port_t ended_port; /* VIRQ_DOM_EXC */
};

static struct xen_world world;

static struct xenstore_domain_interface *ring_of(struct server *sv, uint32_t slot)
{
	return sv->connections[slot].ring;
}

static void notify(struct server *sv, uint32_t slot)
{
	xenevtchn_notify(sv->xen->evtchn, sv->state->slots[slot].local_port);
}

/* The guest asks for a connection without history. */
static bool wants_reconnect(struct xenstore_domain_interface *ring)
{
	return __atomic_load_n(&ring->connection, __ATOMIC_ACQUIRE) == XENSTORE_RECONNECT;
}

static void reconnect(struct server *sv, uint32_t i)
{
	struct xenstore_domain_interface *ring = ring_of(sv, i);
	struct slot *slot = &sv->state->slots[i];

	server_reset(sv, i);
	slot_forget_input(slot);
	slot_out_done(slot);
	ring->req_cons = ring->req_prod = 0;
	ring->rsp_cons = ring->rsp_prod = 0;
	atomic_store(&slot->in_position, 0);
	slot->in_start = 0;
	atomic_store(&slot->out_position, 0);
	slot->out_start = 0;
	__atomic_store_n(&ring->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
	notify(sv, i);
}

/* Why the guest hears nothing any more. */
static int broken(struct server *sv, uint32_t slot, uint32_t error)
{
	ring_of(sv, slot)->error = error;
	notify(sv, slot);
	return -1;
}

int ring_receive(struct server *sv, uint32_t i, uint32_t limit)
{
	struct xenstore_domain_interface *ring = ring_of(sv, i);
	struct slot *slot = &sv->state->slots[i];
	uint32_t position = atomic_load(&slot->in_position), produced, count, first;
	char *to = slot->in + slot_received(slot);

	if (!ring)
		return -1;
	if (wants_reconnect(ring)) {
		reconnect(sv, i);
		return 0;
	}
	produced = __atomic_load_n(&ring->req_prod, __ATOMIC_ACQUIRE);
	count = produced - position;
	if (count > RING_BYTES)
		return broken(sv, i, XENSTORE_ERROR_RINGIDX);
	if (!count)
		return 0;

	count = count < limit ? count : limit;
	first = RING_BYTES - MASK_XENSTORE_IDX(position);
	first = first < count ? first : count;
	memcpy(to, ring->req + MASK_XENSTORE_IDX(position), first);
	memcpy(to + first, ring->req, count - first);
	atomic_store(&slot->in_position, position + count);
	__atomic_store_n(&ring->req_cons, position + count, __ATOMIC_RELEASE);
	notify(sv, i);
	return 1;
}

int ring_send(struct server *sv, uint32_t i)
{
	struct xenstore_domain_interface *ring = ring_of(sv, i);
	struct slot *slot = &sv->state->slots[i];
	uint32_t position = atomic_load(&slot->out_position), consumed, room, count, first;
	const char *from = slot->out + slot_sent(slot);

	if (!ring)
		return -1;
	consumed = __atomic_load_n(&ring->rsp_cons, __ATOMIC_ACQUIRE);
	if (position - consumed > RING_BYTES)
		return broken(sv, i, XENSTORE_ERROR_RINGIDX);
	room = RING_BYTES - (position - consumed);
	count = slot_out_length(slot) - slot_sent(slot);
	count = count < room ? count : room;
	if (!count)
		return 0;

	first = RING_BYTES - MASK_XENSTORE_IDX(position);
	first = first < count ? first : count;
	memcpy(ring->rsp + MASK_XENSTORE_IDX(position), from, first);
	memcpy(ring->rsp, from + first, count - first);
	atomic_store(&slot->out_position, position + count);
	__atomic_store_n(&ring->rsp_prod, position + count, __ATOMIC_RELEASE);
	notify(sv, i);
	return 1;
}

/* Domain 0's page comes from the kernel, the others' by the grant that every domain has for it. */
static void *ring_map(struct server *sv, uint16_t domid, uint64_t gfn)
{
	const xen_pfn_t frame = gfn;
	void *ring;

	if (!domid) {
		int fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);

		if (fd < 0)
			return NULL;
		ring = mmap(NULL, RING_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		return ring == MAP_FAILED ? NULL : ring;
	}
	ring = xengnttab_map_grant_ref(sv->xen->gnttab, domid, GNTTAB_RESERVED_XENSTORE,
				       PROT_READ | PROT_WRITE);
	if (ring)
		return ring;
	return xenforeignmemory_map(sv->xen->memory, domid, PROT_READ | PROT_WRITE, 1, &frame,
				    NULL);
}

/* Where the streams are now, and what this server can. */
static void ring_begin(struct slot *slot, struct xenstore_domain_interface *ring)
{
	slot->in_start = ring->req_cons;
	atomic_store(&slot->in_position, slot->in_start);
	slot->out_start = ring->rsp_prod;
	atomic_store(&slot->out_position, slot->out_start);
	ring->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION |
				XENSTORE_SERVER_FEATURE_ERROR;
	ring->error = XENSTORE_ERROR_NONE;
	__atomic_store_n(&ring->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
}

int xen_introduce(void *data, uint16_t domid, uint64_t gfn, uint32_t remote_port)
{
	struct server *sv = data;
	int i = server_slot(sv), port;
	struct slot *slot;
	void *ring;

	if (!sv->xen)
		return -EINVAL;
	if (i < 0)
		return -EAGAIN;
	ring = ring_map(sv, domid, gfn);
	if (!ring)
		return -EINVAL;
	port = xenevtchn_bind_interdomain(sv->xen->evtchn, domid, remote_port);
	if (port < 0) {
		munmap(ring, RING_PAGE);
		return -EINVAL;
	}
	slot = &sv->state->slots[i];
	slot->domid = domid;
	slot->local_port = (uint32_t)port;
	sv->connections[i].ring = ring;
	slot_prepare(slot);
	ring_begin(slot, ring);
	slot_open(slot, SLOT_RING);
	notify(sv, (uint32_t)i);
	server_ready(sv, (uint32_t)i);
	return i;
}

void xen_release(struct server *sv, uint32_t i)
{
	if (sv->connections[i].ring)
		munmap(sv->connections[i].ring, RING_PAGE);
	if (sv->xen)
		xenevtchn_unbind(sv->xen->evtchn, sv->state->slots[i].local_port);
}

/* -ESRCH: there is no such domain. */
static int domain_state(const struct xen_world *w, uint16_t domid, bool *is_shut_down,
			bool *is_dying)
{
	struct xen_domctl *op = xencall_alloc_buffer(w->call, sizeof(*op));
	int rc;

	if (!op)
		return -ENOMEM;
	memset(op, 0, sizeof(*op));
	op->cmd = XEN_DOMCTL_getdomaininfo;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domid;
	rc = xencall1(w->call, __HYPERVISOR_domctl, (uint64_t)(uintptr_t)op);
	if (rc || op->domain != domid)
		rc = -ESRCH;
	*is_shut_down = op->u.getdomaininfo.flags & XEN_DOMINF_shutdown;
	*is_dying = op->u.getdomaininfo.flags & XEN_DOMINF_dying;
	xencall_free_buffer(w->call, op);
	return rc;
}

/* Some domain has ended: which? */
static void domains_check(struct server *sv)
{
	struct store_domain *d, *next;

	for (d = sv->store.domains; d; d = next) {
		bool is_shut_down = false, is_dying = false;
		int rc = domain_state(sv->xen, d->domid, &is_shut_down, &is_dying);

		next = d->next;
		if (rc == -ESRCH || is_dying)
			server_domain_ended(sv, d->domid, true);
		else if (is_shut_down && !d->is_shut_down)
			server_domain_ended(sv, d->domid, false);
	}
}

void xen_events(struct server *sv)
{
	xenevtchn_port_or_error_t port = xenevtchn_pending(sv->xen->evtchn);

	if (port < 0)
		return;
	if ((evtchn_port_t)port == sv->xen->ended_port)
		domains_check(sv);
	for (uint32_t i = 0; i < sv->slot_limit; i++)
		if (sv->state->slots[i].kind == SLOT_RING &&
		    sv->state->slots[i].local_port == (uint32_t)port)
			server_ready(sv, i);
	xenevtchn_unmask(sv->xen->evtchn, (evtchn_port_t)port);
}

static int dom0_introduce(struct server *sv)
{
	FILE *f = fopen("/proc/xen/xsd_port", "re");
	unsigned int port;
	int slot;

	if (!f)
		return -errno;
	if (fscanf(f, "%u", &port) != 1)
		port = 0;
	fclose(f);
	slot = xen_introduce(sv, 0, 0, port);
	if (slot < 0)
		return slot;
	server_client(sv, (uint32_t)slot, 0, false);
	return 0;
}

/* Pages of connections that the last daemon had; ports are still bound. */
static void rings_map_again(struct server *sv)
{
	for (uint32_t i = 0; i < SLOT_COUNT; i++) {
		struct slot *slot = &sv->state->slots[i];
		struct xenstore_domain_interface *ring;
		const struct store_domain *d;

		if (slot->kind != SLOT_RING || !client_by_slot(&sv->store, i))
			continue;
		d = store_domain_find(&sv->store, (uint16_t)slot->domid);
		ring = ring_map(sv, (uint16_t)slot->domid, d ? d->gfn : 0);
		if (!ring)
			continue; /* it is gone, as domains_check() will find */
		ring->req_cons = atomic_load(&slot->in_position);
		ring->rsp_prod = atomic_load(&slot->out_position);
		sv->connections[i].ring = ring;
		notify(sv, i);
	}
}

static bool has_dom0(struct server *sv)
{
	for (uint32_t i = 0; i < SLOT_COUNT; i++)
		if (sv->state->slots[i].kind == SLOT_RING && !sv->state->slots[i].domid &&
		    client_by_slot(&sv->store, i))
			return true;
	return false;
}

static int evtchn_start(struct server *sv)
{
	struct state *st = sv->state;
	bool is_new = st->evtchn_fd < 0;
	int port;

	if (is_new) {
		st->evtchn_fd = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (st->evtchn_fd < 0)
			return -errno;
	}
	world.evtchn = xenevtchn_fdopen(NULL, st->evtchn_fd, 0);
	if (!world.evtchn)
		return -errno;
	port = xenevtchn_bind_virq(world.evtchn, VIRQ_DOM_EXC);
	if (port < 0 && is_new)
		return -errno;
	if (port >= 0)
		st->ended_port = (uint32_t)port;
	world.ended_port = st->ended_port;
	return 0;
}

int xen_start(struct server *sv)
{
	int rc;

	sv->xen = &world;
	rc = evtchn_start(sv);
	if (rc)
		return rc;
	world.gnttab = xengnttab_open(NULL, 0);
	world.memory = xenforeignmemory_open(NULL, 0);
	world.call = xencall_open(NULL, 0);
	if (!world.gnttab || !world.memory || !world.call)
		return -ENODEV;
	rings_map_again(sv);
	if (!has_dom0(sv))
		rc = dom0_introduce(sv);
	if (!rc)
		domains_check(sv);
	return rc;
}
