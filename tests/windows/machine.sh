#!/usr/bin/env bash
# The Linux machine in which one Windows lives: process 1 of fresh namespaces, so that its end is the end of every
# process and mount in them. Start it through `unshare --mount --pid --uts --ipc --fork --kill-child`.
#   machine.sh write ROOT                        Windows changes the folder ROOT itself
#   machine.sh overlay ROOT WORK [LAYER...] [-- SOURCE TARGET ro|rw]...
# Overlay: Windows sees ROOT, and the LAYERs under it, at WORK/root and changes only WORK/upper, which is memory. Each SOURCE
# of the host appears at TARGET in it. Says "ready PID" (as the host counts), then lives until its input ends.
set -euo pipefail

mode=$1 base=$2
read -r pid _ < /proc/self/stat

# Without this a mount could spread to the host.
mount --make-rprivate /
if [ "$mode" = overlay ]; then
  work=$3
  shift 3
  mount -t tmpfs -o mode=755 tmpfs "$work"
  mkdir -p "$work"/{upper,scratch,root,lower/base}
  mount --bind "$base" "$work/lower/base"
  # Bound to names without a comma or colon, which the options of an overlay cannot hold.
  lower=lower/base
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    mkdir "$work/lower/$#"
    mount --bind "$1" "$work/lower/$#"
    lower=$lower:lower/$#
    shift
  done
  cd "$work"
  # redirect_dir: else no folder of the base could be renamed; xino=on: a file keeps its number when it is first changed.
  mount -t overlay -o "lowerdir=$lower,upperdir=upper,workdir=scratch,redirect_dir=on,xino=on" overlay root
  base=$work/root
  shift || true
  while [ $# -gt 0 ]; do
    mkdir -p "$base$2"
    mount --bind "$1" "$base$2"
    mount -o "remount,bind,$3" "$base$2"
    shift 3
  done
fi

mkdir -p "$base"/{proc,sys,dev,tmp}
mount -t tmpfs -o mode=1777 tmpfs "$base/tmp"
mount -t proc proc "$base/proc"
mount -t sysfs -o ro sysfs "$base/sys"
mount -t tmpfs -o mode=755 tmpfs "$base/dev"
for device in null zero full random urandom tty; do
  : > "$base/dev/$device"
  mount --bind "/dev/$device" "$base/dev/$device"
done

hostname pc-001
ip link set lo up
# Windows runs as an ordinary user, to whom files can be denied; it may ping and listen at any port all the same.
echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start

echo "ready $pid"
read -r _ || true
