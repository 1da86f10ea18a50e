// SPDX-License-Identifier: GPL-2.0-or-later
/* xt-create-xen-config(8): a template filled from the environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "options.h"
#include "values.h"
#include "xen_config.h"

/* NUMPARTITIONS, and PARTITION1 to PARTITIONn of "name:size:type:mountpoint:options:image:imagetype". */
static char *partitions_of_environment(void)
{
	const char *count = getenv("NUMPARTITIONS");
	struct text t = { 0 };
	uint64_t n = 0;

	if (count && !number_read(count, 0, 64, &n))
		die(XT_USAGE, "NUMPARTITIONS: '%s' is no number of partitions", count);
	for (uint64_t i = 1; i <= n; i++) {
		char *name = xt_printf("PARTITION%llu", (unsigned long long)i), *fields[7], *rest;
		const char *value = getenv(name);
		size_t k = 0;

		rest = xt_dup(value ? value : "");
		while (k < 7)
			if (!(fields[k++] = strsep(&rest, ":")))
				die(XT_USAGE, "%s: seven fields between colons are needed", name);
		text_printf(&t, "%s|%s|%s|%s|%s\n", fields[5], fields[6], fields[3], fields[1],
			    fields[2]);
		free(name);
	}
	return t.data ? t.data : xt_dup("");
}

int main(int argc, char **argv)
{
	const char *hostname = getenv("hostname"), *template, *extension;
	struct settings s = { 0 };
	struct list words = { 0 };
	struct text out = { 0 };
	char *path, *partitions;
	int rc;

	report_begin(argv[0]);
	setting_set(&s, "output", "/etc/xen", BUILT_IN, "built in");
	setting_set(&s, "extension", ".cfg", BUILT_IN, "built in");
	setting_set(&s, "template", "/etc/xen-tools/xm.tmpl", BUILT_IN, "built in");
	if (!options_read(command_find("xt-create-xen-config"), argc, argv, &s, &words) ||
	    words.count)
		return XT_USAGE;
	if (!hostname || !hostname_valid(hostname))
		die(XT_USAGE, "the environment variable hostname names no guest");
	template = setting(&s, "template");
	extension = setting(&s, "extension");
	if (!file_exists(template))
		die(XT_ENVIRONMENT, "%s is not there", template);
	if (setting(&s, "admins"))
		setenv("admins", setting(&s, "admins"), 1);
	log_open("xt-create-xen-config");
	partitions = partitions_of_environment();
	if (template_fill(template, partitions, &out))
		return XT_FAILED;
	path = xt_printf("%s/%s%s", setting(&s, "output"), hostname, extension ? extension : "");
	rc = file_write(path, 0640, text_get(&out));
	if (rc)
		die(XT_ENVIRONMENT, "%s: %s", path, strerror(-rc));
	free(partitions);
	free(path);
	text_free(&out);
	return XT_OK;
}
