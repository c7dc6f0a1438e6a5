#!/usr/bin/env bash
# Installs what a build needs and Debian 12 or 13 does not have yet: packages by apt, libraft from
# source.
# ./run and ./test call it first. When nothing is missing it only looks, and takes a moment.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=/dev/null
. /etc/os-release
system="${ID:-} ${VERSION_ID:-}"
# The newest Boost of each release, and the runtime of its clang.
case $system in
  "debian 13") boost=1.83 clang=19 ;;
  *) boost=1.81 clang=14 ;;
esac

packages=(
  # tools
  g++ make cmake ninja-build ccache pkg-config git ca-certificates binutils xz-utils procps
  clang llvm "libclang-rt-$clang-dev" clang-format
  # tests and benchmarks; tshark checks our framing with somebody else's decoder
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev tshark
  # ... and that others read our feeds and calendars, and take our mail
  python3-feedparser python3-icalendar python3-aiosmtpd
  # drills lose packets and have disks of their own
  nftables e2fsprogs
  # libraries
  "libboost$boost-dev" "libboost-json$boost-dev" libabsl-dev libcli11-dev libfmt-dev libspdlog-dev
  libsodium-dev libssl-dev liblzma-dev libtomlplusplus-dev libxxhash-dev libzstd-dev
  libcmark-dev libcurl4-openssl-dev libexpat1-dev libhowardhinnant-date-dev
  libkainjow-mustache-dev libsqlite3-dev tzdata zlib1g-dev
  # libraft's own build, and the keys that its source is checked with
  autoconf automake libtool debian-archive-keyring
)
# for the console; those of other sources do as well
command -v npm >/dev/null || packages+=(nodejs npm)
# the tests open the console in it
command -v chromium >/dev/null || packages+=(chromium)
# ... and take pictures of it in Japanese
packages+=(fonts-noto-cjk)

say() { printf 'bootstrap: %s\n' "$*"; }
die() {
  printf 'bootstrap: %s\n' "$@" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing, and installing them needs root." \
      "Run this as root once, or install sudo."
  fi
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  printf '%s\n' "${packages[@]}" | grep -vxF -f <(printf '%s\n' "$installed") || true
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$system" = "debian 12" ] || [ "$system" = "debian 13" ] ||
    die "this is ${PRETTY_NAME:-an unknown system}; packages are installed on Debian 12 and 13." \
      "Missing here: ${missing[*]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get -q update ||
    die "apt-get update failed: check the network and the sources in /etc/apt, then try again."
  # Capturing is never done as a member of a group here, so dumpcap stays without extra rights.
  echo "wireshark-common wireshark-common/install-setuid boolean false" |
    as_root debconf-set-selections
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 install "${missing[@]}" ||
    die "apt-get could not install the packages above." \
      "Mend what apt says (often: dpkg --configure -a, or a full disk), then try again."
}

command -v apt-get >/dev/null ||
  die "apt-get is not here. Okiagari is built on Debian 12 or 13; elsewhere, use a container of it."
command -v flock >/dev/null || die "flock is not here: install util-linux."

mkdir -p .deps
exec 9>.deps/.lock
flock -n 9 || { say "waiting for another bootstrap in this folder" && flock 9; }
install_packages
scripts/build_libraft.sh .deps/libraft
