// SPDX-License-Identifier: GPL-2.0-or-later
/* xt-install-image(8): a system into a directory, as xen-create-image installs it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "install.h"
#include "report.h"
#include "run.h"
#include "sandbox.h"

struct work {
	struct guest *g;
	const char *location;
};

/* Installation wants a directory that is not there; what was is empty, and is replaced. */
static int install_inside(void *arg)
{
	const struct work *w = arg;

	install_system(w->g, w->location);
	stage(NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list words = { 0 };
	struct guest g;
	struct work w = { .g = &g };
	int code;

	report_begin(argv[0]);
	if (!options_read(command_find("xt-install-image"), argc, argv, &s, &words) || words.count)
		return XT_USAGE;
	guest_defaults(&s);
	w.location = setting(&s, "location");
	if (!w.location || !setting(&s, "dist"))
		die(XT_USAGE, "--location and --dist are needed (see --help)");
	if (geteuid() != 0)
		die(XT_ENVIRONMENT, "a system in a directory belongs to root: run this as root");
	/* Nothing of a disk is asked for here. */
	setting_set(&s, "hostname", "image", BUILT_IN, "built in");
	setting_set(&s, "image-dev", "/dev/null", COMMAND_LINE, "built in");
	setting_set(&s, "output", "/tmp", COMMAND_LINE, "built in");
	guest_plan(&g, &s);
	install_check(&g);
	if (file_exists(w.location) && rmdir(w.location))
		die(XT_ENVIRONMENT, "%s is not empty", w.location);
	log_open("xt-install-image");
	install_prepare(&g);
	code = sandbox_run(install_inside, &w);
	if (code)
		run((const char *const[]){ "rm", "-rf", "--one-file-system", w.location, NULL });
	return code ? XT_FAILED : XT_OK;
}
