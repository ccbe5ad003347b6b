#!/usr/bin/env python3
"""An independent client of the live server: keeps every frame of /ws/stream, a line each.

usage: stream_client.py BASE_URL SECONDS OUT [SYMBOL:WINDOW …]

Checks what a reader can check without the engine: the exact fields of S0.3, at most 2,048 bytes, one
frame for each tick and channel, sequences that only grow. Uses the library `websockets` unmodified.
"""
import asyncio
import json
import sys
import time

import websockets

FIELDS = ["ts", "symbol", "window_bps", "mid", "hhi", "imbalance", "venues", "spread_bps", "seq", "digest"]
VENUE_FIELDS = ["venue", "spread_bps", "share", "latency_ms", "stale"]


def check(frame, text, symbol, window):
    assert len(text.encode()) <= 2048, f"{len(text.encode())} bytes"
    assert list(frame) == FIELDS, list(frame)
    assert frame["symbol"] == symbol and frame["window_bps"] == window
    for venue in frame["venues"]:
        assert list(venue) == VENUE_FIELDS, list(venue)
    shares = sum(venue["share"] for venue in frame["venues"])
    assert shares == 0 or abs(shares - 1) < 0.01, shares
    assert len(frame["digest"]) == 32


async def follow(base, symbol, window, until, frames):
    url = f"{base}/ws/stream?symbol={symbol}&window={window:03d}bps"
    async with websockets.connect(url) as socket:
        hello = json.loads(await socket.recv())
        assert hello["type"] == "hello" and hello["source"] in ("simulated", "live"), hello
        last = 0
        while time.monotonic() < until:
            text = await asyncio.wait_for(socket.recv(), 10)
            frame = json.loads(text)
            check(frame, text, symbol, window)
            assert frame["seq"] > last, "a sequence came twice"
            last = frame["seq"]
            frames.append(text)


async def main():
    base, seconds, out = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    channels = [c.split(":") for c in sys.argv[4:]] or [["BTC-USD", "50"]]
    frames = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(follow(base, s, int(w), until, frames) for s, w in channels))
    with open(out, "w") as file:
        file.writelines(frame + "\n" for frame in frames)
    live = [json.loads(f) for f in frames[-len(channels):]]
    stale = sum(v["stale"] for f in live for v in f["venues"])
    print(f"{len(frames)} frames of {len(channels)} channels in {seconds:.0f} s; "
          f"{len(live[0]['venues'])} venues, {stale} stale at the end")


if __name__ == "__main__":
    asyncio.run(main())
