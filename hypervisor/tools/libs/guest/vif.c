// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network interfaces. Nodes: xen/io/netif.h, what drivers/net/xen-netback/xenbus.c of Linux reads, and what the
 * scripts of /etc/xen/scripts do.
 */
#include "vif.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

#define BACKEND_TIMEOUT_MS 10000u

/* Scripts that put the interface into a bridge need it. */
static bool needs_bridge(const struct vif *v)
{
	const char *slash = strrchr(v->script, '/');

	return !strcmp(slash ? slash + 1 : v->script, "vif-bridge");
}

static bool check_script(struct guest_host *host, const struct vif *v)
{
	char *path = device_script_path(v->script);
	bool good = !access(path, X_OK);

	if (!good)
		report_error(host->report, "vif %d: the script %s cannot be run: %s",
			     v->spec->devid, path, strerror(errno));
	free(path);
	return good;
}

bool vif_prepare(struct guest_host *host, struct vif *v, const struct nic_spec *spec)
{
	*v = (struct vif){ .spec = spec };
	v->script = spec->script ? spec->script : host->settings.vif_script;
	v->bridge = spec->bridge ? spec->bridge : host->settings.vif_bridge;
	if (!device_backend_domid(
		    host, spec->backend_name ? spec->backend_name : host->settings.vif_backend,
		    &v->backend_domid))
		return false;
	if (v->backend_domid || !host->settings.run_hotplug_scripts)
		return true;
	if (!check_script(host, v))
		return false;
	if (needs_bridge(v) && !if_nametoindex(v->bridge)) {
		report_error(host->report, "vif %d: there is no bridge %s", spec->devid, v->bridge);
		return false;
	}
	return true;
}

void vif_nodes(struct store_batch *b, struct vif *v, unsigned int domid)
{
	const struct nic_spec *s = v->spec;
	const uint8_t *m = s->mac;
	const char *folders[2];

	device_init(&v->node, "vif", "vif", domid, (unsigned int)s->devid, v->backend_domid);
	device_nodes(b, &v->node);
	folders[0] = v->node.frontend;
	folders[1] = v->node.backend;
	for (unsigned int i = 0; i < 2; i++) {
		batch_write(b, folders[i], "handle", "%d", s->devid);
		batch_write(b, folders[i], "mac", "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
			    m[3], m[4], m[5]);
		if (s->mtu)
			batch_write(b, folders[i], "mtu", "%u", s->mtu);
	}
	batch_write(b, v->node.frontend, "trusted", s->untrusted ? "0" : "1");
	/* Linux' netback wants the node to be there, and does not run what it names. */
	batch_write(b, v->node.backend, "script", "%s", v->script);
	batch_write(b, v->node.record, "script", "%s", v->script);
	batch_write(b, v->node.backend, "bridge", "%s", v->bridge);
	batch_write(b, v->node.backend, "type", "vif");
	if (s->ip)
		batch_write(b, v->node.backend, "ip", "%s", s->ip);
	if (s->vifname)
		batch_write(b, v->node.backend, "vifname", "%s", s->vifname);
	if (s->gatewaydev)
		batch_write(b, v->node.backend, "gatewaydev", "%s", s->gatewaydev);
	if (s->rate_bytes)
		batch_write(b, v->node.backend, "rate", "%llu,%u",
			    (unsigned long long)s->rate_bytes, s->rate_interval);
}

/* netback makes the interface right behind its change of state; no event of the store tells. */
static bool wait_interface(const char *name)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	for (unsigned int ms = 0; ms < BACKEND_TIMEOUT_MS; ms++) {
		if (if_nametoindex(name))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

bool vif_finish(struct guest_host *host, struct vif *v)
{
	char *name, *why = NULL;
	bool good;
	int rc;

	if (v->backend_domid)
		return true;
	rc = device_wait(host, &v->node, XenbusStateInitWait, BACKEND_TIMEOUT_MS, &why);
	name = alloc_format("vif%u.%u", v->node.domid, v->node.devid);
	good = !rc && wait_interface(name);
	if (!good)
		report_error(host->report, "vif %u: no backend took it: %s", v->node.devid,
			     why	      ? why :
			     rc == -ETIMEDOUT ? "is the module xen-netback loaded?" :
						strerror(rc ? -rc : ETIMEDOUT));
	if (good)
		good = device_script(host, &v->node, v->script, "online", name);
	free(why);
	free(name);
	return good;
}
