#!/usr/bin/env python3
"""How soon after its start the server shows every simulated venue, and whether frames come at the rate that was asked for.

usage: starts.py BIN_FOLDER WORK_FOLDER [STARTS]

Each start is one on a new journal and one more on the journal that it left. Clients follow all symbols: within 2 s of the log line
`started` each has a frame in which all venues are live. Behind it frames come at TICK_HZ: 2, and 10 in the last start.
"""
import asyncio
import datetime
import json
import os
import signal
import statistics
import sys
import time

import websockets

import following
import stream_client

SYMBOLS = ["BTC-USD", "ETH-USD", "SOL-USD"]
WITHIN = 2.0


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


async def follow(address, symbol, hertz, venues):
    """When the first frame came in which all venues are live, and how late the latest of two seconds of frames was."""
    step = datetime.timedelta(seconds=1) / hertz
    async with websockets.connect(f"ws://{address}/ws/stream?symbol={symbol}&window=050bps") as socket:
        hello = json.loads(await socket.recv())
        assert hello["type"] == "hello" and hello["tick_hz"] == hertz, hello
        live, before, late, frames = None, None, 0, 0
        while live is None or frames < 2 * hertz:
            text = await asyncio.wait_for(socket.recv(), 10)
            now = time.time()
            frame = json.loads(text)
            stream_client.check(frame, text, symbol, 50)
            tick = moment(frame["ts"])
            assert before is None or tick - before == step, f"{symbol}: {tick} follows {before} at {hertz} Hz"
            before = tick
            if live is None and {v["venue"] for v in frame["venues"] if not v["stale"]} == venues:
                live = now
            if live is not None:
                frames += 1
                late = max(late, now - tick.timestamp())
        return live, late


async def start(server, hertz):
    """Seconds from the log line to the last symbol's first whole frame, and the latest frame's lateness."""
    server.environment["TICK_HZ"] = str(hertz)
    await server.start()
    with open(server.log, encoding="utf-8") as log:
        line = next(line for line in map(json.loads, log) if line["message"] == "started")
    venues = set(line["exchanges"].split(","))
    found = await asyncio.gather(*(follow(server.address, symbol, hertz, venues) for symbol in SYMBOLS))
    assert server.end(signal.SIGTERM) == 0
    return max(live for live, _ in found) - moment(line["ts"]).timestamp(), max(late for _, late in found), len(venues)


async def main():
    binaries, work = sys.argv[1], sys.argv[2]
    starts = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    seconds, again, late = [], [], 0
    for number in range(starts):
        server = following.Server(
            binaries, os.path.join(work, f"journal-{number}"), os.path.join(work, f"log-{number}"), environment={})
        hertz = 10 if number == starts - 1 else 2
        for place in (seconds, again):
            taken, latest, venues = await start(server, hertz)
            place.append(taken)
            late = max(late, latest)
    for what, taken in (("a new journal", seconds), ("the journal it left", again)):
        print(f"{starts} starts on {what}: {venues} venues live in a frame of each of {len(SYMBOLS)} symbols after "
              f"{statistics.median(taken):.2f} s (median), {max(taken):.2f} s (worst) of the line 'started'; at most {WITHIN:.0f} s")
    print(f"no tick was left out at 2 and 10 Hz; the latest frame came {late:.3f} s behind its tick")
    assert max(seconds + again) <= WITHIN, "the venues were not live in time"


asyncio.run(main())
