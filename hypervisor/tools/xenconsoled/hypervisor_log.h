/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's own messages, written to hypervisor.log as they come. */
#ifndef XENCONSOLED_HYPERVISOR_LOG_H
#define XENCONSOLED_HYPERVISOR_LOG_H

#include <systemd/sd-event.h>

#include "log_file.h"

/* 0 or negative errno. */
int hypervisor_log_start(sd_event *event, const struct log_settings *s);
void hypervisor_log_reopen(void);

#endif
