#!/usr/bin/env python3
"""The oracle of Tapefold: a slow, plain second computation of its numbers.
Written from docs/METRICS.md, the semantics page and the venue pages alone, by somebody who did not read the program;
it shares no code with it. Python 3, standard library only, exact integers and Fractions, no floats.
  oracle.py frames|rollups [--tick-hz 2] [--windows 50,10,25,100] [--group NAME=venue:SYMBOL,...]...
                           [--simulated] FILE...
  oracle.py execute        (the same options) --orders ORDERS.jsonl FILE...     (books [--expected JSON] FILE... also exists)
  oracle.py compare        frames|rollups|execute OURS.jsonl ORACLE.jsonl
FILE: capture JSONL or `<recv> <json>` lines, plain, .gz or .zst, of Binance (spot, US, USD-M, COIN-M), Coinbase (Exchange,
Advanced), Kraken (v2, v1, Futures), OKX v5 and Bybit v5. Lines printed carry no `seq` and no `digest`. Not modelled: the cap of
65,536 levels, buffers that overflow, unreadable messages. OPEN marks the reading of a question left open."""
import argparse, calendar, datetime, functools, gzip, heapq, itertools, json, re, subprocess, sys, time, zlib
from fractions import Fraction

SECOND, DIGITS, ONE = 10**9, 18, 10**18                     # prices and sizes are integers in units of 10^-18
VENUES = ["binance", "binance-us", "binance-usdm", "binance-coinm", "coinbase",      # order of semantics 1
          "kraken", "kraken-futures", "okx", "bybit"]
BINANCE = VENUES[:4]
HEADERS = dict(zip(("BINANCE", "BINANCE_US", "BINANCE_FUTURES", "BINANCE_DELIVERY", "COINBASE", "KRAKEN", "KRAKEN_FUTURES", "OKX",
                    "BYBIT"), VENUES))
FUTURES = {"fstream": "binance-usdm", "fapi": "binance-usdm", "dstream": "binance-coinm", "dapi": "binance-coinm"}
KRAKEN_DEPTHS = (10, 25, 100, 500, 1000)
OKX_DEPTHS = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50}
ALIASES = {"XBT": "BTC", "XDG": "DOGE"}
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
QUOTES = "USDT USDC BUSD TUSD FDUSD DAI USD BTC ETH BNB AUD BRL EUR GBP TRY RUB UAH NGN ZAR IDRT XRP TRX DOGE JPY PLN RON".split()
loads = functools.partial(json.loads, parse_float=str)
# ---------------------------------------------------------------- numbers, times, text
@functools.lru_cache(1 << 16)
def number(text):                                           # decimal text -> units of 10^-18; ValueError when it is none
    whole, _, part = str(text).partition(".")
    if part[DIGITS:].strip("0"): raise ValueError(text)
    return int(whole + part[:DIGITS].ljust(DIGITS, "0"))
@functools.lru_cache(1 << 16)
def decimals(text):                                         # trailing zeros not counted; lists of Kraken may say 1e-08
    digits, _, exponent = str(text).lower().partition("e")
    return max(0, len(digits.partition(".")[2].rstrip("0")) - int(exponent or 0))
def rounded(value, places):                                 # half to even, as round() of a Fraction; None stays None
    return None if value is None else Fraction(round(Fraction(value) * 10**places), 10**places)
def to_ns(stamp):                                           # s, ms, us or ns by magnitude; finer digits than ns are cut
    whole, _, part = str(stamp).partition(".")
    power = 9 if int(whole) < 10**11 else 6 if int(whole) < 10**14 else 3 if int(whole) < 10**17 else 0
    return int(whole) * 10**power + int("0" + part.ljust(power, "0")[:power])
@functools.lru_cache(maxsize=4096)
def rfc3339(text):                                          # UTC -> ns; None for none and Coinbase's year 1 ("reuse the previous")
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$", text or "")
    if not found or text.startswith("0001"): return None
    seconds = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    return seconds * SECOND + int((found[2] or "").ljust(9, "0")[:9])
def iso_ms(ns): return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // SECOND)) + ".%03dZ" % (ns % SECOND // 10**6)
def dump(value):                                            # JSON: no blanks; numbers without exponent and trailing zeros
    if value is None or isinstance(value, (bool, str)): return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict): return "{" + ",".join(json.dumps(k) + ":" + dump(v) for k, v in value.items()) + "}"
    if isinstance(value, list): return "[" + ",".join(map(dump, value)) + "]"
    scaled = Fraction(value) * 10**40                       # whole, for there are never that many decimals
    return ("-" if scaled < 0 else "") + ("%d.%040d" % divmod(abs(scaled.numerator), 10**40)).rstrip("0").rstrip(".")
# ---------------------------------------------------------------- reading captures
def lines_of(path):
    if path.endswith(".zst"): return subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file: return file.read().splitlines()
def venue_of(address, default):                             # "venue", for Bybit "venue:market": no message names its market
    host = re.match(r"(?:\w+://)?([^/:]*)", address or "")[1]
    if host.endswith("binance.us"): return "binance-us"
    if "binance" in host: return FUTURES.get(host.split(".")[0], "binance")
    if "kraken.com" in host: return "kraken-futures" if host.startswith("futures.") else "kraken"
    if "bybit" in host or "bytick" in host:
        market = re.search(r"/v5/public/(\w+)|[?&]category=(\w+)", address)
        return "bybit:" + (market and (market[1] or market[2]) or "linear")
    return "coinbase" if "coinbase" in host else "okx" if "okx.com" in host else default
