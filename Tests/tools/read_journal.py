#!/usr/bin/env python3
"""read_journal.py FOLDER: lists the blocks of a journal and checks everything but the chain.

Written from docs/journal-format.md alone, with the standard library and the zstd program.
A line per block, one per segment; exit code 0, 2 after a torn tail, 3 after corruption, 4 when a segment
is of a newer version."""
import os, re, struct, subprocess, sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Bad(Exception):
    pass


class Newer(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Bad(what)


def frame(data, offset, kind, magic, length):
    """Checks what all frames have in common; returns the frame's bytes and its flags."""
    bytes_ = data[offset:offset + length]
    need(len(bytes_) == length, "short")
    skippable, size, name, version, flags = struct.unpack_from("<II4sHH", bytes_)
    need((skippable, size, name) == (kind, length - 8, magic), "magic")
    need(struct.unpack("<I", bytes_[-4:])[0] == crc32c(bytes_[:-4]), "header checksum")
    need(version == 1, f"unknown version {version}")
    return bytes_, flags


def header(data, offset):
    """Reads the block header at an offset: its fields by name."""
    bytes_, flags = frame(data, offset, 0x184D2A52, b"TFBH", 112)
    names = "kind reserved count first t0 t1 raw zstd offset durable chain crc".split()
    found = dict(zip(names, struct.unpack_from("<HHIQqqIIQQ32sI", bytes_, 16)))
    need(flags == 0 and found["reserved"] == 0 and found["offset"] == offset, "fields")
    need(found["durable"] <= offset and found["t0"] <= found["t1"], "fields")
    need((found["kind"] == 1) == (found["count"] > 0) and found["count"] <= 65536, "count")
    need(1 <= found["raw"] <= 8 << 20 and 1 <= found["zstd"] <= 8 << 20, "length")
    return found


def durable_end(data, start):
    """The largest durable end of any intact block header from an offset on, wherever it begins."""
    found, offset = 0, data.find(b"\x52\x2A\x4D\x18", start)
    while offset >= 0:
        try:
            found = max(found, header(data, offset)["durable"])
        except Bad:
            pass
        offset = data.find(b"\x52\x2A\x4D\x18", offset + 1)
    return found


def segment_header(data):
    """Reads a segment's header: first sequence, chain, time before, flags."""
    need(len(data) >= 12, "short")
    skippable, size, magic = struct.unpack_from("<II4s", data)
    need((skippable, magic) == (0x184D2A51, b"TFSH") and 64 <= size <= 4088, "magic")
    bytes_ = data[:size + 8]
    need(len(bytes_) == size + 8, "short")
    need(struct.unpack("<I", bytes_[-4:])[0] == crc32c(bytes_[:-4]), "header checksum")
    version, flags = struct.unpack_from("<HH", bytes_, 12)
    if version > 1:
        raise Newer(version)
    need(version == 1 and size == 64, "version")
    first, chain, before, reserved = struct.unpack_from("<Q32sqI", bytes_, 16)
    need(reserved == 0 and flags in (0, 1), "segment header")
    return first, chain, before, flags


def block(data, offset):
    """Reads the block at an offset and checks all of it: its fields by name."""
    found = header(data, offset)
    packed = data[offset + 112:offset + 112 + found["zstd"]]
    need(len(packed) == found["zstd"] and crc32c(packed) == found["crc"], "payload checksum")
    plain = subprocess.run(["zstd", "-dcq"], input=packed, capture_output=True)
    need(plain.returncode == 0 and len(plain.stdout) == found["raw"], "zstd")
    found["end"] = offset + 112 + found["zstd"]
    return found


def footer(data):
    """Returns the footer's fields and the index entries of a sealed segment, else None."""
    try:
        bytes_, flags = frame(data, len(data) - 120, 0x184D2A54, b"TFFT", 120)
    except Bad:
        return None
    start, *rest = struct.unpack_from("<QQQQqq32sIIQI", bytes_, 16)
    index, _ = frame(data, start, 0x184D2A53, b"TFIX", len(data) - 120 - start)
    count, reserved = struct.unpack_from("<II", index, 16)
    need(len(index) == 28 + 40 * count and count == rest[6], "index length")
    need(rest[7] == struct.unpack("<I", index[-4:])[0], "index checksum in the footer")
    need(flags == reserved == rest[9] == 0 and rest[2] == rest[1] - rest[0] + 1, "footer")
    return start, rest, [struct.unpack_from("<QQqqIHH", index, 24 + 40 * i) for i in range(count)]


def damaged_seal(data, offset, first, last, times, entries, chain, raw):
    """Whether a footer that was whole and is damaged ends the file: all that belongs there is known."""
    index = struct.pack("<II4sHHII", 0x184D2A53, 20 + 40 * len(entries), b"TFIX", 1, 0, len(entries), 0)
    index += b"".join(struct.pack("<QQqqIHH", *entry) for entry in entries)
    index += struct.pack("<I", crc32c(index))
    start = offset + len(index)
    if not times or data[offset:start] != index:
        return False
    whole = struct.pack("<II4sHHQQQQqq32sI4sQI", 0x184D2A54, 112, b"TFFT", 1, 0, offset, first, last,
                        last - first + 1, *times, chain, len(entries), index[-4:], raw, 0)
    whole += struct.pack("<I", crc32c(whole))
    found = data[start:start + 120]
    if found == whole:
        return len(data) > start + 120
    edge = min(120, 512 - start % 512)
    torn = all(a == b or not any(a) for a, b in ((found[:edge], whole[:edge]), (found[edge:], whole[edge:])))
    return len(data) == start + 120 and not torn and (found[:12] == whole[:12] or found[64:96] == whole[64:96])


def segment(data, name, expected, successor):
    """Prints the blocks of a segment, whose successor's header is given if there is one; returns its
    end state and why its tail is torn, if it is."""
    first, chain, time, flags = segment_header(data)
    need(first == int(name[:20]), "segment header")
    need(expected is None or expected == (first, chain, time), "does not follow the segment before")
    sealed = footer(data)
    need(sealed or not successor or successor[3] == 1, "inside the journal and not sealed")
    offset, sequence, entries, raw, torn, durable, times = 72, first, [], 0, None, 0, ()
    while offset < (sealed[0] if sealed else len(data)):
        try:
            found = block(data, offset)
            need(found["first"] == sequence, f"sequence {found['first']}, not {sequence}")
            need(found["kind"] != 1 or found["t0"] >= time, "time goes back")
        except Bad as error:
            if sealed:
                raise Bad(f"offset {offset}: {error}")
            torn = str(error) if any(data[offset:]) else None
            break
        durable = max(durable, found["durable"])
        if successor and not sealed and found["first"] + found["count"] > successor[0]:
            break
        print(f"{name} {offset} kind {found['kind']} first {sequence} count {found['count']} "
              f"raw {found['raw']} zstd {found['zstd']} chain {found['chain'].hex()}")
        entries.append(tuple(found[key] for key in "offset first t0 t1 count kind".split()) + (0,))
        offset, sequence = found["end"], sequence + found["count"]
        chain, raw = found["chain"], raw + found["raw"]
        if found["kind"] == 1:
            time, times = found["t1"], (times[0] if times else found["t0"], found["t1"])
    if sealed:
        need(entries == sealed[2] and offset == sealed[0], "index differs from the blocks")
        need(sealed[1][:2] == [first, sequence - 1] and sealed[1][5] == chain
             and sealed[1][8] == raw, "footer differs from the blocks")
    else:
        durable = max(durable, durable_end(data, offset))
        need(durable <= offset, f"offset {offset}: {torn}, but durable up to {durable}")
        need(not torn or not damaged_seal(data, offset, first, sequence - 1, times, entries, chain, raw),
             "the footer was whole once")
    if successor and not sealed:
        torn = None
    state = "sealed" if sealed else "abandoned" if successor else "open"
    print(f"{name} {state} events {sequence - first} blocks {len(entries)} torn {torn}")
    return (sequence, chain, time), torn


def main(folder):
    names = sorted(n for n in os.listdir(folder) if re.fullmatch(r"[0-9]{20}\.zst", n) and int(n[:20]))
    files = {name: open(os.path.join(folder, name), "rb").read() for name in names}
    last = files[names[-1]] if names else b""
    if names and (len(last) < 72 or not any(last[:72])) and durable_end(last, 0) == 0:
        print(f"{names.pop()} is not made yet")
    expected, torn = None, None
    for number, name in enumerate(names):
        try:
            after = names[number + 1] if number + 1 < len(names) else None
            successor = None
            if after and not footer(files[name]):
                successor = segment_header(files[after])
            expected, torn = segment(files[name], name, expected, successor)
        except Newer as error:
            print(f"{name} is of version {error}, newer than 1")
            return 4
        except Bad as error:
            print(f"{name} corrupt: {error}")
            return 3
    return 2 if torn else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
