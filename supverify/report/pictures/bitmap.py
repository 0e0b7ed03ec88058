"""Small images of a few colours as PNG, stored and not packed: the same bytes with every version of every library."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence

Colour = tuple[int, int, int, int]
STORED = 65_535  # bytes of a block that is not packed


def data_url(rows: Sequence[Sequence[int]], palette: Sequence[Colour]) -> str:
    """The image of ``rows`` of places in ``palette``, at most 16 colours: red, green, blue, opacity, to 255."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 4, 3, 0, 0, 0)
    colours, opacity = bytes(c for colour in palette for c in colour[:3]), bytes(colour[3] for colour in palette)
    chunks = {b"IHDR": header, b"PLTE": colours, b"tRNS": opacity, b"IDAT": _stored(_lines(rows)), b"IEND": b""}
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks.items())
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _lines(rows: Sequence[Sequence[int]]) -> bytes:
    """Each row without a filter, two pixels a byte."""
    even = ([*row, 0] if len(row) % 2 else [*row] for row in rows)
    return b"".join(b"\0" + bytes(a << 4 | b for a, b in zip(row[::2], row[1::2], strict=True)) for row in even)


def _stored(data: bytes) -> bytes:
    blocks = [data[i : i + STORED] for i in range(0, len(data), STORED)]
    heads = (struct.pack("<BHH", i == len(blocks) - 1, len(b), len(b) ^ 0xFFFF) for i, b in enumerate(blocks))
    body = b"".join(head + block for head, block in zip(heads, blocks, strict=True))
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
