// SPDX-License-Identifier: GPL-2.0-or-later
/* xenconsole: options; attach.c does the work. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"

enum {
	EXIT_GONE = 1,
	EXIT_USAGE = 2,
	EXIT_NO_CONSOLE = 3,
};

static const char usage[] =
	"usage: xenconsole [OPTION]... DOMID\n"
	"\n"
	"  -n, --num N           console number N (0)\n"
	"  -t, --type pv|serial  which kind of console (pv)\n"
	"  -e, --escape ^X       the key that detaches (^])\n"
	"      --timeout SECONDS how long to wait for the console (as long as the domain is there)\n"
	"  -h, --help            this text\n";

struct options {
	unsigned int domid, number;
	enum console_type type;
	int escape, timeout;
};

static int number_parse(const char *text, unsigned long max, unsigned int *value)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > max)
		return -EINVAL;
	*value = (unsigned int)number;
	return 0;
}

static int option_set(struct options *o, int option, const char *text)
{
	unsigned int seconds;

	switch (option) {
	case 'n':
		return number_parse(text, 1000, &o->number);
	case 't':
		o->type = strcmp(text, "serial") ? CONSOLE_PV : CONSOLE_SERIAL;
		return strcmp(text, "serial") && strcmp(text, "pv") ? -EINVAL : 0;
	case 'e':
		if (text[0] != '^' || !text[1] || text[2])
			return -EINVAL;
		o->escape = text[1] & 0x1f;
		return 0;
	case 'w':
		if (number_parse(text, 1000000, &seconds))
			return -EINVAL;
		o->timeout = (int)seconds;
		return 0;
	default:
		return -EINVAL;
	}
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "num", required_argument, NULL, 'n' },
		{ "type", required_argument, NULL, 't' },
		{ "escape", required_argument, NULL, 'e' },
		{ "timeout", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "n:t:e:h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		}
		if (option_set(o, option, optarg))
			return -EINVAL;
	}
	return argc - optind != 1 ? -EINVAL : number_parse(argv[optind], 65535, &o->domid);
}

int main(int argc, char **argv)
{
	struct options o = { .type = CONSOLE_PV, .escape = CONSOLE_ESCAPE, .timeout = -1 };
	struct xs_handle *xs;
	int fd, rc;

	if (options_parse(&o, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	xs = xs_open(0);
	if (!xs) {
		fprintf(stderr, "xenconsole: xenstored: %s\n", strerror(errno));
		return EXIT_NO_CONSOLE;
	}
	fd = console_open(xs, o.domid, o.type, o.number, o.timeout);
	xs_close(xs);
	if (fd < 0) {
		fprintf(stderr, "xenconsole: domain %u: %s\n", o.domid,
			fd == -ESRCH ? "there is no such domain" :
			fd == -EBUSY ? "somebody is attached to its console" :
				       strerror(-fd));
		return EXIT_NO_CONSOLE;
	}
	rc = console_attach(fd, o.escape);
	return rc == CONSOLE_DETACHED ? EXIT_SUCCESS : EXIT_GONE;
}
