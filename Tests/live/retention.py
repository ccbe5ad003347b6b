#!/usr/bin/env python3
"""Lets retention pass while clients stream and replay from the log's oldest events (J.10, J.11).

usage: retention.py BIN_FOLDER WORK_FOLDER SECONDS

Clients that follow the present miss nothing. A client that replays slowly from the first event either gets every
frame, or is told `truncated` with the oldest event that is left and goes on from there: what it has between two
such messages is gapless, and equal to what those who followed live have.
"""
import asyncio
import json
import os
import re
import signal
import sys

import websockets

import following

LIMITS = {"JOURNAL_SEGMENT_KB": "256", "JOURNAL_KEEP_SEGMENTS": "3"}


async def replay(server, speed, first, state, runs):
    """Stretches of frames without a gap, as this client believes them to be."""
    while not state["done"]:
        url = f"ws://{server.address}/ws/stream?symbol=BTC-USD&window=50&from_seq={first}&speed={speed}"
        run = []
        runs.append(run)
        await asyncio.sleep(0.5)
        async with websockets.connect(url) as socket:
            async for text in socket:
                message = json.loads(text)
                if message.get("type") == "truncated":
                    state["truncated"] += 1
                    run = []
                    runs.append(run)
                elif "type" not in message:
                    run.append(text)
                if state["done"] or len(run) >= 25:
                    break


async def main():
    binaries, work, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    server = following.Server(
        binaries, os.path.join(work, "journal"), os.path.join(work, "log"), environment=LIMITS)
    await server.start()
    clients = following.Clients(server)
    while clients.count() == 0:
        await asyncio.sleep(0.1)
    state = {"done": False, "truncated": 0}
    runs = []
    tasks = [asyncio.create_task(replay(server, speed, 1, state, runs)) for speed in ("1", "4", "max")]
    await asyncio.sleep(seconds)
    state["done"] = True
    _, late = await asyncio.wait(tasks, timeout=20)
    assert not late, "a replay gets nothing any more"
    for task in tasks:
        task.result()
    await clients.finish()
    server.end(signal.SIGTERM)
    removed = sum(int(count) for count in re.findall(
        r'"count":"(\d+)"[^\n]*"message":"segments removed"', open(server.log).read()))
    live = clients.kept[0]
    place = {frame: index for index, frame in enumerate(live)}
    compared = 0
    for run in runs:
        known = [place[frame] for frame in run if frame in place]
        if known:
            gaps = [(live[a], live[b]) for a, b in zip(known, known[1:]) if b != a + 1]
            assert not gaps, f"a gap without a word: {gaps[:1]}"
            # What this client has beyond those who followed lies before they came.
            assert all(frame in place for frame in run[run.index(live[known[0]]):-1])
        compared += len(known)
    total = following.compare(binaries, server.journal, clients)
    assert removed > 0 and compared > 0, f"{removed} segments removed, {compared} frames compared"
    print(f"{removed} segments removed under {len(clients.kept)} clients and 3 replays: {compared} replayed frames "
          f"equal those that were followed, without a gap; {state['truncated']} times told what is gone; "
          f"{total} frames of the rest as the log gives them; the journal verifies")


asyncio.run(main())
