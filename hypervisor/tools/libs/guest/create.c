// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Creates guests: first all that can be judged without building is judged, then the domain is built, then the store learns of it and of its
 * devices in one transaction, then the backends are waited for. A file named after the UUID stands in HOST_RUN/building meanwhile, by
 * which the next one finds what a killed creation left.
 */
#include <build/build.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "cpu_list.h"
#include "domain_nodes.h"
#include "guest.h"

#define BUILDING	   HOST_RUN "/building"
#define CACHE_LIMIT	   (256ull << 20)
#define GRANT_FRAMES	   64u
#define MAPTRACK_FRAMES	   1024u
#define GRANT_VERSION	   2u
#define EVENT_CHANNELS	   1023u
#define PAGE_KIB	   4u

struct creation {
	struct guest_host *host;
	struct guest_config *config;
	struct build_kernel *kernel;
	struct vbd *vbds;
	struct vif *vifs;
	struct guest_boot boot;
	char *building; /* the file; NULL: not there */
	bool has_domain;
	domid_t domid;
};

static bool check_name(struct creation *c)
{
	int other = guest_find_name(c->host, c->config->name);

	if (other >= 0)
		report_error(c->host->report, "the name %s is in use by domain %d", c->config->name,
			     other);
	return other < 0;
}

/* A UUID that a configuration gives must not be that of another domain. */
static bool check_uuid(struct creation *c)
{
	char text[GUEST_UUID_TEXT];
	struct guest_config other;
	bool taken;

	if (!c->config->has_uuid) {
		guest_uuid_random(c->config->uuid);
		c->config->has_uuid = true;
		return true;
	}
	taken = guest_config_load(c->config->uuid, &other);
	guest_config_free(&other);
	guest_uuid_text(c->config->uuid, text);
	if (taken)
		report_error(c->host->report, "the uuid %s is in use", text);
	return !taken;
}

static bool check_cpu_list(struct creation *c, const struct text_list *list,
			   const struct cpu_machine *machine, const char *key)
{
	struct cpu_map map;

	for (size_t i = 0; i < list->count; i++) {
		const char *wrong = cpu_list_parse(list->items[i], machine, &map);

		if (wrong) {
			report_error(c->host->report, "%s: '%s' %s", key, list->items[i], wrong);
			return false;
		}
	}
	return true;
}

static bool check_cpus(struct creation *c)
{
	struct cpu_machine machine;

	if (c->config->pool && strcmp(c->config->pool, "Pool-0") && strcmp(c->config->pool, "0")) {
		report_error(c->host->report, "there is no CPU pool %s", c->config->pool);
		return false;
	}
	if (!c->config->cpus.count && !c->config->cpus_soft.count)
		return true;
	return guest_machine(c->host, &machine) &&
	       check_cpu_list(c, &c->config->cpus, &machine, "cpus") &&
	       check_cpu_list(c, &c->config->cpus_soft, &machine, "cpus_soft");
}

static bool prepare_devices(struct creation *c)
{
	struct guest_config *config = c->config;

	c->vbds = alloc_zeroed(config->disk_count * sizeof(*c->vbds));
	c->vifs = alloc_zeroed(config->nic_count * sizeof(*c->vifs));
	for (size_t i = 0; i < config->disk_count; i++)
		c->vbds[i].held = -1;
	for (size_t i = 0; i < config->disk_count; i++)
		if (!vbd_prepare(c->host, &c->vbds[i], &config->disks[i]))
			return false;
	for (size_t i = 0; i < config->nic_count; i++) {
		struct nic_spec *nic = &config->nics[i];

		if (!nic->has_mac)
			nic->has_mac = nic_random_mac(nic->mac);
		if (!vif_prepare(c->host, &c->vifs[i], nic))
			return false;
	}
	return true;
}

static void build_options(const struct creation *c, struct build_pv_options *o)
{
	*o = (struct build_pv_options){
		.kernel = c->kernel,
		.ramdisk = c->boot.ramdisk,
		.cmdline = c->boot.cmdline,
		.page_count = c->config->memory_kib / PAGE_KIB,
	};
}

