#!/usr/bin/env bash
# Builds the desk's console into build/console, from exactly the versions in web/package-lock.json.
# When nothing has changed since the last time it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stamp=build/console/built
sources() { find web -path web/node_modules -prune -o -type f "$@" -print -quit; }
[ ! -e "$stamp" ] || [ -n "$(sources -newer "$stamp")" ] || exit 0
if ! command -v npm >/dev/null; then
  echo "build: npm is missing; scripts/bootstrap.sh installs it" >&2
  exit 1
fi
echo "build: the console"
cd web
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  npm ci --no-audit --no-fund --silent
fi
npm run --silent build
touch "../$stamp"
