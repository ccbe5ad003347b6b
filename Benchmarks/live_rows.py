"""The rows of the live server: `kit` holds what scripts/bench has for all rows."""
import re
import shutil
import subprocess
import time

from live_servers import Live, Peer, Still, cpu_seconds, free_port, get, resident_mib

START = 1767571200
FEEDS = ["coinbase", "kraken", "okx", "bybit"]
STREAM = "/ws/stream?symbol=BTC-USD&window=050bps"
# A name of the longest kind, for a frame of 1.5 KB: `WideMarket` of the server half.
WIDE = f"/ws/stream?symbol=BTC{'X' * 45}-USD&window=050bps"


def pipeline(kit):
    """Raw JSON to published, and the adapters alone, over the same messages."""
    pairs = 3 if kit.quick else 7
    result = kit.ours("publish", kit.place / "publish", 60 if kit.quick else 180, pairs)
    shutil.rmtree(kit.place / "publish")
    published = [1e6 / result[f"pair.{pair}.published"] for pair in range(pairs)]
    adapters = [1e6 / result[f"pair.{pair}.adapters"] for pair in range(pairs)]
    kit.row("raw JSON -> published : adapters", published, adapters, unit="k msg/s",
            note=f"{result['messages']:.0f} messages of {result['bytes']:.0f} B, "
                 f"{result['frames']:.0f} frames; as it is")
    kit.row("  CPU a message", [1e3 / rate for rate in published],
            [1e3 / rate for rate in adapters], unit="us", smaller=True)
    kit.row("  allocations a message", result["published.allocations"], unit="calls",
            note=f"adapters {result['adapter.allocations']:.4f}")


def venues(kit, port_of, rate, seconds):
    return [Peer([kit.streams, "venue", port_of[feed], kit.place / f"{feed}.wire",
                  rate / len(FEEDS), seconds]) for feed in FEEDS]


def latency(kit):
    """From the tick of a frame to the client that has read it, at a load of messages."""
    hz, rounds = 10, 100 if kit.quick else 200
    seconds = rounds / hz + 8
    for feed in FEEDS:
        kit.ours("wire", feed, int(20_000 / len(FEEDS) * seconds), kit.place / f"{feed}.wire")
    before = None
    for rate in (1_000, 20_000):
        port_of = {feed: free_port() for feed in FEEDS}
        running = venues(kit, port_of, rate, seconds)
        urls = {f"{feed.upper()}_WS_URL": f"ws://127.0.0.1:{port_of[feed]}/" for feed in FEEDS}
        time.sleep(0.2)
        try:
            with Live(kit.front, kit.place / f"latency{rate}", BENCH_LIVE=1, TICK_HZ=hz,
                      EXCHANGES=",".join(FEEDS), **urls) as server:
                time.sleep(3)
                result = kit.client(server.port, STREAM, 1, rounds, 0, server.pid, 0)
                health = get(server.port, "/api/status")[1].decode()
            # They end with the server that they speak to.
            sent = [kit.figures(venue.ended()) for venue in running]
        finally:
            for venue in running:
                venue.__exit__()
        told = sum(venue["rate"] for venue in sent)
        live = len(re.findall(r'"validity":"live"|"state":"live"', health))
        note = (f"{told:,.0f} msg/s came, server {result['server_share']:.2f} of a core, "
                f"{live} books live")
        kit.row(f"added latency at {rate:,} msg/s, p50", result["latency_p50_ms"],
                before and before["latency_p50_ms"], unit="ms", smaller=True, note=note)
        kit.row("  p99", result["latency_p99_ms"], before and before["latency_p99_ms"],
                unit="ms", smaller=True, note=f"{rounds} frames at {hz} Hz; reference: 1,000/s")
        before = result


ORDER = b'{"symbol":"BTC-USD","side":"buy","notional_usd":1000000}'
LUA = f"""wrk.method = "POST"
wrk.body = '{ORDER.decode()}'
wrk.headers["Content-Type"] = "application/json"
"""


