#!/usr/bin/env python3
"""read_events.py FOLDER [--json]: decodes the events of a journal and computes its hash chain anew.

Written from docs/journal-format.md alone, on top of read_journal.py. Prints counts, with --json each event
as well. Exit code 0 when every chain value is the one that its block carries, 1 when not, 3 for bad bytes."""
import collections, hashlib, json, os, re, struct, subprocess, sys
from read_journal import Bad, block, footer, frame, need

NO_TIME, WRAP, MANTISSA = -1 << 63, 1 << 64, 10**18
KINDS = ("- sessionStart configuration instrumentDefinition venueStatus bookSnapshot bookDelta trade "
         "liquidation funding openInterest markPrice predictionTick onChainEvent clockTick clockStep "
         "clockGap rejectedMessage lateEvent").split()
# Fields of the bodies (section 14): d decimal, t text, the other letters as in struct.
BODIES = {1: "B", 3: "HBBBBBddddtttt", 8: "HBddq", 9: "Hdqq", 10: "Hdq", 11: "Hddq", 12: "Hddddq",
          13: "ttttq", 15: "q", 16: "qq", 17: "BHBt", 18: "qt"}


def wrapped(value):  # modulo 2^64
    return (value + (1 << 63)) % WRAP - (1 << 63)


class Column:  # bytes that are taken from the front
    def __init__(self, data):
        self.data, self.at = data, 0
    def bytes(self, count):
        need(self.at + count <= len(self.data), "column ends")
        self.at += count
        return self.data[self.at - count:self.at]
    def take(self, form):
        values = struct.unpack("<" + form, self.bytes(struct.calcsize("<" + form)))
        return values[0] if len(values) == 1 else values
    def varint(self):
        value, shift, byte = 0, 0, 128
        while byte >= 128:
            need(shift < 70, "varint")
            byte = self.take("B")
            value, shift = value | (byte & 127) << shift, shift + 7
        need(value < WRAP, "varint")
        return value
    def zigzag(self, value=None):
        value = self.varint() if value is None else value
        return value >> 1 ^ -(value & 1)
    def field(self, letter):
        if letter == "t":
            return self.bytes(self.take("H")).decode("utf-8", "replace")
        value = self.take({"d": "Bq"}.get(letter, letter))
        need(letter != "d" or value[0] <= 18 and abs(value[1]) < MANTISSA, "decimal")
        return value


class Book:
    def __init__(self, key, unit):  # what is remembered inside a block (section 12.2)
        self.key, self.unit, self.price = key, 1000**unit, [0, 0, 0]
        self.sequence, self.latency, self.cache = [0, 0], 0, [0] * 128


def fields(kind, body):
    source = Column(body)
    if kind == 2:
        found = [source.take("II"), [source.take("I") for _ in range(source.take("B"))], source.take("IqqIq")]
        for _ in range(source.take("H")):
            found += [source.field("t"), [(source.take("B"), source.field("t")) for _ in range(source.take("B"))]]
    else:
        form = ("HBBt", "IB")[source.take("B")] if kind == 4 else BODIES[kind]
        found = [source.field(letter) for letter in form]
    need(source.at == len(body), "body")
    return found


def size_of(code, literals, cache):
    need(code <= 8 or code >= 128, "size code")
    size = cache[code - 128] if code >= 128 else int.from_bytes(literals.bytes(code), "little")
    need(size < MANTISSA, "size")
    if 0 < code < 128:
        cache[(size * 0x9E3779B97F4A7C15 % WRAP) >> 57] = size
    return size