static bool check_kernel(struct creation *c)
{
	struct guest_boot *boot = &c->boot;
	struct build_pv_options options;
	struct build_why why = { "" };
	int rc;

	if (!guest_boot_find(c->host, c->config, boot))
		return false;
	rc = build_kernel_open(boot->kernel, BUILD_CACHE, CACHE_LIMIT, &c->kernel, &why);
	if (rc) {
		report_error(c->host->report, "kernel %s: %s", boot->kernel,
			     why.text[0] ? why.text : strerror(-rc));
		return false;
	}
	build_options(c, &options);
	rc = build_pv_check(&options, NULL, &why);
	if (rc)
		report_error(c->host->report, "kernel %s%s%s: %s", boot->kernel,
			     boot->ramdisk ? ", ramdisk " : "", boot->ramdisk ? boot->ramdisk : "",
			     why.text[0] ? why.text : strerror(-rc));
	return !rc;
}

static bool check_all(struct creation *c)
{
	return check_name(c) && check_uuid(c) && check_cpus(c) && prepare_devices(c) &&
	       check_kernel(c) && guest_make_room(c->host, c->config->memory_kib);
}

static char *building_path(const uint8_t uuid[GUEST_UUID_LENGTH])
{
	char text[GUEST_UUID_TEXT];

	guest_uuid_text(uuid, text);
	return alloc_format(BUILDING "/%s", text);
}

static bool note_building(struct creation *c)
{
	char *path = building_path(c->config->uuid);
	int fd;

	mkdir(HOST_RUN, 0700);
	mkdir(BUILDING, 0700);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		report_error(c->host->report, "%s: %s", path, strerror(errno));
		free(path);
		return false;
	}
	close(fd);
	c->building = path;
	return true;
}

static unsigned int first_of(unsigned int a, unsigned int b, unsigned int otherwise)
{
	return a ? a : b ? b : otherwise;
}

static bool told(struct creation *c, int rc, const char *what)
{
	if (rc)
		report_error(c->host->report, "%s: %s", what,
			     rc == -ENOMEM ? "not enough memory" : strerror(-rc));
	return !rc;
}

static bool create_domain(struct creation *c)
{
	const struct guest_config *config = c->config;
	const struct host_settings *s = &c->host->settings;
	struct xen_domctl_createdomain create = {
		.max_vcpus = config->max_vcpus,
		.max_evtchn_port = first_of(config->max_event_channels, 0, EVENT_CHANNELS),
		.max_grant_frames = (int32_t)first_of(config->max_grant_frames, s->max_grant_frames,
						      GRANT_FRAMES),
		.max_maptrack_frames = (int32_t)first_of(config->max_maptrack_frames,
							 s->max_maptrack_frames, MAPTRACK_FRAMES),
		.grant_opts = XEN_DOMCTL_GRANT_version(
			first_of(config->max_grant_version, s->max_grant_version, GRANT_VERSION)),
	};
	int rc;

	memcpy(create.handle, config->uuid, sizeof(create.handle));
	c->domid = 0;
	rc = ctrl_domain_create(c->host->ctrl, &create, &c->domid);
	c->has_domain = !rc;
	return told(c, rc, "the hypervisor refuses a new domain") &&
	       told(c, ctrl_domain_set_max_vcpus(c->host->ctrl, c->domid, config->max_vcpus),
		    "vCPUs") &&
	       told(c,
		    ctrl_domain_set_max_memory(c->host->ctrl, c->domid,
					       config->max_memory_kib + GUEST_MEMORY_SLACK_KIB),
		    "the limit of memory");
}

static bool pin_vcpus(struct creation *c)
{
	const struct guest_config *config = c->config;

	for (unsigned int v = 0; v < config->max_vcpus; v++) {
		const struct text_list *hard = &config->cpus, *soft = &config->cpus_soft;
		const char *hard_text = NULL, *soft_text = NULL;

		if (hard->count && (!config->cpus_each || v < hard->count))
			hard_text = hard->items[config->cpus_each ? v : 0];
		if (soft->count && (!config->cpus_soft_each || v < soft->count))
			soft_text = soft->items[config->cpus_soft_each ? v : 0];
		if (!hard_text)
			hard_text = c->host->settings.cpumask;
		if ((hard_text || soft_text) &&
		    !guest_pin(c->host, c->domid, v, hard_text, soft_text))
			return false;
	}
	return true;
}

/* The local clock's distance from UTC is the offset that localtime= asks for. */
static int64_t time_offset(const struct guest_config *config)
{
	time_t now = time(NULL);
	struct tm local;

	if (!config->localtime || !localtime_r(&now, &local))
		return config->rtc_timeoffset;
	return config->rtc_timeoffset + local.tm_gmtoff;
}

