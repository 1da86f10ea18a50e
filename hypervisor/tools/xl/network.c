// SPDX-License-Identifier: GPL-2.0-or-later
/* Network interfaces of running domains. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <guest/alloc.h>
#include <guest/vif.h>

#include "xl.h"

static void keep_nic(struct guest_config *config, void *line)
{
	struct report silent = { .out = stderr, .program = "xl", .quiet = true };
	struct nic_spec nic;

	if (nic_parse(&nic, line, (struct place){ 0 }, &silent))
		guest_config_add_nic(config, &nic);
}

static void forget_nic(struct guest_config *config, void *devid)
{
	for (size_t i = 0; i < config->nic_count; i++) {
		if (config->nics[i].devid != (int)*(unsigned int *)devid)
			continue;
		nic_free(&config->nics[i]);
		config->nics[i] = config->nics[--config->nic_count];
		return;
	}
}

static char *join(char **words, int count)
{
	char *line = alloc_string("");

	for (int i = 0; i < count; i++) {
		char *longer = alloc_format("%s%s%s", line, i ? "," : "", words[i]);

		free(line);
		line = longer;
	}
	return line;
}

static bool is_taken(struct xl *xl, unsigned int domid, int devid)
{
	char *there = store_read(&xl->host, "/libxl/%u/device/vif/%d/backend", domid, devid);
	bool taken = there;

	free(there);
	return taken;
}

static bool attach(struct xl *xl, unsigned int domid, struct nic_spec *nic)
{
	struct store_batch b;
	struct vif v;
	bool good;

	if (nic->devid == NIC_DEVID_ANY)
		for (nic->devid = 0; is_taken(xl, domid, nic->devid);)
			nic->devid++;
	if (is_taken(xl, domid, nic->devid)) {
		report_error(&xl->report, "the domain has an interface %d", nic->devid);
		return false;
	}
	if (!nic->has_mac)
		nic->has_mac = nic_random_mac(nic->mac);
	if (!vif_prepare(&xl->host, &v, nic))
		return false;
	batch_init(&b, domid);
	vif_nodes(&b, &v, domid);
	good = batch_commit(&b, &xl->host);
	batch_free(&b);
	if (!good) {
		report_error(&xl->report, "the store refuses the device: %s", strerror(errno));
		return false;
	}
	good = vif_finish(&xl->host, &v);
	if (!good)
		device_detach(&xl->host, &v.node, true);
	return good;
}

int verb_network_attach(struct xl *xl, int argc, char **argv)
{
	struct nic_spec nic;
	int domid, lock;
	char *line;
	bool good;

	if (argc < 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	line = join(argv + 2, argc - 2);
	good = nic_parse(&nic, line, (struct place){ 0 }, &xl->report);
	if (good) {
		lock = guest_host_lock(&xl->host);
		good = lock >= 0 && attach(xl, (unsigned int)domid, &nic);
		if (good) {
			/* With the address and number that it has now. */
			char *full = alloc_format("%s%sdevid=%d,mac=%02x:%02x:%02x:%02x:%02x:%02x",
						  line, *line ? "," : "", nic.devid, nic.mac[0],
						  nic.mac[1], nic.mac[2], nic.mac[3], nic.mac[4],
						  nic.mac[5]);

			xl_change_config(xl, (unsigned int)domid, keep_nic, full);
			free(full);
		}
		guest_host_unlock(lock);
		nic_free(&nic);
	}
	free(line);
	return good ? XL_OK : XL_FAILED;
}

/* By number, or by address. */
static bool find_nic(struct xl *xl, unsigned int domid, const char *name, struct device *found)
{
	struct device *all;
	bool good = false;
	size_t count;

	all = device_list(&xl->host, domid, &count);
	for (size_t i = 0; i < count && !good; i++) {
		char number[12], *mac = store_read(&xl->host, "%s/mac", all[i].backend);

		snprintf(number, sizeof(number), "%u", all[i].devid);
		good = !strcmp(all[i].kind, "vif") &&
		       (!strcmp(number, name) || (mac && !strcasecmp(mac, name)));
		if (good)
			*found = all[i];
		free(mac);
	}
	free(all);
	if (!good)
		report_error(&xl->report, "the domain has no interface '%s'", name);
	return good;
}

int verb_network_detach(struct xl *xl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct device device;
	bool force = false;
	int c, domid, lock, rc = -ENODEV;

	while ((c = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (c == '?')
			return xl_usage(xl);
		force = true;
	}
	if (argc - optind < 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[optind]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	lock = guest_host_lock(&xl->host);
	if (lock < 0)
		return XL_FAILED;
	if (find_nic(xl, (unsigned int)domid, argv[optind + 1], &device)) {
		rc = device_detach(&xl->host, &device, force);
		if (rc)
			report_error(&xl->report, "the guest does not let go of the device: %s",
				     strerror(-rc));
		else
			xl_change_config(xl, (unsigned int)domid, forget_nic, &device.devid);
	}
	guest_host_unlock(lock);
	return !rc ? XL_OK : rc == -ETIMEDOUT ? XL_TIMEOUT : XL_FAILED;
}

static void print_nic(struct xl *xl, const struct device *d)
{
	char *mac = store_read(&xl->host, "%s/mac", d->backend);
	char *tx = store_read(&xl->host, "%s/tx-ring-ref", d->frontend);
	char *rx = store_read(&xl->host, "%s/rx-ring-ref", d->frontend);
	char *channel = store_read(&xl->host, "%s/event-channel", d->frontend);

	if (!channel)
		channel = store_read(&xl->host, "%s/event-channel-tx", d->frontend);
	printf("%-4u%-4u%-18s%6u%6ld%7s  %5s/%-5s%s\n", d->devid, d->backend_domid, mac ? mac : "?",
	       d->devid, store_read_number(&xl->host, "%s/state", d->frontend),
	       channel ? channel : "-1", tx ? tx : "-1", rx ? rx : "-1", d->backend);
	free(mac);
	free(tx);
	free(rx);
	free(channel);
}

int verb_network_list(struct xl *xl, int argc, char **argv)
{
	if (argc < 2)
		return xl_usage(xl);
	printf("%-4s%-4s%-18s%6s%6s%7s  %-11s%s\n", "Idx", "BE", "Mac Addr.", "handle", "state",
	       "evt-ch", "tx-/rx-ring", "BE-path");
	for (int i = 1; i < argc; i++) {
		struct device *all;
		size_t count;
		int domid = xl_domain(xl, argv[i]);

		if (domid < 0)
			continue;
		all = device_list(&xl->host, (unsigned int)domid, &count);
		for (size_t k = 0; k < count; k++)
			if (!strcmp(all[k].kind, "vif"))
				print_nic(xl, &all[k]);
		free(all);
	}
	return xl->report.errors ? XL_NO_DOMAIN : XL_OK;
}
