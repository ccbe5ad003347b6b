"""A made capture of what recordings and simulated sessions lack: edges.py > CAPTURE.jsonl

Kraken v2, OKX and Bybit, one rule of the venue pages after the other, each with a clock tick behind it. Names a
program may not know by heart, books that begin anew, numbers that count anew, lists that came first.
"""
import json, zlib

START = 1767571200
lines = []


def put(conn, second, data):
    text = data if isinstance(data, str) else json.dumps(data)
    lines.append((second, {"t": "recv", "conn": conn, "ts": START + second, "data": text}))


def ms(second): return int((START + second) * 1000)


def okx(second, symbol, bids, asks, previous, sequence, checksum=0):
    sides = {name: [[*row, "0", "1"] for row in side] for name, side in (("asks", asks), ("bids", bids))}
    row = {**sides, "ts": str(ms(second) - 40), "checksum": checksum, "prevSeqId": previous, "seqId": sequence}
    action = "snapshot" if previous == -1 else "update"
    put("OKX", second, {"arg": {"channel": "books", "instId": symbol}, "action": action, "data": [row]})


def okx_row(second, channel, symbol, **row):
    put("OKX", second, {"arg": {"channel": channel, "instId": symbol}, "data": [{"instId": symbol, "ts": str(ms(second)), **row}]})


def bybit(second, market, symbol, kind, bids, asks, u, seq, depth=50):
    put("BYBIT." + market, second, {"topic": "orderbook.%d.%s" % (depth, symbol), "type": kind, "ts": ms(second) - 10,
                                    "data": {"s": symbol, "b": bids, "a": asks, "u": u, "seq": seq}, "cts": ms(second) - 30})


def bybit_row(second, market, topic, data):
    put("BYBIT." + market, second, {"topic": topic, "type": "snapshot", "ts": ms(second), "data": data})


def kraken(second, kind, bids, asks, checksum, symbol="BTC/USD"):
    sides = ["[%s]" % ",".join('{"price":%s,"qty":%s}' % row for row in side) for side in (bids, asks)]
    put("KRAKEN", second, '{"channel":"book","type":"%s","data":[{"symbol":"%s","bids":%s,"asks":%s,"checksum":%d}]}' % (
        kind, symbol, *sides, checksum))


def crc(bids, asks):
    best = sorted(asks, key=lambda row: float(row[0]))[:10] + sorted(bids, key=lambda row: -float(row[0]))[:10]
    return zlib.crc32("".join(text.replace(".", "").lstrip("0") for row in best for text in row).encode())


def answer(second, method, depth):
    put("KRAKEN", second, {"method": method, "result": {"channel": "book", "symbol": "BTC/USD", "depth": depth}, "success": True})


# ---------------------------------------------------------------- OKX
put("OKX", 0.1, "pong")
put("OKX", 0.15, {"arg": {"channel": "instruments", "instType": "SWAP"}, "data": [
    {"instId": "ETH-USDT-SWAP", "instType": "SWAP", "ctType": "linear", "ctVal": "0.1", "ctMult": "1", "ctValCcy": "ETH",
     "settleCcy": "USDT", "tickSz": "0.0001", "lotSz": "0.01", "uly": "ETH-USDT", "instFamily": "ETH-USDT", "baseCcy": "",
     "quoteCcy": "", "expTime": "", "state": "live", "stk": "", "optType": ""}]})
okx(0.2, "BTC-USDT", [("100", "1")], [("101", "1")], -1, 10)
okx(0.3, "BTC-USDT", [("99", "1")], [], 10, 15)
okx(1.3, "BTC-USDT", [], [], 15, 15)                                        # a sign of life
okx(2.3, "BTC-USDT", [("98.123", "2.50000")], [], 15, 3)                    # counts anew
okx(2.4, "BTC-USDT", [("98", "2")], [], 3, 5)
okx(2.6, "ETH-USDT-SWAP", [("100", "1"), ("99.9", "5")], [("101", "1"), ("101.5", "300")], -1, 10)  # contracts of the list
okx(2.7, "ETH-USDC-SWAP", [("100.5", "1"), ("99.9", "5")], [("101", "1")], -1, 10)    # USDT goes first
okx(2.8, "SOL-USDC-SWAP", [("100.5", "1"), ("99.9", "5")], [("101", "1")], -1, 10)
okx_row(3.2, "mark-price", "SOL-USDT-SWAP", markPx="2.17295")               # defines, and takes the table without a book
okx_row(3.3, "index-tickers", "XRP-USDT", idxPx="2.17295")                  # defines nothing
okx_row(3.32, "open-interest", "ADA-USDT-SWAP", oi="22.5", oiCcy="221")
okx_row(3.34, "funding-rate", "LTC-USD-SWAP", fundingRate="0.0001", fundingTime="1767571202000", nextFundingTime="1767571202000")
okx_row(3.36, "trades", "DOT-USDT", tradeId="1", px="42.1234", sz="0.1", side="buy", count="3")
for number, symbol in enumerate(("BTC-USDT-261225", "BTC-USD-261225", "BTC-USD-241217-92000-C")):
    okx(3.4 + number / 100, symbol, [("100", "1")], [("101", "1")], -1, 10)
