"""What the tests of a running server have in common: the server's process, and clients that keep every frame."""
import asyncio
import atexit
import json
import os
import re
import subprocess

import websockets

CHANNELS = [("BTC-USD", 50), ("BTC-USD", 50), ("ETH-USD", 10), ("SOL-USD", 100)]


class Server:
    """`tapefold` with simulated venues on a free port."""

    def __init__(self, binaries, journal, log, arguments=(), environment=None):
        self.program = os.path.join(binaries, "tapefold")
        self.journal = journal
        self.log = log
        self.arguments = list(arguments)
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.address = None

    async def start(self):
        if os.path.exists(self.log):
            os.remove(self.log)
        self.process = subprocess.Popen(
            [self.program, "--journal", self.journal, "--port", "0", "--log-file", self.log, *self.arguments],
            env=self.environment, stdout=subprocess.DEVNULL)
        # Whatever ends the test ends the server.
        atexit.register(self.process.kill)
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


class Clients:
    """One client for each of CHANNELS, over all lives of the server: it resumes with after=<last seq>."""

    def __init__(self, server):
        self.server = server
        self.done = False
        self.kept = [[] for _ in CHANNELS]
        self.tasks = [asyncio.create_task(self.follow(symbol, window, frames))
                      for (symbol, window), frames in zip(CHANNELS, self.kept)]

    def count(self):
        """Frames of the client that has the fewest."""
        return min(len(frames) for frames in self.kept)

    async def follow(self, symbol, window, frames):
        while not self.done:
            address = self.server.address
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
                        if self.done:
                            return
            except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException):
                await asyncio.sleep(0.02)

    async def finish(self):
        """Lets every client get one more frame, and ends them."""
        counts = [len(frames) for frames in self.kept]
        for _ in range(200):
            if all(len(frames) > count for frames, count in zip(self.kept, counts)):
                break
            await asyncio.sleep(0.1)
        self.done = True
        _, late = await asyncio.wait(self.tasks, timeout=10)
        assert not late, "a client gets nothing any more"
        for task in self.tasks:
            task.result()


def compare(binaries, journal, clients):
    """Every frame of each client is what the log gives between its first and last one, byte for byte, none missing
    and none twice; the count of them. The journal verifies."""
    tool = os.path.join(binaries, "replay-tool")
    total = 0
    for (symbol, window), frames in zip(CHANNELS, clients.kept):
        sequences = [json.loads(frame)["seq"] for frame in frames]
        assert sequences == sorted(set(sequences)), f"{symbol}: a frame came twice or out of order"
        text = subprocess.run(
            [tool, "frames", journal, "--symbol", symbol, "--window", f"{window:03d}bps"],
            check=True, capture_output=True, text=True).stdout
        log = [line for line in text.splitlines() if json.loads(line)["seq"] <= sequences[-1]]
        log = [line for line in log if json.loads(line)["seq"] >= sequences[0]]
        kept = [frame for frame in frames if not log or json.loads(frame)["seq"] >= json.loads(log[0])["seq"]]
        missing = set(log) - set(kept)
        assert log and log == kept, (
            f"{symbol}: the log has {len(log)} frames, the client {len(kept)}; missing {len(missing)}: "
            f"{sorted(missing)[:2]}; other {sorted(set(kept) - set(log))[:2]}")
        total += len(kept)
    subprocess.run([tool, "verify", journal], check=True, stdout=subprocess.DEVNULL)
    return total
