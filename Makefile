# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one door to everything.  A line after two hashes is what `make help` prints.  Each door first installs the Debian
# packages it needs (as root; anybody else is told the command), and writes only below build/.

.DEFAULT_GOAL := help
.PHONY: help run check check-full hypervisor tools xen-tools bench-guests packages packages-clean-chroot repository disk bench lint format clean

DOOR := make $(firstword $(MAKECMDGOALS))
export DOOR

# What `make run` starts the machine with: bios or uefi.
FIRMWARE ?= bios
export FIRMWARE

need := tests/lib/need-packages
for_hypervisor := gcc libc6-dev binutils gzip libxen-dev
for_tools := gcc libc6-dev libxen-dev libsystemd-dev libjson-c-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev
for_xen_tools := gcc libc6-dev libjson-c-dev libcrypt-dev
for_guests := $(for_xen_tools) mmdebstrap debian-archive-keyring e2fsprogs fdisk dosfstools mtools zstd uidmap \
	libtext-template-perl qemu-utils openssh-client
for_packages := $(for_hypervisor) $(for_tools) $(for_xen_tools) dpkg-dev debhelper asciidoctor \
	ruby-asciidoctor-pdf graphviz
for_repository := $(for_packages) apt-utils gpg gpg-agent gpgconf xz-utils
for_disk := mmdebstrap debian-archive-keyring gdisk dosfstools mtools e2fsprogs util-linux fdisk
for_run := qemu-system-x86 $(if $(filter uefi,$(FIRMWARE)),ovmf)
for_uefi := ovmf grub-common grub-efi-amd64-bin mtools efibootmgr
for_lint := $(for_hypervisor) $(for_tools) $(for_xen_tools) clang clang-format python3-clang cppcheck shellcheck python3 git
for_tests := $(for_lint) procps $(for_repository) $(for_disk) $(for_guests) $(for_run) $(for_uefi) lintian valgrind \
	libcmocka-dev \
	busybox-static cpio zstd xz-utils lzma lz4 bzip2

help:		## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1	/p' Makefile | expand -t 20

run:		## build everything, boot Debian on it in QEMU, end at dom0's console (FIRMWARE=uefi: from UEFI)
	@$(need) $(for_packages) $(for_disk) $(for_run)
	@tests/lib/build-packages
	@tests/make-dom0-disk zazen
	@tests/run-dom0

check:		## all tests that finish in about half an hour on two cores
	@$(need) $(for_tests)
	@tests/run

check-full:	## the long ones too
	@$(need) $(for_tests)
	@tests/run --full

hypervisor:	## build/xen-zazen-amd64, its .gz, its symbols
	@$(need) $(for_hypervisor)
	@$(MAKE) --no-print-directory -j$$(nproc) -C hypervisor/xen all

tools:		## user space of dom0, into build/tools/; no package has it yet
	@$(need) $(for_tools)
	@$(MAKE) --no-print-directory -j$$(nproc) -C hypervisor/tools

xen-tools:	## build/xen-tools/xen-create-image and its family
	@$(need) $(for_xen_tools)
	@$(MAKE) --no-print-directory -C xen-tools

bench-guests:	## a guest made by xen-create-image, and by Debian's xen-tools (ten minutes)
	@$(need) $(for_guests)
	@$(MAKE) --no-print-directory -C xen-tools
	@xen-tools/test/bench

packages:	## the Debian packages in build/packages/, checked by lintian
	@$(need) $(for_packages) lintian
	@tests/check-packages

packages-clean-chroot: ## the same in build/packages-clean/, built in a Debian that has nothing else, without a network
	@$(need) mmdebstrap debian-archive-keyring dpkg-dev util-linux
	@tests/packages-clean-chroot

repository:	## a signed APT repository of them in build/repository/ (REPOSITORY_KEY= your key, REPOSITORY_URI= its place)
	@$(need) $(for_repository)
	@tests/lib/build-packages
	@tests/make-repository

disk:		## build/dom0-zazen.img, the disk that `make run` boots
	@$(need) $(for_packages) $(for_disk)
	@tests/lib/build-packages
	@tests/make-dom0-disk zazen

bench:		## what operations cost here, beside Debian's Xen and the bare machine; then bench-guests (half an hour)
	@$(need) $(for_hypervisor) $(for_run) $(for_repository) python3 busybox-static
	@$(MAKE) --no-print-directory hypervisor
	@tests/lib/build-packages
	@tests/make-repository
	@tests/bench/sizes
	@tests/bench/run
	@$(MAKE) --no-print-directory bench-guests

lint:		## formatting, static checks, headers, lock annotations, scripts
	@$(need) $(for_lint)
	@tests/lint

format:		## rewrite the C sources as clang-format wants them
	@$(need) clang-format python3
	@find hypervisor xen-tools -name '*.[ch]' -exec tests/format {} +

clean:		## remove all that was built (the cached Debian disk too)
	rm -rf build
