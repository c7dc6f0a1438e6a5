#!/usr/bin/env bash
# The full campaign of planted defects: every place and kind, twenty seeds each.
# Usage: tests/checker/planted_campaign.sh [SEEDS]
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts/build.sh release planted_test
OKIAGARI_PLANTED_SEEDS=${1:-20} build/release/bin/planted_test
