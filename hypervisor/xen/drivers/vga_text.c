/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VGA text mode as a console: characters and attributes in memory at
 * 0xb8000, the cursor through the CRT controller's index and data ports.
 * The mode is as the firmware left it.
 */
#include <hv/vga.h>

#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

#include <asm/system.h>

#define COLUMNS	      80
#define ROWS	      25
#define GREY_ON_BLACK 0x0700

#define CRTC_INDEX	   0x3d4 /* colour modes; 0x3b4 in monochrome ones */
#define CRTC_DATA	   0x3d5
#define CRTC_MAX_SCAN_LINE 0x09
#define CRTC_START_HI	   0x0c
#define CRTC_START_LO	   0x0d
#define CRTC_CURSOR_HI	   0x0e
#define CRTC_CURSOR_LO	   0x0f

#define GRAPHICS_INDEX 0x3ce
#define GRAPHICS_DATA  0x3cf
#define GRAPHICS_MISC  0x06
#define MISC_GRAPHICS  0x01
#define MISC_MAP       0x0c
#define MISC_MAP_B8000 0x0c

static struct {
	volatile uint16_t *cells; /* NULL: no screen */
	unsigned int row, column;
	bool is_ours;
} vga;

static uint8_t crtc_read(uint8_t index)
{
	outb(CRTC_INDEX, index);
	return inb(CRTC_DATA);
}

static void crtc_write(uint8_t index, uint8_t value)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, value);
}

/* Text at 0xb8000, and memory that keeps what is written. */
static bool is_text_mode(volatile uint16_t *cells)
{
	uint16_t old = cells[0];
	uint8_t misc;
	bool keeps;

	outb(GRAPHICS_INDEX, GRAPHICS_MISC);
	misc = inb(GRAPHICS_DATA);
	if (misc & MISC_GRAPHICS || (misc & MISC_MAP) != MISC_MAP_B8000)
		return false;
	cells[0] = 0x0741;
	keeps = cells[0] == 0x0741;
	cells[0] = old;
	return keeps;
}

static void clear_row(unsigned int row)
{
	for (unsigned int i = 0; i < COLUMNS; i++)
		vga.cells[row * COLUMNS + i] = GREY_ON_BLACK | ' ';
}

static void scroll(void)
{
	for (unsigned int i = 0; i < (ROWS - 1) * COLUMNS; i++)
		vga.cells[i] = vga.cells[i + COLUMNS];
	clear_row(ROWS - 1);
}

static void next_row(void)
{
	vga.column = 0;
	if (++vga.row < ROWS)
		return;
	vga.row = ROWS - 1;
	scroll();
}

static void put(char c)
{
	switch (c) {
	case '\n':
		next_row();
		return;
	case '\r':
		vga.column = 0;
		return;
	case '\b':
		if (vga.column)
			vga.column--;
		return;
	case '\t':
		c = ' ';
	}
	if (c < ' ' || c > '~')
		return;
	if (vga.column == COLUMNS)
		next_row();
	vga.cells[vga.row * COLUMNS + vga.column++] = GREY_ON_BLACK | (uint8_t)c;
}

static void show_cursor(void)
{
	unsigned int column = vga.column < COLUMNS ? vga.column : COLUMNS - 1;
	unsigned int cell = vga.row * COLUMNS + column;

	crtc_write(CRTC_CURSOR_HI, cell >> 8);
	crtc_write(CRTC_CURSOR_LO, cell & 0xff);
}

static void vga_write(const char *text, size_t length)
{
	if (!vga.is_ours)
		return;
	for (size_t i = 0; i < length; i++)
		put(text[i]);
	show_cursor();
}

/*
 * A crash while dom0 has the screen. If it is in a graphics mode by now, we
 * cannot show anything there; a text screen we begin anew.
 */
static void vga_retake(void)
{
	if (vga.is_ours || !is_text_mode(vga.cells))
		return;
	vga.is_ours = true;
	crtc_write(CRTC_START_HI, 0);
	crtc_write(CRTC_START_LO, 0);
	for (unsigned int row = 0; row < ROWS; row++)
		clear_row(row);
	vga.row = vga.column = 0;
}

static const struct console_device vga_device = {
	.name = "vga",
	.write = vga_write,
	.retake = vga_retake,
};

void vga_init(volatile void *mapped)
{
	unsigned int cursor;

	if (!boot_options.console_on_vga || !is_text_mode(mapped))
		return;
	vga.cells = mapped;
	vga.is_ours = true;

	/* Go on below what firmware and boot loader wrote. */
	cursor = crtc_read(CRTC_CURSOR_HI) << 8 | crtc_read(CRTC_CURSOR_LO);
	vga.row = cursor / COLUMNS < ROWS ? cursor / COLUMNS : ROWS - 1;
	if (cursor % COLUMNS)
		next_row();
	console_add_device(&vga_device);
}

bool vga_handover(struct dom0_vga_console_info *info)
{
	memset(info, 0, sizeof(*info));
	if (!vga.cells)
		return false;
	info->video_type = XEN_VGATYPE_TEXT_MODE_3;
	info->u.text_mode_3.font_height = (crtc_read(CRTC_MAX_SCAN_LINE) & 0x1f) + 1;
	info->u.text_mode_3.cursor_x = vga.column < COLUMNS ? vga.column : 0;
	info->u.text_mode_3.cursor_y = vga.row;
	info->u.text_mode_3.rows = ROWS;
	info->u.text_mode_3.columns = COLUMNS;
	if (!boot_options.keep_vga)
		vga.is_ours = false;
	return true;
}
