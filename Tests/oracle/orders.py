"""Orders for the oracle, from a seed: orders.py FRAMES.jsonl COUNT > orders.jsonl

Times are tick times of the frames (so that messages which are no events do not matter), symbols are the
routable ones, notionals run over seven powers of ten, fees have up to four decimals, some are rebates; a third has the
same fee everywhere and a large notional, so that venues tie and the rule of ties is asked.
"""
import json, random, sys
from datetime import datetime, timezone

frames, count = sys.argv[1], int(sys.argv[2])
rng = random.Random(20240808)
seen = {}
for line in open(frames):
    frame = json.loads(line)
    if "@" in frame["symbol"] or frame["window_bps"] != 50: continue
    moment = datetime.strptime(frame["ts"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    nanos = round(moment.timestamp() * 1000) * 1_000_000
    live = [v["venue"] for v in frame["venues"] if not v["stale"]]
    if live: seen.setdefault(frame["symbol"], []).append((nanos, live, [v["venue"] for v in frame["venues"]]))
symbols = sorted(seen)
for _ in range(count):
    symbol = rng.choice(symbols)
    nanos, live, venues = rng.choice(seen[symbol])
    notional = f"{rng.randrange(1, 10 ** rng.randrange(1, 8))}.{rng.randrange(100):02d}"
    fees = {v: f"{rng.randrange(-20000, 600000) / 10000:.4f}".rstrip("0").rstrip(".") for v in venues if rng.random() < 0.8}
    fees = {v: "0" if f in ("-0", "") else f for v, f in fees.items()}
    if rng.random() < 0.33:
        fees = {v: "2.5" for v in venues}
        notional = f"{rng.randrange(10 ** 6, 5 * 10 ** 7)}"
    order = {"at_ts_ns": nanos, "symbol": symbol, "side": rng.choice(["buy", "sell"]), "notional": notional, "fees": fees,
             "venue": rng.choice(live) if rng.random() < 0.3 else None}
    print(json.dumps(order))
