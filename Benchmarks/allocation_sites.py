#!/usr/bin/env python3
"""allocation_sites.py BENCHMARKS TRACE - where the allocations of a trace were made.

TRACE is the stderr of `benchmarks allocations … N`: addresses become file:line, innermost first."""
import collections
import functools
import re
import subprocess
import sys

binary, trace = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()


@functools.lru_cache(None)
def place(offset):
    text = subprocess.run(["addr2line", "-ie", binary, offset], capture_output=True, text=True).stdout
    names = [line.split("/")[-1] for line in text.split("\n")]
    names = [name for name in names if re.search(r"swift:[1-9]", name)]
    return " < ".join(names)


parts = re.split(r"trace of (\w+)\n", trace)
for name, body in zip(parts[1::2], parts[2::2]):
    counts = collections.Counter()
    for stack in body.split("--\n"):
        offsets = re.findall(r"benchmarks\(\+(0x[0-9a-f]+)\)", stack)
        places = [p for p in (place(hex(int(o, 16) - 1)) for o in offsets[:6]) if p]
        if places:
            counts[" << ".join(places[:4])] += 1
    print(f"{name}:")
    for place_, count in counts.most_common():
        print(f"  {count:4}  {place_[:300]}")
