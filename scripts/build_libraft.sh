#!/usr/bin/env bash
# Builds libraft 0.22.1 from Debian 13's source package into the folder given: a static archive with
# its assertions kept (Debian's own build drops them; a replica must stop when one fails).
#
# The source is fetched by apt itself, from the mirror this machine already uses, with a list, a
# state and a cache of its own in a temporary folder: the system's apt is not touched. It is checked
# twice: by the archive's signature, and by the digest below.
set -euo pipefail

version=0.22.1
debian_version=0.22.1-1
suite=trixie
sha256=7e45b6f24f3671c9bfd5b146814493f87cb2e560712bd469c1f5969a4b94291a
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2 && exit 2; }
target=$(realpath -m "$1")
recipe=$(sha256sum <"${BASH_SOURCE[0]}")
[ "$(cat "$target/recipe" 2>/dev/null || true)" != "$recipe" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
archive=$work/source/raft_$version.orig.tar.gz

say() { printf 'libraft: %s\n' "$*"; }
die() {
  [ ! -s "$log" ] || tail -n 30 "$log" >&2
  printf 'libraft: %s\n' "$@" >&2
  exit 1
}

# The addresses this machine gets Debian from, most likely first. Other archives may use the same
# suite name; they fail the signature below.
mirrors() {
  apt-get update --print-uris 2>/dev/null |
    sed -nE "s#^'([^']+)/dists/(bookworm|trixie|stable|oldstable)/(In)?Release'.*#\1#p" |
    awk '!seen[$0]++ { print ($0 ~ /\/debian$/ ? 0 : 1), $0 }' | sort -s -n -k1,1 | cut -d' ' -f2-
}

# An apt configuration with the user's own settings (a proxy, say) but without hooks and folders.
write_apt_config() {
  mkdir -p "$work"/apt/{lists,cache}/partial "$work/source"
  : >"$work/apt/status"
  apt-config dump | grep -vE '^(Dir|APT::Update|DPkg|APT::NeverAutoRemove)(::| )' >"$work/apt.conf"
  cat >>"$work/apt.conf" <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work/apt";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Acquire::Languages "none";
CONF
  chmod 755 "$work"
  # apt downloads as an unprivileged user when it can.
  if [ "$(id -u)" -eq 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$work/source"; fi
}

fetch_from() {
  echo "deb-src [signed-by=$keyring] $1 $suite main" >"$work/apt/sources.list"
  export APT_CONFIG=$work/apt.conf
  apt-get -q -o APT::Update::Error-Mode=any update >>"$log" 2>&1 || return 1
  # A point release may have raised the Debian revision; the digest says whether it is still ours.
  (cd "$work/source" && for which in "raft=$debian_version" raft; do
    apt-get -q source --download-only --only-source "$which" >>"$log" 2>&1 && exit 0
  done && exit 1)
}

fetch() {
  local mirror candidates
  [ -r "$keyring" ] || die "$keyring is missing: apt-get install debian-archive-keyring"
  candidates=$(mirrors || true)
  [ -n "$candidates" ] ||
    die "apt knows no mirror of Debian 12 here; the source of libraft is fetched from one." \
      "Add one to /etc/apt/sources.list, then try again."
  for mirror in $candidates; do
    if (fetch_from "$mirror"); then break; fi
  done
  [ -e "$archive" ] ||
    die "the source package raft $debian_version of Debian 13 could not be fetched (log above)." \
      "If a key is missing: apt-get update && apt-get install debian-archive-keyring." \
      "Else check the network, then try again."
  echo "$sha256  $archive" | sha256sum --check --quiet >>"$log" 2>&1 ||
    die "the source of libraft is not the one expected: its SHA-256 digest differs." \
      "Nothing was built. Do not use it before somebody has looked at the difference."
}

# Only the core is used, so the archive is built without its libuv back end.
build() {
  tar -xzf "$archive" -C "$work"
  (
    cd "$work/raft-$version"
    autoreconf -i
    ./configure --prefix=/ --disable-shared --enable-static --disable-uv \
      CFLAGS="-O2 -g -UNDEBUG"
    make -j"$(nproc)"
    make install DESTDIR="$work/install"
  ) >>"$log" 2>&1 || die "libraft $version did not build (end of the log above)."
  nm "$work/install/lib/libraft.a" 2>/dev/null | grep ' U __assert_fail$' >/dev/null ||
    die "libraft was built without its assertions; it must not be used like that."
}

put_in_place() {
  rm -rf "$work"/install/{bin,lib/pkgconfig,lib/libraft.la}
  cp "$work/raft-$version/LICENSE" "$work/install/"
  echo "$recipe" >"$work/install/recipe"
  mkdir -p "$(dirname "$target")"
  rm -rf "$target" "$target.new"
  cp -r "$work/install" "$target.new"
  mv "$target.new" "$target"
}

: >"$log"
say "building $version from Debian's source package"
write_apt_config
fetch
build
put_in_place
say "ready in $target"
