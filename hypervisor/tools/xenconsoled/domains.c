// SPDX-License-Identifier: GPL-2.0-or-later
/* Consoles that the store names, see domains.h. */
#include "domains.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <xen/xen.h>

#define DOMAINS "/local/domain"
#define PATH_SIZE 128
#define LOOK_EVERY_US 100000ull

struct domain {
	struct domain *next;
	uint16_t domid;
	bool is_changed;
	bool is_listed;
	uint64_t looked_at; /* microseconds */
};

/* A node's value, at most @size - 1 bytes; false: there is none. */
static bool node_read(struct domains *ds, const char *path, char *value, size_t size)
{
	unsigned int length;
	char *text = xs_read(ds->xs, XBT_NULL, path, &length);

	if (!text)
		return false;
	snprintf(value, size, "%.*s", (int)length, text);
	free(text);
	return true;
}

static bool number_parse(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !*end && !errno && *value <= max;
}

static bool number_read(struct domains *ds, const char *path, const char *name, uint64_t max,
			uint64_t *value)
{
	char full[PATH_SIZE], text[32];

	snprintf(full, sizeof(full), "%s/%s", path, name);
	return node_read(ds, full, text, sizeof(text)) && number_parse(text, max, value);
}

static void path_of(uint16_t domid, unsigned int device, char path[static PATH_SIZE])
{
	if (device)
		snprintf(path, PATH_SIZE, DOMAINS "/%u/device/console/%u", domid, device);
	else
		snprintf(path, PATH_SIZE, DOMAINS "/%u/console", domid);
}

/* The terminal's name is for tools that trust it: the guest may read it and no more. */
static void terminal_tell(struct domains *ds, const struct console *c, const char *path)
{
	struct xs_permissions permissions[] = {
		{ .id = 0, .perms = XS_PERM_NONE },
		{ .id = c->domid, .perms = XS_PERM_READ },
	};
	char node[PATH_SIZE + 8], name[PTY_NAME_SIZE];

	if (pty_name(c->pty, name))
		return;
	snprintf(node, sizeof(node), "%s/tty", path);
	if (!xs_write(ds->xs, XBT_NULL, node, name, (unsigned int)strlen(name)) ||
	    !xs_set_permissions(ds->xs, XBT_NULL, node, permissions, 2))
		syslog(LOG_WARNING, "%s: %m", node);
}

/* A frontend that is a device waits until its backend says so. */
static void backend_tell(struct domains *ds, const struct console *c)
{
	char path[PATH_SIZE], state[16];

	snprintf(path, sizeof(path), DOMAINS "/0/backend/console/%u/%u/state", c->domid, c->device);
	if (node_read(ds, path, state, sizeof(state)) && strcmp(state, "4"))
		xs_write(ds->xs, XBT_NULL, path, "4", 1);
}

static struct console *console_make(struct domains *ds, uint16_t domid, unsigned int device,
				    const char *path)
{
	char node[PATH_SIZE], name[256], log_name[320];
	struct console *c;
	int pty;

	snprintf(node, sizeof(node), DOMAINS "/%u/name", domid);
	if (!node_read(ds, node, name, sizeof(name)))
		snprintf(name, sizeof(name), "%u", domid);
	if (device)
		snprintf(log_name, sizeof(log_name), "guest-%s-console-%u", name, device);
	else
		snprintf(log_name, sizeof(log_name), "guest-%s", name);

	pty = kept_take(ds->kept, domid, device);
	c = console_add(ds->world, domid, device, pty, log_name);
	if (!c) {
		syslog(LOG_ERR, "domain %u: no terminal for console %u: %m", domid, device);
		return NULL;
	}
	if (pty < 0)
		kept_put(domid, device, c->pty);
	terminal_tell(ds, c, path);
	return c;
}

static void console_forget(struct console *c)
{
	kept_forget(c->domid, c->device);
	console_remove(c);
}

/* Makes console number @device what the store says of it. */
static void console_look(struct domains *ds, uint16_t domid, unsigned int device)
{
	struct console *c = console_find(ds->world, domid, device);
	char path[PATH_SIZE], node[PATH_SIZE + 8], type[32];
	uint64_t ring_ref, port;
	int rc;

	path_of(domid, device, path);
	snprintf(node, sizeof(node), "%s/type", path);
	if (!node_read(ds, node, type, sizeof(type)))
		strcpy(type, device ? "" : "xenconsoled");
	if (strcmp(type, "xenconsoled") ||
	    !number_read(ds, path, "ring-ref", device ? UINT32_MAX : UINT64_MAX, &ring_ref) ||
	    !number_read(ds, path, "port", UINT32_MAX, &port)) {
		if (c)
			console_forget(c);
		return;
	}
	if (!c)
		c = console_make(ds, domid, device, path);
	if (!c)
		return;
	rc = console_connect(c, ring_ref, (uint32_t)port);
	if (rc)
		syslog(LOG_INFO, "domain %u: console %u: no ring: %s", domid, device,
		       strerror(-rc));
	else if (device)
		backend_tell(ds, c);
}

