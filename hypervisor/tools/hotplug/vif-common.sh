# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the scripts for network interfaces share. They are called with online or offline, the interface's name in $vif (or
# $INTERFACE, for a device model's tap), and read mac, ip, mtu, vifname and gatewaydev from the store.  Sets $interface.

directory=${0%/*}
. "$directory/common.sh"

sys_net=${HOTPLUG_SYS_NET:-/sys/class/net}
# shellcheck disable=SC2034 # the scripts' own
command=${1:-}
case " $* " in
*" type_if=tap "*) interface=${INTERFACE:?} ;;
*) interface=${vif:?} ;;
esac

# Gives the interface the name that the configuration wants.
rename_interface()
{
	wanted=$(read_node vifname '')
	if [ -z "$wanted" ] || [ "$wanted" = "$interface" ] || [ "$interface" != "${vif:-}" ]; then
		return 0
	fi
	case $wanted in
	*[!A-Za-z0-9._-]* | ????????????????*) fatal "vifname $wanted is no name of an interface" ;;
	esac
	# After a script that was interrupted it has the name already.
	if [ -e "$sys_net/$wanted" ] && [ ! -e "$sys_net/$interface" ]; then
		interface=$wanted
		return 0
	fi
	[ ! -e "$sys_net/$wanted" ] || fatal "an interface $wanted exists already"
	ip link set dev "$interface" down
	ip link set dev "$interface" name "$wanted"
	interface=$wanted
}

# dom0 speaks through it but has no address of its own there, so that a guest cannot reach more of dom0 than it should.
prepare_interface()
{
	[ -e "$sys_net/$interface" ] || fatal "there is no interface $interface"
	mtu=$(read_node mtu "$1")
	case $mtu in
	*[!0-9]*) fatal "mtu $mtu is no number" ;;
	'') ;;
	*) ip link set dev "$interface" mtu "$mtu" ;;
	esac
	ip link set dev "$interface" addrgenmode none 2>/dev/null || :
}

# The interface through which packets leave for guests that dom0 routes.
find_gateway_device()
{
	gateway_device=$(read_node gatewaydev '')
	[ -n "$gateway_device" ] ||
		gateway_device=$(ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')
	[ -n "$gateway_device" ] || fatal "no default route: name the outer interface with gatewaydev="
	[ -e "$sys_net/$gateway_device" ] || fatal "there is no interface $gateway_device"
}

# The addresses of the guest, one a line.
read_addresses()
{
	for address in $(read_node ip ''); do
		case $address in
		*[!0-9A-Fa-f.:/]*) fatal "ip $address is no address" ;;
		esac
		echo "$address"
	done
}

# Routes to the guest's addresses, from dom0's own at the gateway device.
route_online()
{
	addresses=$(read_addresses)
	own=$(ip -4 -o address show dev "$gateway_device" | awk '{ sub(/\/.*/, "", $4); print $4; exit }')
	ip link set dev "$interface" up
	[ -z "$own" ] || ip -4 address replace "$own/32" dev "$interface"
	for address in $addresses; do
		case $address in
		*:*)
			ip -6 route replace "$address" dev "$interface"
			write_sysctl "ipv6/conf/$interface/proxy_ndp"
			write_sysctl ipv6/conf/all/forwarding
			;;
		*)
			# shellcheck disable=SC2086 # an option or nothing
			ip -4 route replace "$address" dev "$interface" ${own:+src "$own"}
			;;
		esac
	done
	write_sysctl "ipv4/conf/$interface/proxy_arp"
	write_sysctl ipv4/ip_forward
}

write_sysctl()
{
	echo 1 >"${HOTPLUG_PROC_NET:-/proc/sys/net}/$1"
}

# A guest that is gone takes its interface along: whatever is no more there is as it should be.
interface_offline()
{
	wanted=$(read_node vifname '')
	if [ -n "$wanted" ] && [ -e "$sys_net/$wanted" ]; then
		interface=$wanted
	fi
	[ -e "$sys_net/$interface" ] || return 0
	ip link set dev "$interface" down 2>/dev/null || :
	ip link set dev "$interface" nomaster 2>/dev/null || :
	ip -4 route flush dev "$interface" 2>/dev/null || :
	ip address flush dev "$interface" 2>/dev/null || :
}
