#!/usr/bin/env python3
"""Kills the live server at random moments while clients stream, and starts it again on its journal.

usage: kill_server.py BIN_FOLDER WORK_FOLDER KILLS [SEED]

Clients resume with after=<last seq>. At the end the log is asked for the frames of each channel between a
client's first and last one: it must be exactly what the client has, byte for byte, none missing and none twice.
"""
import asyncio
import os
import random
import signal
import sys
import time

import following


async def main():
    binaries, work, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    chance = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    server = following.Server(binaries, os.path.join(work, "journal"), os.path.join(work, "log"))
    await server.start()
    clients = following.Clients(server)
    slowest = 0
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.2, 2.5))
        server.end(signal.SIGKILL)
        began = time.monotonic()
        await server.start()
        slowest = max(slowest, time.monotonic() - began)
    await asyncio.sleep(3)
    await clients.finish()
    code = server.end(signal.SIGTERM)
    assert code == 0, f"the server ended with {code}"
    total = following.compare(binaries, server.journal, clients)
    print(f"{kills} kills, {len(clients.kept)} clients: {total} frames, each exactly once and as the log gives it; "
          f"the slowest start took {slowest:.2f} s; the journal verifies")


asyncio.run(main())
