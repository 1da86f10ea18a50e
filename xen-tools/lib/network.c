// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's network card, found by its MAC address whatever the kernel calls it: systemd.network(5), or a
 * systemd.link(5) that names it eth0 and interfaces(5).
 */
#include "contents.h"

#include <stdlib.h>
#include <string.h>

static bool has_family(const struct guest *g, int family)
{
	for (size_t i = 0; i < g->address_count; i++)
		if (g->addresses[i].family == family)
			return true;
	return false;
}

static void add_networkd_address(const struct guest *g, const struct address *a, struct text *out)
{
	const char *peer = setting(g->settings, "p2p"),
		   *broadcast = setting(g->settings, "broadcast");
	char *address = address_text(a);

	text_printf(out, "\n[Address]\nAddress=%s/%d\n", address, a->prefix);
	if (peer && a->family == AF_INET)
		text_printf(out, "Peer=%s/32\n", peer);
	else if (broadcast && a->family == AF_INET)
		text_printf(out, "Broadcast=%s\n", broadcast);
	free(address);
}

void network_networkd(const struct guest *g, struct text *out)
{
	text_printf(out, "[Match]\nMACAddress=%s\n\n[Network]\n", g->mac);
	if (g->dhcp)
		text_add(out, "DHCP=yes\nIPv6AcceptRA=yes\n");
	else
		text_printf(out, "DHCP=no\nIPv6AcceptRA=%s\n",
			    has_family(g, AF_INET6) ? "no" : "yes");
	for (size_t i = 0;
	     i < g->nameservers.count && (!g->dhcp || setting(g->settings, "nameserver")); i++)
		text_printf(out, "DNS=%s\n", g->nameservers.items[i]);
	for (size_t i = 0; i < g->search.count; i++)
		text_printf(out, "Domains=%s\n", g->search.items[i]);
	if (g->dhcp) {
		/* By its MAC address, as guests that are made anew have a new machine-id. */
		text_add(out, "\n[DHCPv4]\nClientIdentifier=mac\n");
		return;
	}
	for (size_t i = 0; i < g->address_count; i++)
		add_networkd_address(g, &g->addresses[i], out);
	for (size_t i = 0; i < g->gateways.count; i++)
		text_printf(out, "\n[Route]\nGateway=%s\n%s", g->gateways.items[i],
			    setting(g->settings, "p2p") ? "GatewayOnLink=yes\n" : "");
}

/* The gateway of @family, once. */
static const char *take_gateway(const struct guest *g, int family, bool *taken)
{
	struct address a;

	for (size_t i = 0; i < g->gateways.count && !*taken; i++) {
		if (address_read(g->gateways.items[i], &a) && a.family == family) {
			*taken = true;
			return g->gateways.items[i];
		}
	}
	return NULL;
}

void network_ifupdown(const struct guest *g, struct text *out)
{
	const char *peer = setting(g->settings, "p2p"),
		   *broadcast = setting(g->settings, "broadcast");
	bool taken4 = false, taken6 = false;

	text_add(out, "auto lo\niface lo inet loopback\n\nauto eth0\n");
	if (g->dhcp)
		text_add(out, "iface eth0 inet dhcp\niface eth0 inet6 auto\n");
	for (size_t i = 0; i < g->address_count; i++) {
		const struct address *a = &g->addresses[i];
		bool is_4 = a->family == AF_INET;
		const char *gateway = take_gateway(g, a->family, is_4 ? &taken4 : &taken6);
		char *address = address_text(a);

		text_printf(out, "iface eth0 %s static\n\taddress %s/%d\n", is_4 ? "inet" : "inet6",
			    address, a->prefix);
		if (is_4 && peer)
			text_printf(out, "\tpointopoint %s\n", peer);
		else if (is_4 && broadcast)
			text_printf(out, "\tbroadcast %s\n", broadcast);
		if (gateway)
			text_printf(out, "\tgateway %s\n", gateway);
		free(address);
	}
}
