/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where text goes: the ring of the log and the console devices, under the
 * console lock. After a crash the lock is only tried for a while, as its
 * holder may be the CPU that crashed or one that no longer runs.
 */
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/ring.h>
#include <hv/spinlock.h>

#define MAX_DEVICES	4
#define TAKE_OVER_TRIES 1000000
#define PIECE_SIZE	16 /* a UART's FIFO: about 1.4 ms at 115200 baud */

static char ring_data[CONSOLE_RING_SIZE];

static struct spinlock output_lock = SPINLOCK_INIT;

static struct {
	struct text_ring ring __guarded_by(output_lock);
	const struct console_device *device[MAX_DEVICES] __guarded_by(output_lock);
	unsigned int device_count __guarded_by(output_lock);
	bool is_taken_over; /* set once, at a crash */
} console = {
	.ring = { .data = ring_data, .size = CONSOLE_RING_SIZE },
};

struct console_hold console_lock(void) __no_lock_check
{
	struct console_hold hold = { .flags = irq_save() };

	if (likely(!READ_ONCE(console.is_taken_over))) {
		spin_lock(&output_lock);
		hold.is_locked = true;
		return hold;
	}
	for (unsigned int i = 0; i < TAKE_OVER_TRIES && !hold.is_locked; i++) {
		hold.is_locked = spin_trylock(&output_lock);
		cpu_relax();
	}
	return hold;
}

void console_unlock(struct console_hold hold) __no_lock_check
{
	if (hold.is_locked)
		spin_unlock(&output_lock);
	irq_restore(hold.flags);
}

void console_write_locked(const char *text, size_t length, bool to_ring) __no_lock_check
{
	if (to_ring)
		text_ring_put(&console.ring, text, length);
	for (unsigned int i = 0; i < console.device_count; i++)
		console.device[i]->write(text, length);
}

void console_write(const char *text, size_t length, bool to_ring)
{
	/* In pieces, as interrupts are off and a guest decides how much it is. */
	for (size_t done = 0; done < length; done += PIECE_SIZE) {
		size_t piece = length - done < PIECE_SIZE ? length - done : PIECE_SIZE;
		struct console_hold hold = console_lock();

		console_write_locked(text + done, piece, to_ring);
		console_unlock(hold);
	}
}

static void replay_ring(const struct console_device *device) __must_hold(output_lock)
{
	uint32_t index = console.ring.start;
	char part[128];
	size_t count;

	while ((count = text_ring_get(&console.ring, &index, part, sizeof(part))))
		device->write(part, count);
}

void console_add_device(const struct console_device *device)
{
	unsigned long flags = spin_lock_irqsave(&output_lock);

	if (console.device_count < MAX_DEVICES) {
		replay_ring(device);
		console.device[console.device_count++] = device;
	}
	spin_unlock_irqrestore(&output_lock, flags);
}

void console_take_over(void) __no_lock_check
{
	struct console_hold hold;

	WRITE_ONCE(console.is_taken_over, true);
	hold = console_lock();
	for (unsigned int i = 0; i < console.device_count; i++)
		if (console.device[i]->retake)
			console.device[i]->retake();
	console_unlock(hold);
}

/* A part of the ring from *@index on, or from the oldest character if @is_first. */
static size_t ring_part(uint32_t *index, bool is_first, char *part, size_t size)
{
	unsigned long flags = spin_lock_irqsave(&output_lock);
	size_t count;

	if (is_first)
		*index = console.ring.start;
	count = text_ring_get(&console.ring, index, part, size);
	spin_unlock_irqrestore(&output_lock, flags);
	return count;
}

int console_ring_read(struct xen_sysctl_readconsole *op)
{
	unsigned long buffer = (unsigned long)op->buffer.p;
	uint32_t index = op->index;
	bool is_first = !op->incremental;
	uint32_t done = 0;
	char part[128];

	/* Bounded: what is written meanwhile is for the next call. */
	while (done < op->count && done < CONSOLE_RING_SIZE) {
		size_t room = op->count - done;
		size_t count = ring_part(&index, is_first, part,
					 room < sizeof(part) ? room : sizeof(part));

		if (!count)
			break;
		if (guest_copy_to(buffer + done, part, count))
			return -EFAULT;
		is_first = false;
		done += count;
	}

	if (op->clear) {
		unsigned long flags = spin_lock_irqsave(&output_lock);

		text_ring_forget(&console.ring, index);
		spin_unlock_irqrestore(&output_lock, flags);
	}
	op->count = done;
	op->index = index;
	return 0;
}
