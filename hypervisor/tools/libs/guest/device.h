// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device of a guest: a frontend's and a backend's folder in the store, and the toolstack's own record of both below /libxl, which
 * the guest cannot write (misc/xenstore-paths in xen-doc).
 */
#ifndef GUEST_DEVICE_H
#define GUEST_DEVICE_H

#include <xen/io/xenbus.h>

#include "store.h"

#define DEVICE_PATH_MAX 128

struct device {
	const char *kind;	  /* "vbd", "vif": of the frontend */
	const char *backend_kind; /* "vbd", "qdisk", "vif" */
	unsigned int domid, devid, backend_domid;
	char frontend[DEVICE_PATH_MAX], backend[DEVICE_PATH_MAX], record[DEVICE_PATH_MAX];
};

void device_init(struct device *d, const char *kind, const char *backend_kind, unsigned int domid,
		 unsigned int devid, unsigned int backend_domid);

/* The nodes that all devices have. Others are added behind it. */
void device_nodes(struct store_batch *b, const struct device *d);

/*
 * Wait until the backend's state is at least @state, or has passed it by closing. 0, or -ETIMEDOUT, -EIO (closing, with the
 * backend's words in *@why, to be freed).
 */
int device_wait(struct guest_host *host, const struct device *d, enum xenbus_state state,
		unsigned int timeout_ms, char **why);

/*
 * Where @script is, to be freed: a path as it is, a name in /etc/xen/scripts, which is the administrator's, or else among those
 * that come with the tools.
 */
char *device_script_path(const char *script);

/*
 * Run @script, see device_script_path(), for the device with @command ("add", "online", ...) and wait for it.
 * @interface: the variable "vif", or NULL. False: told why.
 */
bool device_script(struct guest_host *host, const struct device *d, const char *script,
		   const char *command, const char *interface);

/* All devices of a guest; to be freed. */
struct device *device_list(struct guest_host *host, unsigned int domid, size_t *count);

/*
 * Detach from a running guest: asks the frontend, and takes the device away when both sides are closed. -ETIMEDOUT: the guest
 * does not let go; with @force it is taken all the same.
 */
int device_detach(struct guest_host *host, const struct device *d, bool force);

/* Close all devices of a guest that is no more, and remove their nodes. */
void device_remove_all(struct guest_host *host, unsigned int domid);

/* The domain @name that is to serve a device; NULL is dom0. False: told. */
bool device_backend_domid(struct guest_host *host, const char *name, unsigned int *domid);

#endif
