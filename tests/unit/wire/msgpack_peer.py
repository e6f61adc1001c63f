"""An independent MessagePack beside ours: the msgpack module of Python. Files hold documents, each behind its length in four bytes, least
significant first. Called by msgpack_peer_test.cpp.

    msgpack_peer.py write PACKED JSON SEED   packs messages of feeders, at the limits of every form; JSON has the same messages, a line each
    msgpack_peer.py read PACKED JSON         unpacks what we packed and writes each as a line of JSON; fails unless msgpack packs the same bytes
"""
import json
import random
import struct
import sys

import msgpack

# Both sides of each limit between two forms.
LENGTHS = [0, 1, 31, 32, 255, 256, 65535, 65536]
COUNTS = [0, 1, 15, 16, 65535, 65536]
INTEGERS = [0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**53 + 1,
            2**63 - 1, 2**63, 2**64 - 1, -1, -31, -32, -33, -127, -128, -129, -32768, -32769, -2**31, -2**31 - 1, -2**53 - 1, -2**63]
REALS = [0.0, -0.0, 0.5, -0.1, 1e-320, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308, 3.0, 1e15, 1e300]


def length_of(rng, limits):
    """Mostly a short one: a document with many long values takes long and tells no more."""
    return rng.choice(limits) if rng.randrange(20) == 0 else rng.choice([n for n in limits if n <= 300])


def text(rng, length):
    """Of this many bytes, beyond ASCII where it fits."""
    out, left = [], length
    while left > 0 and len(out) < 50:
        out.append(rng.choice([c for c in "az-Z9é济😀" if len(c.encode()) <= left]))
        left -= len(out[-1].encode())
    return "".join(out) + "x" * left


def number(rng, single):
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(INTEGERS)
    if kind == 1:
        return rng.randrange(-2**63, 2**64) >> rng.randrange(64)
    real = rng.choice(REALS) if kind == 2 else rng.uniform(-1e6, 1e6) * 10.0 ** rng.randrange(-30, 30)
    if single:  # what a float of 32 bits holds is what is meant
        real = struct.unpack("f", struct.pack("f", max(-3e38, min(3e38, real))))[0]
    return real


def anything(rng, depth):
    """What may stand behind a key that means nothing to surged."""
    kind = rng.randrange(9 if depth > 0 else 7)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return number(rng, False)
    if kind == 2:
        return text(rng, length_of(rng, LENGTHS))
    if kind == 3:
        return bytes(length_of(rng, LENGTHS))
    if kind == 4:
        return msgpack.ExtType(rng.randrange(128), bytes(length_of(rng, [0, 1, 2, 3, 4, 5, 8, 16, 17, 255, 256, 65535, 65536])))
    if kind == 5:
        return msgpack.Timestamp(rng.choice([0, 2**32 - 1, 2**32, 2**34 - 1, 2**34, 2**40]), rng.choice([0, 1, 999999999]))
    if kind == 6:
        return [None] * length_of(rng, COUNTS)
    if kind == 7:
        return [anything(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice([text(rng, 5), rng.choice(INTEGERS), bytes(3), None, True, 0.5]): anything(rng, depth - 1) for _ in range(rng.randrange(4))}


def message(rng, parts, values, label, single):
    out = {"v": 1, "source": label(rng), "seq": rng.choice([abs(i) for i in INTEGERS] + [rng.randrange(2**64)]),
           "ts": rng.choice([0, 1795330800123, 2**53, rng.randrange(2**53)]), "queues": []}
    if rng.randrange(2):
        out["epoch"] = rng.randrange(2**64) >> rng.randrange(64)
    for _ in range(parts):
        part = {"centre": label(rng), "queue": label(rng), "m": {f"m{i}": number(rng, single) for i in range(values)}}
        if rng.randrange(2):
            part["channel"] = label(rng)
        if rng.randrange(2):
            part["ts"] = rng.choice([0, 127, 128, 2**32, 2**53])
        out["queues"].append(dict(rng.sample(list(part.items()), len(part))))
    return out


def strange(rng, meant):
    """The same message with keys and values that mean nothing among its own."""
    def among(fields):
        own = list(fields.items())
        for _ in range(rng.randrange(3)):
            own.append((rng.choice([text(rng, rng.choice([7, 40])), 5, -7, None, True, 1.5, b"v", b"source"]), anything(rng, 3)))
        rng.shuffle(own)
        return dict(own)
    return among({**meant, "queues": [among(part) for part in meant["queues"]]})


def messages(rng):
    short = lambda r: text(r, r.choice([1, 5, 31, 32, 64]))
    for i in range(2000):
        single = i % 3 == 0
        meant = message(rng, rng.choice([0, 1, 2, 15, 16]) if i % 10 == 0 else rng.randrange(3), rng.randrange(20), short, single)
        yield meant, strange(rng, meant), single
    for length in LENGTHS[1:]:
        meant = message(rng, 2, 3, lambda r: text(r, length), False)
        yield meant, meant, False
    for count in COUNTS:
        meant = message(rng, 1, count, short, False)
        yield meant, meant, False
        meant = message(rng, count, 0, lambda r: "q", False)
        yield meant, meant, False


def write(packed, told, seed):
    rng = random.Random(seed)
    with open(packed, "wb") as out, open(told, "w", encoding="utf-8") as lines:
        for meant, sent, single in messages(rng):
            data = msgpack.packb(sent, use_single_float=single)
            out.write(struct.pack("<I", len(data)) + data)
            lines.write(json.dumps(meant, ensure_ascii=False) + "\n")


def read(packed, told):
    with open(packed, "rb") as data, open(told, "w", encoding="utf-8") as lines:
        while head := data.read(4):
            document = data.read(struct.unpack("<I", head)[0])
            meant = msgpack.unpackb(document)  # an error when bytes are left over
            if msgpack.packb(meant) != document:
                sys.exit(f"other bytes than msgpack packs: {document[:200].hex()}")
            lines.write(json.dumps(meant, ensure_ascii=False) + "\n")


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    read(sys.argv[2], sys.argv[3])
