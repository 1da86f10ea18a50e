# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # out is xl.sh's
# What test/boot-guest does in dom0: the guests of /guests, made by xen-create-image, each from its configuration as it was
# written. Their disks are dom0's vda, vdb...; /guests/list has lines "NAME ADDRESS RELEASE DISK".
. /lib.sh
mkdir -p /run/consoles
. /xl.sh

while read -r module; do
	insmod "/guests/modules/$module.ko"
done </guests/modules/order
ip addr add 192.168.77.1/24 dev xenbr0
mkdir -p /root
cat >/run/udhcpd.conf <<END
start 192.168.77.100
end 192.168.77.150
interface xenbr0
lease_file /run/leases
option subnet 255.255.255.0
option router 192.168.77.1
END
touch /run/leases
udhcpd -f /run/udhcpd.conf >/run/udhcpd.log 2>&1 &
dhcp=$!

# What the guest says on its console while it boots is kept by the daemon.
screen()
{
	cat "/run/consoles/guest-$1.log"
}

prompts()
{
	screen "$1" | grep -q 'login: '
}

on_guest()
{
	ssh -i /guests/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 \
		"root@$1" "$2" >/run/ssh.out 2>&1 && says /run/ssh.out "$3"
}

# What udhcpd knows it writes when it is told to.
leased()
{
	kill -USR1 $dhcp
	address=$(dumpleases -f /run/leases | awk '$1 ~ /^00:16:3e/ { print $2 }')
	[ -n "$address" ]
}

# The list has a descriptor of its own: ssh reads what is on the standard one.
while read -r guest address release disk <&3; do
	config=/guests/$guest.cfg
	path=$(sed -n "s/.*'file:\([^,]*\),xvda,w'.*/\1/p" "$config")
	mkdir -p "${path%/*}"
	ln -sf "$disk" "$path"
	judge "$release: xl create takes the configuration as it was written" run create "$config" || cat $out
	judge "$release: it boots to a login prompt" until_true 240 prompts "$guest" || screen "$guest" | tail -n 40
	[ "$address" != dhcp ] || until_true 60 leased
	judge "$release: ssh by key, to $address" on_guest "$address" \
		'cat /sys/hypervisor/type /sys/hypervisor/guest_type; . /etc/os-release; echo $VERSION_CODENAME; hostname -f' \
		"^$release\$" || cat /run/ssh.out
	judge "$release: it is a PV guest" says /run/ssh.out '^xen$' '^PV$' "^$guest\$"
	judge "$release: root, swap and the EFI partition are mounted by UUID" on_guest "$address" \
		'findmnt -n -o SOURCE / /boot/efi; swapon --noheadings --show=NAME; systemctl is-system-running --wait; systemctl --failed --no-legend' \
		'^/dev/xvda3' || cat /run/ssh.out
	judge "$release: no unit failed" says /run/ssh.out '^running$' || cat /run/ssh.out
	judge "$release: xl shutdown" xl shutdown -w "$guest"
done 3</guests/list
