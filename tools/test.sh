#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs every test; what .ci/run calls through the README. Stages that need
# something this machine lacks say SKIPPED by name, here and in the summary at the end.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
summary=""

stage() {  # stage NAME COMMAND…
  name=$1
  shift
  echo
  echo "=== $name"
  begin=$(date +%s)
  status=0
  "$@" || status=$?
  took=$(( $(date +%s) - begin ))
  case $status in
    0) summary="$summary
passed   $name (${took} s)" ;;
    77) summary="$summary
SKIPPED  $name" ;;
    *) summary="$summary
FAILED   $name (${took} s)"
       echo "$summary"
       exit 1 ;;
  esac
}

build_release() {
  cmake --preset release -DDAVY_TESTS=ON >/dev/null
  cmake --build --preset release -j "$jobs"
}
build_asan() {
  cmake --preset asan >/dev/null
  cmake --build --preset asan -j "$jobs"
}

stage "style and layers" tools/check.sh
stage "release build" build_release
stage "slowest translation units" tools/slowest_units.py build/release
stage "tests" ctest --preset release
stage "rule tests" build/release/davy rules test
stage "documented commands" tools/check_docs.sh build/release/davy
stage "sanitizer build (address, undefined)" build_asan
stage "sanitizer tests" ctest --preset asan
stage "fuzz smoke" tools/fuzz_smoke.sh "${DAVY_FUZZ_SECONDS:-10}"
echo
echo "=== summary$summary"
