#!/usr/bin/env bash
# Configures the preset given if that is not done yet, and builds the targets named after it (all
# when none is).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -ge 1 ] || { echo "usage: $0 PRESET [TARGET...]" >&2 && exit 2; }
preset=$1
shift

# Afterwards the build itself notices when it must be configured again.
folder=build/$preset
if [ ! -e "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ]; then
  mkdir -p "$folder"
  echo "build: configuring $preset"
  cmake --preset "$preset" >"$folder/configure.log" 2>&1 ||
    { cat "$folder/configure.log" >&2 && exit 1; }
  touch "$folder/build.ninja"
fi
cmake --build --preset "$preset" ${1:+--target "$@"}