def capture_messages(lines):                                # capture JSONL -> (recv, venue, connection, a connect record came
    default, sockets, connected = None, {}, set()           # since its last message, url or None, text)
    for record in map(loads, lines):
        kind, conn, url = record.get("t"), record.get("conn"), record.get("url")
        if kind == "header":
            default = HEADERS.get(record.get("exchange"))
            if default == "bybit": default = "bybit:linear"
        elif kind == "connect":
            sockets[conn] = venue_of(record.get("addr"), default)
            connected.add(conn)
        elif kind in ("recv", "http"):
            venue = venue_of(url, default) if url else sockets.get(conn, default)
            yield to_ns(record["ts"]), venue, conn, conn in connected, url, record["data"]
            connected.discard(conn)
def plain_messages(lines):                                  # `<recv> <json>` of one instrument
    rows = [line.decode().split(" ", 1) for line in lines]  # OPEN: all such files of one venue are one connection (parts)
    payloads = (data.get("data", data) for data in (loads(text) for _, text in rows))
    depth = next((d for d in payloads if d.get("e") == "depthUpdate"), {"s": ""})
    inverse = re.search(r"USD_(PERP|\d{6})$", depth["s"])
    venue = "binance-coinm" if inverse else "binance-usdm" if "pu" in depth else "binance"
    for stamp, text in rows:
        yield to_ns(stamp), venue, "", False, "/depth?symbol=" + depth["s"] if text.startswith('{"last') else None, text
def read_messages(paths):                                   # in the order (receive time, file, line): the sort is stable
    streams = ((capture_messages if lines[0].startswith(b"{") else plain_messages)(lines) for lines in map(lines_of, paths))
    return sorted(itertools.chain(*streams), key=lambda message: message[0])
# ---------------------------------------------------------------- instruments
def binance_name(venue, symbol, listed):                    # -> base, quote, what follows BASE-QUOTE in the id, multiplier;
    name, _, contract = symbol.partition("_")               # the suffix is '', -PERP, -20261225, -PERP@BTC; None: no table
    base, quote = listed.get("assets") or split_quote(name)
    if venue not in FUTURES.values(): return base, quote, "", 1
    suffix = "-20" + contract if contract.isdigit() else "-PERP"
    if venue == "binance-usdm": return base, quote, suffix, 1
    return base, quote, suffix + "@" + base, listed.get("contract") or (100 if base == "BTC" else 10)
def split_quote(name):                                      # the longest known quote asset at the end
    quote = max((q for q in QUOTES if name.endswith(q) and name != q), key=len, default="")
    return name[:len(name) - len(quote)], quote
def coinbase_name(venue, symbol, listed): return (*symbol.split("-"), "", 1) if symbol.count("-") == 1 else None
def kraken_name(venue, symbol, listed): return (*(ALIASES.get(asset, asset) for asset in symbol.split("/")), "", 1)
def kraken_futures_name(venue, symbol, listed):             # PI_XBTUSD, FI_XBTUSD_210924 inverse; PF_, FF_ linear
    kind, pair, *date = symbol.split("_")
    if kind not in ("PI", "FI", "PF", "FF"): return None
    base, suffix = ALIASES.get(pair[:-3], pair[:-3]), "-20" + date[0] if date else "-PERP"
    return base, pair[-3:], suffix + ("@" + base if kind in ("PI", "FI") else ""), listed.get("contract") or 1
def okx_name(venue, symbol, listed):                        # BTC-USDT, BTC-USDT-SWAP, BTC-USD-SWAP, BTC-USDT-261225
    base, quote, *contract = symbol.split("-")
    if not contract: return base, quote, "", 1
    if len(contract) > 1: return None                       # options, events
    inverse = listed.get("inverse", quote == "USD")
    suffix = ("-PERP" if contract == ["SWAP"] else "-20" + contract[0]) + ("@" + base if inverse else "")
    return base, quote, suffix, listed.get("contract") or (1 if not inverse else 100 if base == "BTC" else 10)
def bybit_name(venue, symbol, listed):                      # market:BTCUSDT, BTCPERP, BTC-26DEC25, BTCUSDT-26DEC25, BTCUSDZ25
    market, _, name = symbol.partition(":")
    name, _, date = name.partition("-")
    if market == "option": return None
    if market == "inverse":
        code = re.match(r"(\w+)USD([HMUZ])(\d\d)$", name)
        base = code[1] if code else name[:-3]
        return base, "USD", ("-20" + last_friday(code[2], code[3]) if code else "-PERP") + "@" + base, 1
    base, quote = split_quote(name)
    if market == "linear" and name.endswith("PERP"): base, quote = name[:-4], "USDC"
    elif market == "linear" and date and not quote: base, quote = name, "USDC"
    base, quote = listed.get("assets") or (base, quote)
    if date: date = date[-2:] + "%02d" % (MONTHS.index(date[-5:-2]) + 1) + date[:-5].zfill(2)
    return base, quote, "" if market == "spot" else "-20" + date if date else "-PERP", 1
def last_friday(code, year):                                # of the quarter's last month, YYMMDD
    last = datetime.date(2000 + int(year), {"H": 3, "M": 6, "U": 9, "Z": 12}[code], 31 if code in "HZ" else 30)
    return (last - datetime.timedelta((last.weekday() - 4) % 7)).strftime("%y%m%d")
NAMES = {**dict.fromkeys(BINANCE, binance_name), "coinbase": coinbase_name, "kraken": kraken_name,
         "kraken-futures": kraken_futures_name, "okx": okx_name, "bybit": bybit_name}
class Instrument:
    def __init__(self, venue, symbol, listed):
        self.venue, self.symbol = venue, symbol
        self.tick = listed.get("tick")                      # decimals of the listed tick size; OPEN: sizes by the rule of prices
        self.price_digits, self.size_digits = max(2, self.tick or 0), max(2, listed.get("step") or 0)
        base, self.quote, suffix, multiplier = NAMES[venue](venue, symbol, listed) or (symbol, None, "", 1)
        self.inverse, self.multiplier = "@" in suffix, Fraction(multiplier)
        if self.multiplier.denominator == 1: self.multiplier = int(self.multiplier)
        self.table = base + "-USD" + suffix if self.quote in ("USD", "USDT", "USDC") else None
    def seen(self, price, size):
        self.price_digits, self.size_digits = max(self.price_digits, decimals(price)), max(self.size_digits, decimals(size))
    def size_shown(self, size): return rounded(size, min(6, self.size_digits))
    def notional(self, price, size): return (size * ONE if self.inverse else price * size) * self.multiplier    # unit 10^-36
