#!/usr/bin/env python3
"""Standard clients, unmodified, against the server with simulated venues: Python's websockets, curl, Prometheus' promtool,
and a browser with a page of another origin.

usage: clients.py BIN_FOLDER WORK_FOLDER [--promtool FILE] [--browser FILE]

What they were shown is compared with the log after the server has stopped: frames with `replay-tool frames` and `replay-tool
prove`, orders with `replay-tool execute`, byte for byte.
"""
import argparse
import asyncio
import atexit
import base64
import functools
import http.server
import json
import os
import queue
import shutil
import signal
import struct
import subprocess
import threading
import time

import websockets

import following

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "browser.html")
ORDER = {"symbol": "BTC-USD", "side": "buy", "notional_usd": 250000, "fee_bps": {"binance": 10, "coinbase": 10}}
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
DEPTH, BOOK = "/ws/depth?symbol=BTC-USD&step=10", "/ws/book?symbol=ETH-USD&venue=coinbase"
MESSAGES = 6


# curl

def curl(address, path, *arguments):
    """Status, content type and body."""
    done = subprocess.run(
        ["curl", "-sS", "-g", "--noproxy", "*", "--max-time", "20", "-w", "\n%{http_code} %{content_type}", *arguments,
         f"http://{address}{path}"], capture_output=True, check=False)
    body, _, line = done.stdout.rpartition(b"\n")
    status, _, kind = line.decode().partition(" ")
    return int(status), kind.split(";")[0], body


def queries(address):
    """For each route with parameters: queries that have to be answered 200."""
    status = json.loads(curl(address, "/api/status")[2])
    last, now = status["durable_seq"], int(time.time())
    stretch = f"from={now - 60}&to={now + 1}"
    return {
        "/api/replay": [stretch, f"{stretch}&step=5&symbol=ETH-USD"],
        "/api/metrics": [f"{stretch}&venue=okx", f"{stretch}&venue=kraken&symbol=SOL-USD&step=2"],
        "/api/at": [f"seq={last}", f"t={now - 1}&levels=3"],
        "/api/journal/blocks": [f"from_seq=1&to_seq={last}", f"from_seq={last}&to_seq={last}&checkpoint=1"],
        "/api/journal/histogram": [f"{stretch}&buckets=60"],
    }


def try_curl(address):
    """Every route of the server's own description; the count of requests."""
    count = 0

    def get(path, *arguments):
        nonlocal count
        count += 1
        # 20 requests a second are anybody's.
        time.sleep(0.06)
        return curl(address, path, *arguments)

    document = json.loads(get("/openapi.json")[2])
    known = queries(address)
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        responses = methods["get"]["responses"]
        bare, kind, body = get(path)
        assert str(bare) in responses and bare != 503, f"{path}: {bare} is not documented: {body[:200]}"
        if "101" in responses:
            assert bare in (400, 426), f"{path}: {bare} without a handshake"
            continue
        for query in known.get(path, [""]):
            where = f"{path}?{query}" if query else path
            status, kind, body = get(where)
            assert status == 200, f"{where}: {status} {body[:200]}"
            assert kind in responses["200"]["content"], f"{where}: {kind} is not documented"
            if kind == "application/json":
                json.loads(body)
            assert body
        status, kind, body = get(f"{path}?nobody=1")
        assert status == 400 and json.loads(body)["error"]["rule"] in ("unknown", "missing"), f"{path}: {status} {body[:200]}"
        status, _, body = get(path, "-X", "DELETE")
        # curl with -X asks without an Origin, as a program does.
        assert status == 405, f"DELETE {path}: {status}"
    assert get("/nothing")[0] == 404
    # A handshake of curl's own: the connection stays open, and curl's time is over.
    status, _, _ = get("/ws/stream", "--http1.1", "--max-time", "1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H",
                       f"Sec-WebSocket-Key: {KEY}", "-H", "Sec-WebSocket-Version: 13", "-o", os.devnull)
    assert status == 101, f"/ws/stream: {status}"
    blocks = "/api/journal/blocks?" + known["/api/journal/blocks"][0]
    raw, packed = get(blocks)[2], get(blocks, "-H", "Accept-Encoding: zstd")[2]
    assert subprocess.run(["zstd", "-dc"], input=packed, check=True, capture_output=True).stdout == raw
    return count


def order(address):
    """An order's answer."""
    status, kind, body = curl(
        address, "/api/execute", "-H", "content-type: application/json", "-d", json.dumps(ORDER))
    assert status == 200 and kind == "application/json", f"{status} {body[:200]}"
    return body.decode()


# Prometheus

def try_promtool(address, promtool):
    """What Prometheus' own linter says; the count of samples."""
    status, kind, text = curl(address, "/metrics")
    assert status == 200 and kind == "text/plain", f"/metrics: {status} {kind}"
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 and not said.strip(), f"promtool ended with {done.returncode}: {said}"
    return sum(bool(line) and not line.startswith(b"#") for line in text.splitlines())


