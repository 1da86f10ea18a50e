/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arrays behind test/fake/include/asm/frame.h. */
#include <hv/frame.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct page_info *frame_table;
unsigned char *fake_memory;
unsigned long *fake_m2p;
unsigned long frame_table_end = FAKE_FRAMES;

static void *reserve(void *old, size_t len)
{
	void *p;

	if (old)
		munmap(old, len);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		 0);
	if (p == MAP_FAILED) {
		perror("fake_frames_init");
		exit(99);
	}
	return p;
}

void fake_frames_init(void)
{
	unsigned long i;

	fake_memory = reserve(fake_memory, FAKE_FRAMES << PAGE_SHIFT);
	frame_table = reserve(frame_table, FAKE_FRAMES * sizeof(*frame_table));
	fake_m2p = reserve(fake_m2p, FAKE_FRAMES * sizeof(*fake_m2p));
	for (i = 0; i < FAKE_FRAMES; i++)
		frame_table[i].owner = OWNER_NONE;
	memset(fake_m2p, 0xff, FAKE_FRAMES * sizeof(*fake_m2p));
}