static void domain_look(struct domains *ds, struct domain *d)
{
	bool is_alive = xs_is_domain_introduced(ds->xs, d->domid);

	for (unsigned int device = 0; device < CONSOLES_A_DOMAIN; device++) {
		struct console *c = console_find(ds->world, d->domid, device);

		if (is_alive)
			console_look(ds, d->domid, device);
		else if (c)
			console_forget(c);
	}
}

/* What a domain's watches are about, and their token. */
static void watches_of(uint16_t domid, char paths[static 2][PATH_SIZE], char token[static 16])
{
	snprintf(paths[0], PATH_SIZE, DOMAINS "/%u/console", domid);
	snprintf(paths[1], PATH_SIZE, DOMAINS "/%u/device/console", domid);
	snprintf(token, 16, "%u", domid);
}

static struct domain *domain_find(struct domains *ds, uint64_t domid)
{
	struct domain *d = ds->first;

	while (d && d->domid != domid)
		d = d->next;
	return d;
}

static void domain_add(struct domains *ds, uint16_t domid)
{
	char paths[2][PATH_SIZE], token[16];
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return;
	d->domid = domid;
	d->is_listed = d->is_changed = true;
	d->next = ds->first;
	ds->first = d;
	watches_of(domid, paths, token);
	for (int i = 0; i < 2; i++)
		xs_watch(ds->xs, paths[i], token);
}

static void domain_remove(struct domains *ds, struct domain *d)
{
	char paths[2][PATH_SIZE], token[16];
	struct domain **at = &ds->first;

	watches_of(d->domid, paths, token);
	for (int i = 0; i < 2; i++)
		xs_unwatch(ds->xs, paths[i], token);
	for (unsigned int device = 0; device < CONSOLES_A_DOMAIN; device++) {
		struct console *c = console_find(ds->world, d->domid, device);

		if (c)
			console_forget(c);
	}
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	free(d);
}

/* Domains have come or gone. */
static void domains_list(struct domains *ds)
{
	unsigned int count = 0;
	char **names = xs_directory(ds->xs, XBT_NULL, DOMAINS, &count);
	struct domain *d, *next;

	if (!names && errno != ENOENT)
		return;
	for (d = ds->first; d; d = d->next)
		d->is_listed = false;
	for (unsigned int i = 0; i < count; i++) {
		uint64_t domid;

		if (!number_parse(names[i], DOMID_FIRST_RESERVED - 1, &domid) || !domid)
			continue;
		d = domain_find(ds, domid);
		if (d)
			d->is_listed = d->is_changed = true;
		else
			domain_add(ds, (uint16_t)domid);
	}
	free(names);
	for (d = ds->first; d; d = next) {
		next = d->next;
		if (!d->is_listed)
			domain_remove(ds, d);
	}
}

/* Looks at what has changed; what was looked at a moment ago waits. */
static void domains_look(struct domains *ds)
{
	bool has_more = false;
	uint64_t now;

	sd_event_now(ds->world->event, CLOCK_MONOTONIC, &now);
	for (struct domain *d = ds->first; d; d = d->next) {
		if (!d->is_changed)
			continue;
		if (d->looked_at && now < d->looked_at + LOOK_EVERY_US) {
			has_more = true;
			continue;
		}
		d->is_changed = false;
		d->looked_at = now;
		domain_look(ds, d);
	}
	if (!has_more)
		return;
	sd_event_source_set_time_relative(ds->later, LOOK_EVERY_US);
	sd_event_source_set_enabled(ds->later, SD_EVENT_ONESHOT);
}

static int on_later(sd_event_source *s, uint64_t now, void *userdata)
{
	(void)s;
	(void)now;
	domains_look(userdata);
	return 0;
}

/* Without the store there is nothing to do here: the service starts again, with the same terminals. */
static int store_lost(struct domains *ds)
{
	syslog(LOG_ERR, "the connection with xenstored is lost");
	return sd_event_exit(ds->world->event, EXIT_FAILURE);
}

static int on_store(sd_event_source *s, int fd, uint32_t events, void *userdata)
{
	struct domains *ds = userdata;
	char **event;

	(void)s;
	(void)fd;
	if (events & (EPOLLHUP | EPOLLERR))
		return store_lost(ds);
	errno = 0;
	while ((event = xs_check_watch(ds->xs))) {
		struct domain *d = NULL;
		uint64_t domid;

		if (event[XS_WATCH_TOKEN][0] == '@')
			domains_list(ds);
		else if (number_parse(event[XS_WATCH_TOKEN], UINT16_MAX, &domid))
			d = domain_find(ds, domid);
		if (d)
			d->is_changed = true;
		free(event);
		errno = 0;
	}
	if (errno && errno != EAGAIN && errno != EINTR)
		return store_lost(ds);
	domains_look(ds);
	return 0;
}

int domains_start(struct domains *ds)
{
	sd_event *event = ds->world->event;
	int rc;

	if (!xs_watch(ds->xs, "@introduceDomain", "@") || !xs_watch(ds->xs, "@releaseDomain", "@"))
		return -errno;
	rc = sd_event_add_io(event, NULL, xs_fileno(ds->xs), EPOLLIN, on_store, ds);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &ds->later, CLOCK_MONOTONIC, LOOK_EVERY_US,
						0, on_later, ds);
	if (rc < 0)
		return rc;
	domains_list(ds);
	domains_look(ds);
	return 0;
}
