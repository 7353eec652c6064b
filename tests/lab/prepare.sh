#!/usr/bin/env bash
# Unpacks Debian's ClamAV, once, for the lab: as root on Debian, unless freshclam is installed anyway. Unpacked and not
# installed, because an installed one would start to ask the vendor's servers every hour, from the developer's computer.
# The folder (.cache/clamav of the checkout) can be deleted at any time.
set -euo pipefail
command -v freshclam >/dev/null && exit
root=$(cd "$(dirname "$0")/../.." && pwd)/.cache/clamav
[ -e "$root/made" ] && exit
rm -rf "$root"
mkdir -p "$root"/archives/partial
apt-get update -qq
# What of its libraries this computer has already is not fetched again.
apt-get install -qq --yes --no-install-recommends --download-only -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root \
  -o Dir::Cache::archives="$root/archives" clamav clamav-freshclam > /dev/null
for package in "$root"/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
rm -rf "$root/archives"
touch "$root/made"