def counted(address, name):
    """Samples of a metric whose line begins with `name`, summed."""
    text = curl(address, "/metrics")[2].decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


# The browser

class Pages(http.server.BaseHTTPRequestHandler):
    """Serves the page and takes what it saw."""

    def __init__(self, seen, *arguments):
        self.seen = seen
        super().__init__(*arguments)

    def answer(self, status, kind="text/plain", body=b""):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # pylint: disable=invalid-name
        if self.path.startswith("/?"):
            with open(PAGE, "rb") as page:
                self.answer(200, "text/html; charset=utf-8", page.read())
        else:
            self.answer(404)

    def do_POST(self):  # pylint: disable=invalid-name
        self.seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(204)

    def log_message(self, *_):
        pass


class Browser:
    """A browser that opens one page and is ended by its process id."""

    def __init__(self, program, work):
        self.program, self.work = program, work
        self.seen = queue.Queue()
        self.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, self.seen))
        self.origin = f"http://127.0.0.1:{self.pages.server_port}"
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()

    def open(self, address):
        """What the page saw."""
        profile = os.path.join(self.work, "profile")
        arguments = [
            self.program, "--headless=new", "--disable-gpu", "--no-first-run", "--no-proxy-server", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        with open(os.path.join(self.work, "browser.log"), "ab") as log:
            # It ends by itself, whatever becomes of this script.
            process = subprocess.Popen(
                ["timeout", "-k", "5", "150", *arguments, f"{self.origin}/?server={address}&messages={MESSAGES}"],
                stdout=log, stderr=log, env={**os.environ, "HOME": self.work})
        atexit.register(process.kill)
        try:
            seen = self.seen.get(timeout=120)
        except queue.Empty:
            with open(os.path.join(self.work, "browser.log"), errors="replace") as log:
                raise SystemExit(f"the browser's page said nothing: {log.read()[-2000:]}") from None
        finally:
            # `timeout` hands the signal on.
            process.terminate()
            process.wait(20)
            shutil.rmtree(profile, ignore_errors=True)
        assert "error" not in seen, seen
        return seen


def check_refused(seen, address):
    """A page of an origin that is not listed gets nothing, neither streams nor answers."""
    for name in ("stream", "depth", "book"):
        found = seen[name]
        assert not found["messages"] and not found["others"], f"/ws/{name} served a page of another origin"
        assert found["ends"] == [{"opened": False, "code": 1006}], found["ends"]
        assert counted(address, f'tapefold_http_requests_total{{route="/ws/{name}",status="4xx"}}') >= 1
    assert seen["status"] is None and seen["execute"] is None, "a page of another origin could read an answer"


def decoded(data):
    """A depth message, read once more."""
    version, zero, digits, bids, asks, trades, left_out = struct.unpack_from("<BBBxHHHH", data)
    seq, moment, mid, step, first_bid, first_ask = struct.unpack_from("<Qqqqqq", data, 16)
    codes = struct.unpack_from(f"<{bids + asks}H", data, 64)
    amounts = [(code & 0x7FF) << (code >> 11) for code in codes]
    end = 64 + 2 * (bids + asks)
    told = [struct.unpack_from("<qHBB", data, end + 12 * index) for index in range(trades)]
    assert zero == 0 and struct.unpack_from("<I", data, 12) == (0,)
    return {
        "version": version, "digits": digits, "left_out": left_out, "seq": str(seq), "time": str(moment),
        "twice_mid": str(mid), "step": str(step), "first_bid": str(first_bid), "first_ask": str(first_ask),
        "bids": amounts[:bids], "asks": amounts[bids:],
        "trades": [[str(price), (code & 0x7FF) << (code >> 11), side, venue] for price, code, side, venue in told],
        "end": end + 12 * trades}


def check_seen(seen):
    """What can be said of the browser's messages without the log."""
    for name in ("stream", "depth", "book"):
        found = seen[name]
        assert [end["opened"] for end in found["ends"]] == [True, True], found["ends"]
        assert [other["type"] for other in found["others"]] == ["hello", "hello"], found["others"]
        sequences = [int(message["seq"]) for message in found["messages"]]
        assert len(sequences) == 2 * MESSAGES and sequences == sorted(set(sequences)), f"{name}: {sequences}"
    for message in seen["depth"]["messages"]:
        data = base64.b64decode(message["bytes"])
        again = decoded(data)
        assert message["decoded"] == again and again["end"] == len(data) and again["version"] == 1, again
        assert again["bids"] and again["asks"], "no depth"
        # The best buckets lie about mid, and the buckets are 10 wide.
        scale = 10 ** again["digits"]
        step, mid = int(again["step"]), int(again["twice_mid"]) / 2
        assert step == 10 * scale
        assert abs(int(again["first_bid"]) * step - mid) < 5 * step > abs(int(again["first_ask"]) * step - mid), again
    assert any(message["decoded"]["trades"] for message in seen["depth"]["messages"]), "no trade"
    for name in ("status", "execute"):
        assert seen[name] and seen[name]["status"] == 200, f"{name}: {seen[name]}"
    assert json.loads(seen["status"]["text"])["source"] == "simulated"


async def read(address, path, first, last):
    """What the log gives of a stream from `first` to `last`, asked for with Python's websockets."""
    found = []
    async with websockets.connect(f"ws://{address}{path}&from_seq={first}&speed=max") as socket:
        async for message in socket:
            if isinstance(message, str):
                seq = json.loads(message)["seq"]
                if "type" in json.loads(message):
                    continue
            else:
                seq = struct.unpack_from("<Q", message, 16)[0]
            found.append(message)
            if seq >= last:
                return found
    raise AssertionError(f"{path} ended before {last}")


async def compare_replays(address, seen):
    """Depth and book as the browser saw them live are what another client gets from the log."""
    for name, path in (("depth", DEPTH), ("book", BOOK)):
        messages = seen[name]["messages"]
        live = [base64.b64decode(m["bytes"]) if "bytes" in m else m["text"] for m in messages]
        log = await asyncio.wait_for(read(address, path, messages[0]["seq"], int(messages[-1]["seq"])), 30)
        assert live == log, f"{name}: {len(live)} messages live, {len(log)} from the log"


# After the server has stopped

def prove(tool, journal, work, texts):
    """Frames of the browser against the log."""
    path = os.path.join(work, "browser.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(text + "\n" for text in texts)
    done = subprocess.run([tool, "prove", "--journal", journal, path], capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()[-1]
    assert done.returncode == 0 and f"{len(texts)} MATCH, 0 DIFFER" in said, done.stdout + done.stderr


def compare_frames(tool, journal, texts):
    """Every frame of the stream between the first and the last, none missing."""
    first, last = (json.loads(text)["seq"] for text in (texts[0], texts[-1]))
    log = subprocess.run(
        [tool, "frames", journal, "--symbol", "BTC-USD", "--window", "050bps", "--from", str(first), "--to", str(last)],
        capture_output=True, text=True, check=True).stdout.splitlines()
    assert texts == log, f"the browser has {len(texts)} frames, the log {len(log)}"


def compare_order(tool, journal, answer, fees):
    """The log prices the order as the server did."""
    log = subprocess.run(
        [tool, "execute", journal, "--seq", str(json.loads(answer)["seq"]), "--symbol", "BTC-USD", "--side", "buy",
         "--notional", "250000", "--fees", fees], capture_output=True, text=True, check=True).stdout
    assert answer.strip() == log.strip(), f"live {answer}\nlog {log}"


async def later(function, *arguments):
    """Runs what blocks beside the clients."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("work")
    parser.add_argument("--promtool", default="promtool")
    parser.add_argument("--browser", default="chromium")
    options = parser.parse_args()
    browser = Browser(options.browser, options.work)
    server = following.Server(
        options.binaries, os.path.join(options.work, "journal"), os.path.join(options.work, "log"),
        environment={"ALLOWED_ORIGINS": "", "ALLOWED_HOSTS": ""})
    await server.start()
    clients = following.Clients(server)
    while clients.count() < 6:
        await asyncio.sleep(0.1)
    requests = await later(try_curl, server.address)
    orders = [await later(order, server.address)]
    print(f"curl: {requests} requests of every GET route, and an order, as /openapi.json has them")
    samples = await later(try_promtool, server.address, options.promtool)
    print(f"promtool: {samples} samples, no warning")
    check_refused(await later(browser.open, server.address), server.address)
    print("browser: an origin that is not listed opens no stream and reads no answer")

    # Its clients resume on the next life.
    assert server.end(signal.SIGTERM) == 0
    server.environment["ALLOWED_ORIGINS"] = browser.origin
    await server.start()
    seen = await later(browser.open, server.address)
    check_seen(seen)
    await compare_replays(server.address, seen)
    # Counters that were empty before have samples now.
    await later(try_promtool, server.address, options.promtool)
    await clients.finish()
    assert server.end(signal.SIGTERM) == 0

    tool = os.path.join(options.binaries, "replay-tool")
    stream, book = ([message["text"] for message in seen[name]["messages"]] for name in ("stream", "book"))
    compare_frames(tool, server.journal, stream)
    prove(tool, server.journal, options.work, stream + book)
    compare_order(tool, server.journal, orders[0], "binance=10,coinbase=10")
    compare_order(tool, server.journal, seen["execute"]["text"], "binance=10")
    total = following.compare(options.binaries, server.journal, clients)
    agent = seen["agent"].partition("Chrome/")[2].split()[0]
    print(f"browser (Chromium {agent}): {len(stream)} frames, {len(seen['depth']['messages'])} depth messages and {len(book)} book "
          "frames in two connections each are the log's bytes; its order too")
    print(f"websockets {websockets.version.version}: {total} frames over two lives of the server, each exactly once and as the log "
          "gives it; the journal verifies")


asyncio.run(main())
