// SPDX-License-Identifier: GPL-2.0-or-later
/* Debian's libraries as far as the daemon calls them, see fake_xen.h. */
#include "fake_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xenstore.h>

#define NODES 32
#define PORT 7

struct xencons_interface fake_page;
bool fake_is_alive;
unsigned int fake_notified;
int fake_mapped, fake_bound;

static struct {
	char path[96], value[96];
} nodes[NODES];
static int store_fd = -1, event_fd = -1;
static char fired[8][16];
static unsigned int fired_count;
static bool is_masked, is_pending;

void fake_nodes_remove(void)
{
	memset(nodes, 0, sizeof(nodes));
}

void fake_start(void)
{
	fake_nodes_remove();
	memset(&fake_page, 0, sizeof(fake_page));
	fake_is_alive = true;
	fake_notified = 0;
	fake_mapped = fake_bound = 0;
	fired_count = 0;
	is_masked = is_pending = false;
	if (store_fd >= 0) {
		close(store_fd);
		close(event_fd);
	}
	store_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static int node_index(const char *path)
{
	for (int i = 0; i < NODES; i++)
		if (!strcmp(nodes[i].path, path))
			return i;
	return -1;
}

void fake_node(const char *path, const char *value)
{
	int i = node_index(path);

	if (i < 0)
		i = node_index("");
	snprintf(nodes[i].path, sizeof(nodes[i].path), "%s", value ? path : "");
	snprintf(nodes[i].value, sizeof(nodes[i].value), "%s", value ? value : "");
}

const char *fake_value(const char *path)
{
	int i = node_index(path);

	return i < 0 ? NULL : nodes[i].value;
}

static void raise_fd(int fd)
{
	if (write(fd, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0)
		abort();
}

static void lower_fd(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
}

void fake_watch_fires(const char *token)
{
	snprintf(fired[fired_count++], sizeof(fired[0]), "%s", token);
	raise_fd(store_fd);
}

void fake_guest_event(void)
{
	is_pending = true;
	if (!is_masked)
		raise_fd(event_fd);
}

/* xenstore.h */

struct xs_handle *xs_open(unsigned long flags)
{
	(void)flags;
	return (struct xs_handle *)&nodes;
}

int xs_fileno(struct xs_handle *h)
{
	(void)h;
	return store_fd;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	(void)h;
	(void)path;
	(void)token;
	return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	return xs_watch(h, path, token);
}

char **xs_check_watch(struct xs_handle *h)
{
	char **event;

	(void)h;
	lower_fd(store_fd);
	if (!fired_count) {
		errno = EAGAIN;
		return NULL;
	}
	event = calloc(2, sizeof(*event));
	event[XS_WATCH_PATH] = fired[--fired_count];
	event[XS_WATCH_TOKEN] = fired[fired_count];
	return event;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *length)
{
	const char *value = fake_value(path);

	(void)h;
	(void)t;
	if (!value) {
		errno = ENOENT;
		return NULL;
	}
	*length = (unsigned int)strlen(value);
	return strdup(value);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int length)
{
	char value[96];

	(void)h;
	(void)t;
	snprintf(value, sizeof(value), "%.*s", (int)length, (const char *)data);
	fake_node(path, value);
	return true;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
			struct xs_permissions *perms, unsigned int count)
{
	(void)h;
	(void)t;
	return fake_value(path) && count == 2 && perms[0].perms == XS_PERM_NONE;
}

/* Domains alone are listed: 0, and 5 if there is anything below it. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *count)
{
	static char zero[] = "0", five[] = "5";
	char **names = calloc(2, sizeof(*names));

	(void)h;
	(void)t;
	(void)path;
	names[0] = zero;
	names[1] = five;
	*count = 1;
	for (int i = 0; i < NODES; i++)
		if (!strncmp(nodes[i].path, "/local/domain/5", 15))
			*count = 2;
	return names;
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	(void)h;
	return domid == 5 && fake_is_alive;
}

/* xenevtchn.h */

int xenevtchn_fd(xenevtchn_handle *h)
{
	(void)h;
	return event_fd;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid,
						     evtchn_port_t remote)
{
	(void)h;
	if (domid != 5 || remote != 3) {
		errno = EINVAL;
		return -1;
	}
	fake_bound++;
	is_masked = false;
	return PORT;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	(void)port;
	fake_bound--;
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	(void)port;
	fake_notified++;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	(void)h;
	lower_fd(event_fd);
	if (!is_pending)
		return -1;
	is_pending = false;
	is_masked = true;
	return PORT;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	(void)port;
	is_masked = false;
	if (is_pending)
		raise_fd(event_fd);
	return 0;
}

/* xengnttab.h, xenforeignmemory.h */

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref, int prot)
{
	(void)h;
	(void)domid;
	(void)prot;
	/* The builder left no grant for the first console; a device has granted its page by number 9. */
	errno = EINVAL;
	if (ref != 9)
		return NULL;
	fake_mapped++;
	return &fake_page;
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t count)
{
	(void)h;
	(void)at;
	fake_mapped -= (int)count;
	return 0;
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t domid, int prot, size_t pages,
			   const xen_pfn_t frames[], int errors[])
{
	(void)h;
	(void)domid;
	(void)prot;
	(void)pages;
	(void)errors;
	errno = EINVAL;
	if (frames[0] != 1234)
		return NULL;
	fake_mapped++;
	return &fake_page;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *at, size_t pages)
{
	(void)h;
	(void)at;
	fake_mapped -= (int)pages;
	return 0;
}
