// SPDX-License-Identifier: GPL-2.0-or-later
/* One line of a vif= list: xl-network-configuration(5). */
#ifndef GUEST_NIC_H
#define GUEST_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"

#define NIC_DEVID_ANY	-1
#define NIC_MAC_LENGTH	6
#define NIC_INTERVAL_US 50000 /* how often the credit of rate= is renewed, unless told */

struct nic_spec {
	int devid;
	bool has_mac;
	uint8_t mac[NIC_MAC_LENGTH];
	char *bridge;
	char *script;
	char *ip;
	char *vifname;
	char *gatewaydev;
	char *backend_name;	/* domain; NULL: dom0 */
	unsigned int mtu;	/* 0: the bridge's */
	uint64_t rate_bytes;	/* each interval; 0: no limit */
	uint32_t rate_interval; /* us */
	bool untrusted;
};

/* Complaints go to @r with @at. After false nothing is to be freed. */
bool nic_parse(struct nic_spec *nic, const char *text, struct place at, struct report *r);
void nic_free(struct nic_spec *nic);

/* "00:16:3e:01:02:03" */
bool nic_parse_mac(const char *text, uint8_t mac[NIC_MAC_LENGTH]);
/* A random address of Xen's range 00:16:3e. */
bool nic_random_mac(uint8_t mac[NIC_MAC_LENGTH]);

#endif
