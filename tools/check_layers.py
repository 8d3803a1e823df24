#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that modules include only what their layer allows, and nothing of another's internal/.

The table is the architecture: a module may use itself and the modules on its line, or of a module
the one header named there.
"""
import pathlib
import re
import sys

ALLOWED = {
    "base": [],
    "event": ["base"],
    "source": ["base"],
    # Content packed inside a record is met while it is decoded: expanding it is all that is shared.
    "decode": ["base", "event", "source/unpack.h"],
    "summary": ["base", "event"],
    "intel": ["base"],
    "sigma": ["base", "event"],
    "impact": ["base", "event", "summary"],
    "detect": ["base", "event", "summary", "intel", "sigma", "impact"],
    "incident": ["base", "event", "summary", "intel", "detect", "impact"],
    "report": ["base", "event", "detect", "impact", "incident"],
    "simulate": ["base"],
    "pipeline": ["base", "event", "source", "decode", "summary", "intel", "sigma", "detect",
                 "incident", "impact", "report"],
    "cli": ["base", "event", "source", "decode", "intel", "sigma", "detect", "incident", "impact",
            "report", "simulate", "pipeline"],
}
# Below cli/ nothing prints, ends the process, reads the environment or the wall clock.
FORBIDDEN = re.compile(r"std::(cout|cerr)\b|\bprintf\(|\bgetenv\(|system_clock::now|\bexit\(")
INCLUDE = re.compile(r'#include "davy/([a-z_]+)/([^"]+)"')


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    faults = []
    for path in sorted((root / "davy").rglob("*")):
        if path.suffix not in {".h", ".cc"}:
            continue
        module = path.relative_to(root / "davy").parts[0]
        is_test = path.stem.endswith("_test") or "test" in path.stem or "fixture" in path.stem
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            place = f"{path.relative_to(root)}:{number}"
            found = INCLUDE.search(line)
            if found and not is_test:
                used, header = found.groups()
                allowed = ALLOWED.get(module, [])
                if used != module and used not in allowed and f"{used}/{header}" not in allowed:
                    faults.append(f"{place}: {module} must not use {used}")
                if used != module and "internal/" in header:
                    faults.append(f"{place}: internal header of {used}")
            if module != "cli" and not is_test and FORBIDDEN.search(line.split("//")[0]):
                faults.append(f"{place}: printing, exiting, environment or wall clock below cli/")
    print("\n".join(faults) or "layers: sound")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
