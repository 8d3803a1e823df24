#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds and measures: bench/run.sh [SIZE, default 512MB] [big|-] [FOLDER with SigmaHQ rules]
# Every figure is the median of three whole processes on data generated here; every ratio compares
# two rows of this very run. "big" adds 5 GB through a pipe. See BENCHMARKS.md.
set -euo pipefail
size=${1:-512MB}
big=${2:--}
rules=${3:-}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

DAVY_BENCH=1 tools/setup.sh
build=build/bench
cmake --preset bench > /dev/null
ninja -C "$build" davy measure simdjson_walk bare_inflate scan_bench > "$build/build.log" ||
  { tail -30 "$build/build.log"; exit 1; }
davy=$build/davy
data=$build/data-$size
mkdir -p "$data"
for format in cloudtrail cloudtrail_delivered vpc_flow; do
  [ -s "$data/$format" ] && continue
  "$davy" simulate --stream "$format" --bytes "$size" > "$data/$format.part"
  mv "$data/$format.part" "$data/$format"
done

export LC_ALL=C
declare -A wall cpu
printf '%s, %s, %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" \
  "$(nproc) processors" "$(date -u +%Y-%m-%d)"
printf '%-34s %8s %8s %9s %9s  %s\n' "$size a row" 'wall s' 'cpu s' 'MB/s' 'RSS MiB' 'ratio (wall; cpu)'

# row NAME MEGABYTES BASE|- [-i FILE|-c COMMAND] COMMAND...
# The ratio is BASE's time over this row's: 2.00 is twice as fast as BASE.
row() {
  local name=$1 megabytes=$2 base=$3 figures rss ratio=
  shift 3
  figures=$("$build/bench/measure" "$@")
  local wall_s cpu_s
  read -r wall_s cpu_s rss <<< "$figures"
  wall[$name]=$wall_s
  cpu[$name]=$cpu_s
  if [ "$base" != - ]; then
    ratio=$(awk -v a="${wall[$base]}" -v b="${wall[$name]}" -v c="${cpu[$base]}" -v d="${cpu[$name]}" \
      -v base="$base" 'BEGIN { printf "%.2f; %.2f of %s", a / b, c / (d > 0 ? d : 0.001), base }')
  fi
  printf '%-34s %8s %8s %9.0f %9s  %s\n' "$name" "${wall[$name]}" "${cpu[$name]}" \
    "$(awk -v m="$megabytes" -v s="${wall[$name]}" 'BEGIN { print m / s }')" "$rss" "$ratio"
}
megabytes_of() { awk -v bytes="$(stat -c %s "$1")" 'BEGIN { print bytes / 1e6 }'; }

trail=$data/cloudtrail
trail_mb=$(megabytes_of "$trail")
head -n 1 "$trail" > "$data/one_record"
row 'start-up: scan of one record' 0 - "$davy" scan -j 1 "$data/one_record"
row 'simdjson walk' "$trail_mb" - "$build/bench/simdjson_walk" "$trail"
row 'CloudTrail' "$trail_mb" 'simdjson walk' "$davy" scan -j 1 "$trail"
row 'CloudTrail, 2 threads' "$trail_mb" 'CloudTrail' "$davy" scan -j 2 "$trail"
if [ -d "$rules" ]; then
  row 'CloudTrail, SigmaHQ too' "$trail_mb" 'CloudTrail' "$davy" scan -j 1 -r "$rules" "$trail"
else
  echo 'CloudTrail, SigmaHQ too: skipped, name the folder of rules as third argument'
fi

packed=$data/cloudtrail_delivered
packed_mb=$("$build/bench/bare_inflate" "$packed" | awk '{ print $1 / 1e6 }')
row 'bare isal inflate' "$packed_mb" - "$build/bench/bare_inflate" "$packed"
row 'CloudTrail as delivered, gzip' "$packed_mb" 'bare isal inflate' "$davy" scan -j 1 "$packed"

flow=$data/vpc_flow
flow_mb=$(megabytes_of "$flow")
row 'wc -l' "$flow_mb" - wc -l "$flow"
row 'VPC flow' "$flow_mb" 'wc -l' "$davy" scan -j 1 "$flow"
row 'VPC flow, 2 threads' "$flow_mb" 'VPC flow' "$davy" scan -j 2 "$flow"
row 'two such scans at once' "$(awk -v m="$flow_mb" 'BEGIN { print 2 * m }')" 'VPC flow' \
  bash -c "'$davy' scan -j 1 '$flow' > /dev/null & '$davy' scan -j 1 '$flow' > /dev/null; wait"

if [ "$big" = big ]; then
  for format in cloudtrail vpc_flow; do
    row "5 GB of $format, piped" 5000 - -c "$davy simulate --stream $format --bytes 5000000000" \
      "$davy" scan -j 1 -
  done
fi

echo
"$build/bench/scan_bench" "$trail" "$packed" "$flow"
