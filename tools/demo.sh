#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds Davy and runs the main job on the bundled example estate: four days of an invented AWS
# organisation with three mining incidents in it, written by `davy simulate` (same bytes every time).
set -eu
cd "$(dirname "$0")/.."

cmake --preset release -DDAVY_TESTS=OFF >/dev/null
cmake --build --preset release --target davy

estate=build/estate
rm -rf "$estate"
build/release/davy simulate estate -o "$estate"
# Exit 1 says that incidents were found: here that is success.
status=0
build/release/davy scan "$estate" || status=$?
[ "$status" -eq 1 ] || { echo "expected incidents (exit 1), got exit $status" >&2; exit 1; }
