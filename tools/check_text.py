#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the formatter and the compiler do not: licence lines, sizes, white space, task marks.

A line that has to break a size rule says `size-ok: reason` in the first ten lines of its file.
"""
import pathlib
import re
import subprocess
import sys

LIMITS = {".cc": 500, ".h": 250}
CODE = {".cc", ".h", ".py", ".sh", ".cmake"}
TASK_MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    names = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout.split("\n")
    faults = []
    for name in filter(None, names):
        path = root / name
        if path.suffix not in CODE or not path.is_file() or name.startswith(("fuzz/seeds/", "tests/golden/")):
            continue
        lines = path.read_text(errors="replace").splitlines()
        head = "\n".join(lines[:10])
        if "SPDX-License-Identifier: Apache-2.0" not in head and path.suffix != ".cmake":
            faults.append(f"{name}:1: the SPDX line is missing")
        limit = LIMITS.get(path.suffix)
        if limit and len(lines) > limit and "size-ok:" not in head:
            faults.append(f"{name}: {len(lines)} lines, the limit is {limit}")
        for number, line in enumerate(lines, 1):
            if line.rstrip() != line:
                faults.append(f"{name}:{number}: white space at the end of the line")
            if "\t" in line:
                faults.append(f"{name}:{number}: tab")
            if TASK_MARK.search(line) and name != "tools/check_text.py":
                faults.append(f"{name}:{number}: unfinished mark")
    print("\n".join(faults) or "text rules: kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
