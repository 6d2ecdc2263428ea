#!/bin/sh
# Two hosts on a net of their own, in network namespaces: a server on each, under a name, at an address that is not private, with TLS.
# To be run by `unshare --user --map-root-user --mount --net --pid --fork --kill-child`, so that everything is gone when it ends. Arguments: the program, and the
# two servers' directories, each with a quintet.toml. Each line on standard input is an order: `down` or `up` for the cable between them.
set -eu
program=$1 one=$2 other=$3

mount -t tmpfs none /run
ip netns add one
ip netns add other
ip link add name cable type veth peer name cable2
ip link set cable netns one
ip link set cable2 netns other
ip -n one addr add 11.22.33.1/24 dev cable
ip -n other addr add 11.22.33.2/24 dev cable2
for host in one other; do ip -n "$host" link set lo up; done
ip -n one link set cable up
ip -n other link set cable2 up
printf '127.0.0.1 localhost\n11.22.33.1 one.quintet.test\n11.22.33.2 other.quintet.test\n' > /run/hosts
mount --bind /run/hosts /etc/hosts

ip netns exec one "$program" serve --config "$one/quintet.toml" --data "$one/data" < /dev/null &
first=$!
ip netns exec other "$program" serve --config "$other/quintet.toml" --data "$other/data" < /dev/null &
second=$!
trap 'kill $first $second 2> /dev/null; wait' EXIT

while read -r order; do
    ip -n one link set cable "$order"
done
