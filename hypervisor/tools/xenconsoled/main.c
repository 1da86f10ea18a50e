// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xenconsoled: options, and the loop that everything else is called from. The daemon can be killed and started again at any
 * time: what a guest has written and nobody has taken is still in its ring, and terminals are kept (kept.h).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include "domains.h"
#include "hypervisor_log.h"

#define DEFAULT_DIRECTORY "/var/log/xen/console"
#define MIB (1024u * 1024u)

enum {
	EXIT_USAGE = 2,
};

static const char usage[] =
	"usage: xenconsoled [OPTION]...\n"
	"\n"
	"  --log none|guest|hv|all         what is logged: consoles of guests, the hypervisor's own\n"
	"                                  (none; $XENCONSOLED_TRACE says otherwise)\n"
	"  --timestamp none|guest|hv|all   whose lines begin with the time (none)\n"
	"  --log-dir DIRECTORY             where (" DEFAULT_DIRECTORY ")\n"
	"  --log-size MIB                  how long a log may grow before it is rotated (16)\n"
	"  --log-count N                   how many old ones are kept (4)\n"
	"  --help                          this text\n"
	"\n"
	"Stays in the foreground. Can be killed and started again at any time. SIGHUP: logs are opened anew.\n";

enum {
	OF_GUESTS = 1,
	OF_HYPERVISOR = 2,
};

struct options {
	int logged, with_time; /* OF_* */
	const char *directory;
	unsigned long size_mib, count;
};

static int whose(const char *text)
{
	static const char *const words[] = { "none", "guest", "hv", "all" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(text, words[i]))
			return i;
	return -EINVAL;
}

static int count_parse(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || *value > max ? -EINVAL : 0;
}

static int option_set(struct options *o, int option, const char *text)
{
	switch (option) {
	case 'l':
		o->logged = whose(text);
		return o->logged < 0 ? o->logged : 0;
	case 't':
		o->with_time = whose(text);
		return o->with_time < 0 ? o->with_time : 0;
	case 'd':
		o->directory = text;
		return 0;
	case 's':
		return count_parse(text, 4096, &o->size_mib) || !o->size_mib ? -EINVAL : 0;
	case 'c':
		return count_parse(text, 1000, &o->count);
	default:
		return -EINVAL;
	}
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "log", required_argument, NULL, 'l' },
		{ "timestamp", required_argument, NULL, 't' },
		{ "log-dir", required_argument, NULL, 'd' },
		{ "log-size", required_argument, NULL, 's' },
		{ "log-count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *trace = getenv("XENCONSOLED_TRACE");
	int option;

	if (trace && *trace && option_set(o, 'l', trace)) {
		fprintf(stderr,
			"xenconsoled: XENCONSOLED_TRACE: %s: not one of none, guest, hv, all\n",
			trace);
		return -EINVAL;
	}
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		}
		if (option == '?' || option_set(o, option, optarg)) {
			if (option != '?')
				fprintf(stderr, "xenconsoled: %s: not a value of this option\n",
					optarg);
			return -EINVAL;
		}
	}
	return optind < argc ? -EINVAL : 0;
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *info, void *userdata)
{
	struct world *w = userdata;

	(void)s;
	(void)info;
	for (struct console *c = w->consoles; c; c = c->next)
		if (c->log)
			log_reopen(c->log);
	hypervisor_log_reopen();
	return 0;
}

static int signals_start(struct world *w)
{
	sigset_t set;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	rc = sd_event_add_signal(w->event, NULL, SIGTERM, NULL, NULL);
	if (rc >= 0)
		rc = sd_event_add_signal(w->event, NULL, SIGINT, NULL, NULL);
	if (rc >= 0)
		rc = sd_event_add_signal(w->event, NULL, SIGHUP, on_hangup, w);
	return rc < 0 ? rc : 0;
}

static struct log_settings log_settings(const struct options *o, int of)
{
	return (struct log_settings){
		.directory = o->directory,
		.size_max = o->size_mib * MIB,
		.old_max = (unsigned int)o->count,
		.with_time = o->with_time & of,
	};
}

/* The doors of the kernel and the store; each must be open. */
static const char *doors_open(struct world *w, struct domains *ds)
{
	w->evtchn = xenevtchn_open(NULL, 0);
	if (!w->evtchn)
		return "event channels";
	w->gnttab = xengnttab_open(NULL, 0);
	if (!w->gnttab)
		return "grants";
	w->memory = xenforeignmemory_open(NULL, 0);
	if (!w->memory)
		return "guests' memory";
	ds->xs = xs_open(0);
	if (!ds->xs)
		return "xenstored";
	return NULL;
}

static int start(struct world *w, struct domains *ds, const struct options *o)
{
	static struct log_settings hypervisor;
	int rc = sd_event_new(&w->event);
	const char *closed;

	if (rc < 0)
		return rc;
	closed = doors_open(w, ds);
	if (closed) {
		fprintf(stderr, "xenconsoled: %s: %s\n", closed, strerror(errno));
		return -errno;
	}
	w->log = log_settings(o, OF_GUESTS);
	w->is_logging = o->logged & OF_GUESTS;
	ds->world = w;
	rc = signals_start(w);
	if (!rc)
		rc = world_start(w);
	if (!rc && (o->logged & OF_HYPERVISOR)) {
		hypervisor = log_settings(o, OF_HYPERVISOR);
		rc = hypervisor_log_start(w->event, &hypervisor);
	}
	if (rc)
		fprintf(stderr, "xenconsoled: cannot start: %s\n", strerror(-rc));
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { .directory = DEFAULT_DIRECTORY, .size_mib = 16, .count = 4 };
	static struct world world;
	static struct domains domains;
	int rc;

	if (options_parse(&o, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	openlog("xenconsoled", LOG_PID, LOG_DAEMON);
	if (start(&world, &domains, &o))
		return EXIT_FAILURE;
	domains.kept = kept_open();
	rc = domains_start(&domains);
	kept_close(domains.kept);
	domains.kept = NULL;
	if (rc) {
		fprintf(stderr, "xenconsoled: xenstored: %s\n", strerror(-rc));
		return EXIT_FAILURE;
	}
	sd_notify(0, "READY=1");
	rc = sd_event_loop(world.event);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
