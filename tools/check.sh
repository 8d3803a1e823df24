#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Formatting, layers, text rules, rule pack, and clang-tidy on what changed since BASE (default: the
# merge base with origin/main, else the last commit).
set -eu
cd "$(dirname "$0")/.."

git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror
python3 tools/check_layers.py
python3 tools/check_text.py
python3 tools/check_rules.py

head=$(git rev-parse HEAD)
base=${BASE:-$(git merge-base HEAD origin/main 2>/dev/null || echo "$head")}
[ "$base" != "$head" ] || base=$(git rev-parse -q --verify HEAD~1 || echo)
[ -n "$base" ] || exit 0
changed=$(git diff --name-only --diff-filter=AM "$base" -- 'davy/*.cc' | grep -v _test || true)
[ -n "$changed" ] || exit 0
if [ ! -f build/clang/compile_commands.json ]; then
  cmake --preset clang -DDAVY_TESTS=OFF >/dev/null
fi
echo "clang-tidy on $(echo "$changed" | wc -l) changed files"
# shellcheck disable=SC2086  # a list of words on purpose
echo $changed | xargs -n 4 -P "$(nproc)" clang-tidy-19 -p build/clang --quiet 2>/dev/null