okx(4.6, "BTC-USDT", [("97", "1")], [], 6, 7)                               # a hole
okx(4.7, "BTC-USDT", [("97", "1")], [], 7, 8)
okx(5.2, "BTC-USDT", [("97", "1")], [("98", "4")], -1, 9)
okx(6.2, "BTC-USDT", [("97.5", "1")], [("98", "5")], 9, 10, checksum=12345)     # a wrong checksum
okx(7.2, "BTC-USDT", [("97.5", "1")], [("98", "6")], 10, 11)
okx(8.2, "BTC-USDT", [("97", "1")], [("96", "4")], -1, 12)                  # crossed in itself for more than 1 s
okx(8.6, "BTC-USDT", [("97", "2")], [], 12, 13)
okx(9.3, "BTC-USDT", [("97", "3")], [], 13, 14)
okx(9.4, "BTC-USDT", [("95", "3"), ("97", "0")], [], 14, 15)
# ---------------------------------------------------------------- Bybit
bybit(0.1, "linear", "BTCUSDT", "delta", [["1", "1"]], [], 4, 4)            # before any snapshot
bybit(0.2, "linear", "BTCUSDT", "snapshot", [["100", "1"], ["99.5", "2"]], [["101", "1"]], 5, 100)
bybit(0.3, "spot", "BTCUSDT", "snapshot", [["100.1", "1"]], [["101.11", "1"]], 5, 100, depth=1)
for number, symbol in enumerate(("BTCPERP", "BTC-26DEC25", "ETHUSDT-26DEC25", "SOL-5JUN26")):
    bybit(0.4 + number / 100, "linear", symbol, "snapshot", [["100", "1"]], [["101", "1"]], 5, 100)
for number, symbol in enumerate(("BTCUSD", "BTCUSDZ25", "ETHUSDM26")):
    bybit(0.6 + number / 100, "inverse", symbol, "snapshot", [["100", "1"]], [["101", "1"]], 5, 100)
bybit(1.1, "linear", "BTCUSDT", "delta", [["99.75", "1"]], [], 6, 101)
bybit(1.2, "linear", "BTCUSDT", "snapshot", [["98", "1"]], [["102", "1"]], 50, 90, depth=200)       # a deeper topic
bybit(1.3, "linear", "BTCUSDT", "delta", [["99.75", "1"]], [], 7, 103)
bybit(1.6, "linear", "BTCUSDT", "delta", [["97", "1"]], [], 51, 104, depth=200)
bybit(1.7, "linear", "BTCUSDT", "snapshot", [["55", "1"]], [["155", "1"]], 7, 103)
bybit(2.2, "linear", "BTCUSDT", "delta", [["97", "5"]], [], 51, 104, depth=200)     # seen before
bybit(2.6, "linear", "BTCUSDT", "delta", [["97", "6"]], [], 51, 105, depth=200)     # seen before, with a newer seq: a gap
bybit(3.2, "linear", "BTCUSDT", "delta", [["97", "7"]], [], 52, 106, depth=200)
bybit(3.6, "linear", "BTCUSDT", "delta", [["97", "7"]], [], 1, 107)         # 1: begins anew, whatever it calls itself
bybit(3.7, "linear", "BTCUSDT", "snapshot", [["100", "7"]], [["101", "9"]], 1, 107)
bybit(4.2, "linear", "BTCUSDT", "delta", [["97", "7"]], [], 2, 106)         # the next u with an older seq: a gap
bybit(4.6, "linear", "BTCUSDT", "delta", [["97", "7"]], [["103", "1"]], 1, 108)
bybit(4.7, "spot", "BTCUSDT", "snapshot", [["100.1", "1"]], [["101.11", "1"]], 5, 100, depth=1)     # the same again
bybit_row(5.2, "linear", "tickers.SOLUSDT", {"symbol": "SOLUSDT", "bid1Price": "1", "bid1Size": "1"})
bybit_row(6.2, "linear", "tickers.SOLUSDT", {"symbol": "SOLUSDT", "markPrice": "1.23456", "indexPrice": "1"})
bybit_row(6.3, "spot", "tickers.SOLUSDT", {"symbol": "SOLUSDT", "lastPrice": "1"})
for second, block in ((7.2, True), (8.2, False)):
    bybit_row(second, "linear", "publicTrade.XRPUSDT", [
        {"T": ms(second), "s": "XRPUSDT", "S": "Buy", "v": "0.001", "p": "16.5785", "i": "a%d" % second, "BT": block, "seq": 1}])
