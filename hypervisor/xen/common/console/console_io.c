/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_console_io (xen/xen.h): a guest writes to our console, dom0
 * also reads what is typed there. The hardware domain's text goes out as it
 * is; another guest's is judged and prefixed as a guest message.
 */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/options.h>
#include <hv/printk.h>

#define CHUNK_SIZE 128

/* Text of a guest that is not trusted with the console: printable or blank. */
static void make_safe(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((text[i] < ' ' && text[i] != '\n') || text[i] > '~')
			text[i] = text[i] == '\t' ? ' ' : '?';
}

/* One message for each line; lines that come in pieces stay in pieces. */
static void write_for_guest(const struct domain *d, char *text, size_t length)
{
	size_t start = 0;

	make_safe(text, length);
	for (size_t i = 0; i < length; i++) {
		bool is_end = text[i] == '\n';

		if (!is_end && i + 1 < length)
			continue;
		printk(LOG_GUEST_WARNING, "d%u: %.*s\n", d->id, (int)(i + !is_end - start),
		       text + start);
		start = i + 1;
	}
}

static long write_console(const struct domain *d, unsigned int count, unsigned long buffer_va)
{
	char chunk[CHUNK_SIZE];

	while (count) {
		size_t length = count < CHUNK_SIZE ? count : CHUNK_SIZE;

		if (guest_copy_from(chunk, buffer_va, length))
			return -EFAULT;
		if (d->is_hardware)
			console_write(chunk, length, boot_options.console_to_ring);
		else
			write_for_guest(d, chunk, length);
		count -= length;
		buffer_va += length;

		/* The UART is slow and @count the guest's choice. */
		if (count && hypercall_preempt_check()) {
			const unsigned long args[] = { CONSOLEIO_write, count, buffer_va };

			return hypercall_continue(__HYPERVISOR_console_io, 3, args);
		}
	}
	return 0;
}

static long read_console(unsigned int count, unsigned long buffer_va)
{
	char chunk[CHUNK_SIZE];
	long done = 0;
	size_t length;

	/* Ends with the input ring, which is far smaller than what fits a long. */
	while (count) {
		length = console_input_take(chunk, count < CHUNK_SIZE ? count : CHUNK_SIZE);
		if (!length)
			break;
		if (guest_copy_to(buffer_va + done, chunk, length))
			return -EFAULT;
		done += length;
		count -= length;
	}
	return done;
}

long do_console_io(struct vcpu *v, unsigned long cmd, unsigned long raw_count,
		   unsigned long buffer_va)
{
	const struct domain *d = v->domain;
	unsigned int count = raw_count;

	switch ((unsigned int)cmd) {
	case CONSOLEIO_write:
#ifndef HV_DEBUG
		/* For guests' developers only, as in Xen. */
		if (!d->is_privileged)
			return -EPERM;
#endif
		return write_console(d, count, buffer_va);
	case CONSOLEIO_read:
		if (!d->is_privileged)
			return -EPERM;
		return read_console(count, buffer_va);
	}
	return -ENOSYS;
}
