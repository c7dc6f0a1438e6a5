#!/usr/bin/env bash
# The full campaign of planted defects: every place and kind, twenty seeds each.
# Usage: tests/checker/planted_campaign.sh [SEEDS]
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${OKIAGARI_PLANTED_BUILD:-build/planted}
cmake --preset planted -B "$build" >/dev/null
cmake --build "$build" --target planted_test
OKIAGARI_PLANTED_SEEDS=${1:-20} "$build/bin/planted_test"
