#!/usr/bin/env python3
"""Fills the disk of a live server's journal while clients stream, and makes room again (F.5).

usage: full_disk.py BIN_FOLDER WORK_FOLDER TIMES [SEED]

The journal lies on a small tmpfs, which a file beside it fills at random moments; its segments are small, so that
space set aside beforehand does not last long. While it is full /health says
`degraded`, who asks for the state is told 503, and no frame leaves; within 5 s after there is room again frames come by
themselves. The last time it is full for longer than a silent connection is borne: none is lost. At the end every
frame that a client saw is exactly what the log gives, none missing and none twice, and the journal verifies.
"""
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request

import following


def health(address):
    try:
        with urllib.request.urlopen(f"http://{address}/health", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def connects(address):
    """How often each feed was connected; None while nothing is taken."""
    try:
        with urllib.request.urlopen(f"http://{address}/api/status", timeout=5) as answer:
            return [venue["connects"] for venue in json.load(answer)["venues"]]
    except urllib.error.HTTPError as error:
        assert error.code == 503, error.code
        return None


async def until(what, seconds, condition):
    """Waits for a condition; the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        await asyncio.sleep(0.1)
    return time.monotonic() - began


def fill(path):
    """Takes all room that is left."""
    with open(path, "ab", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass


def is_paused_when_full(address, path):
    # A segment that is sealed gives back what was set aside for it.
    fill(path)
    return any("paused" in reason for reason in health(address)["reasons"])


async def main():
    binaries, work, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    chance = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    disk = os.path.join(work, "disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "none", disk], check=True)
    try:
        await run(binaries, work, disk, times, chance)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


async def run(binaries, work, disk, times, chance):
    server = following.Server(
        binaries, os.path.join(disk, "journal"), os.path.join(work, "log"),
        environment={"JOURNAL_SEGMENT_KB": "256"})
    await server.start()
    clients = following.Clients(server)
    filler = os.path.join(disk, "filler")
    slowest = 0
    for number in range(times):
        count = clients.count()
        await until("frames come", 20, lambda: clients.count() >= count + 8)
        await asyncio.sleep(chance.uniform(0, 2))
        assert health(server.address)["status"] in ("ok", "degraded")
        before = connects(server.address)
        await until("the journal pauses", 60, lambda: is_paused_when_full(server.address, filler))
        seen = clients.count()
        end = time.monotonic() + (30 if number == times - 1 else chance.uniform(0.5, 4))
        while time.monotonic() < end:
            assert connects(server.address) is None, "the state was told while nothing was accepted"
            await asyncio.sleep(0.2)
        assert clients.count() == seen, "a frame left while nothing was accepted"
        assert health(server.address)["status"] == "degraded"
        os.remove(filler)
        slowest = max(slowest, await until(
            "it goes on by itself", 5, lambda: clients.count() > seen))
        await until("health is well", 20, lambda: not any(
            "paused" in reason for reason in health(server.address)["reasons"]))
        lost = [reason for reason in health(server.address)["reasons"] if "books are not live" in reason]
        assert not lost, f"messages were lost: {lost}"
        assert connects(server.address) == before, "a connection was lost"
    await asyncio.sleep(2)
    await clients.finish()
    code = server.end(signal.SIGTERM)
    assert code == 0, f"the server ended with {code}"
    total = following.compare(binaries, server.journal, clients)
    print(f"{times} times a full disk, {len(clients.kept)} clients: {total} frames, each exactly once and as the log "
          f"gives it; no book lost; frames came {slowest:.1f} s after there was room at the slowest; "
          "the journal verifies")


asyncio.run(main())
