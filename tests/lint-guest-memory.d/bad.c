/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests/lint-guest-memory must find: each line that says BAD, and no other. */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/guest_access.h>

long twice(struct vcpu *v, unsigned long arg);
long field_of_what_was_read(unsigned long arg);
long by_a_call(unsigned long arg);
long in_a_loop(unsigned long arg, unsigned int count);
long on_one_way(unsigned long arg, bool again);
long in_two_cases(unsigned long arg, unsigned int cmd);
long behind_a_goto(unsigned long arg);
long word_and_word(unsigned long at);
long half_word_and_copy(unsigned long at);
long word_elsewhere_and_all(unsigned long at);
long handle(const struct xen_memory_map *map);
long number(unsigned long arg);
bool pending(const struct vcpu *v);

long twice(struct vcpu *v, unsigned long arg)
{
	struct xen_memory_map a, b;

	(void)v;
	if (guest_read(&a, arg))
		return -EFAULT;
	return guest_read(&b, arg) ? -EFAULT : a.nr_entries + b.nr_entries; /* BAD */
}

long field_of_what_was_read(unsigned long arg)
{
	struct xen_memory_map a;
	unsigned int count;

	if (guest_read(&a, arg))
		return -EFAULT;
	if (guest_read(&count, arg + offsetof(struct xen_memory_map, nr_entries))) /* BAD */
		return -EFAULT;
	return a.nr_entries + count;
}

static long reader(struct xen_memory_map *map, unsigned long from)
{
	return guest_read(map, from);
}

long by_a_call(unsigned long arg)
{
	struct xen_memory_map map;

	if (guest_read(&map, arg))
		return -EFAULT;
	if (map.nr_entries > 128)
		return -EINVAL;
	return reader(&map, arg); /* BAD */
}

long in_a_loop(unsigned long arg, unsigned int count)
{
	unsigned int sum = 0, word;

	for (unsigned int i = 0; i < count; i++) {
		if (guest_read(&word, arg)) /* BAD */
			return -EFAULT;
		sum += word;
	}
	return sum;
}

long on_one_way(unsigned long arg, bool again)
{
	unsigned int word = 0;

	if (again && guest_read(&word, arg))
		return -EFAULT;
	if (word > 3 && guest_read(&word, arg)) /* BAD */
		return -EFAULT;
	return word;
}

long in_two_cases(unsigned long arg, unsigned int cmd)
{
	unsigned int word = 0;

	switch (cmd) {
	case 1:
		if (guest_read(&word, arg))
			return -EFAULT;
		break;
	default:
		return -ENOSYS;
	}
	return guest_read(&word, arg) ? -EFAULT : word; /* BAD */
}

long behind_a_goto(unsigned long arg)
{
	unsigned int word;

	if (guest_read(&word, arg))
		goto out;
	return word;
out:
	return guest_read(&word, arg); /* BAD */
}

long word_and_word(unsigned long at)
{
	uint64_t a, b;

	guest_load(a, at + 8, failed);
	guest_load(b, at + 8, failed); /* BAD */
	return a + b;
failed:
	return -EFAULT;
}

long half_word_and_copy(unsigned long at)
{
	uint32_t a, b;

	guest_load_32(a, at, failed);
	if (guest_read(&b, at)) /* BAD */
		return -EFAULT;
	return a + b;
failed:
	return -EFAULT;
}

long word_elsewhere_and_all(unsigned long at)
{
	struct xen_memory_map map;

	return word_and_word(at) + guest_read(&map, at); /* BAD */
}

long handle(const struct xen_memory_map *map)
{
	const char *bytes = (const char *)map->buffer.p; /* BAD */

	return bytes[0];
}

long number(unsigned long arg)
{
	return *(long *)arg; /* BAD */
}

bool pending(const struct vcpu *v)
{
	return v->info->evtchn_upcall_pending; /* BAD */
}