def millis(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[unit]


def execute(kit):
    """An order of $1,000,000: the work alone, and over HTTP beside the venues' traffic."""
    journal, _ = kit.journal("ten", 600, "whole")
    result = kit.ours("orders", journal, 5_000 if kit.quick else 20_000)
    kit.row("execute $1M, Engine.execute CPU p99", result["execute.p99_us"] / 1e3, goal=1,
            unit="ms", note=f"p50 {result['execute.p50_us']:.0f} us, {result['execute.bytes']:.0f} B")
    script = kit.place / "order.lua"
    script.write_text(LUA, encoding="ascii")
    with Live(kit.front, kit.place / "execute") as server:
        time.sleep(6)
        status, body = get(server.port, "/api/execute", ORDER)
        if status != 200:
            raise SystemExit(f"bench: the order was refused: {status} {body}")
        idle = cpu_seconds(server.pid)
        time.sleep(4)
        idle = (cpu_seconds(server.pid) - idle) / 4
        walls, costs, rates = [], [], []
        for _ in range(2 if kit.quick else 3):
            used, since = cpu_seconds(server.pid), time.monotonic()
            text = subprocess.run(
                ["wrk", "-t1", "-c8", "-d8s", "--latency", "-s", str(script),
                 f"http://127.0.0.1:{server.port}/api/execute"],
                capture_output=True, text=True, check=True).stdout
            used = cpu_seconds(server.pid) - used - idle * (time.monotonic() - since)
            if "Non-2xx" in text:
                raise SystemExit(f"bench: orders were refused\n{text}")
            count = int(re.search(r"(\d+) requests in", text).group(1))
            walls.append(millis(re.search(r"99%\s+(\S+)", text).group(1)))
            rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)))
            costs.append(used / count * 1e3)
    kit.row("  server CPU an order over HTTP, mean", costs, goal=1, unit="ms",
            note=f"{len(body)} B; less the {idle:.2f} of a core without orders")
    kit.row("  wall p99, wrk, 8 connections", walls, goal=300, unit="ms",
            note=f"{sorted(rates)[len(rates) // 2]:,.0f} orders/s beside five simulated venues")


def replay(kit):
    """Ten minutes at the full rate, and a day at a low one."""
    for name, seconds, kind, what in (
            ("ten", 600, "whole", "10 min, 5 venues, 3 symbols"),
            ("day", 86_400, "thin", "24 h, Kraken BTC alone")):
        directory, made = kit.journal(name, seconds, kind)
        with Still(kit.front, directory, 0) as server:
            path = f"/api/replay?from={START}&to={START + seconds}&symbol=BTC-USD"
            walls, costs = [], []
            for _ in range(3 if kit.quick else 7):
                used, since = cpu_seconds(server.pid), time.monotonic()
                status, body = get(server.port, path)
                walls.append((time.monotonic() - since) * 1e3)
                costs.append((cpu_seconds(server.pid) - used) * 1e3)
        points = body.count(b'"n":')
        note = (f"{status}, {points:,} points, {len(body) / 1e6:.1f} MB of a log of "
                f"{made['events']:,.0f} events, {made['bytes.total'] / 1e6:.0f} MB")
        kit.row(f"replay {what}, wall", walls, unit="ms", note=note)
        kit.row("  CPU", costs, unit="ms")
        kit.row("  events covered a second of wall",
                [made["events"] / wall / 1e3 for wall in walls], unit="M ev/s")


def fanout(kit):
    """A 1.5 KB frame at 4 Hz to many: CPU a delivery, ours and the C program's in turn."""
    rounds, pairs = (20, 2) if kit.quick else (32, 5)
    empty = kit.place / "empty"
    empty.mkdir(exist_ok=True)
    for clients in (1_000, 5_000):
        mine, theirs, lost, spreads = [], [], 0, []
        for _ in range(pairs):
            with Still(kit.front, empty, 4) as server:
                result = kit.client(server.port, WIDE, clients, rounds, 0, server.pid, 5)
            size = round(result["bytes"])
            lost += int(result["lost"] + result["different"])
            mine.append(result["cpu_us"])
            spreads.append(result["spread_p99_ms"])
            port = free_port()
            with Peer([kit.epoll, "server", port, size]) as server:
                time.sleep(0.2)
                other = kit.client(port, "/", clients, rounds, 4, server.pid, 5)
            theirs.append(other["cpu_us"])
        kit.row(f"fan-out to {clients:,}, CPU a delivery : C epoll", mine, theirs, 1.7, unit="us",
                smaller=True, note=f"{size} B, {rounds} rounds; goal 1.15x")
        kit.row("  lost or different", lost, goal=0, unit="frames")
        kit.row("  p99 behind the first client", spreads, unit="ms",
                note=f"C {other['spread_p99_ms']:.0f} ms")


def memory(kit):
    """The live server with its simulated venues and 200 streams, for some minutes."""
    with Live(kit.front, kit.place / "memory", TICK_HZ=4) as server:
        time.sleep(5)
        first = resident_mib(server.pid)
        marks = []
        load = Peer([kit.streams, "client", server.port, STREAM, 200,
                     240 * kit.minutes, 0, server.pid, 5])
        with load:
            for _ in range(kit.minutes):
                time.sleep(60)
                marks.append(resident_mib(server.pid))
            result = kit.figures(load.ended())
    kit.row(f"resident after {kit.minutes} min : after 5 s", marks[-1], first, unit="MiB",
            smaller=True, note="each minute " + ", ".join(f"{mark:.0f}" for mark in marks)
            + f"; 200 streams at 4 Hz, {int(result['lost'])} frames lost; as it is")


ROWS = {"pipeline": pipeline, "latency": latency, "execute": execute, "replay": replay,
        "fanout": fanout, "memory": memory}
