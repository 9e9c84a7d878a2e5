#!/usr/bin/env python3
"""Appends videowire's events to a file, each exactly once however often it is killed: consumer.py SOCKET FILE"""
import json, socket, sys

path, name = sys.argv[1:3]
out = open(name, "a+b")
out.seek(0)
kept, newline, _half_a_line = out.read().rpartition(b"\n")
out.truncate(len(kept + newline))
last = json.loads(kept.splitlines()[-1]) if kept else None
wire = socket.socket(socket.AF_UNIX)
wire.connect(path)
start = {"epoch": last["epoch"], "seq": last["sequence"]} if last else "live"
wire.sendall(json.dumps({"subscribe": {"from": start}}).encode() + b"\n")
for line in wire.makefile("rb"):
    event = json.loads(line) if line.endswith(b"\n") else {}
    if "sequence" in event:
        out.write(line)
        out.flush()
    elif event.get("type") == "io.videowire.log.lost.v1":
        print("lost:", event["data"], file=sys.stderr, flush=True)
