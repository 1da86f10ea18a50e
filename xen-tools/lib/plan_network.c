// SPDX-License-Identifier: GPL-2.0-or-later
/* The network of a guest as it is to be, see plan.h: addresses, gateways, name servers, the card. */
#include "plan.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "host_files.h"
#include "report.h"
#include "run.h"

static const char *get(const struct guest *g, const char *name)
{
	return setting(g->settings, name);
}

static bool on(const struct guest *g, const char *name)
{
	return setting_on(g->settings, name);
}

static void plan_address(struct guest *g, const char *word, int netmask)
{
	struct address a;

	if (!strcmp(word, "auto")) {
		g->pool_address = pool_next();
		if (!g->pool_address) {
			plan_lacking("--ip=auto: no free address in /etc/xen-tools/ips.txt");
			return;
		}
		word = g->pool_address;
	}
	if (!address_read(word, &a)) {
		plan_usage("--ip: '%s' is no address", word);
		return;
	}
	if (a.prefix < 0)
		a.prefix = get(g, "p2p") && a.family == AF_INET ? 32 :
			   a.family == AF_INET6			? 64 :
								  netmask;
	if (a.prefix < 0)
		plan_usage("--ip=%s: which network? Add /PREFIX, or use --netmask", word);
	else if (g->address_count == ADDRESSES_MOST)
		plan_usage("--ip: at most %d addresses", ADDRESSES_MOST);
	else
		g->addresses[g->address_count++] = a;
}

/* A gateway has to be on a network of the guest, or across its point-to-point link. */
static void check_gateways(struct guest *g)
{
	for (size_t i = 0; i < g->gateways.count; i++) {
		struct address gateway;
		bool reached = get(g, "p2p") != NULL;

		if (!address_read(g->gateways.items[i], &gateway))
			continue;
		for (size_t k = 0; k < g->address_count; k++)
			reached |= same_network(&gateway, &g->addresses[k], g->addresses[k].prefix);
		/* fe80::/10 is on every link */
		reached |= gateway.family == AF_INET6 && gateway.bytes.s6_addr[0] == 0xfe &&
			   (gateway.bytes.s6_addr[1] & 0xc0) == 0x80;
		if (!reached)
			plan_usage("%s: %s is in none of the guest's networks",
				   plan_place(g, "gateway"), g->gateways.items[i]);
	}
}

static void plan_nameservers(struct guest *g)
{
	static const char *const files[] = { "/run/systemd/resolve/resolv.conf",
					     "/etc/resolv.conf" };
	struct text t = { 0 };
	struct list lines = { 0 };

	if (get(g, "nameserver")) {
		list_split(&g->nameservers, get(g, "nameserver"), " ,");
		return;
	}
	for (size_t i = 0; i < 2 && !t.length; i++)
		file_read(files[i], &t);
	list_split(&lines, text_get(&t), "\n");
	for (size_t i = 0; i < lines.count; i++) {
		struct list words = { 0 };
		struct address a;

		list_split(&words, lines.items[i], " \t");
		if (words.count > 1 && !strcmp(words.items[0], "nameserver") &&
		    address_read(words.items[1], &a) && !starts_with(words.items[1], "127."))
			list_add(&g->nameservers, words.items[1]);
		for (size_t k = 1; k < words.count && starts_with(words.items[0], "search"); k++)
			if (hostname_valid(words.items[k]))
				list_add(&g->search, words.items[k]);
		list_free(&words);
	}
	list_free(&lines);
	text_free(&t);
}

void plan_network(struct guest *g)
{
	struct list words = { 0 };
	int netmask = -1;

	if (get(g, "netmask"))
		netmask_read(get(g, "netmask"), &netmask);
	list_split(&words, get(g, "ip") ? get(g, "ip") : "", "\n ,");
	g->dhcp = on(g, "dhcp");
	if (g->dhcp && words.count && plan_on_command_line(g, "ip") &&
	    plan_on_command_line(g, "dhcp"))
		plan_usage("--dhcp and --ip exclude each other");
	if (words.count && plan_on_command_line(g, "ip"))
		g->dhcp = false; /* over a default in a file */
	if (!words.count && !g->dhcp) {
		report_detail("neither --ip nor --dhcp: DHCP");
		g->dhcp = true;
	}
	for (size_t i = 0; i < words.count && !g->dhcp; i++)
		plan_address(g, words.items[i], netmask);
	list_free(&words);
	if (!g->dhcp) {
		list_split(&g->gateways, get(g, "gateway") ? get(g, "gateway") : "", " ,");
		check_gateways(g);
	}
	plan_nameservers(g);
	if (get(g, "vlan") && !get(g, "bridge"))
		plan_usage("--vlan needs --bridge");
}

void plan_mac(struct guest *g)
{
	const char *given = get(g, "mac");
	uint8_t mac[6];

	if (given && on(g, "randommac"))
		plan_usage("--mac and --randommac exclude each other");
	if (given) {
		mac_read(given, mac);
	} else if (on(g, "randommac")) {
		char *seed = uuid_new();

		mac_from(seed, mac);
		free(seed);
	} else {
		char *address = g->address_count ? address_text(&g->addresses[0]) : xt_dup("dhcp");
		char *seed = xt_printf("%s %s %s", g->name, address, g->dist.suite);

		mac_from(seed, mac);
		free(seed);
		free(address);
	}
	g->mac = mac_text(mac);
}
