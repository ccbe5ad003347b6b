#!/usr/bin/env python3
"""Kills the live server at random moments while clients stream, and starts it again on its journal.

usage: kill_server.py BIN_FOLDER WORK_FOLDER KILLS [SEED]

Clients resume with after=<last seq>. At the end the log is asked for the frames of each channel between a
client's first and last one: it must be exactly what the client has, byte for byte, none missing and none twice.
"""
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import websockets

CHANNELS = [("BTC-USD", 50), ("BTC-USD", 50), ("ETH-USD", 10), ("SOL-USD", 100)]


class Server:
    def __init__(self, binaries, work):
        self.program = os.path.join(binaries, "tapefold")
        self.journal = os.path.join(work, "journal")
        self.log = os.path.join(work, "log")
        self.process = None
        self.address = None

    async def start(self):
        if os.path.exists(self.log):
            os.remove(self.log)
        self.process = subprocess.Popen(
            [self.program, "--journal", self.journal, "--port", "0", "--log-file", self.log])
        for _ in range(600):
            await asyncio.sleep(0.02)
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended: {open(self.log).read()}")
            text = open(self.log).read() if os.path.exists(self.log) else ""
            found = re.search(r'"address":"http://([^"]*)".*"message":"started"', text)
            if found:
                self.address = found[1]
                return
        raise SystemExit("the server did not start")

    def end(self, how):
        self.address = None
        self.process.send_signal(how)
        return self.process.wait(30)


async def follow(server, symbol, window, frames, state):
    """Keeps every frame of one channel, over all lives of the server."""
    while not state["done"]:
        address = server.address
        if address is None:
            await asyncio.sleep(0.01)
            continue
        after = f"&after={json.loads(frames[-1])['seq']}" if frames else ""
        url = f"ws://{address}/ws/stream?symbol={symbol}&window={window}{after}"
        try:
            async with websockets.connect(url, open_timeout=5) as socket:
                async for text in socket:
                    if text.startswith('{"type"'):
                        assert '"truncated"' not in text, text
                        continue
                    frames.append(text)
                    if state["done"]:
                        return
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException):
            await asyncio.sleep(0.02)


async def main():
    binaries, work, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    chance = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    server = Server(binaries, work)
    state = {"done": False}
    kept = [[] for _ in CHANNELS]
    await server.start()
    tasks = [asyncio.create_task(follow(server, s, w, frames, state))
             for (s, w), frames in zip(CHANNELS, kept)]
    slowest = 0
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.2, 2.5))
        server.end(signal.SIGKILL)
        began = time.monotonic()
        await server.start()
        slowest = max(slowest, time.monotonic() - began)
    await asyncio.sleep(3)
    counts = [len(frames) for frames in kept]
    # Every client has to come through the last life as well.
    for _ in range(200):
        if all(len(frames) > count for frames, count in zip(kept, counts)):
            break
        await asyncio.sleep(0.1)
    state["done"] = True
    await asyncio.wait(tasks, timeout=10)
    code = server.end(signal.SIGTERM)
    assert code == 0, f"the server ended with {code}"
    tool = os.path.join(binaries, "replay-tool")
    total = 0
    for (symbol, window), frames in zip(CHANNELS, kept):
        sequences = [json.loads(frame)["seq"] for frame in frames]
        assert sequences == sorted(set(sequences)), f"{symbol}: a frame came twice or out of order"
        text = subprocess.run(
            [tool, "frames", server.journal, "--symbol", symbol, "--window", f"{window:03d}bps"],
            check=True, capture_output=True, text=True).stdout
        log = [line for line in text.splitlines()
               if sequences[0] <= json.loads(line)["seq"] <= sequences[-1]]
        missing = set(log) - set(frames)
        assert log == frames, (
            f"{symbol}: the log has {len(log)} frames, the client {len(frames)}; missing {len(missing)}: "
            f"{sorted(missing)[:2]}; other {sorted(set(frames) - set(log))[:2]}")
        total += len(frames)
    subprocess.run([tool, "verify", server.journal], check=True, stdout=subprocess.DEVNULL)
    print(f"{kills} kills, {len(CHANNELS)} clients: {total} frames, each exactly once and as the log gives it; "
          f"the slowest start took {slowest:.2f} s; the journal verifies")


asyncio.run(main())
