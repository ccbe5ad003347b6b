#!/usr/bin/env python3
"""real_set.py OUT.bin OUT.lines SPOT USDM COINM - the real set, standard library only.

OUT.bin: the records that ../shared/bench/real.py writes (three captures as three venue slots,
merged by receive time). OUT.lines: `recv 0 json` lines of the spot capture, depthUpdate and trade
only, behind one empty snapshot that the first delta continues."""
import json
import struct
import subprocess
import sys

RECORD = struct.Struct("<qqqqIBBBB")


def fixed(text, digits):
    whole, _, part = text.partition(".")
    return int(whole) * 10**digits + int((part + "0" * digits)[:digits])


def lines(path):
    with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as process:
        yield from process.stdout


messages, spot = [], []
for venue, path in enumerate(sys.argv[3:6]):
    for line in lines(path):
        blank = line.find(b" ")
        received = int(line[:blank])
        received = received * 1000 if received < 10**17 else received
        data = json.loads(line[blank + 1 :]).get("data")
        if not data:
            continue
        if data.get("e") == "depthUpdate":
            levels = [(0, p, q) for p, q in data["b"]] + [(1, p, q) for p, q in data["a"]]
            kind = 0
        elif data.get("e") in ("trade", "aggTrade"):
            levels = [(0 if data["m"] else 1, data["p"], data["q"])]
            kind = 1
        else:
            continue
        if venue == 0:
            if not spot:
                spot.append(b'%d 0 {"lastUpdateId":%d,"bids":[],"asks":[]}\n'
                            % (received, data["U"] - 1))
            spot.append(b"%d 0 %s" % (received, line[blank + 1 :]))
        if levels:
            levels = [(s, fixed(p, 2), fixed(q, 8)) for s, p, q in levels]
            messages.append((received, venue, data["E"] * 1000000, kind, levels))
messages.sort(key=lambda message: message[0])
with open(sys.argv[1], "wb") as out:
    for number, (received, venue, event, kind, levels) in enumerate(messages):
        last = len(levels) - 1
        out.write(b"".join(
            RECORD.pack(event, received, price, size, number, venue, side, kind, int(i == last))
            for i, (side, price, size) in enumerate(levels)))
with open(sys.argv[2], "wb") as out:
    out.writelines(spot)
