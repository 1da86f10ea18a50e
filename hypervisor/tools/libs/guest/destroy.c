// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends guests and removes what belongs to them: the domain, its devices, its nodes, its kept configuration. Each step can be done
 * again, so that one who was killed in between is followed by one who completes it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "domain_nodes.h"
#include "guest.h"

#define BUILDING    HOST_RUN "/building"
#define DOMAINS_MAX 32752u

/* /local/domain/N/vm is "/vm/UUID". */
static char *uuid_of(struct guest_host *host, unsigned int domid)
{
	char *vm = store_read(host, "/local/domain/%u/vm", domid), *uuid = NULL;
	uint8_t bytes[GUEST_UUID_LENGTH];

	if (vm && !strncmp(vm, "/vm/", 4) && guest_uuid_parse(vm + 4, bytes))
		uuid = alloc_string(vm + 4);
	free(vm);
	return uuid;
}

static void remove_nodes(struct guest_host *host, unsigned int domid)
{
	char *uuid = uuid_of(host, domid);
	uint8_t bytes[GUEST_UUID_LENGTH];
	struct store_batch b;

	batch_init(&b, domid);
	domain_nodes_remove(&b, domid, uuid);
	if (!batch_commit(&b, host))
		report_warning(host->report, "nodes of domain %u stay in the store: %s", domid,
			       strerror(errno));
	batch_free(&b);
	if (uuid && guest_uuid_parse(uuid, bytes))
		guest_config_forget(bytes);
	free(uuid);
}

bool guest_destroy(struct guest_host *host, unsigned int domid)
{
	int rc = ctrl_domain_destroy(host->ctrl, (domid_t)domid);

	if (rc && rc != -ESRCH) {
		report_error(host->report, "domain %u cannot be destroyed: %s", domid,
			     strerror(-rc));
		return false;
	}
	device_remove_all(host, domid);
	xs_release_domain(host->store, domid);
	remove_nodes(host, domid);
	return true;
}

/* All domains; to be freed. */
static struct xen_domctl_getdomaininfo *list_domains(struct guest_host *host, int *count)
{
	struct xen_domctl_getdomaininfo *all = NULL;
	domid_t first = 0;
	int got = 1;

	*count = 0;
	while (got > 0) {
		all = alloc_array(all, (size_t)*count + 64, sizeof(*all));
		got = ctrl_domain_list(host->ctrl, first, 64, all + *count);
		if (got > 0) {
			*count += got;
			first = (domid_t)(all[*count - 1].domain + 1);
		}
	}
	return all;
}

/* Domains whose creation ended with its process: the file with their UUID is there, and we hold the lock. */
static void sweep_building(struct guest_host *host, const struct xen_domctl_getdomaininfo *all,
			   int count)
{
	DIR *folder = opendir(BUILDING);
	struct dirent *e;

	while (folder && (e = readdir(folder))) {
		uint8_t uuid[GUEST_UUID_LENGTH];

		if (!guest_uuid_parse(e->d_name, uuid))
			continue;
		for (int i = 0; i < count; i++)
			if (!memcmp(all[i].handle, uuid, sizeof(uuid)))
				guest_destroy(host, all[i].domain);
		guest_config_forget(uuid);
		unlinkat(dirfd(folder), e->d_name, 0);
	}
	if (folder)
		closedir(folder);
}

static bool has_domain(const struct xen_domctl_getdomaininfo *all, int count, unsigned long domid)
{
	for (int i = 0; i < count; i++)
		if (all[i].domain == domid)
			return true;
	return false;
}

/* Nodes of domains that are no more. */
static void sweep_store(struct guest_host *host, const struct xen_domctl_getdomaininfo *all,
			int count)
{
	unsigned int n;
	char **ids = store_list(host, &n, "/libxl");

	for (unsigned int i = 0; i < n; i++) {
		char *rest;
		unsigned long domid = strtoul(ids[i], &rest, 10);

		if (!*rest && domid && domid < DOMAINS_MAX && !has_domain(all, count, domid))
			guest_destroy(host, (unsigned int)domid);
	}
	free(ids);
}

void guest_sweep(struct guest_host *host)
{
	struct xen_domctl_getdomaininfo *all;
	int count;

	all = list_domains(host, &count);
	if (count) {
		sweep_building(host, all, count);
		sweep_store(host, all, count);
	}
	free(all);
}