def events(raw):
    """Yields canonical bytes, sequence, time, received, kind and fields of each event of a raw block."""
    (length, version, kind, sequence, count, levels, time, last, nbooks, nshapes, columns, zero) = \
        struct.unpack_from("<IHHQIIqqHHHH", raw)
    need((length, version, kind, columns, zero) == (len(raw), 1, 1, 16, 0), "head")
    sizes, rest = struct.unpack_from("<16I", raw, 48), Column(raw[112:])
    parts = [Column(rest.bytes(size)) for size in sizes]
    need(rest.at == len(rest.data) and sizes[1] == count and set(sizes[10:13]) == {levels}, "columns")
    (tables, low, high, times, ages, latencies, sequences, bids, asks, escape, price_low, price_high, codes,
     literals, body_lengths, bodies) = parts
    books = [Book(*tables.take("IB")) for _ in range(nbooks)]
    shapes = [tables.take("BBBH") for _ in range(nshapes)]
    for number in range(sequence, sequence + count):
        kind, flags, has, book = shapes[low.take("B") | (high.take("B") << 8 if len(shapes) > 256 else 0)]
        time += times.varint()
        received = time - (ages.varint() if has & 4 else 0)
        canonical, found = struct.pack("<QqqB", number, time, received, kind), []
        if kind in (5, 6, 7):
            book, trade, source, first, end = books[book], kind == 7, NO_TIME, -1, -1
            if has & 1:
                book.latency = wrapped(book.latency + latencies.zigzag())
                source = wrapped((abs(received) // book.unit * (1 | received >> 63) - book.latency) * book.unit)
            if has & 2:
                first = wrapped(book.sequence[trade] + sequences.zigzag())
                end = book.sequence[trade] = wrapped(first + sequences.zigzag())
            counts = [1, 0] if trade else [bids.take("B"), asks.take("B")]
            counts = [escape.varint() if value == 255 else value for value in counts]
            for side in [2] if trade else [0] * counts[0] + [1] * counts[1]:
                delta = price_low.take("B") | price_high.take("B") << 8
                delta = escape.zigzag(None if delta == 0xFFFF else delta)
                book.price[side] = wrapped(book.price[side] + delta)
                found.append(book.price[side])
                need(0 < found[-1] < MANTISSA, "price")
            found = [(price, size_of(codes.take("B"), literals, book.cache)) for price in found]
            canonical += struct.pack("<IBqqq", book.key, flags, source, first, end)
            canonical += (b"" if trade else struct.pack("<II", *counts)) + b"".join(
                struct.pack("<qq", *level) for level in found)
            found = [book.key, flags, source, first, end, counts, found]
        elif kind != 14:
            body = bodies.bytes(body_lengths.varint())
            canonical, found = canonical + struct.pack("<I", len(body)) + body, fields(kind, body)
        yield canonical, number, time, received, KINDS[kind], found
    need(time == last and all(part.at == len(part.data) for part in parts), "left over")


def main(folder, *options):
    counts, wrong = collections.Counter(), 0
    for name in sorted(n for n in os.listdir(folder) if re.fullmatch(r"[0-9]{20}\.zst", n)):
        data, offset = open(os.path.join(folder, name), "rb").read(), 72
        chain = hashlib.sha256(frame(data, 0, 0x184D2A51, b"TFSH", 72)[0][24:56])
        sealed = footer(data)
        while offset < (sealed[0] if sealed else len(data)) and any(data[offset:offset + 4]):
            found = block(data, offset)
            counts[f"blocks of kind {found['kind']}"] += 1
            packed, offset = data[offset + 112:found["end"]], found["end"]
            raw = subprocess.run(["zstd", "-dcq"], input=packed, capture_output=True).stdout
            for canonical, *event in events(raw) if found["kind"] == 1 else ():
                chain.update(canonical)
                counts[event[3]] += 1
                counts["levels"] += len(event[4][6]) if event[3] in KINDS[5:8] else 0
                "--json" in options and print(json.dumps(event))
            wrong += found["kind"] == 1 and chain.digest() != found["chain"]
        print(f"{name}: chain {chain.hexdigest()}")
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())) + f", {wrong} values differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Bad as error:
        sys.exit(print(f"bad bytes: {error}") or 3)