def listed_instruments(venue, answer):                      # the venue's instrument list -> (symbol, what it says)
    if venue in BINANCE:
        for item in answer["symbols"]:
            filters = {f["filterType"]: f for f in item["filters"]}
            yield item["symbol"], sizes(filters["PRICE_FILTER"]["tickSize"], filters["LOT_SIZE"]["stepSize"],
                                        contract=item.get("contractSize"), assets=(item["baseAsset"], item["quoteAsset"]))
    elif venue == "coinbase":
        for item in answer if isinstance(answer, list) else answer["products"]:
            tick = item.get("price_increment") or item["quote_increment"]
            yield item.get("product_id") or item["id"], sizes(tick, item["base_increment"])
    elif venue == "kraken":                                 # channel `instrument`
        for item in answer["pairs"]: yield item["symbol"], sizes(item["price_increment"], item["qty_increment"])
    elif venue == "kraken-futures":                         # no step of sizes in the list of 2021
        for item in (item for item in answer["instruments"] if "tickSize" in item):
            yield item["symbol"].upper(), sizes(item["tickSize"], None, contract=item.get("contractSize"))
    elif venue == "okx":
        for item in answer:
            contract = Fraction(item["ctVal"]) * Fraction(item.get("ctMult") or 1) if item.get("ctVal") else None
            inverse = {"inverse": item["ctType"] == "inverse"} if item.get("ctType") else {}
            yield item["instId"], sizes(item["tickSz"], item["lotSz"], contract=contract, **inverse)
    else:
        for item in answer["list"]:
            lot = item["lotSizeFilter"]
            yield answer["category"] + ":" + item["symbol"], sizes(item["priceFilter"]["tickSize"],
                lot.get("qtyStep") or lot["basePrecision"], assets=(item["baseCoin"], item["quoteCoin"]))
def sizes(tick, step, **more): return {"tick": decimals(tick), "step": None if step is None else decimals(step), **more}
# ---------------------------------------------------------------- books and venue rules
class Book:
    def __init__(self, venue, symbol):
        self.venue, self.symbol, self.sides = venue, symbol, ({}, {})   # bids, asks: price -> (size, insertion sequence, text)
        self.last_id = self.last_seq = self.depth = self.recv = self.venue_time = self.cross_time = None
        self.buffer, self.cross_count, self.status = [], 0, "empty"     # syncing (snapshot, no delta yet), live, invalid
    def best(self): return max(self.sides[0], default=None), min(self.sides[1], default=None)
    def crossed(self):
        bid, ask = self.best()
        return bid is not None and ask is not None and bid >= ask
    def usable(self, now): return self.status == "live" and now - self.recv <= 3 * SECOND and not self.crossed()
    def written(self, side, count):                         # the best levels as they were written: (price, size)
        rows = heapq.nsmallest(count, self.sides[1]) if side else heapq.nlargest(count, self.sides[0])
        return [self.sides[side][price][2] for price in rows]
    def clear(self, status):
        self.sides, self.buffer, self.cross_count, self.status = ({}, {}), [], 0, status
        self.last_id = self.last_seq = self.depth = None
def kraken_checksum(book):                                  # ten best asks, ten best bids; no point, no zeros in front
    text = "".join(part.replace(".", "").lstrip("0") for side in (1, 0) for level in book.written(side, 10) for part in level)
    return zlib.crc32(text.encode())
def okx_checksum(book):                                     # 25 best, bid and ask in turn, the longer side alone; signed
    pairs = itertools.zip_longest(book.written(0, 25), book.written(1, 25))
    value = zlib.crc32(":".join(part for pair in pairs for level in pair if level for part in level).encode())
    return value - 2**32 if value >= 2**31 else value
