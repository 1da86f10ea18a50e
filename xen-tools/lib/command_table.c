// SPDX-License-Identifier: GPL-2.0-or-later
/* All commands: name, who it is in the option table, arguments, summary, and the description of its man page. */
#include "options.h"

const struct command command_table[] = {
	{ "xen-create-image", CREATE, "",
	  "Make a Xen guest: disk, system, accounts, network and configuration",
	  "Makes a guest that *xl create* starts.  The disk has a partition table, GRUB for BIOS and UEFI, and a kernel "
	  "that is upgraded from inside; the same image serves as PV, PVH and HVM guest, and as a plain machine's disk.\n\n"
	  "  xen-create-image --hostname=web --dist=bookworm --dir=/srv/xen\n\n"
	  "A PV or PVH guest's kernel is GRUB of the package *grub-xen-host*, which reads the menu on the guest's disk from "
	  "inside the guest.  _--pygrub_ on the command line asks for *pygrub* of Debian's Xen instead, which reads it in "
	  "dom0; it is also taken where it is installed and that package is not.\n\n"
	  "Options may also stand in _/etc/xen-tools/xen-tools.conf_ as *key = value*; a command between backticks is "
	  "replaced by what it prints.  The command line wins over _--config_, that over the file.\n\n"
	  "Images in files need no root: what has to be root runs in a user namespace.  Whatever ends the command early, "
	  "nothing is left of the guest, unless _--keep_ is given.\n\n"
	  "Partition layouts are files in _/etc/xen-tools/partitions.d_: a section for each file system with *size*, *type* "
	  "(ext2, ext3, ext4, btrfs, xfs, swap), *mountpoint* and *options*.\n\n"
	  "Roles are executables that get the directory of the installed system as first argument, and every option in the "
	  "environment (dash becomes underscore).  Hooks in _/etc/xen-tools/hooks.d_ run likewise, in sorted order, for "
	  "each guest.  What is in _/etc/xen-tools/skel_ is copied into each guest.\n\n"
	  "_--ip=auto_ takes an address from _/etc/xen-tools/ips.txt_, one a line; a taken one is marked *used*, and "
	  "*xen-delete-image* gives it back.\n\n"
	  "The log is _/var/log/xen-tools/NAME.log_ (for others than root below _~/.local/state/xen-tools_), mode 0640; nine "
	  "older ones are kept.  Passwords are not in it." },
	{ "xen-delete-image", DELETE, "[_NAME_]...",
	  "Remove guests: disks, configuration, and their address of the pool",
	  "Removes what the guest's configuration names below _--dir_, _--lvm_ or _--zpool_, the configuration itself, its "
	  "link in _auto_, and its line in _/etc/hosts_.  A running guest is refused." },
	{ "xen-list-images", LIST, "", "List guests with their address, memory and disks",
	  "Reads all configurations in _/etc/xen_ (_--output_)." },
	{ "xen-update-image", UPDATE, "[_NAME_]...",
	  "Upgrade the packages of guests that are not running",
	  "Mounts the guest's root file system and runs *apt-get update* and *apt-get upgrade* in it.  A running guest is "
	  "refused.  Needs root, for mounting." },
	{ "xen-resize-guest", RESIZE, "", "Enlarge the first disk of a guest that is not running",
	  "Adds to the disk, its root partition and its file system (ext2, ext3, ext4).  Files need no root." },
	{ "xen-create-nfs", NFS, "", "Write the configuration of a guest whose root is on NFS",
	  "Makes no disk: only _/etc/xen/NAME.cfg_, for a kernel of the host that mounts its root from _--nfs_server_." },
	{ "xt-install-image", INSTALL, "", "Install a system into a directory",
	  "The part of *xen-create-image* that installs.  Needs root." },
	{ "xt-customize-image", CUSTOMIZE, "", "Run the hooks of a release on an installed system",
	  "Runs _/usr/share/xen-tools/DIST.d_ and _/etc/xen-tools/hooks.d_ in sorted order with the directory as argument." },
	{ "xt-create-xen-config", CONFIG, "",
	  "Fill a template for a guest's configuration from the environment",
	  "Fills a Text::Template (by default _/etc/xen-tools/xm.tmpl_) from environment variables: *hostname*, *memory*, "
	  "*mac* and the others that *xen-create-image* sets.  Perl runs confined: read-only, without network, as nobody." },
	{ "xt-guess-suite-and-mirror", GUESS, "", "Print the suite and the mirror of this host",
	  "Reads APT's sources, in both of their formats." },
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);
