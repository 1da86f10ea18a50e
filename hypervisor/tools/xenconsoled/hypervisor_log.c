// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypervisor's messages, see hypervisor_log.h. Its ring is asked once a second for what is new: XEN_SYSCTL_readconsole
 * with an index that goes on where the last call ended (xen/sysctl.h).
 */
#include "hypervisor_log.h"

#include <errno.h>
#include <time.h>

#include "ctrl/ctrl.h"

#define EVERY_US 1000000ull
#define CHUNK 16384u

static struct {
	struct ctrl *ctrl;
	struct log_file *log;
	uint32_t index;
} hv;

static int on_second(sd_event_source *s, uint64_t now, void *userdata)
{
	char text[CHUNK];
	int n = ctrl_console_read(hv.ctrl, text, sizeof(text), false, &hv.index);

	(void)now;
	(void)userdata;
	if (n > 0)
		log_write(hv.log, text, (size_t)n);
	sd_event_source_set_time_relative(s, EVERY_US);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

int hypervisor_log_start(sd_event *event, const struct log_settings *s)
{
	int rc;

	rc = ctrl_open(&hv.ctrl);
	if (rc)
		return rc;
	hv.log = log_open(s, "hypervisor");
	if (!hv.log)
		return -ENOMEM;
	rc = sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, 0, 0, on_second, NULL);
	return rc < 0 ? rc : 0;
}

void hypervisor_log_reopen(void)
{
	if (hv.log)
		log_reopen(hv.log);
}
