// SPDX-License-Identifier: GPL-2.0-or-later
/* What domains use, see sample.h. */
#include "sample.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AT_ONCE 256u
#define PATH_SIZE 512
#define KIB_A_PAGE (CTRL_PAGE_SIZE / 1024)

/* A file with one number; 0 if there is none, for instance because the device is just going. */
static uint64_t number_read(const char *directory, const char *name)
{
	char path[PATH_SIZE];
	uint64_t value = 0;
	FILE *f;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path))
		return 0;
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%" SCNu64, &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

/* netback's interface is below its device; what dom0 receives there the guest has sent. */
static void network_add(struct usage *u, const char *device)
{
	char path[PATH_SIZE], interface[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	u->networks++;
	if ((size_t)snprintf(path, sizeof(path), "%s/net", device) >= sizeof(path))
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (size_t)snprintf(interface, sizeof(interface), "%s/%s", path, entry->d_name) >=
			    sizeof(interface))
			continue;
		u->sent += number_read(interface, "statistics/rx_bytes");
		u->received += number_read(interface, "statistics/tx_bytes");
	}
	closedir(dir);
}

/* blkback's counters: Documentation/ABI/testing/sysfs-driver-xen-blkback of Linux. */
static void disk_add(struct usage *u, const char *device)
{
	u->disks++;
	u->disk_full += number_read(device, "statistics/oo_req");
	u->reads += number_read(device, "statistics/rd_req");
	u->writes += number_read(device, "statistics/wr_req");
	u->read_sectors += number_read(device, "statistics/rd_sect");
	u->written_sectors += number_read(device, "statistics/wr_sect");
}

static struct usage *find(const struct sample *s, unsigned int domid)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->domains[middle].domid == domid)
			return &s->domains[middle];
		if (s->domains[middle].domid < domid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct usage *sample_find(const struct sample *s, domid_t domid)
{
	return find(s, domid);
}

void sample_devices(struct sample *s, const char *root)
{
	DIR *dir = opendir(root);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char kind[4], path[PATH_SIZE];
		unsigned int domid, device;
		struct usage *u;

		if (sscanf(entry->d_name, "%3[a-z]-%u-%u", kind, &domid, &device) != 3)
			continue;
		u = find(s, domid);
		if (!u || (size_t)snprintf(path, sizeof(path), "%s/%s", root, entry->d_name) >=
				  sizeof(path))
			continue;
		if (!strcmp(kind, "vif"))
			network_add(u, path);
		else if (!strcmp(kind, "vbd"))
			disk_add(u, path);
	}
	closedir(dir);
}

/* A name may be anything: only what a terminal shows as one character is kept. */
static void name_read(struct usage *u, struct xs_handle *xs)
{
	char path[48];
	unsigned int length;
	char *name;

	snprintf(path, sizeof(path), "/local/domain/%u/name", u->domid);
	name = xs ? xs_read(xs, XBT_NULL, path, &length) : NULL;
	if (name && *name)
		snprintf(u->name, sizeof(u->name), "%s", name);
	else
		snprintf(u->name, sizeof(u->name), u->domid ? "(%u)" : "Domain-0", u->domid);
	free(name);
	for (char *at = u->name; *at; at++)
		if (*at <= ' ' || *at > '~')
			*at = '?';
}

static void usage_fill(struct usage *u, const struct xen_domctl_getdomaininfo *info)
{
	u->domid = info->domain;
	u->flags = info->flags;
	u->cpu_ns = info->cpu_time;
	u->memory_kib = info->tot_pages * KIB_A_PAGE;
	/* Without a limit it says so by a number that no memory has. */
	u->memory_max_kib = info->max_pages > UINT32_MAX ? UINT64_MAX :
							   info->max_pages * KIB_A_PAGE;
	u->vcpus = info->nr_online_vcpus;
}

static int domains_take(struct sample *s, struct ctrl *c)
{
	static struct xen_domctl_getdomaininfo infos[AT_ONCE];
	domid_t first = 0;
	int n;

	while ((n = ctrl_domain_list(c, first, AT_ONCE, infos)) > 0) {
		struct usage *more = realloc(s->domains, (s->count + (size_t)n) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->domains = more;
		memset(more + s->count, 0, (size_t)n * sizeof(*more));
		for (int i = 0; i < n; i++)
			usage_fill(&more[s->count++], &infos[i]);
		first = (domid_t)(infos[n - 1].domain + 1);
		if ((unsigned int)n < AT_ONCE)
			break;
	}
	return n < 0 ? n : 0;
}

int sample_take(struct sample *s, struct ctrl *c, struct xs_handle *xs)
{
	struct xen_sysctl_physinfo machine;
	struct timespec now;
	int rc;

	memset(s, 0, sizeof(*s));
	rc = ctrl_physinfo(c, &machine);
	if (rc)
		return rc;
	clock_gettime(CLOCK_MONOTONIC, &now);
	s->time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	s->machine_kib = machine.total_pages * KIB_A_PAGE;
	s->cpus = machine.nr_cpus;
	rc = domains_take(s, c);
	if (rc)
		return rc;
	for (size_t i = 0; i < s->count; i++)
		name_read(&s->domains[i], xs);
	sample_devices(s, BACKENDS);
	return 0;
}

void sample_free(struct sample *s)
{
	free(s->domains);
	s->domains = NULL;
	s->count = 0;
}
