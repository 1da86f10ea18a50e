// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Users' templates are Perl (Text::Template): run where Perl can compute and read, but neither write files nor reach the
 * network nor last long.
 */
#include "xen_config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"
#include "run.h"
#include "sandbox.h"

#define OUTPUT_MOST 65536
#define NOBODY 65534

/* The variables of a template are the environment; @PARTITIONS comes in lines of its own. */
static const char script[] =
	"use strict; use Text::Template; my %h = %ENV; my @p;\n"
	"for (split /\\n/, delete $h{XT_PARTITIONS} // '') { my @f = split /\\|/, $_, -1;\n"
	"push @p, { image => $f[0], imagetype => $f[1], mountpoint => $f[2], size => $f[3], type => $f[4] }; }\n"
	"delete @h{grep { !/^[A-Za-z_]\\w*$/ } keys %h}; $h{PARTITIONS} = \\@p; local $/; my $s = <STDIN>;\n"
	"my $t = Text::Template->new(TYPE => 'STRING', SOURCE => $s) or die $Text::Template::ERROR;\n"
	"my $o = $t->fill_in(HASH => \\%h, BROKEN => sub { my %a = @_; die \"line $a{lineno}: $a{error}\"; });\n"
	"defined $o or die $Text::Template::ERROR; print $o;\n";

struct fill {
	const char *source;
	char *output; /* shared with the sandbox */
};

static void confine(void)
{
	const struct rlimit seconds = { 10, 10 }, memory = { 512 << 20, 512 << 20 },
			    none = { 0, 0 };
	struct {
		uint64_t set, clear, propagation, fd;
	} attributes = { .set = MS_RDONLY };

	/* mount_setattr(2), on all that is mounted: MOUNT_ATTR_RDONLY is 1, as MS_RDONLY. */
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes,
		    sizeof(attributes)) ||
	    unshare(CLONE_NEWNET))
		die(XT_ENVIRONMENT, "the template cannot be confined: %s", strerror(errno));
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &none);
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die(XT_ENVIRONMENT, "the template cannot be confined: %s", strerror(errno));
}

static int fill_inside(void *arg)
{
	struct fill *fill = arg;
	struct text out = { 0 };
	int code;

	confine();
	code = run_with((const char *const[]){ "perl", "-w", "-e", script, NULL }, fill->source,
			&out);
	if (out.length >= OUTPUT_MOST)
		die(XT_FAILED, "the template prints too much");
	if (!code && out.length)
		memcpy(fill->output, out.data, out.length + 1);
	return code;
}

int template_fill(const char *template, const char *partitions, struct text *out)
{
	struct text source = { 0 };
	struct fill fill;
	int code;

	if (file_read(template, &source)) {
		report_error("%s cannot be read", template);
		return -EIO;
	}
	fill.source = text_get(&source);
	fill.output = mmap(NULL, OUTPUT_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			   -1, 0);
	if (fill.output == MAP_FAILED)
		return -ENOMEM;
	setenv("XT_PARTITIONS", partitions ? partitions : "", 1);
	code = sandbox_run(fill_inside, &fill);
	unsetenv("XT_PARTITIONS");
	if (code)
		report_error("%s: %s (perl and libtext-template-perl are needed)", template,
			     log_reason());
	else
		text_add(out, fill.output);
	munmap(fill.output, OUTPUT_MOST);
	text_free(&source);
	return code ? -EIO : 0;
}
