// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices in general: their nodes, their states, and how they go. */
#include "device.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "vbd.h"

#define CLOSE_TIMEOUT_MS 10000u
#define WATCH_TOKEN	 "device"

void device_init(struct device *d, const char *kind, const char *backend_kind, unsigned int domid,
		 unsigned int devid, unsigned int backend_domid)
{
	*d = (struct device){ .kind = kind,
			      .backend_kind = backend_kind,
			      .domid = domid,
			      .devid = devid,
			      .backend_domid = backend_domid };
	snprintf(d->frontend, sizeof(d->frontend), "/local/domain/%u/device/%s/%u", domid, kind,
		 devid);
	snprintf(d->backend, sizeof(d->backend), "/local/domain/%u/backend/%s/%u/%u", backend_domid,
		 backend_kind, domid, devid);
	snprintf(d->record, sizeof(d->record), "/libxl/%u/device/%s/%u", domid, kind, devid);
}

void device_nodes(struct store_batch *b, const struct device *d)
{
	batch_folder(b, STORE_FRONTEND, "%s", d->frontend);
	batch_write(b, d->frontend, "backend", "%s", d->backend);
	batch_write(b, d->frontend, "backend-id", "%u", d->backend_domid);
	batch_write(b, d->frontend, "state", "%d", XenbusStateInitialising);

	batch_folder(b, STORE_GUEST_READS, "%s", d->backend);
	batch_write(b, d->backend, "frontend", "%s", d->frontend);
	batch_write(b, d->backend, "frontend-id", "%u", d->domid);
	batch_write(b, d->backend, "online", "1");
	batch_write(b, d->backend, "state", "%d", XenbusStateInitialising);

	batch_write(b, d->record, "frontend", "%s", d->frontend);
	batch_write(b, d->record, "backend", "%s", d->backend);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* What the backend said when it failed: misc/xenstore-paths, error/. */
static char *backend_error(struct guest_host *host, const struct device *d)
{
	return store_read(host, "/local/domain/%u/error/backend/%s/%u/%u/error", d->backend_domid,
			  d->backend_kind, d->domid, d->devid);
}

/* 0 once there, -EAGAIN not yet, -EIO it closes. A backend that is gone is closed. */
static int judge_state(long state, enum xenbus_state wanted)
{
	if (wanted >= XenbusStateClosing)
		return state < 0 || state == XenbusStateUnknown || state >= (long)wanted ? 0 :
											   -EAGAIN;
	if (state >= XenbusStateClosing)
		return -EIO;
	return state >= (long)wanted ? 0 : -EAGAIN;
}

/* Waits for something watched to happen; false at the deadline. */
static bool wait_event(struct guest_host *host, long long deadline)
{
	struct pollfd pfd = { .fd = xs_fileno(host->store), .events = POLLIN };
	long long left = deadline - now_ms();
	char **event;

	if (left <= 0 || poll(&pfd, 1, (int)left) <= 0)
		return false;
	while ((event = xs_check_watch(host->store)))
		free(event);
	return true;
}

int device_wait(struct guest_host *host, const struct device *d, enum xenbus_state wanted,
		unsigned int timeout_ms, char **why)
{
	long long deadline = now_ms() + timeout_ms;
	char *path = alloc_format("%s/state", d->backend);
	int rc = -EAGAIN;

	if (!xs_watch(host->store, path, WATCH_TOKEN)) {
		free(path);
		return -errno;
	}
	while (rc == -EAGAIN) {
		rc = judge_state(store_read_number(host, "%s", path), wanted);
		if (rc == -EAGAIN && !wait_event(host, deadline))
			rc = -ETIMEDOUT;
	}
	xs_unwatch(host->store, path, WATCH_TOKEN);
	if (rc == -EIO && why)
		*why = backend_error(host, d);
	free(path);
	return rc;
}

/* The device that /libxl/@domid/device/@kind/@devid records. */
static bool read_record(struct guest_host *host, struct device *d, unsigned int domid,
			const char *kind, const char *devid)
{
	char *backend = store_read(host, "/libxl/%u/device/%s/%s/backend", domid, kind, devid);
	unsigned int backend_domid = 0;
	const char *backend_kind;
	char word[16] = "";
	bool good;

	good = backend &&
	       sscanf(backend, "/local/domain/%u/backend/%15[a-z]/", &backend_domid, word) == 2;
	backend_kind = !strcmp(word, "qdisk") ? "qdisk" : !strcmp(kind, "vif") ? "vif" : "vbd";
	if (good)
		device_init(d, !strcmp(kind, "vif") ? "vif" : "vbd", backend_kind, domid,
			    (unsigned int)strtoul(devid, NULL, 10), backend_domid);
	free(backend);
	return good;
}

struct device *device_list(struct guest_host *host, unsigned int domid, size_t *count)
{
	static const char *const kinds[] = { "vbd", "vif" };
	struct device *devices = NULL;

	*count = 0;
	for (unsigned int k = 0; k < 2; k++) {
		unsigned int n;
		char **ids = store_list(host, &n, "/libxl/%u/device/%s", domid, kinds[k]);

		devices = alloc_array(devices, *count + n, sizeof(*devices));
		for (unsigned int i = 0; i < n; i++)
			if (read_record(host, &devices[*count], domid, kinds[k], ids[i]))
				++*count;
		free(ids);
	}
	return devices;
}

/* Removes the nodes; folders that become empty go, too. */
static void remove_nodes(struct store_batch *b, const struct device *d)
{
	batch_remove(b, "%s", d->frontend);
	batch_remove(b, "%s", d->backend);
	batch_remove(b, "%s", d->record);
	batch_remove(b, "/local/domain/%u/error/backend/%s/%u/%u", d->backend_domid,
		     d->backend_kind, d->domid, d->devid);
}

/* Others may have the disk now. */
static void release_share(struct guest_host *host, const struct device *d)
{
	char *share = store_read(host, "%s/share", d->record);

	/* The key is a name, not a path. */
	if (share && *share && !strchr(share, '/'))
		disk_share_forget(share, d->domid, d->devid);
	free(share);
}

/* What the script of the device is to do when it goes. A record of it says that one ran. */
static void run_closing_script(struct guest_host *host, const struct device *d)
{
	char *script = store_read(host, "%s/script", d->record), *interface = NULL;

	if (script && !d->backend_domid) {
		bool is_vif = !strcmp(d->kind, "vif");

		if (is_vif)
			interface = alloc_format("vif%u.%u", d->domid, d->devid);
		device_script(host, d, script, is_vif ? "offline" : "remove", interface);
	}
	free(interface);
	free(script);
}

int device_detach(struct guest_host *host, const struct device *d, bool force)
{
	struct store_batch b;
	int rc;

	batch_init(&b, d->domid);
	batch_write(&b, d->backend, "online", "0");
	batch_write(&b, d->backend, "state", "%d", XenbusStateClosing);
	rc = batch_commit(&b, host) ? 0 : -errno;
	batch_free(&b);
	if (!rc)
		rc = device_wait(host, d, XenbusStateClosed, CLOSE_TIMEOUT_MS, NULL);
	if (rc && !force)
		return rc;
	run_closing_script(host, d);
	release_share(host, d);
	batch_init(&b, d->domid);
	remove_nodes(&b, d);
	rc = batch_commit(&b, host) ? 0 : -errno;
	batch_free(&b);
	return rc;
}

void device_remove_all(struct guest_host *host, unsigned int domid)
{
	struct store_batch closing, removal;
	struct device *devices;
	size_t count;

	devices = device_list(host, domid, &count);
	if (!count) {
		free(devices);
		return;
	}
	batch_init(&closing, domid);
	batch_init(&removal, domid);
	for (size_t i = 0; i < count; i++) {
		/* A node of a backend that is gone must not come to life again. */
		if (store_read_number(host, "%s/state", devices[i].backend) < 0)
			continue;
		batch_write(&closing, devices[i].backend, "online", "0");
		batch_write(&closing, devices[i].frontend, "state", "%d", XenbusStateClosed);
	}
	batch_commit(&closing, host);
	for (size_t i = 0; i < count; i++) {
		device_wait(host, &devices[i], XenbusStateClosed, CLOSE_TIMEOUT_MS, NULL);
		run_closing_script(host, &devices[i]);
		release_share(host, &devices[i]);
		remove_nodes(&removal, &devices[i]);
	}
	batch_commit(&removal, host);
	batch_free(&closing);
	batch_free(&removal);
	free(devices);
}

bool device_backend_domid(struct guest_host *host, const char *name, unsigned int *domid)
{
	int found = name ? guest_find(host, name) : 0;

	*domid = found < 0 ? 0 : (unsigned int)found;
	return found >= 0;
}