static bool configure_domain(struct creation *c)
{
	const struct guest_config *config = c->config;
	struct xen_domctl_tsc_info tsc = { .tsc_mode = config->tsc_mode };
	int64_t offset = time_offset(config);

	if (!told(c,
		  ctrl_memory_set_map(c->host->ctrl, c->domid,
				      (uint64_t)config->max_memory_kib << 10),
		  "the memory map"))
		return false;
	if (config->tsc_mode &&
	    !told(c, ctrl_domain_set_tsc(c->host->ctrl, c->domid, &tsc), "tsc_mode"))
		return false;
	if (offset && !told(c, ctrl_domain_set_time_offset(c->host->ctrl, c->domid, offset),
			    "rtc_timeoffset"))
		return false;
	if ((config->weight || config->cap) &&
	    !guest_set_share(c->host, c->domid, config->weight ? config->weight : GUEST_KEEP,
			     config->cap))
		return false;
	return pin_vcpus(c);
}

static bool build_domain(struct creation *c, struct build_pv_result *result)
{
	uint64_t pages = c->config->memory_kib / PAGE_KIB;
	struct build_pv_options options;
	struct build_why why = { "" };
	int rc;

	if (c->host->settings.claim_mode) {
		rc = ctrl_memory_claim(c->host->ctrl, c->domid, pages);
		if (rc && rc != -ENOSYS && rc != -EOPNOTSUPP)
			return told(c, rc, "the guest's memory");
	}
	build_options(c, &options);
	rc = build_pv(c->host->ctrl, c->domid, &options, result, &why);
	ctrl_memory_claim(c->host->ctrl, c->domid, 0);
	if (rc)
		report_error(c->host->report, "the domain cannot be built: %s",
			     why.text[0] ? why.text : strerror(-rc));
	return !rc;
}

static bool write_nodes(struct creation *c, const struct build_pv_result *built)
{
	struct store_batch b;
	bool good;

	batch_init(&b, c->domid);
	domain_nodes(&b, c->config, &c->boot, c->domid, built);
	for (size_t i = 0; i < c->config->disk_count; i++)
		vbd_nodes(&b, &c->vbds[i], c->domid);
	for (size_t i = 0; i < c->config->nic_count; i++)
		vif_nodes(&b, &c->vifs[i], c->domid);
	good = batch_commit(&b, c->host);
	if (!good)
		report_error(c->host->report, "the store refuses the domain: %s", strerror(errno));
	batch_free(&b);
	if (!good)
		return false;
	good = xs_introduce_domain(c->host->store, c->domid, built->store_mfn, built->store_port);
	if (!good)
		report_error(c->host->report, "xenstored does not take the domain: %s",
			     strerror(errno));
	return good;
}

static bool finish_devices(struct creation *c)
{
	for (size_t i = 0; i < c->config->disk_count; i++)
		if (!vbd_finish(c->host, &c->vbds[i]))
			return false;
	for (size_t i = 0; i < c->config->nic_count; i++)
		if (!vif_finish(c->host, &c->vifs[i]))
			return false;
	return true;
}

static bool build_all(struct creation *c)
{
	struct build_pv_result built = { 0 };

	if (!note_building(c) || !create_domain(c) || !configure_domain(c) ||
	    !build_domain(c, &built) || !write_nodes(c, &built) || !finish_devices(c))
		return false;
	if (guest_config_save(c->config))
		return true;
	report_error(c->host->report, "the configuration cannot be kept in " HOST_RUN ": %s",
		     strerror(errno));
	return false;
}

bool guest_create(struct guest_host *host, struct guest_config *config, unsigned int *domid)
{
	struct creation c = { .host = host, .config = config };
	bool good;

	guest_sweep(host);
	good = check_all(&c) && build_all(&c);
	if (!good && c.has_domain)
		guest_destroy(host, c.domid);
	if (c.building)
		unlink(c.building);
	for (size_t i = 0; c.vbds && i < config->disk_count; i++)
		vbd_release(&c.vbds[i]);
	build_kernel_close(c.kernel);
	guest_boot_done(&c.boot);
	free(c.building);
	free(c.vbds);
	free(c.vifs);
	*domid = c.domid;
	return good;
}
