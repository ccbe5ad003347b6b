"""One capture of several simulated ones in a row, damaged from a seed: damage.py SEED CAPTURE.jsonl... > OUT.jsonl

Each capture begins behind the end of the one before, so that its connect records are the loss of every connection and
its snapshots the way out. Of each connection three book messages are lost, told twice, told late, or lie about what the
venue counts (checksums, sequences), and one connection is lost without a snapshot behind it. OKX and Bybit change the
quote of their books from capture to capture, so that a venue has several for one table.
"""
import json, random, re, sys

BOOK = re.compile(r'"depthUpdate"|"l2_data"|"channel":"book"|"channel":"books"|"orderbook\.')
LIES = {  # connections that begin with: the text before a number, and what the number may become
    "BINANCE": ('"U":', (lambda n: n - 5, lambda n: n + 5)),
    "COINBASE": ('"sequence_num":', (lambda n: n - 3, lambda n: n + 3)),
    "KRAKEN": ('"checksum":', (lambda n: n ^ 1,)),
    "OKX": ('"prevSeqId":', (lambda n: n - 1,)),
    "BYBIT": ('"u":', (lambda n: 1, lambda n: n - 1, lambda n: n + 1)),
}
QUOTES = ("USDT", "USDC", "USD", "USDT")


def lie(record):
    mark, ways = next(lies for name, lies in LIES.items() if record["conn"].startswith(name))
    way = rng.choice(ways)
    return {**record, "data": re.sub(mark + r"(\d+)", lambda n: mark + str(way(int(n[1]))), record["data"])}


def damage(records):
    """The records in their new order, those that are left."""
    books, addresses, late = {}, {}, []
    for place, record in enumerate(records):
        if record["t"] == "connect": addresses[record["conn"]] = record
        if record["t"] == "recv" and BOOK.search(record["data"]): books.setdefault(record["conn"], []).append(place)
    chosen = {place for places in books.values() for place in rng.sample(places[12:], 3)}
    cut = rng.choice([place for places in books.values() for place in places[len(places) // 2:]])
    for place, record in enumerate(records):
        if place == cut: yield {**addresses[record["conn"]], "ts": record["ts"]}
        kind = rng.choice(["lost", "twice", "late", "lie", "lie"]) if place in chosen else "whole"
        if kind == "late": late.append(record)
        if kind in ("whole", "twice"): yield record
        if kind == "twice": yield record
        if kind == "lie": yield lie(record)
        if kind == "whole" and record["t"] == "recv":
            yield from ({**old, "ts": record["ts"]} for old in late if old["conn"] == record["conn"])
            late = [old for old in late if old["conn"] != record["conn"]]


rng, end = random.Random(int(sys.argv[1])), None
for number, path in enumerate(sys.argv[2:]):
    records = [json.loads(line) for line in open(path)]
    shift = 0 if end is None else end + 0.25 - records[0]["recorded"]
    for record in records[1 if number else 0:]:             # one header is enough
        if "ts" in record: end = record["ts"] = round(record["ts"] + shift, 6)
        if record["t"] == "recv" and record["conn"].startswith(("OKX", "BYBIT")):
            record["data"] = record["data"].replace("USDT", QUOTES[number % len(QUOTES)])
    for record in damage(records[1 if number else 0:]): print(json.dumps(record, separators=(",", ":")))