class Market:                                               # everything the messages build: instruments, books, tables
    def __init__(self, groups, source):
        self.now = self.at = self.sequence = 0              # time of the last event, time of this message, event counter
        self.listed, self.instruments, self.connections, self.feed_numbers, self.books = {}, {}, {}, {}, {}
        self.depths, self.trade_kinds, self.newest_trades = {}, {}, {}     # the last two by (venue, symbol)
        self.source = source
        self.groups, self.tables = groups, list(groups)     # name -> [(venue, symbol)]; names as they came to exist
    def message(self, recv, feed, conn, connected, url, text):
        if feed is None: return                             # not a venue of this program: a message all the same
        venue, _, market = feed.partition(":")
        before, self.at = self.sequence, max(self.now, recv)
        if connected and (venue, conn) in self.connections: self.connection_lost(venue, conn)
        if url is None: self.connections.setdefault((venue, conn), len(self.connections))   # in order of first messages
        data = None if text == "pong" else loads(text)
        if url is not None: self.answer(recv, venue, conn, url, data)
        elif venue == "kraken" and isinstance(data, list): self.kraken_v1(recv, conn, data)
        elif not isinstance(data, dict): pass
        elif venue in BINANCE: self.binance(recv, venue, conn, data)
        elif venue == "coinbase": self.coinbase(recv, venue, conn, data)
        elif venue == "kraken": self.kraken(recv, conn, data)
        elif venue == "kraken-futures": self.kraken_futures(recv, conn, data)
        elif venue == "okx": self.okx(recv, conn, data)
        elif venue == "bybit": self.bybit(recv, market, conn, data)
        if self.sequence != before: self.now = self.at      # OPEN: of all messages, book events and trades make events
    def answer(self, recv, venue, conn, url, data):         # REST
        if venue in BINANCE and "/depth?" in url:
            self.binance_snapshot(recv, venue, conn, re.search(r"[?&]symbol=(\w+)", url)[1], data)
        elif re.search(r"exchangeInfo|/products(\?|$)|/instruments(\?|$)|/instruments-info", url):
            self.list_came(venue, data["data"] if venue == "okx" else data["result"] if venue == "bybit" else data)
    def list_came(self, venue, data):
        self.listed.update(((venue, symbol), listed) for symbol, listed in listed_instruments(venue, data))
    def connection_lost(self, venue, conn):                 # its books are thrown away, what it counted begins anew
        for book in (books[conn] for (v, _), books in self.books.items() if v == venue and conn in books):
            self.sequence += 1
            book.clear("empty")
        self.feed_numbers.pop(conn, None)
    def book(self, venue, symbol, conn): return self.books.setdefault((venue, symbol), {}).setdefault(conn, Book(venue, symbol))
    def books_in_order(self, venue, symbol):
        books = sorted(self.books.get((venue, symbol), {}).items(), key=lambda item: self.connections.get((venue, item[0]), 10**9))
        return [book for _, book in books]
    def binance(self, recv, venue, conn, data):
        partial = re.search(r"@depth\d", data.get("stream", ""))
        data = data.get("data", data)
        kind = data.get("e") if isinstance(data, dict) else None
        if kind == "depthUpdate" and not partial: self.binance_delta(recv, self.book(venue, data["s"], conn), data)
        elif kind in ("trade", "aggTrade") and data.get("X", "MARKET") == "MARKET":
            self.trade(venue, data["s"], data["p"], data["q"])
    def binance_delta(self, recv, book, data):
        verdict = self.binance_verdict(book, data) if book.status in ("syncing", "live") else "keep"
        if verdict == "apply":
            book.last_id, book.status = data["u"], "live"
            self.apply(book, False, data["b"], data["a"], recv, to_ns(data.get("T", data["E"])))
        elif verdict == "gap": book.status, book.buffer = "invalid", []
        if verdict in ("keep", "gap"): book.buffer.append((recv, data))
    def binance_verdict(self, book, data):
        first, last, known = data["U"], data["u"], book.last_id
        if "pu" not in data:                                # spot and US
            return "drop" if last <= known else "gap" if first > known + 1 else "apply"
        if book.status == "syncing":                        # futures, bridging the snapshot
            bridges = first <= known <= last or data["pu"] == known
            return "drop" if last < known else "apply" if bridges else "gap"
        return "apply" if data["pu"] == known else "drop" if last <= known else "gap"
    def binance_snapshot(self, recv, venue, conn, symbol, data):    # for the socket's book that waits; ignored in sync
        books, sockets = self.books.get((venue, symbol), {}), [c for v, c in self.connections if v == venue]
        if not books: books[conn] = self.book(venue, symbol, conn if conn in sockets else (sockets + [conn])[0])
        mine = [books[conn]] if conn in books else self.books_in_order(venue, symbol)
        book = next((b for b in mine if b.status != "live"), None)
        if book is None: return
        kept, (book.status, book.last_id) = (book.status, book.last_id), ("syncing", data["lastUpdateId"])
        if [v for v in (self.binance_verdict(book, d) for _, d in book.buffer) if v != "drop"][:1] == ["gap"]:
            book.status, book.last_id = kept                # OPEN: a snapshot older than the stream: as if it never came
            return
        stamp, pending, book.buffer = data.get("T", data.get("E")), book.buffer, []
        self.apply(book, True, data["bids"], data["asks"], recv, stamp and to_ns(stamp))
        for own_recv, delta in pending: self.binance_delta(own_recv, book, delta)   # each keeps its own receive time
    def coinbase(self, recv, _, conn, data):
        kind, stamp, symbol = data.get("type"), rfc3339(data.get("time")), data.get("product_id")
        if "sequence_num" in data and not self.coinbase_in_sequence(conn, data["sequence_num"]): return
        if kind == "snapshot": self.coinbase_book(recv, conn, symbol, True, data["bids"], data["asks"], stamp)
        elif kind == "l2update":
            sides = [[c[1:] for c in data["changes"] if c[0] == side] for side in ("buy", "sell")]
            self.coinbase_book(recv, conn, symbol, False, *sides, stamp)
        elif kind == "match": self.trade("coinbase", symbol, data["price"], data["size"])
        for event in data["events"] if data.get("channel") == "l2_data" else ():
            rows = [(u["side"], u["price_level"], u["new_quantity"]) for u in event["updates"]]
            sides = [[row[1:] for row in rows if row[0] == side] for side in ("bid", "offer")]
            stamp = max(filter(None, (rfc3339(u.get("event_time")) for u in event["updates"])), default=None)
            self.coinbase_book(recv, conn, event["product_id"], event["type"] == "snapshot", *sides, stamp)
        for event in data["events"] if data.get("channel") == "market_trades" else ():
            for t in event["trades"][::-1]:
                self.trade("coinbase", t["product_id"], t["price"], t["size"], int(t["trade_id"]), event["type"] == "snapshot")
    def coinbase_in_sequence(self, conn, value):            # a break, an old number too, spoils all books of the connection
        known = self.feed_numbers.get(conn, value - 1)
        mine = [books[conn] for (venue, _), books in self.books.items() if venue == "coinbase" and conn in books]
        for book in mine if value != known + 1 else (): book.status = "invalid"
        self.feed_numbers[conn] = value
        return value == known + 1
    def coinbase_book(self, recv, conn, symbol, is_snapshot, bids, asks, stamp):
        book = self.book("coinbase", symbol, conn)
        if is_snapshot: book.status = "live"
        if book.status == "live": self.apply(book, is_snapshot, bids, asks, recv, stamp)
    def kraken(self, recv, conn, data):                     # v2
        channel, kind, rows = data.get("channel"), data.get("type"), data.get("data")
        answer = data.get("result") or {}
        if data.get("success") and answer.get("channel") == "book":
            if data["method"] == "subscribe": self.depths[conn, answer["symbol"]] = answer["depth"]
            else: self.book("kraken", answer["symbol"], conn).clear("empty")
        elif channel == "instrument": self.list_came("kraken", rows)
        for row in rows if channel == "book" else ():
            sides = [[(str(level["price"]), str(level["qty"])) for level in row.get(side, ())] for side in ("bids", "asks")]
            depth = self.depths.get((conn, row["symbol"]))
            self.kraken_book(recv, conn, row["symbol"], depth, kind == "snapshot", *sides, rfc3339(row.get("timestamp")),
                             row.get("checksum"))
        for row in rows if channel == "trade" else ():
            self.trade("kraken", row["symbol"], str(row["price"]), str(row["qty"]), row["trade_id"], kind == "snapshot")
    def kraken_v1(self, recv, conn, data):                  # [channel, payload, payload or none, "book-1000", "XBT/USD"]
        _, *payloads, channel, symbol = data
        for row in payloads[0] if channel == "trade" else (): self.trade("kraken", symbol, row[0], row[1])
        if not channel.startswith("book-"): return
        merged = {key: rows for payload in payloads for key, rows in payload.items()}
        is_snapshot = "as" in merged or "bs" in merged
        bids, asks = (merged.get(key + "s" * is_snapshot, []) for key in "ba")
        stamp = max((to_ns(row[2]) for row in bids + asks), default=None)
        checksum = int(merged["c"]) if "c" in merged else None
        self.kraken_book(recv, conn, symbol, int(channel[5:]), is_snapshot, bids, asks, stamp, checksum)
    def kraken_book(self, recv, conn, symbol, depth, is_snapshot, bids, asks, stamp, checksum):
        book = self.book("kraken", symbol, conn)
        if is_snapshot:                                     # nobody acknowledged a depth: the snapshot's size, rounded up
            found = (d for d in KRAKEN_DEPTHS if d >= max(len(bids), len(asks)))
            book.status, book.depth = "live", depth or next(found)
        if book.status != "live": return
        self.apply(book, is_snapshot, bids, asks, recv, stamp)
        if checksum is not None and checksum != kraken_checksum(book): book.status = "invalid"
    def kraken_futures(self, recv, conn, data):
        feed, symbol, stamp = data.get("feed"), data.get("product_id"), data.get("timestamp")
        if "event" in data: return                          # the answer to a subscription names the feed, too
        if feed == "book_snapshot":
            book = self.book("kraken-futures", symbol, conn)
            sides = [[(str(level["price"]), str(level["qty"])) for level in data[side]] for side in ("bids", "asks")]
            book.status, book.last_id = "live", data["seq"]
            self.apply(book, True, *sides, recv, to_ns(stamp))
        elif feed == "book":
            book, step = self.book("kraken-futures", symbol, conn), None
            if book.status == "live": step = data["seq"] - book.last_id
            if step == 1:
                row, book.last_id = [(str(data["price"]), str(data["qty"]))], data["seq"]
                self.apply(book, False, *((row, []) if data["side"] == "buy" else ([], row)), recv, to_ns(stamp))
            elif step is not None and not -1000 <= step <= 0: book.status = "invalid"       # those were seen before
        elif feed in ("trade", "trade_snapshot"):
            for row in data["trades"][::-1] if feed == "trade_snapshot" else [data]:
                if row["type"] in ("fill", "liquidation"):
                    self.trade("kraken-futures", symbol, str(row["price"]), str(row["qty"]), row["seq"], feed == "trade_snapshot")
        elif feed == "ticker": self.instrument(("kraken-futures", symbol))
    def okx(self, recv, conn, data):
        argument, rows = data.get("arg") or {}, data.get("data", ())
        channel, symbol = argument.get("channel"), argument.get("instId")
        if channel in OKX_DEPTHS and "action" in data:
            for row in rows: self.okx_book(recv, self.book("okx", symbol, conn), OKX_DEPTHS[channel], data["action"], row)
        elif channel in ("trades", "trades-all") and rows:  # the kind that comes first
            if self.trade_kinds.setdefault(("okx", symbol), channel) == channel:
                for row in rows: self.trade("okx", symbol, row["px"], row["sz"])
        elif channel in ("funding-rate", "open-interest", "mark-price", "liquidation-orders"):
            for row in rows: self.instrument(("okx", row["instId"]))
        elif channel == "instruments" and rows: self.list_came("okx", rows)
    def okx_book(self, recv, book, depth, action, row):
        if action == "snapshot": book.status, book.depth = "live", depth
        elif book.status == "live" and row.get("prevSeqId", book.last_id) != book.last_id: book.status = "invalid"
        if book.status != "live": return
        book.last_id = row.get("seqId")                     # recordings of 2022 have none
        self.apply(book, action == "snapshot", row["bids"], row["asks"], recv, to_ns(row["ts"]))
        if row.get("checksum") and row["checksum"] != okx_checksum(book): book.status = "invalid"
    def bybit(self, recv, market, conn, data):
        topic, _, rest = data.get("topic", "").partition(".")
        depth, _, symbol = rest.partition(".")
        if topic == "orderbook" and depth.isdigit():
            self.bybit_book(recv, self.book("bybit", market + ":" + symbol, conn), int(depth), data)
        elif topic == "publicTrade":                        # block trades happen outside of the book
            for row in data["data"]:
                if not row.get("BT"): self.trade("bybit", market + ":" + row["s"], row["p"], row["v"])
        elif topic == "tickers" and market in ("linear", "inverse"):
            if any(data["data"].get(key) for key in ("markPrice", "fundingRate", "openInterest")):
                self.instrument(("bybit", market + ":" + rest))
        elif topic in ("allLiquidation", "liquidation"): self.instrument(("bybit", market + ":" + rest))
    def bybit_book(self, recv, book, depth, data):
        row = data["data"]
        is_snapshot = data["type"] == "snapshot" or row["u"] == 1
        if book.status == "live" and depth < book.depth: return     # of several topics the deepest one is the book
        if is_snapshot: book.status, book.depth = "live", depth
        elif book.status != "live" or depth != book.depth: return
        else:
            step, is_newer = row["u"] - book.last_id, row["seq"] > book.last_seq
            if step <= 0 and not is_newer: return           # seen before
            if step != 1 or row["seq"] < book.last_seq:
                book.status = "invalid"
                return
        book.last_id, book.last_seq = row["u"], row["seq"]
        self.apply(book, is_snapshot, row["b"], row["a"], recv, to_ns(data.get("cts", data["ts"])))
    def instrument(self, key):                              # defined by its first journaled snapshot or trade, with the
        if key not in self.instruments:                     # values of the list where there is one by then
            self.instruments[key] = Instrument(*key, self.listed.get(key, {}))
            self.tables += {self.instruments[key].table} - {None, *self.tables}
        return self.instruments[key]
    def trade(self, venue, symbol, price, size, identity=None, is_old=False):   # matters only for the definition and its digits
        newest = self.newest_trades.get((venue, symbol))    # old ones: only behind a trade that is known
        if number(price) <= 0 or is_old and (newest is None or identity <= newest): return
        if identity is not None: self.newest_trades[venue, symbol] = max(identity, newest or identity)
        self.sequence += 1
        self.instrument((venue, symbol)).seen(price, size)
    def apply(self, book, is_snapshot, bids, asks, recv, stamp):    # one book event: absolute sizes, zero removes
        self.sequence += 1
        book.sides = ({}, {}) if is_snapshot else book.sides
        instrument = self.instrument((book.venue, book.symbol))
        for side, row in [(book.sides[0], row) for row in bids] + [(book.sides[1], row) for row in asks]:
            try: price, size = number(row[0]), number(row[1])
            except ValueError: continue                     # a malformed level: keep the rest
            instrument.seen(row[0], row[1])
            if size: side[price] = (size, side[price][1] if price in side else self.sequence, (row[0], row[1]))
            else: side.pop(price, None)
        for side, worst in zip(book.sides, (min, max)):     # what the venue shows no more, and does not say
            while book.depth and len(side) > book.depth: del side[worst(side)]
        book.recv, book.venue_time = recv, book.venue_time if stamp is None else stamp
        book.cross_count = book.cross_count + 1 if book.crossed() else 0
        if book.cross_count == 1: book.cross_time = self.at
        if book.cross_count and (self.at - book.cross_time > SECOND or book.cross_count > 10):
            book.status, book.cross_count = "invalid", 0
    def members(self, name):                                # [(venue, instrument or None, book or None)], in table order
        keys = self.groups.get(name)
        if keys is None:
            mine = [i for i in self.instruments.values() if i.table == name]
            mine.sort(key=lambda i: (VENUES.index(i.venue), ("USD", "USDT", "USDC").index(i.quote)))
            keys = [(v, next(group).symbol) for v, group in itertools.groupby(mine, key=lambda i: i.venue)]
        books = [self.books_in_order(*key) for key in keys]
        books = [next((b for b in own if b.status == "live"), own[0] if own else None) for own in books]
        return [(key[0], self.instruments.get(key), book) for key, book in zip(keys, books)]
