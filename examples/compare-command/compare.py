#!/usr/bin/env python3
"""Compares outputs whose lines may come in any order, as from a parallel run.

    corroborate compare FROM TOWARD --method command --command ./compare.py
"""
import json
import pathlib
import sys


def lines(path):
    return sorted(path.read_text().splitlines())


mine, theirs = map(pathlib.Path, sys.argv[1:3])  # the requester's outputs, the targeted ones
files = []
for path in sorted(p.relative_to(theirs) for p in theirs.rglob("*") if p.is_file()):
    if not (mine / path).is_file():
        continue  # a file on one side only is different, whatever a program says of it
    ours, wanted = lines(mine / path), lines(theirs / path)
    off = len(set(ours) ^ set(wanted))
    files.append(
        {"path": path.as_posix(), "same": ours == wanted, "compared": max(len(ours), len(wanted)), "differing": off}
    )
json.dump({"files": files}, sys.stdout)
