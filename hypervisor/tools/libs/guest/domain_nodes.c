// SPDX-License-Identifier: GPL-2.0-or-later
/* A domain's nodes, written and removed. */
#include "domain_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "alloc.h"

#define CONSOLE_LIMIT 1048576 /* bytes that the console's daemon may buffer */

/* Below /vm: nothing of it is for guests. */
static void vm_nodes(struct store_batch *b, const struct guest_config *config,
		     const struct guest_boot *boot, const char *uuid)
{
	char *vm = alloc_format("/vm/%s", uuid), *image = alloc_format("%s/image", vm);
	struct timeval now;

	gettimeofday(&now, NULL);
	batch_folder(b, STORE_PRIVATE, "%s", vm);
	batch_write(b, vm, "uuid", "%s", uuid);
	batch_write(b, vm, "name", "%s", config->name);
	batch_write(b, vm, "start_time", "%ld.%02ld", (long)now.tv_sec, (long)now.tv_usec / 10000);
	batch_write(b, image, "ostype", "linux");
	batch_write(b, image, "kernel", "%s", boot->kernel);
	batch_write(b, image, "ramdisk", "%s", boot->ramdisk ? boot->ramdisk : "");
	batch_write(b, image, "cmdline", "%s", boot->cmdline ? boot->cmdline : "");
	free(image);
	free(vm);
}

/* What the guest may write: its answers to requests, and what it tells of itself. */
static void guest_folders(struct store_batch *b, const char *home,
			  const struct guest_config *config)
{
	static const char *const owned[] = { "data", "drivers", "feature", "attr", "error" };

	for (unsigned int i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		batch_folder(b, STORE_GUEST_OWNS, "%s/%s", home, owned[i]);
	if (config->device_tree_writable)
		batch_folder(b, STORE_GUEST_OWNS, "%s/device", home);
	else
		batch_folder(b, STORE_GUEST_READS, "%s/device", home);
	if (!config->device_tree_writable)
		batch_rights(b, home, "device/suspend/event-channel", STORE_GUEST_OWNS);
	if (config->driver_domain)
		batch_folder(b, STORE_GUEST_OWNS, "%s/backend", home);
	batch_folder(b, STORE_GUEST_READS, "%s/control", home);
	batch_rights(b, home, "control/shutdown", STORE_GUEST_OWNS);
	batch_rights(b, home, "control/sysrq", STORE_GUEST_OWNS);
	batch_rights(b, home, "control/feature-poweroff", STORE_GUEST_OWNS);
	batch_rights(b, home, "control/feature-reboot", STORE_GUEST_OWNS);
	batch_rights(b, home, "control/feature-suspend", STORE_GUEST_OWNS);
	batch_write(b, home, "control/platform-feature-multiprocessor-suspend", "1");
	batch_write(b, home, "control/platform-feature-xs_reset_watches", "1");
}

/* misc/console.txt in xen-doc. */
static void console_nodes(struct store_batch *b, const char *home,
			  const struct build_pv_result *built)
{
	char *console = alloc_format("%s/console", home);

	batch_folder(b, STORE_GUEST_READS, "%s", console);
	batch_write(b, console, "backend-id", "0");
	batch_write(b, console, "limit", "%d", CONSOLE_LIMIT);
	batch_write(b, console, "type", "xenconsoled");
	batch_write(b, console, "output", "pty");
	batch_write(b, console, "tty", "%s", "");
	batch_write(b, console, "port", "%u", built->console_port);
	batch_write(b, console, "ring-ref", "%llu", (unsigned long long)built->console_mfn);
	free(console);
}

void domain_nodes(struct store_batch *b, const struct guest_config *config,
		  const struct guest_boot *boot, unsigned int domid,
		  const struct build_pv_result *built)
{
	char uuid[GUEST_UUID_TEXT], *home = alloc_format("/local/domain/%u", domid);

	guest_uuid_text(config->uuid, uuid);
	vm_nodes(b, config, boot, uuid);

	batch_folder(b, STORE_GUEST_READS, "%s", home);
	batch_write(b, home, "vm", "/vm/%s", uuid);
	batch_write(b, home, "name", "%s", config->name);
	batch_write(b, home, "domid", "%u", domid);
	for (unsigned int v = 0; v < config->max_vcpus; v++) {
		char *cpu = alloc_format("%s/cpu/%u", home, v);

		batch_write(b, cpu, "availability", "%s", v < config->vcpus ? "online" : "offline");
		free(cpu);
	}
	batch_write(b, home, "memory/static-max", "%u", config->max_memory_kib);
	batch_write(b, home, "memory/target", "%u", config->memory_kib);
	guest_folders(b, home, config);
	batch_write(b, home, "store/port", "%u", built->store_port);
	batch_write(b, home, "store/ring-ref", "%llu", (unsigned long long)built->store_mfn);
	console_nodes(b, home, built);

	batch_folder(b, STORE_PRIVATE, "/libxl/%u", domid);
	batch_folder(b, STORE_PRIVATE, "/libxl/%u/device", domid);
	free(home);
}

void domain_nodes_remove(struct store_batch *b, unsigned int domid, const char *uuid)
{
	batch_remove(b, "/local/domain/%u", domid);
	batch_remove(b, "/local/domain/0/backend/vbd/%u", domid);
	batch_remove(b, "/local/domain/0/backend/qdisk/%u", domid);
	batch_remove(b, "/local/domain/0/backend/vif/%u", domid);
	if (uuid)
		batch_remove(b, "/vm/%s", uuid);
	batch_remove(b, "/libxl/%u", domid);
}
