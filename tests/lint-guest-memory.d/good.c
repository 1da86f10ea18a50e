/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests/lint-guest-memory must not complain about. */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/guest_access.h>

long in_two_cases(unsigned long arg, unsigned int cmd);
long a_list(unsigned long list, unsigned int count);
long a_moving_address(unsigned long list);
long words(unsigned long at);
long words_elsewhere(unsigned long at);
long another_handle(unsigned long arg);
long with_a_reason(unsigned long arg);
bool pending(struct vcpu *v);

long in_two_cases(unsigned long arg, unsigned int cmd)
{
	unsigned int word = 0;

	switch (cmd) {
	case 1:
		return guest_read(&word, arg) ? -EFAULT : word;
	case 2:
		if (guest_read(&word, arg))
			return -EFAULT;
		break;
	case 3:
		if (guest_read(&word, arg))
			goto out;
		break;
	}
	return word;
out:
	return -EFAULT;
}

long a_list(unsigned long list, unsigned int count)
{
	unsigned int sum = 0, word;

	for (unsigned int i = 0; i < count; i++) {
		unsigned long at = list + i * sizeof(word);

		if (guest_read(&word, at) || guest_write(at, &sum))
			return -EFAULT;
		sum += word;
	}
	return sum;
}

long a_moving_address(unsigned long list)
{
	unsigned int word;

	for (;;) {
		if (guest_read(&word, list))
			return -EFAULT;
		if (!word)
			return 0;
		list += sizeof(word);
	}
}

long words(unsigned long at)
{
	uint64_t a, b;

	guest_load(a, at, failed);
	guest_load(b, at + 8, failed);
	return a + b;
failed:
	return -EFAULT;
}

long words_elsewhere(unsigned long at)
{
	return words(at);
}

long another_handle(unsigned long arg)
{
	struct xen_memory_map map;
	uint32_t type;

	if (guest_read(&map, arg) || guest_read(&type, (unsigned long)map.buffer.p))
		return -EFAULT;
	return type;
}

long with_a_reason(unsigned long arg)
{
	unsigned int word;

	if (!guest_read(&word, arg))
		return word;
	/* read again: the first time it failed */
	return guest_read(&word, arg);
}

bool pending(struct vcpu *v)
{
	WRITE_ONCE(v->info->evtchn_upcall_mask, 1);
	v->info->evtchn_upcall_mask = 0;
	return READ_ONCE(v->info->evtchn_upcall_pending) &&
	       !__atomic_load_n(&v->info->evtchn_upcall_mask, __ATOMIC_ACQUIRE);
}