bybit_row(8.3, "linear", "allLiquidation.ROSEUSDT", [{"T": ms(8), "s": "ROSEUSDT", "S": "Sell", "v": "20000", "p": "0.04499"}])
# ---------------------------------------------------------------- Kraken
put("KRAKEN", 0.05, '{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":"ADA/USD","base":"ADA",'
    '"quote":"USD","status":"online","qty_precision":8,"qty_increment":0.00000001,"price_precision":6,'
    '"price_increment":0.000001}]}}')
bids = [("100.%d" % (9 - i), "0.0%d000000" % (i + 1)) for i in range(9)] + [("99.%d" % (9 - i), "0.50000000") for i in range(3)]
asks = [("101.%d" % i, "1.00000000") for i in range(7)]
kraken(0.15, "update", [("100.0", "1.0")], [], 1)                           # before any snapshot
kraken(0.2, "snapshot", bids, asks, crc(bids, asks))                        # 12 bids and no acknowledgement: 25
for i in range(16):
    bids = sorted(bids + [("98.%02d" % (40 - i), "0.25000000")], key=lambda row: -float(row[0]))[:25]
    kraken(0.3 + i / 100, "update", [("98.%02d" % (40 - i), "0.25000000")], [], crc(bids, asks))
bids = bids[1:]
kraken(1.2, "update", [("100.9", "0.00000000")], [], crc(bids, asks))
bids.append(("98.20", "0.75000000"))
kraken(1.3, "update", [("98.20", "0.75000000")], [], crc(bids, asks))
answer(2.2, "unsubscribe", 25)
kraken(2.7, "update", [("98.10", "0.75000000")], [], crc(bids, asks))
answer(3.2, "subscribe", 25)                                                # more than the snapshot has
bids = bids[:8] + [("100.05", "5.0"), ("100.02", "7.0")]
kraken(3.3, "snapshot", bids, asks, crc(bids, asks))
kraken(4.3, "update", [("100.95", "1.123456789")], [], crc([("100.95", "1.123456789"), *bids], asks))   # finer later
kraken(5.3, "update", [("100.95", "2.0")], [], 4)                           # a wrong checksum
kraken(6.3, "update", [("100.95", "3.0")], [], 4)
kraken(7.3, "snapshot", bids, asks, crc(bids, asks))
for second, kind, identity in ((7.4, "snapshot", 100), (8.4, "update", 101)):       # old trades begin no recording
    put("KRAKEN", second, {"channel": "trade", "type": kind, "data": [
        {"symbol": "SOL/USD", "side": "buy", "price": 105.25, "qty": 0.00027625, "ord_type": "limit", "trade_id": identity,
         "timestamp": "2026-01-05T00:00:01Z"}]})
for number, symbol in enumerate(("XBT/USDT", "XBT/EUR", "ADA/USD")):
    kraken(8.5 + number / 100, "snapshot", [("1.5", "2")], [("1.6", "2")], crc([("1.5", "2")], [("1.6", "2")]), symbol)
put("KRAKEN", 9.8, {"channel": "heartbeat"})
put("KRAKEN", 13.2, {"channel": "heartbeat"})                               # by now everything is stale
put("KRAKEN", 24.4, {"channel": "heartbeat"})                               # a hole of more than 10 s

print(json.dumps({"t": "header", "format": 2, "exchange": "SIMULATED", "recorded": START}))
for conn, address in (("KRAKEN", "wss://ws.kraken.com/v2"), ("OKX", "wss://ws.okx.com:8443/ws/v5/public"), *(
        ("BYBIT." + market, "wss://stream.bybit.com/v5/public/" + market) for market in ("linear", "spot", "inverse"))):
    print(json.dumps({"t": "connect", "conn": conn, "ts": START, "addr": address}))
for second, record in sorted(lines, key=lambda line: line[0]): print(json.dumps(record, separators=(",", ":")))
