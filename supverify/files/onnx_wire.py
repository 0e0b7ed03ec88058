"""ONNX files as they are written: protocol buffers, of which only what a network needs is looked at.

Read here rather than by the onnx package: its parser takes 80 times the size of a hostile file in memory (8 MB of
empty nodes became 614 MB), and importing it takes longer than most verdicts. Numbers stay where they are in the
file until they are asked for; fields are counted, messages have the depth of ``ModelProto``, and what the format
leaves to the reader's taste (a field twice, groups) is refused. Field numbers: onnx.proto3 of ONNX 1.17.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from supverify.kernel.errors import Malformed

from .read import check_names

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
Field = tuple[int, int, "int | memoryview"]


@dataclass
class Wire:
    """Messages of one file, whose fields are counted; refusals name the file."""

    place: str
    most: int
    seen: int = 0

    def fields(self, data: memoryview) -> Iterator[Field]:
        """The number, the kind and the value of each field: an integer, or the bytes of anything else."""
        at = 0
        while at < len(data):
            key, at = self.varint(data, at)
            number, kind = key >> 3, key & 7
            if kind == VARINT:
                value, at = self.varint(data, at)
                yield number, kind, value
                continue
            length = {EIGHT: 8, FOUR: 4}.get(kind, -1)
            if kind == BYTES:
                length, at = self.varint(data, at)
            if not number or not 0 <= length <= len(data) - at:
                raise self.refuse(f"field {number} of kind {kind}, cut or unknown")
            yield number, kind, data[at : at + length]
            at += length

    def varint(self, data: memoryview, at: int) -> tuple[int, int]:
        """An unsigned integer of at most 64 bits, and where it ends."""
        self.seen += 1
        if self.seen > self.most:
            raise Malformed(self.place, f"at most {self.most} fields in an ONNX file", "more")
        value = 0
        for i, byte in enumerate(data[at : at + 10]):
            value |= (byte & 127) << 7 * i
            if byte < 128:
                return value & (1 << 64) - 1, at + i + 1
        raise self.refuse("an integer without end")

    def varints(self, data: memoryview) -> Iterator[int]:
        """The unsigned integers that fill the bytes."""
        at = 0
        while at < len(data):
            value, at = self.varint(data, at)
            yield value

    def refuse(self, got: str) -> Malformed:
        """The file is no ONNX file."""
        return Malformed(self.place, "an ONNX file", got)

    def message(self, data: memoryview, names: Mapping[int, str]) -> Message:
        """The fields with the given names; the others are skipped."""
        found: dict[str, list[tuple[int, int | memoryview]]] = {}
        for number, kind, value in self.fields(data):
            if number in names:
                found.setdefault(names[number], []).append((kind, value))
        return Message(self, found)


@dataclass(frozen=True)
class Message:
    """The named fields of a message, each as often as it was written."""

    wire: Wire
    found: Mapping[str, list[tuple[int, int | memoryview]]]

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def blobs(self, name: str, *kinds: int) -> list[memoryview]:
        """Every value of a field of messages, texts or bytes; ``kinds`` are what else it may be written as."""
        values = []
        for kind, value in self.found.get(name, ()):
            if isinstance(value, int) or kind not in (BYTES, *kinds):
                raise self.wire.refuse(f"the field {name} of another kind")
            values.append(value)
        return values

    def blob(self, name: str) -> memoryview:
        """The one value of a field, empty if there is none."""
        values = self.blobs(name)
        if len(values) > 1:
            raise self.wire.refuse(f"the field {name} twice")
        return values[0] if values else memoryview(b"")

    def texts(self, name: str) -> list[str]:
        """Every text of a field."""
        try:
            found = [bytes(value).decode() for value in self.blobs(name)]
        except UnicodeDecodeError as error:
            raise self.wire.refuse(f"a {name} that is not UTF-8") from error
        check_names(found, self.wire.place)
        return found

    def text(self, name: str) -> str:
        """The one text of a field."""
        self.blob(name)
        return "".join(self.texts(name))

    def integers(self, name: str) -> list[int]:
        """Every signed integer of a field, packed or not."""
        values: list[int] = []
        for kind, value in self.found.get(name, ()):
            if isinstance(value, int):
                values.append(value)
            elif kind == BYTES:
                values += self.wire.varints(value)
            else:
                raise self.wire.refuse(f"the field {name} of another kind")
        return [value - (1 << 64) if value >> 63 else value for value in values]

    def integer(self, name: str, default: int = 0) -> int:
        """The one integer of a field."""
        values = self.integers(name)
        if len(values) > 1:
            raise self.wire.refuse(f"the field {name} twice")
        return values[0] if values else default

    def packed(self, name: str, kind: int) -> bytes | memoryview:
        """The bytes of all numbers of a field of a kind of fixed size, packed or not."""
        parts = self.blobs(name, kind)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def real(self, name: str, default: float) -> float:
        """The one 32-bit float of a field."""
        content = bytes(self.packed(name, FOUR))
        if len(content) not in (0, 4):
            raise self.wire.refuse(f"the field {name} of {len(content)} bytes")
        return float(struct.unpack("<f", content)[0]) if content else default
