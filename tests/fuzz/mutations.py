"""Broken files made from whole ones: bytes are changed, and so is what lies inside a zip, a header or a message.

Checksums and lengths are made to fit again in half of the cases, so that the change gets past them.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from seeds import message, safetensors

INTEGERS = (
    0,
    1,
    -1,
    2,
    3,
    127,
    128,
    255,
    256,
    32767,
    65535,
    1 << 20,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    1 << 62,
    (1 << 63) - 1,
)
VALUES: tuple[Any, ...] = (
    *INTEGERS,
    1 << 64,
    10**400,
    0.5,
    float("nan"),
    float("inf"),
    5e-324,
    1e308,
    True,
    None,
    "",
    "W1",
    "\ud800",
    "1/2",
    "1/0",
    [],
    {},
    [[]],
    [[1]],
)
TEXTS = (
    b"\x00",
    b"\xff" * 8,
    b"[" * 2000,
    b'{"a":' * 500,
    b"9" * 5000,
    b"1e999",
    b"NaN",
    b"PK\x01\x02",
    b"PK\x06\x07",
    b"\n",
    b"'descr'",
    b"\xef\xbb\xbf",
)


def bytes_changed(data: bytes, random: Random) -> bytes:
    """One to four changes of bytes: exchanged, removed, repeated, inserted, or cut."""
    content = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(content) + 1)
        end = min(len(content), at + random.choice((1, 1, 2, 4, 8, 64)))
        change = random.randrange(7)
        if change == 0 and at < end:
            content[at] ^= 1 << random.randrange(8)
        elif change == 1:
            content[at:end] = random.randbytes(end - at)
        elif change == 2:
            del content[at:end]
        elif change == 3:
            content[at:at] = content[at:end] * random.choice((1, 2, 50))
        elif change == 4:
            content[at:end] = random.choice(TEXTS)
        elif change == 5:
            content[at:end] = (random.choice(INTEGERS) & (1 << 64) - 1).to_bytes(8, random.choice(("little", "big")))[
                : end - at
            ]
        elif random.random() < 0.3:
            del content[at:]
    return bytes(content)


def json_changed(value: Any, random: Random) -> Any:
    """The value with one of its parts exchanged, removed or repeated."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.1:
        return random.choice(VALUES)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    key = random.choice(list(copy)) if isinstance(copy, dict) else random.randrange(len(copy))
    change = random.randrange(8)
    if change == 0:
        del copy[key]
    elif change == 1 and isinstance(copy, list):
        copy[key:key] = [copy[key]] * random.choice((1, 30))
    elif change == 1:
        copy[random.choice(("W9", "fc.weight", "b7", "C", "D", "layers", f"{key}\x1b", ""))] = copy[key]
    else:
        copy[key] = json_changed(copy[key], random)
    return copy


def text_of_json(data: bytes, random: Random) -> bytes:
    """JSON with one to three changes inside."""
    value = json.loads(data)
    for _ in range(random.randint(1, 3)):
        value = json_changed(value, random)
    return json.dumps(value).encode()


def zip_changed(data: bytes, random: Random) -> bytes:
    """A zip with one changed member, whose checksum fits; or with other members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    at = random.randrange(len(members))
    name, content = members[at]
    head = content.find(b"\n") + 1
    change = random.randrange(5)
    if change == 0:
        members[at] = (random.choice(("W9.npy", "fc.weight.npy", "x", "../x.npy", "data.pkl", "")), content)
    elif change == 1:
        members[at] = (name, bytes_changed(content[:head], random) + content[head:])
    elif change == 2:
        shape = tuple(random.choice(INTEGERS) for _ in range(random.randint(0, 3)))
        kind = random.choice(("<f4", "<f8", "|b1", ">i2", "|O", "<c8", "<U4", "<f2", "|V8"))
        text = f"{{'descr': '{kind}', 'fortran_order': {random.random() < 0.5}, 'shape': {shape}, }}\n".encode()
        members[at] = (name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content[head:])
    else:
        members[at] = (name, bytes_changed(content, random))
    written = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    # A name may be there twice.
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(written, "w", method) as archive:
        for member, inside in members:
            archive.writestr(zipfile.ZipInfo(member), inside)
    return written.getvalue()


def tensors_changed(data: bytes, random: Random) -> bytes:
    """safetensors with a changed header, whose length fits."""
    end = 8 + int.from_bytes(data[:8], "little")
    header, content = data[8:end], data[end:]
    header = text_of_json(header, random) if random.random() < 0.7 else bytes_changed(header, random)
    return safetensors(header, content if random.random() < 0.8 else bytes_changed(content, random))


def _fields(data: bytes) -> list[tuple[int, bytes]] | None:
    """The fields of bytes that look like a message: the number and the bytes of each, key and length left out."""
    found, at = [], 0
    while at < len(data):
        key, at = data[at], at + 1
        if key & 7 != 2 or at >= len(data):
            return None
        length, shift = 0, 0
        while at < len(data):
            length |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                break
        if at + length > len(data):
            return None
        found.append((key >> 3, data[at : at + length]))
        at += length
    return found


def message_changed(data: bytes, random: Random) -> bytes:
    """A message with one field removed, repeated, moved or changed, however deep; the lengths around it fit."""
    fields = _fields(data)
    if not fields or random.random() < 0.1:
        return bytes_changed(data, random)
    at = random.randrange(len(fields))
    number, content = fields[at]
    change = random.randrange(10)
    if change == 0:
        del fields[at]
    elif change == 1:
        fields[at:at] = [fields[at]] * random.choice((1, 20))
    elif change == 2:
        fields.append(fields.pop(at))
    elif change == 3:
        fields[at] = (random.randint(1, 15), content)
    elif change == 4:
        fields[at] = (number, random.choice(fields)[1])
    else:
        fields[at] = (number, message_changed(content, random))
    return b"".join(message(number, content) for number, content in fields)


def graph_changed(data: bytes, random: Random) -> bytes:
    """An ONNX file with a change inside its graph."""
    content = data[2:]  # after the IR version
    for _ in range(random.randint(1, 3)):
        content = message_changed(content, random)
    return data[:2] + content


BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RecursionError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
INSIDE: dict[str, Callable[[bytes, Random], bytes]] = {
    "npz": zip_changed,
    "safetensors": tensors_changed,
    "onnx": graph_changed,
    **dict.fromkeys(("json", "kernel", "sidecar", "problem", "and"), text_of_json),
}


def changed(kind: str, data: bytes, random: Random) -> bytes:
    """A broken file of this kind; some are not broken at all."""
    inside = INSIDE.get(kind)
    if inside is None or random.random() < 0.4:
        return bytes_changed(data, random)
    try:
        return inside(data, random)
    except BROKEN:  # not a whole file any more, or a number too long to be written
        return bytes_changed(data, random)
