// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All options of all commands, and all commands: name, who knows it, kind, value and its limits, the value's name, group,
 * meaning, and what makes it out of use.  Spellings and meanings of xen-tools 4.9.2 are kept; rows that it did not have
 * stand last in their group.
 */
#include "options.h"

#define STORAGE (CREATE | DELETE | UPDATE | RESIZE)
#define NETWORK (CREATE | NFS)

/* clang-format off */
const struct option_row option_table[] = {
{ "help",           EVERY, FLAG, ANY, 0, 0, "Help", "show the options", 0 },
{ "manual",         EVERY, FLAG, ANY, 0, 0, "Help", "show the manual page", 0 },
{ "version",        EVERY, FLAG, ANY, 0, 0, "Help", "show the version", 0 },
{ "verbose",        EVERY, SWITCH, ANY, 0, 0, "Help", "say more about what is done", 0 },
{ "debug",          EVERY, SWITCH, ANY, 0, 0, "Help", "as --verbose; hooks get debug=1 as well", 0 },
{ "dumpconfig",     CREATE, FLAG, ANY, 0, 0, "Help", "show all settings, and where each comes from, and end", 0 },
{ "dry-run",        CREATE | DELETE | UPDATE | RESIZE, FLAG, ANY, 0, 0, "Help", "check everything, show what would be done, change nothing", 0 },
{ "json",           CREATE | DELETE | LIST | UPDATE | RESIZE | GUESS, FLAG, ANY, 0, 0, "Help", "print the result as JSON on standard output", 0 },

{ "hostname",       CREATE | NFS | INSTALL | RESIZE, VALUE, HOSTNAME, 0, "NAME", "Guest", "the guest's host name; its first label with the domain, if any", 0 },
{ "hostname",       DELETE | UPDATE, MANY, HOSTNAME, 0, "NAME", "Guest", "the guest; may be repeated", 0 },
{ "memory",         CREATE | NFS, VALUE, SIZE, 0, "SIZE", "Guest", "memory of the guest (bare numbers are megabytes)", 0 },
{ "maxmem",         CREATE, VALUE, SIZE, 0, "SIZE", "Guest", "the most memory that ballooning may give it", 0 },
{ "vcpus",          CREATE, VALUE, NUMBER, "1-512", "NUMBER", "Guest", "virtual processors", 0 },
{ "type",           CREATE, VALUE, CHOICE, "pv|pvh|hvm", "pv|pvh|hvm", "Guest", "kind of guest that the configuration asks for; the image serves all", 0 },
{ "boot",           CREATE, SWITCH, ANY, 0, 0, "Guest", "start the guest when it is made (and at each boot of the host: see --autostart)", 0 },
{ "autostart",      CREATE, SWITCH, ANY, 0, 0, "Guest", "link the configuration into the directory auto beside it, for xendomains", 0 },
{ "force",          CREATE | NFS | RESIZE, SWITCH, ANY, 0, 0, "Guest", "replace what exists; with xen-resize-guest: do not wait ten seconds", 0 },
{ "keep",           CREATE, SWITCH, ANY, 0, 0, "Guest", "keep what was made when something fails", 0 },
{ "add",            RESIZE, VALUE, SIZE, 0, "SIZE", "Guest", "how much larger the first disk becomes", 0 },

{ "size",           CREATE, VALUE, SIZE, 0, "SIZE", "Disk", "size of the root file system", 0 },
{ "swap",           CREATE, VALUE, SIZE, 0, "SIZE", "Disk", "size of the swap space", 0 },
{ "noswap",         CREATE, FLAG, ANY, 0, 0, "Disk", "no swap space", 0 },
{ "fs",             CREATE, VALUE, CHOICE, "ext2|ext3|ext4|btrfs|xfs|reiserfs", "TYPE", "Disk", "file system of the root: ext4, ext3, ext2, btrfs (with mkfs.btrfs); xfs for classic volumes as root", 0 },
{ "image",          CREATE, VALUE, CHOICE, "sparse|full", "sparse|full", "Disk", "whether a file takes its whole size at once", 0 },
{ "partitions",     CREATE, VALUE, ANY, 0, "FILE", "Disk", "layout file, absolute or in /etc/xen-tools/partitions.d; instead of --size, --swap and --fs", 0 },
{ "dontformat",     CREATE, SWITCH, ANY, 0, 0, "Disk", "the given volumes carry file systems already: keep them", 0 },
{ "layout",         CREATE, VALUE, CHOICE, "disk|classic", "disk|classic", "Disk", "one disk with a partition table and GRUB (disk), or one volume for each file system (classic)", 0 },
{ "format",         CREATE, VALUE, CHOICE, "raw|qcow2", "raw|qcow2", "Disk", "format of image files", 0 },

{ "dir",            STORAGE, VALUE, PATH, 0, "DIRECTORY", "Storage", "files in DIRECTORY/domains/NAME/", 0 },
{ "lvm",            STORAGE, VALUE, NAME, 0, "GROUP", "Storage", "logical volumes in GROUP", 0 },
{ "lvm_thin",       CREATE, VALUE, NAME, 0, "POOL", "Storage", "with --lvm: thin volumes from POOL", 0 },
{ "zpool",          CREATE | DELETE | UPDATE | RESIZE, VALUE, ANY, 0, "POOL", "Storage", "ZFS volumes in POOL", 0 },
{ "image-dev",      CREATE, VALUE, PATH, 0, "DEVICE", "Storage", "this volume for the root file system; classic layout", 0 },
{ "swap-dev",       CREATE, VALUE, PATH, 0, "DEVICE", "Storage", "this volume for swap; with --image-dev", 0 },
{ "evms",           CREATE | DELETE | UPDATE, VALUE, ANY, 0, "CONTAINER", "Storage", "no longer possible", "EVMS left Debian in 2009; use --lvm" },

{ "pygrub",         CREATE, SWITCH, ANY, 0, 0, "Boot", "boot the kernel inside the guest (default), by pygrub; --nopygrub: one of the host, with its modules copied", 0 },
{ "kernel",         CREATE | NFS, VALUE, PATH, 0, "FILE", "Boot", "boot this kernel of the host", 0 },
{ "initrd",         CREATE | NFS, VALUE, PATH, 0, "FILE", "Boot", "with this initial ramdisk", 0 },
{ "modules",        CREATE, VALUE, PATH, 0, "DIRECTORY", "Boot", "modules of that kernel, copied into the guest", 0 },
{ "disk_device",    CREATE, VALUE, DEVICE, "xvd|sd|hd|vd", "DEVICE", "Boot", "name of the first disk in the guest", 0 },
{ "serial_device",  CREATE, VALUE, DEVICE, "tty|hvc|xvc", "DEVICE", "Boot", "log in here too, beside the consoles that the guest finds", 0 },
{ "ide",            CREATE, FLAG, ANY, 0, 0, "Boot", "disk_device=hda", "no guest kernel has hda any more; xvda is used" },
{ "scsi",           CREATE, FLAG, ANY, 0, 0, "Boot", "disk_device=sda", 0 },

{ "ip",             CREATE | NFS, MANY, IP, 0, "ADDRESS", "Network", "IPv4 or IPv6 address, with /PREFIX if --netmask is another; or auto: from /etc/xen-tools/ips.txt. May be repeated", 0 },
{ "netmask",        NETWORK, VALUE, NETMASK, 0, "MASK", "Network", "of the IPv4 addresses", 0 },
{ "broadcast",      NETWORK, VALUE, ADDRESS, 0, "ADDRESS", "Network", "of the IPv4 network", 0 },
{ "gateway",        NETWORK, VALUE, ADDRESSES, 0, "ADDRESS", "Network", "default route; one for IPv4 and one for IPv6, between blanks", 0 },
{ "nameserver",     NETWORK, VALUE, ADDRESSES, 0, "ADDRESSES", "Network", "name servers, between blanks; by default those of the host", 0 },
{ "dhcp",           NETWORK, SWITCH, ANY, 0, 0, "Network", "address by DHCP and IPv6 router advertisement", 0 },
{ "bridge",         CREATE, VALUE, NAME, 0, "BRIDGE", "Network", "the host's bridge", 0 },
{ "mac",            NETWORK, VALUE, MAC, 0, "ADDRESS", "Network", "of the network card; by default made from name and address, so that it stays the same", 0 },
{ "randommac",      CREATE, FLAG, ANY, 0, 0, "Network", "a random one", 0 },
{ "vifname",        CREATE, VALUE, NAME, 0, "NAME", "Network", "of the card on the host's side", 0 },
{ "p2p",            CREATE, VALUE, ADDRESS, 0, "ADDRESS", "Network", "the other end of a point-to-point link", 0 },
{ "vlan",           CREATE, VALUE, NUMBER, "1-4094", "NUMBER", "Network", "VLAN on the host's Open vSwitch bridge", 0 },
{ "network",        CREATE, VALUE, CHOICE, "networkd|ifupdown", "networkd|ifupdown", "Network", "what sets up the card in the guest", 0 },

{ "dist",           CREATE | INSTALL | CUSTOMIZE, VALUE, NAME, 0, "SUITE", "Install", "release to install", 0 },
{ "arch",           CREATE | INSTALL, VALUE, CHOICE, "amd64|i386", "amd64|i386", "Install", "architecture of the guest", 0 },
{ "mirror",         CREATE | INSTALL, VALUE, ANY, 0, "URL", "Install", "mirror to install from", 0 },
{ "keyring",        CREATE | INSTALL, VALUE, PATH, 0, "FILE", "Install", "keys that the release is verified with", 0 },
{ "apt_proxy",      CREATE | INSTALL, VALUE, ANY, 0, "URL", "Install", "APT's proxy, while installing and in the guest", 0 },
{ "install-method", CREATE | INSTALL, VALUE, CHOICE, "mmdebstrap|debootstrap|cdebootstrap|tar|copy|rinse|rpmstrap", "METHOD", "Install", "mmdebstrap, debootstrap, cdebootstrap, rinse, tar or copy", 0 },
{ "install-source", CREATE | INSTALL, VALUE, PATH, 0, "PATH", "Install", "archive for tar, directory for copy", 0 },
{ "debootstrap-cmd", CREATE | INSTALL, VALUE, ANY, 0, "COMMAND", "Install", "what to run for debootstrap", 0 },
{ "cache",          CREATE | INSTALL, SWITCH, ANY, 0, 0, "Install", "keep packages and the base system of the release for the next guest", 0 },
{ "cachedir",       CREATE | INSTALL, VALUE, PATH, 0, "DIRECTORY", "Install", "where packages are kept", 0 },
{ "install",        CREATE, SWITCH, ANY, 0, 0, "Install", "install a system (default)", 0 },
{ "hooks",          CREATE, SWITCH, ANY, 0, 0, "Install", "run hooks, roles and copy the skeleton (default)", 0 },
{ "packages",       CREATE | INSTALL, MANY, ANY, 0, "NAMES", "Install", "further packages, between commas", 0 },
{ "basedir",        CREATE, VALUE, PATH, 0, "DIRECTORY", "Install", "where base systems are kept", 0 },
{ "copy-cmd",       CREATE | INSTALL, VALUE, ANY, 0, "COMMAND", "Install", "ignored", "the command line's value was never used" },
{ "tar-cmd",        CREATE | INSTALL, VALUE, ANY, 0, "COMMAND", "Install", "ignored", "the command line's value was never used" },
{ "location",       INSTALL | CUSTOMIZE, VALUE, PATH, 0, "DIRECTORY", "Install", "where the system is", 0 },

{ "accounts",       CREATE, SWITCH, ANY, 0, 0, "Accounts", "copy the host's accounts that are no system accounts", 0 },
{ "admins",         CREATE | NFS | CONFIG, VALUE, ACCOUNTS, 0, "NAMES", "Accounts", "who may administrate the guest, for xen-shell", 0 },
{ "passwd",         CREATE, SWITCH, ANY, 0, 0, "Accounts", "ask for root's password", 0 },
{ "password",       CREATE, VALUE, ANY, 0, "TEXT", "Accounts", "root's password; seen by whoever lists processes in the moment of the start: see --password-file", 0 },
{ "password-file",  CREATE, VALUE, PATH, 0, "FILE", "Accounts", "root's password is the first line of this file; /dev/stdin is standard input", 0 },
{ "genpass",        CREATE, SWITCH, ANY, 0, 0, "Accounts", "a random password for root (default)", 0 },
{ "genpass_len",    CREATE, VALUE, NUMBER, "4-128", "NUMBER", "Accounts", "its length", 0 },
{ "hash_method",    CREATE, VALUE, CHOICE, "yescrypt|sha512|sha256|md5", "METHOD", "Accounts", "how passwords are hashed", 0 },
{ "ssh-key",        CREATE, MANY, PATH, 0, "FILE", "Accounts", "public keys that may log in as root; may be repeated", 0 },
{ "locale",         CREATE, VALUE, NAME, 0, "LOCALE", "Accounts", "default locale, as de_DE.UTF-8", 0 },
{ "timezone",       CREATE, VALUE, ANY, 0, "ZONE", "Accounts", "as Europe/Berlin; by default the host's", 0 },

{ "role",           CREATE, VALUE, ANY, 0, "NAMES", "Roles", "scripts to run on the installed system, between commas; names in --roledir, or paths", 0 },
{ "role-args",      CREATE, VALUE, ANY, 0, "WORDS", "Roles", "further arguments for them", 0 },
{ "finalrole",      CREATE, VALUE, ANY, 0, "NAMES", "Roles", "the same, after the configuration was written", 0 },
{ "roledir",        CREATE, VALUE, PATH, 0, "DIRECTORY", "Roles", "where they are; by default /etc/xen-tools/role.d", 0 },

{ "config",         CREATE | INSTALL, VALUE, PATH, 0, "FILE", "Host", "read this after /etc/xen-tools/xen-tools.conf", 0 },
{ "output",         CREATE | DELETE | LIST | UPDATE | RESIZE | NFS | CONFIG, VALUE, PATH, 0, "DIRECTORY", "Host", "where configurations are; by default /etc/xen", 0 },
{ "extension",      CREATE | DELETE | LIST | UPDATE | RESIZE | NFS | CONFIG, VALUE, ANY, 0, "SUFFIX", "Host", "of configuration files; by default .cfg", 0 },
{ "template",       CREATE | NFS | CONFIG, VALUE, PATH, 0, "FILE", "Host", "Text::Template for the configuration; implies --layout=classic", 0 },
{ "hosts",          CREATE, SWITCH, ANY, 0, 0, "Host", "add the guest to the host's /etc/hosts (default for a fixed address)", 0 },
{ "copyhosts",      CREATE, SWITCH, ANY, 0, 0, "Host", "copy the host's /etc/hosts entries into the guest", 0 },
{ "copy-hosts",     CREATE, SWITCH, ANY, 0, 0, "Host", "as --copyhosts", "spelt --copyhosts" },
{ "no-xen-ok",      CREATE, FLAG, ANY, 0, 0, "Host", "ignored", "images can be made anywhere" },
{ "test",           LIST, VALUE, PATH, 0, "DIRECTORY", "Host", "as --output", "spelt --output" },
{ "test",           DELETE, FLAG, ANY, 0, 0, "Host", "ignored", "what needs no root works without" },
{ "nfs_server",     NFS, VALUE, ANY, 0, "HOST", "NFS", "server of the root file system", 0 },
{ "nfs_root",       NFS, VALUE, PATH, 0, "PATH", "NFS", "its path there", 0 },
{ "mirror",         GUESS, FLAG, ANY, 0, 0, "Guess", "show the mirror", 0 },
{ "suite",          GUESS, FLAG, ANY, 0, 0, "Guess", "show the suite", 0 },
{ "sources-list",   GUESS, VALUE, PATH, 0, "FILE", "Guess", "read this instead of APT's sources", 0 },
};

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);
/* clang-format on */
