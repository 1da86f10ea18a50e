/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: plain computation (the controls), system calls, signals and faults that the
 * kernel turns into signals.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench.h"

static volatile long signals_seen;

static bool spin(long n)
{
	long turns = n / 2;	/* two instructions a turn */

	region_begin();
	__asm__ volatile("1:	dec %0\n"
			 "	jnz 1b"
			 : "+r"(turns)
			 :
			 : "cc");
	region_end();
	return true;
}

/* Not memcpy, which chooses its instructions by CPU model. */
static bool copy_buffer(long n)
{
	region_begin();
	while (n--) {
		const char *from = buffer_from, *end = buffer_from + BUFFER_SIZE;
		char *to = buffer_to;

		__asm__ volatile("1:	movups	(%0), %%xmm0\n"
				 "	movups	16(%0), %%xmm1\n"
				 "	movups	%%xmm0, (%1)\n"
				 "	movups	%%xmm1, 16(%1)\n"
				 "	add	$32, %0\n"
				 "	add	$32, %1\n"
				 "	cmp	%2, %0\n"
				 "	jb	1b"
				 : "+r"(from), "+r"(to)
				 : "r"(end)
				 : "memory", "cc", "xmm0", "xmm1");
	}
	region_end();
	return true;
}

static bool call_getppid(long n)
{
	region_begin();
	while (n--)
		syscall(SYS_getppid);
	region_end();
	return true;
}

static bool call_write(long n)
{
	int null = open("/dev/null", O_WRONLY);

	region_begin();
	while (n--)
		if (write(null, "x", 1) != 1)
			die("/dev/null");
	region_end();
	close(null);
	return true;
}

static bool call_read(long n)
{
	int zero = open("/dev/zero", O_RDONLY);

	region_begin();
	while (n--)
		if (read(zero, buffer_from, PAGE_SIZE) != (ssize_t)PAGE_SIZE)
			die("/dev/zero");
	region_end();
	close(zero);
	return true;
}

static bool call_stat(long n)
{
	struct stat status;

	region_begin();
	while (n--)
		stat(own_path, &status);
	region_end();
	return true;
}

static bool call_open_close(long n)
{
	region_begin();
	while (n--)
		close(open(own_path, O_RDONLY));
	region_end();
	return true;
}

static bool read_clock(long n)
{
	struct timespec now;

	region_begin();
	while (n--)
		clock_gettime(CLOCK_MONOTONIC, &now);
	region_end();
	return true;
}

static void on_signal(int number)
{
	(void)number;
	signals_seen++;
}

static bool signal_install(long n)
{
	struct sigaction action = { .sa_handler = on_signal };

	region_begin();
	while (n--)
		sigaction(SIGUSR2, &action, NULL);
	region_end();
	return true;
}

static bool signal_handle(long n)
{
	struct sigaction action = { .sa_handler = on_signal };
	pid_t process = getpid(), thread = gettid();

	sigaction(SIGUSR1, &action, NULL);
	region_begin();
	while (n--)
		syscall(SYS_tgkill, process, thread, SIGUSR1);
	region_end();
	return true;
}

/* Step over the instruction that faulted: three bytes in fault_write, two in trap_ud2. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	(void)info;
	signals_seen++;
	interrupted->uc_mcontext.gregs[REG_RIP] += number == SIGSEGV ? 3 : 2;
}

static bool fault_write(long n)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	region_begin();
	while (n--)
		__asm__ volatile("movb $1, (%%rax)" : : "a"(page_read_only) : "memory");
	region_end();
	signal(SIGSEGV, SIG_DFL);
	return true;
}

static bool trap_ud2(long n)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGILL, &action, NULL);
	region_begin();
	while (n--)
		__asm__ volatile("ud2" : : : "memory");
	region_end();
	signal(SIGILL, SIG_DFL);
	return true;
}

const struct row compute_rows[] = {
	{ "cpu_spin", "Minsn", spin, 5000000, 30, 1e-6 },
	{ "cpu_memcpy", "MiB", copy_buffer, 8, 3, 1 },
	{ "sys_getppid", "call", call_getppid, 2000, 10, 1 },
	{ "sys_write1", "call", call_write, 1000, 5, 1 },
	{ "sys_read4k", "call", call_read, 500, 5, 1 },
	{ "sys_stat", "call", call_stat, 500, 5, 1 },
	{ "sys_open_close", "call", call_open_close, 300, 5, 1 },
	{ "clock_gettime", "call", read_clock, 1000, 5, 1 },
	{ "sig_install", "call", signal_install, 1000, 5, 1 },
	{ "sig_handle", "signal", signal_handle, 500, 5, 1 },
	{ "fault_prot", "fault", fault_write, 300, 5, 1 },
	{ "trap_ud2", "trap", trap_ud2, 300, 5, 1 },
	{ .name = NULL },
};
