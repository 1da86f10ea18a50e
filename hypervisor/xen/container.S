/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flat image inside an ELF32: one segment, entered at its 32-bit entry. */
	.section .image, "awx"
	.incbin IMAGE_BIN
