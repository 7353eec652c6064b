#!/usr/bin/env bash
# Unpacks, once, the servers and tools of the fault lab: as root on Debian. Unpacked and not installed, because installed
# ones would start to serve the developer's computer. The folder (.cache/servers of the checkout) can be deleted at any
# time; inside the lab it lies over /usr.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)/.cache/servers
made_by=$(sha256sum < "$0")
[ "$(cat "$root/made" 2>/dev/null)" = "$made_by" ] && exit
# squid-openssl: the other squid cannot inspect TLS.
packages=(
  dnsmasq-base unbound nginx squid-openssl squid-common squid-langpack nftables iptables ethtool libfaketime
  openssh-server openssh-sftp-server
)
rm -rf "$root"
mkdir -p "$root"/archives/partial
apt-get update -qq
# First the libraries that this computer lacks, then the packages themselves, be they installed or not.
apt-get install -qq --yes --no-install-recommends --download-only -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root \
  -o Dir::Cache::archives="$root/archives" "${packages[@]}" > /dev/null
(cd "$root/archives" && apt-get download -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "${packages[@]}" > /dev/null)
for package in "$root"/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
# Where Debian has them today: all below /usr.
for folder in bin sbin lib; do [ ! -d "$root/$folder" ] || cp --archive "$root/$folder/." "$root/usr/$folder/"; done
rm -rf "$root"/{archives,bin,sbin,lib,etc,var,usr/share/{doc,man}}
echo "$made_by" > "$root/made"
