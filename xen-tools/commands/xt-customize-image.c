// SPDX-License-Identifier: GPL-2.0-or-later
/* xt-customize-image(8): hooks on an installed system. */
#include "config.h"
#include "hooks.h"
#include "report.h"

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list words = { 0 };
	const char *location, *dist;

	report_begin(argv[0]);
	if (!options_read(command_find("xt-customize-image"), argc, argv, &s, &words) ||
	    words.count)
		return XT_USAGE;
	location = setting(&s, "location");
	dist = setting(&s, "dist");
	if (!location || !dist)
		die(XT_USAGE, "--location and --dist are needed (see --help)");
	if (!is_directory(location))
		die(XT_ENVIRONMENT, "%s is no directory", location);
	log_open("xt-customize-image");
	hooks_environment_of(&s);
	hooks_run(dist, "debian", location);
	return XT_OK;
}
