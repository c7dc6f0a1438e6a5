#!/usr/bin/env bash
# Fetches foreign programs that tests ask for their judgement, into .deps/judges/usr/bin: promtool,
# prometheus and alertmanager. The packages are unpacked, not installed, so no server of theirs is
# started on this machine. What is there already is kept. ./test calls it; tests whose judge is not
# there say so and are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(prometheus prometheus-alertmanager)
programs=(promtool prometheus prometheus-alertmanager)
target=$PWD/.deps/judges

is_complete() {
  local program
  for program in "${programs[@]}"; do [ -x "$target/usr/bin/$program" ] || return 1; done
}
is_complete && exit 0

say() { printf 'judges: %s\n' "$*"; }
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

mkdir -p .deps
work=$(mktemp -d .deps/judges.XXXXXX)
trap 'rm -rf "$work"' EXIT
# apt downloads as an unprivileged user when it can.
chmod 755 "$work"
if [ "$(id -u)" -eq 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$work"; fi

download() { (cd "$work" && apt-get -q download "${packages[@]}" >log 2>&1); }
say "fetching ${packages[*]}"
download || { as_root apt-get -q update >"$work/update" 2>&1 && download; } || {
  tail -n 5 "$work"/{log,update} >&2 || true
  say "they could not be fetched; check the network, then try again. Their tests are skipped."
  exit 1
}
mkdir "$work/unpacked"
for package in "$work"/*.deb; do dpkg -x "$package" "$work/unpacked"; done
mkdir -p "$work/new/usr/bin"
for program in "${programs[@]}"; do
  mv "$work/unpacked/usr/bin/$program" "$work/new/usr/bin/"
done
rm -rf "$target"
mv "$work/new" "$target"
is_complete || { say "a package does not hold the program that is expected" && exit 1; }
say "ready in .deps/judges"
