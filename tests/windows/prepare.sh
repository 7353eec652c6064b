#!/usr/bin/env bash
# Makes, once, all that the tests in this folder need: Debian 13's Wine 10 unpacked into a folder, the Japanese locale,
# an installed Windows, and the helper programs. As root on Debian; DIAGNOSE_WINE says where (default: .wine of the checkout).
# Nothing is installed on this machine, and nothing stays mounted: the folder can be deleted at any time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
wine=${DIAGNOSE_WINE:-$here/../../.wine}
suite=trixie
# `wine64` and `libwine` ask for video and printing besides; they work without.
programs=(wine64 libwine locales)
libraries=(libc6 libc-bin libunwind8 libgnutls30t64 libfreetype6 libfontconfig1 libz-mingw-w64 gzip dash coreutils)

# The folder of every stage has the hash of what made it, so that a changed or interrupted stage is made again.
made_by() { cat "$@" | sha256sum | cut -d' ' -f1; }

# stage NAME HASH: run make_NAME with an empty folder NAME, unless it is there from the same HASH.
stage() {
  [ "$(cat "$wine/$1.made" 2>/dev/null)" = "$2" ] && return
  rm -rf "$wine/$1.made" "${wine:?}/$1"
  mkdir -p "$wine/$1"
  "make_${1##*/}" "$wine/$1"
  echo "$2" > "$wine/$1.made"
}

sources() { apt-get indextargets "$@" --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages'; }

# The address from which this machine installs Debian itself.
mirror() {
  local release found
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # The source known to be of Debian; else, where no list was fetched yet, the first with the name of the release.
  found=$({ sources && sources --no-release-info; } |
    awk -v release="$release" '($2 == release || $2 ~ /^(stable|testing|unstable|sid)$/) && $3 == "main" \
      && $4 ~ /^(Debian|\$)/ && !seen {print $1; seen = 1}')
  [ -n "$found" ] || { echo "prepare.sh: apt on this machine has no source for Debian's $release main" >&2; exit 1; }
  echo "$found"
}

# This machine's apt with its own settings (proxies, times-out), but for another Debian, of which nothing is installed.
apt_of() {
  local folder=$1
  shift
  apt-get -qq -o Dir::State::Lists="$folder/lists" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache" \
    -o Dir::Etc::SourceList="$folder/debian.sources" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}

make_root() {
  local root=$1 apt=$wine/apt from
  from=$(mirror)
  rm -rf "$apt"
  mkdir -p "$apt"/{lists,cache/archives}/partial
  : > "$apt/status"
  printf '%s\n' 'Types: deb' "URIs: $from" "Suites: $suite" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' > "$apt/debian.sources"
  apt_of "$apt" update
  apt_of "$apt" install --yes --no-install-recommends --download-only "${libraries[@]}"
  (cd "$apt/cache/archives" && apt_of "$apt" download "${programs[@]}")

  # Unpacking is enough, but for the script of libwine. The links are those of the package base-files.
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root/etc"
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  printf '%s\0' "$apt"/cache/archives/*.deb | xargs -0 -P "$(nproc)" -I {} dpkg-deb --extract {} "$root"
  dpkg-deb --info "$apt"/cache/archives/libwine_*.deb postinst | chroot "$root" /usr/bin/dash -s configure
  echo '山田:x:1000:1000::/home/yamada:/bin/sh' > "$root/etc/passwd"
  echo '山田:x:1000:' > "$root/etc/group"
  echo '127.0.0.1 localhost pc-001' > "$root/etc/hosts"
  : > "$root/etc/resolv.conf"
  mkdir -p "$root/home/yamada"
  chown 1000:1000 "$root/home/yamada"
  mkdir -p "$root/usr/lib/locale"
  chroot "$root" /usr/bin/localedef -i ja_JP -f UTF-8 ja_JP.UTF-8
  rm -rf "$apt" "$root"/usr/share/{doc,man,i18n}
}

make_prefix() {
  local prefix=$1 root=${1%/prefix} environment pid
  mapfile -t environment < "$here/environment"
  chown 1000:1000 "$prefix"
  # Its input is this script: the machine ends with it.
  coproc machine {
    exec unshare --mount --pid --uts --ipc --net --fork --kill-child bash "$here/machine.sh" write "$root"
  }
  read -r _ pid <&"${machine[0]}"
  inside() {
    env -i "${environment[@]}" "$(type -P timeout)" 120 "$(type -P nsenter)" --target "$pid" --mount --pid --uts --ipc --net \
      --root="/proc/$pid/root$root" --wd="/proc/$pid/root$prefix" --setuid 1000 --setgid 1000 "$@" < /dev/null > "$wine/log" 2>&1 ||
      { echo "prepare.sh: $* failed in Windows:" >&2 && cat "$wine/log" >&2 && exit 1; }
  }
  inside wine64 wineboot --init
  cp "$wine/helpers/helper.exe" "/proc/$pid/root$root/tmp"
  inside wine64 '\\?\unix\tmp\helper.exe' stores
  # Else a crash would start a debugger that prints pages.
  inside wine64 reg add 'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug' /v Auto /d 0 /f
  inside wineserver64 --kill
  inside wineserver64 --wait
  # The drive that would show the Linux files.
  rm "$prefix/dosdevices/z:"
}

make_helpers() {
  local folder=$1 name
  for name in service helper; do
    x86_64-w64-mingw32-gcc -Os -s -municode -static -Wall -Werror -D_WIN32_WINNT=0x0602 -o "$folder/$name.exe" "$here/$name.c" \
      -lws2_32 -lcrypt32
  done
  # As the programs of an agent are, if only by somebody whom nobody knows.
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Test programs' -addext extendedKeyUsage=codeSigning \
    -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2> /dev/null
  osslsigncode sign -certs "$folder/certificate.pem" -key "$folder/key.pem" -in "$folder/service.exe" -out "$folder/signed.exe" > /dev/null
  mv "$folder/signed.exe" "$folder/service.exe"
}

mkdir -p "$wine"
wine=$(cd "$wine" && pwd)
exec 9> "$wine/lock"
flock 9
stage root "$(made_by "$here/prepare.sh")"
stage helpers "$(made_by "$here"/{prepare.sh,service.c,helper.c})"
stage root/prefix "$(made_by "$here"/{prepare.sh,machine.sh,environment,helper.c})"
