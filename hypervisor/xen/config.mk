# SPDX-License-Identifier: GPL-2.0-or-later
# How the hypervisor is compiled. CC=clang builds too, as the lock checker.

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
LD      := ld
OBJCOPY := objcopy
DEBUG   ?= n

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wundef -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wcast-qual

# Position-independent code in the small model: the ABI's window is out of
# reach of -mcmodel=kernel, and RIP-relative addressing needs no other.
CFLAGS_HV := -std=gnu17 -O2 -g -ffreestanding -fno-common -fno-strict-aliasing \
	-mno-red-zone -mgeneral-regs-only -fPIE -fvisibility=hidden \
	-fno-stack-protector -fno-jump-tables -fno-asynchronous-unwind-tables \
	-fcf-protection=none -ffile-prefix-map=$(abspath ../..)=. -include include/hv/hidden.h $(WARNINGS)
CFLAGS_GCC := -mindirect-branch=thunk-extern -mindirect-branch-register
CFLAGS_CLANG := -mretpoline-external-thunk -Wthread-safety

ifneq ($(findstring clang,$(CC)),)
CFLAGS_HV += $(CFLAGS_CLANG)
else
CFLAGS_HV += $(CFLAGS_GCC)
endif

ifeq ($(DEBUG),y)
CFLAGS_HV += -DHV_DEBUG
endif
