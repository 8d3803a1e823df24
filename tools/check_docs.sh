#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the commands that the documents promise, and fails when one ends otherwise than it says.
#
# usage: tools/check_docs.sh [DAVY]        default build/release/davy
#
# Read are the ```sh blocks of README.md and docs/**/*.md whose first line is "# runnable". Each of
# their lines is one command; "# exit N" at its end is the exit code it promises, 0 where nothing is
# said. A page runs in a folder of its own that holds `estate`, made by `davy simulate`. Every format
# that `davy doctor` names must have a row in docs/formats/README.md. Links between pages must lead to
# a file.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/build/release/davy}
if [ ! -x "$program" ]; then
  echo "check_docs: no program at $program; build it, or name another" >&2
  exit 2
fi
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/bin" "$work/pages"
ln -s "$program" "$work/bin/davy"
PATH=$work/bin:$PATH
unset DAVY_ALLOW DAVY_CONTENT DAVY_THREADS
NO_COLOR=1
export PATH NO_COLOR

davy -q simulate estate -o "$work/estate" || {
  echo "check_docs: the example estate could not be made" >&2
  exit 2
}

# "page<TAB>line<TAB>command" of every runnable line.
(cd "$root" && find README.md docs -name '*.md' -type f | LC_ALL=C sort | while IFS= read -r page; do
  awk -v page="$page" '
    /^```/ { inside = !inside && $0 == "```sh"; runnable = 0; first = inside; next }
    first  { first = 0; runnable = $0 ~ /^# runnable *$/; next }
    inside && runnable && !/^ *(#|$)/ { printf "%s\t%d\t%s\n", page, FNR, $0 }
  ' "$page"
done) >"$work/commands"

failed=0
count=0
tab=$(printf '\t')
while IFS="$tab" read -r page line command; do
  folder=$work/pages/$(printf '%s' "$page" | tr '/' '_')
  if [ ! -d "$folder" ]; then
    mkdir "$folder" && cp -R "$work/estate" "$folder/estate"
  fi
  expected=$(printf '%s\n' "$command" | sed -n 's/.*# exit \([0-9][0-9]*\) *$/\1/p')
  (cd "$folder" && sh -c "$command") >"$work/output" 2>&1 </dev/null
  actual=$?
  count=$((count + 1))
  if [ "$actual" -ne "${expected:-0}" ]; then
    failed=$((failed + 1))
    echo "$page:$line: exit $actual where ${expected:-0} is promised: $command"
    sed -n 's/^/    /;1,5p' "$work/output"
  fi
done <"$work/commands"

for format in $(davy doctor | sed -n 's/^ok *formats *//p' | tr -d ','); do
  if ! grep -q "^| \`$format\`" "$root/docs/formats/README.md"; then
    failed=$((failed + 1))
    echo "docs/formats/README.md: no row for the format $format that this program reads"
  fi
done

# "page<TAB>target" of every relative link.
(cd "$root" && find ./*.md docs content davy -name '*.md' -type f | LC_ALL=C sort | while IFS= read -r page; do
  awk -v page="$page" '
    /^```/ { inside = !inside }
    !inside {
      gsub(/`[^`]*`/, "")
      while (match($0, /\]\([^)]*\)/)) {
        target = substr($0, RSTART + 2, RLENGTH - 3)
        $0 = substr($0, RSTART + RLENGTH)
        sub(/#.*/, "", target)
        if (target != "" && target !~ /^[a-z]+:/) printf "%s\t%s\n", page, target
      }
    }
  ' "$page"
done) >"$work/links"
while IFS="$tab" read -r page target; do
  if [ ! -e "$root/$(dirname "$page")/$target" ]; then
    failed=$((failed + 1))
    echo "${page#./}: the link to $target leads nowhere"
  fi
done <"$work/links"

echo "$count commands run, $failed problems"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
