#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing Davy needs on Debian 12; asks nothing, installs only what is
# missing. With DAVY_DEV=1 also what the slow checks and the browser screenshots need, with
# DAVY_BENCH=1 what the benchmarks need.
set -eu

build="g++ cmake ninja-build pkg-config python3 git ca-certificates ccache
  libsimdjson-dev libvectorscan-dev libre2-dev libyaml-dev libcli11-dev libfmt-dev
  nlohmann-json3-dev libisal-dev libzstd-dev libbz2-dev liblzma-dev zlib1g-dev libarchive-dev
  libxxhash-dev libssl-dev"
tests="libgtest-dev librapidcheck-dev clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
  python3-yaml gzip zstd bzip2 xz-utils time"
slow="debootstrap chromium linux-perf"
bench="libbenchmark-dev"

wanted="$build $tests"
[ "${DAVY_DEV:-0}" = 1 ] && wanted="$wanted $slow"
[ "${DAVY_BENCH:-0}" = 1 ] && wanted="$wanted $bench"

missing=""
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1; then
    exec sudo DAVY_DEV="${DAVY_DEV:-0}" DAVY_BENCH="${DAVY_BENCH:-0}" "$0"
  fi
  echo "Davy needs these Debian packages; install them as root:" >&2
  echo "  apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of words on purpose
apt-get install -y -qq --no-install-recommends $missing >/dev/null
