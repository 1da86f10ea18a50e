# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Mounts a disk image's partitions as a tree that programs can chroot into.  Sourced after progress.sh, inside a mount
# namespace of the caller's own: whatever happens, the mounts end with it, and the loop device with the EXIT trap.
#
# Sets $loop (the disk's device), $root (where its root file system is mounted) and $root_uuid.

# own_mounts SCRIPT ARGUMENTS: starts SCRIPT, which is the caller, again in a mount namespace of its own; returns in there.
own_mounts()
{
	need_root "make a disk image"
	if [ "${ZAZEN_OWN_MOUNTS:-}" != "$1" ]; then
		ZAZEN_OWN_MOUNTS=$1 exec unshare --mount --propagation private "$@"
	fi
}

# attach_image IMAGE
attach_image()
{
	loop=$(losetup --find --show "$1" 2>&1) || die losetup "$loop"
	trap 'detach_image' EXIT
	partx --update "$loop"	# not --partscan: kernels without EFI_PARTITION read no GPT
	trap 'exit 1' INT TERM
	root=$(mktemp -d)
}

mount_root()
{
	mount "${loop}p3" "$root"
	root_uuid=$(blkid -o value -s UUID "${loop}p3")
}

# The /dev is one of our own: GRUB wants the disk's nodes and its by-uuid link (without which update-grub would write
# root=/dev/loop0p3), and nothing else of the build machine should be visible.
mount_devices()
{
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$loop" "$loop"p? "$root/dev"
	ln -s /proc/self/fd "$root/dev/fd"
	mkdir -p "$root/dev/disk/by-uuid"
	ln -s "${loop}p3" "$root/dev/disk/by-uuid/$root_uuid"
}

detach_image()
{
	trap - EXIT
	umount -R "$root" 2>/dev/null || :
	rmdir "$root" 2>/dev/null || :
	losetup --detach "$loop"
}
