# SPDX-License-Identifier: GPL-2.0-or-later
# How a part is built. Its Makefile names what it is and includes this file:
#
#	program := xl			or, instead: library := ctrl
#	sources := main.c create.c	default: all .c files of the folder
#	uses	:= build ctrl		libraries of ours, those that need others first
#	libs	:= -lxencall		what else to link with
#	include ../part.mk
#
# A part with tests adds rules for check and fuzz.

tools	:= $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
TOP	:= $(abspath $(tools)/../..)
BUILD	?= $(TOP)/build/tools
CC	?= gcc
AR	?= ar
SECONDS	?= 10

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	    -Wwrite-strings -Wcast-qual
LANGUAGE := -std=gnu17 -D_GNU_SOURCE -D__XEN_TOOLS__ -I $(tools)/libs -g $(WARNINGS)
HARDEN	 := -O2 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS	 := -pie -Wl,-z,relro,-z,now

part	:= $(or $(program),$(library))
sources	?= $(wildcard *.c)
objects	:= $(sources:%.c=$(BUILD)/objects/$(part)/%.o)
ours	:= $(uses:%=$(BUILD)/lib/lib%.a)
target	:= $(if $(program),$(BUILD)/$(program),$(BUILD)/lib/lib$(library).a)

.PHONY: all check fuzz clean
.DEFAULT_GOAL := all

all: $(target)

check fuzz:

$(BUILD)/objects/$(part)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $(part)/$<"
	@$(CC) $(LANGUAGE) $(HARDEN) -MMD -MP -c -o $@ $<

ifdef library
$(target): $(objects)
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
else
$(target): $(objects) $(ours)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $(objects) $(ours) $(libs)
endif

clean:
	rm -rf $(target) $(BUILD)/objects/$(part)

-include $(objects:.o=.d)