def mid_digits(members): return max([2] + [(i.price_digits if i.tick is None else i.tick) + 1 for _, i, _ in members if i])
def best_pair(books):                                       # (B + A, A - B), that is 2 mid and the spread; None without a side
    bids, asks = ([b.best()[i] for b in books if b.best()[i] is not None] for i in (0, 1))
    return (max(bids) + min(asks), min(asks) - max(bids)) if bids and asks else None
# ---------------------------------------------------------------- frames and rollups
def spread_bps(pair): return None if pair is None else rounded(Fraction(20000 * pair[1], pair[0]), 1)
def depths(book, instrument, twice_mid, windows):           # window -> (bids >= mid * (1 - w), asks <= mid * (1 + w)), with ends
    def ends(window): return -(-twice_mid * (10000 - window) // 20000), twice_mid * (10000 + window) // 20000   # ceiling, floor
    low, high = ends(max(windows))
    bids, asks = ([(price, instrument.notional(price, level[0])) for price, level in side.items() if is_near(price)]
                  for side, is_near in zip(book.sides, (low.__le__, high.__ge__)))
    return {window: (sum(n for price, n in bids if price >= low), sum(n for price, n in asks if price <= high))
            for window, (low, high) in zip(windows, map(ends, windows))}
def frames(market, name, windows):                          # of one table, at the tick market.now (2^120 limit not modelled)
    members, now = market.members(name), market.now
    used = {venue for venue, _, book in members if book and book.usable(now)}
    pair = best_pair([book for venue, _, book in members if venue in used])
    near = {venue: depths(book, instrument, pair[0], windows) if pair and venue in used else dict.fromkeys(windows, (0, 0))
            for venue, instrument, book in members}
    for window in windows:
        bid, ask = (sum(n[window][i] for n in near.values()) for i in (0, 1))
        shares = {v: Fraction(sum(n[window])) / (bid + ask) if bid + ask else Fraction(0) for v, n in near.items()}
        yield {"ts": iso_ms(now), "symbol": name, "window_bps": window,
               "mid": rounded(Fraction(pair[0], 2 * ONE), mid_digits(members)) if pair else None,
               "hhi": rounded(sum(rounded(s, 9)**2 for s in shares.values()), 4),
               "imbalance": rounded(Fraction(bid - ask) / (bid + ask) if bid + ask else 0, 4),
               "venues": [venue_entry(v, book, shares[v], v not in used, now) for v, _, book in members],
               "spread_bps": spread_bps(pair)}
def venue_entry(venue, book, share, stale, now):
    known = book and (book.recv if book.venue_time is None else book.venue_time)
    spread = spread_bps(best_pair([book])) if book and book.status == "live" else None
    latency = None if known is None else rounded(Fraction(now - known, 10**6), 0)
    return {"venue": venue, "spread_bps": spread, "share": rounded(share, 3), "latency_ms": latency, "stale": stale}
def print_frames(market, windows, _):
    for frame in itertools.chain(*(frames(market, name, windows) for name in market.tables)): print(dump(frame))
def print_rollups(market, windows, unclosed):               # unclosed: table -> (second, frames); closed at a later tick
    second = market.now // SECOND
    for name in market.tables:
        if name in unclosed and second > unclosed[name][0]: print(dump(rollup(name, *unclosed.pop(name))))
        unclosed.setdefault(name, (second, []))[1].append(next(frames(market, name, windows[:1])))
def rollup(name, second, rows):
    last = rows[-1]
    line = {"symbol": name, "t": second, "hhi": last["hhi"], "spread_bps": last["spread_bps"],
            **{v["venue"] + "_share": v["share"] for v in last["venues"]},
            **{"latency_" + v["venue"]: v["latency_ms"] for v in last["venues"]},
            "mid": last["mid"], "imbalance": last["imbalance"], "n": len(rows)}
    for field in ("spread_bps", "mid"):
        values = [row[field] for row in rows if row[field] is not None]
        line.update({field + "_min": min(values, default=None), field + "_max": max(values, default=None)})
    return line
# ---------------------------------------------------------------- execute
def levels_of(order, venue, instrument, book, buy, fee):    # best first: (key, venue, price, size, fee factor, instrument)
    sign, parts = 1 if buy else -1, int(10**8 + fee * 10**4 * (1 if buy else -1))       # fees have at most 4 decimals
    factor = Fraction(parts, 10**8)
    return sorted(((sign * price * parts, inserted, order), venue, price, size, factor, instrument)
                  for price, (size, inserted, _) in book.sides[1 if buy else 0].items())
def sweep(levels, notional):                                # [(venue, price, qty, factor, instrument)], filled, complete
    fills, filled = [], Fraction(0)
    for _, venue, price, size, factor, instrument in levels:
        price, qty = Fraction(price, ONE), Fraction(size, ONE)
        cost, unit = price * instrument.multiplier, 10**instrument.size_digits
        whole = filled + cost * qty <= notional
        if not whole: qty = Fraction((notional - filled) / cost * unit // 1, unit)
        if qty: fills.append((venue, price, qty, factor, instrument))
        filled += cost * qty
        if not whole or filled == notional: return fills, filled, True      # the rest is less than one unit at this price
    return fills, filled, False
def vwap(fills, with_fee):
    paid = sum(price * (factor if with_fee else 1) * qty * i.multiplier for _, price, qty, factor, i in fills)
    return paid / sum(qty * i.multiplier for _, _, qty, _, i in fills) if fills else None
def slippage(fills, mid, buy):                              # cost is positive
    return 10000 * (vwap(fills, True) / mid - 1) * (1 if buy else -1) if fills and mid is not None else None
def sweep_entry(fills, filled, complete, mid, buy, digits):
    return {"vwap": rounded(vwap(fills, True), digits), "vwap_fee_free": rounded(vwap(fills, False), digits),
            "slippage_bps": rounded(slippage(fills, mid, buy), 1), "complete": complete, "filled_notional": rounded(filled, 2),
            "fills": [{"venue": venue, "px": price, "qty": i.size_shown(qty), "px_eff": rounded(price * factor, digits)}
                      for venue, price, qty, factor, i in fills]}
def execute(market, order):
    name, buy, notional, chosen = order["symbol"], order["side"] == "buy", Fraction(str(order["notional"])), order.get("venue")
    if name not in market.tables: return {"error": "unknown symbol"}
    members = market.members(name)
    digits = mid_digits(members) + 2
    fees = {venue: Fraction(str((order.get("fees") or {}).get(venue, 0))) for venue, _, _ in members}
    usable = [(i, *member) for i, member in enumerate(members) if member[2] and member[2].usable(market.now)]
    by_venue = {u[1]: levels_of(*u, buy, fees[u[1]]) for u in usable}
    if any(instrument.inverse for _, _, instrument, _ in usable) or chosen not in (None, *by_venue):
        return {"error": "refused"}                         # venue not usable; OPEN: section 6 has no formula for inverse
    pair, compared = best_pair([book for _, _, _, book in usable]), None
    mid = Fraction(pair[0], 2 * ONE) if pair else None      # naive: best raw touch, then insertion sequence, then table order
    touches = [((1 if buy else -1) * rows[0][2], *rows[0][0][1:], venue) for venue, rows in by_venue.items() if rows]
    chosen = chosen or (min(touches)[-1] if touches else next(iter(by_venue), None))
    alone, routed = by_venue.get(chosen, []), sorted(itertools.chain(*by_venue.values()), key=lambda level: level[0])
    naive, sor = judged = sweep(alone, notional), sweep(routed, notional)
    if not (naive[2] and sor[2]):
        compared = min(naive[1], sor[1])
        judged = sweep(alone, compared), sweep(routed, compared)
    costs = [slippage(result[0], mid, buy) for result in judged]
    parts = [(v, i, [f for f in sor[0] if f[0] == v]) for v, i, _ in members]
    legs = [{"venue": v, "vwap": rounded(vwap(fills, True), digits), "qty": i.size_shown(sum(f[2] for f in fills)),
             "notional": rounded(sum(f[1] * f[2] * i.multiplier for f in fills), 2)} for v, i, fills in parts if fills]
    return {"ts": iso_ms(market.now), "symbol": name, "side": order["side"], "notional": rounded(notional, 2),
            "mid_t0": rounded(mid, digits - 2), "naive": {"venue": chosen, **sweep_entry(*naive, mid, buy, digits)},
            "sor": {**sweep_entry(*sor, mid, buy, digits), "legs": legs},
            "slippage_saved_bps": None if None in costs else rounded(costs[0] - costs[1], 1),
            "complete": sor[2], "filled_notional": rounded(sor[1], 2), "compared_notional": rounded(compared, 2),
            "fees": fees, "mixed": name in market.groups, "source": market.source}
# ---------------------------------------------------------------- the run
def run(market, messages, hz, on_tick, before_event=lambda time: None):     # messages, with the clock ticks between them
    market.now, next_tick = messages[0][0], messages[0][0] * hz // SECOND + 1
    for recv, *message in messages:
        last_due = recv * hz // SECOND
        if recv - market.now > 10 * SECOND: next_tick = max(next_tick, last_due)        # clockGap: only the last one due
        for tick in (-(-k * SECOND // hz) for k in range(next_tick, last_due + 1)):
            before_event(tick)
            market.now = tick
            on_tick(market)
        next_tick = max(next_tick, last_due + 1)
        before_event(max(market.now, recv))
        market.message(recv, *message)
    before_event(10**30)
def run_orders(market, messages, hz, path):
    orders = [loads(line) for line in lines_of(path)]
    waiting = sorted(orders, key=lambda order: -int(order["at_ts_ns"]))
    def before_event(moment):                               # answers the orders that came before this event
        while waiting and int(waiting[-1]["at_ts_ns"]) < moment:
            order = waiting.pop()
            order["answer"] = dump(execute(market, order))
    run(market, messages, hz, lambda m: None, before_event)
    for order in orders: print(order["answer"])
def print_books(market, path):                              # final best ten; compared with a reference file if there is one
    wanted, wrong = json.load(open(path))["symbols"] if path else {}, 0
    for conn, book in (item for books in market.books.values() for item in books.items()):
        top = [[[Fraction(x, ONE) for x in (price, side[price][0])] for price in sorted(side, reverse=side is book.sides[0])[:10]]
               for side in book.sides]
        symbol = book.symbol.rpartition(":")[2]
        entry = wanted.get(conn + "|" + symbol) or wanted.get(symbol, {})
        known = [[[Fraction(x) for x in row] for row in entry.get(k, [])] for k in ("bids_top10", "asks_top10")]
        print(dump({"venue": book.venue, "symbol": book.symbol, "status": book.status, "levels": [len(side) for side in book.sides],
                    "bids": top[0], "asks": top[1], "as_expected": top == known}))
        wrong += top != known
    return wrong if path else 0
# ---------------------------------------------------------------- compare
def flat(value, path=""):                                   # field -> leaf; the keys in their order are a field, too
    items = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else None
    if items is None: return {path: value}
    return {path: list(items), **{k: v for key, item in items.items() for k, v in flat(item, "%s.%s" % (path, key)).items()}}
def read_lines(kind, path):                                 # (ts, symbol, window), (symbol, t) or order -> fields
    keys, result = {"frames": ("ts", "symbol", "window_bps"), "rollups": ("symbol", "t"), "execute": ()}[kind], {}
    for index, text in enumerate(lines_of(path)):
        row = json.loads(text, parse_float="#".__add__, parse_int="#".__add__)      # numbers: by their text
        row = {"error": True} if "error" in row else {k: v for k, v in row.items() if k not in ("seq", "digest")}
        key = " ".join(str(row.get(k)) for k in keys) or str(index)
        result[key + " again" * (key in result)] = flat(row)
    return result
def compare(kind, ours_path, oracle_path):
    ours, oracle = read_lines(kind, ours_path), read_lines(kind, oracle_path)
    both, fields = [key for key in oracle if key in ours], 0
    found = ["%s: line only in %s" % (key, name) for name, mine, other in (("ours", ours, oracle), ("the oracle's", oracle, ours))
             for key in mine if key not in other]
    for key in both:
        for field in sorted(set(ours[key]) | set(oracle[key])):
            fields, a, b = fields + 1, ours[key].get(field, "missing"), oracle[key].get(field, "missing")
            if a != b: found.append("%s: %s: ours %s, oracle %s" % (key, field[1:], a, b))
    print("\n".join(found[:20] + ["%d fields of %d lines compared, %d differences" % (fields, len(both), len(found))]))
    return 1 if found else 0
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["frames", "rollups", "execute", "books", "compare"])
    for option, default in (("--tick-hz", "2"), ("--windows", "50,10,25,100"), ("--orders", None), ("--expected", None)):
        parser.add_argument(option, default=default)
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--simulated", dest="source", action="store_const", const="simulated", default="recording")
    parser.add_argument("files", nargs="+")
    options = parser.parse_intermixed_args()
    if options.command == "compare": return compare(*options.files)
    groups = {name: [tuple(m.split(":", 1)) for m in text.split(",")] for name, text in (g.split("=", 1) for g in options.group)}
    market, messages, unclosed, hz = Market(groups, options.source), read_messages(options.files), {}, int(options.tick_hz)
    if options.command == "execute": return run_orders(market, messages, hz, options.orders)
    printer = {"frames": print_frames, "rollups": print_rollups}.get(options.command, lambda *_: None)
    run(market, messages, hz, lambda m: printer(m, [int(w) for w in options.windows.split(",")], unclosed))
    return print_books(market, options.expected) if options.command == "books" else 0
if __name__ == "__main__": sys.exit(main())
