#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the ten translation units of a build folder that took longest, from ninja's own log.

usage: slowest_units.py BUILD_DIR
"""
import pathlib
import sys


def main() -> None:
    log = pathlib.Path(sys.argv[1]) / ".ninja_log"
    times = {}
    for line in log.read_text().splitlines():
        fields = line.split("\t")
        if len(fields) >= 4 and fields[3].endswith(".o"):
            times[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    for unit, seconds in sorted(times.items(), key=lambda item: -item[1])[:10]:
        name = unit.split(".dir/", 1)[-1].removesuffix(".o")
        target = unit.split("CMakeFiles/")[1].split(".dir")[0] if "CMakeFiles/" in unit else ""
        print(f"{seconds:7.1f} s  {target}/{name}")
    print(f"{sum(times.values()):7.1f} s  all {len(times)} units, summed over cores")


if __name__ == "__main__":
    main()
