#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every target for a while from its seeds: tools/fuzz_smoke.sh [SECONDS, default 20]
# Prints one line a target; exits 1 when one crashed, hung or grew too large, and keeps the input
# that did it in build/asan/findings/.
set -euo pipefail
seconds=${1:-20}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

cmake --preset asan > /dev/null
targets=$(cat build/asan/fuzz/targets.txt)
# shellcheck disable=SC2086 # one word a target
ninja -C build/asan $targets > build/asan/build.log || { tail -30 build/asan/build.log; exit 1; }

findings=build/asan/findings
mkdir -p "$findings"

# fuzz_one TARGET SECONDS: one line on the screen; fails when the target did.
fuzz_one() {
  local target=$1 seconds=$2 name=${1%_fuzz} verdict=ok
  local corpus=build/asan/corpus/$name log=$findings/$name.log
  local seeds=()
  mkdir -p "$corpus"
  if [ -d "fuzz/seeds/$name" ]; then seeds=("fuzz/seeds/$name"); fi
  "build/asan/fuzz/$target" "$corpus" "${seeds[@]}" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="$findings/$name-" -print_final_stats=1 > "$log" 2>&1 ||
    verdict="FAILED, see $log"
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1 || true)
  printf '%-14s %9s runs  %-12s %s\n' "$name" "${runs:-?}" "${coverage:-cov: ?}" "$verdict"
  if [ "$verdict" != ok ]; then
    # The log may not outlive the machine: what is needed to reproduce goes on the screen too.
    grep -E 'runtime error|ERROR:|^    #[0-9] |Base64:' "$log" | head -20
    return 1
  fi
}
export -f fuzz_one
export findings
# shellcheck disable=SC2086,SC2016 # one word a target; the inner shell expands its own
printf '%s\n' $targets | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$1" "$2"' _ {} "$seconds"
