"""Vectors of integers as one integer, so that adding vectors is adding integers.

The vector z stands for the integer sum of z_r 2^(width r) (Kronecker substitution). ``width`` comes from an exact
bound on every |z_r| that can occur, therefore no lane runs over into the next. ``Packed`` evaluates networks that
way, and a matrix product is a few of these sums; tests compare it with ``network.evaluate``.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from .network import Layer, Network

Code = Literal["b", "h", "i", "q"]
WORDS: tuple[Code, ...] = ("b", "h", "i", "q")
# The codes of arrays by the bytes of a lane; a machine whose lowest byte is not the first has one byte only.
CODES = {array(code).itemsize: code for code in WORDS[: None if sys.byteorder == "little" else 1]}


def whole(bits: int) -> int:
    """The least width for so many bits of which arrays are made, or of whole bytes."""
    return next((8 * size for size in sorted(CODES) if 8 * size >= bits), -(-bits // 8) * 8)


class Lanes:
    """Vectors of ``count`` integers, each below 2^(width - 1) in magnitude, as integers in base 2^width.

    What is compared must differ by less than that, too. As bytes the lanes are two's complements, the lowest byte
    first; that asks for a width of whole bytes.
    """

    def __init__(self, count: int, width: int) -> None:
        self.count, self.width = count, width
        self.ones = ((1 << (width * count)) - 1) // ((1 << width) - 1)
        self.half = self.ones << (width - 1)
        self.raised: dict[int, int] = {}

    def named(self, entries: Iterable[tuple[int, int]]) -> int:
        """The vector of these (place, value) pairs, all others 0."""
        return sum([z << (self.width * r) for r, z in entries])

    def pack(self, vector: Iterable[int]) -> int:
        """The vector as one integer."""
        return self.named(enumerate(vector))

    def encoded(self, vector: int) -> bytes:
        """The lanes as bytes."""
        return ((vector + self.half) ^ self.half).to_bytes(self.width // 8 * self.count, "little")

    def decoded(self, data: bytes) -> int:
        """The vector of these lanes."""
        return (int.from_bytes(data, "little") ^ self.half) - self.half

    def sparse(self, places: Sequence[int], numbers: Sequence[int]) -> bytes:
        """The lanes with these numbers at these places, and 0 elsewhere."""
        size = self.width // 8
        if size == 1 and numbers and numbers.count(numbers[0]) == len(numbers):
            data, byte = bytearray(self.count), numbers[0] & 255
            for r in places:
                data[r] = byte
            return bytes(data)
        if size in CODES:
            lanes = array(CODES[size], bytes(size * self.count))
            for r, z in zip(places, numbers, strict=True):
                lanes[r] = z
            return lanes.tobytes()
        data = bytearray(size * self.count)
        for r, z in zip(places, numbers, strict=True):
            data[size * r : size * (r + 1)] = z.to_bytes(size, "little", signed=True)
        return bytes(data)

    def turned(self, rows: Sequence[bytes]) -> list[bytes]:
        """The columns of a matrix of which these are the rows."""
        size, data = self.width // 8, b"".join(rows)
        stride, columns = size * self.count, []
        if size == 1:
            return [data[start::stride] for start in range(stride)]
        for start in range(0, stride, size):
            column = bytearray(size * len(rows))
            for i in range(size):
                column[i::size] = data[start + i :: stride]
            columns.append(bytes(column))
        return columns

    def split(self, vector: int) -> tuple[int, int]:
        """The vectors of max(z_r, 0) and max(-z_r, 0); a number without a top bit has no negative lane."""
        if vector >= 0 and not vector & self.half:
            return vector, 0
        if vector <= 0 and not -vector & self.half:
            return 0, -vector
        return self.positive(vector), self.positive(-vector)

    def positive(self, vector: int) -> int:
        """max(z_r, 0) in every lane: shifted by half, a lane shows its sign in its top bit."""
        shifted = vector + self.half
        signs = shifted & self.half
        return shifted & (signs - (signs >> (self.width - 1)))

    def reach(self, vector: int, bound: int) -> int:
        """A top bit in every lane in which ``vector`` reaches ``bound``."""
        return (vector - bound + self.half) & self.half

    def attain(self, vector: int, least: int) -> int:
        """A top bit in every lane, none of them negative, that is at least ``least``, which is positive."""
        if least.bit_length() >= self.width:
            return 0
        if least not in self.raised:  # many vectors are asked for the same
            if len(self.raised) > 7:
                self.raised.clear()
            self.raised[least] = self.half - least * self.ones
        return (vector + self.raised[least]) & self.half

    def capped(self, vector: int, most: int) -> int:
        """min(z_r, most) in every lane of a vector without negative lanes; ``most`` is positive."""
        above = self.full(self.attain(vector, most))
        return (vector & ~above) | (most * self.ones & above) if above else vector

    def full(self, tops: int) -> int:
        """The lanes, all of whose bits are set, that a vector of top bits marks."""
        return (tops << 1) - (tops >> (self.width - 1))

    def lane(self, vector: int, r: int) -> int:
        """The lane z_r of a vector without negative lanes."""
        return vector >> (self.width * r) & ((1 << self.width) - 1)

    def widened(self, vector: int, lanes: Lanes) -> int:
        """A vector without negative lanes in lanes at least as wide; both widths are whole numbers of bytes."""
        size, step = self.width // 8, lanes.width // 8
        data, wide = vector.to_bytes(size * self.count, "little"), bytearray(step * self.count)
        for i in range(size):
            wide[i::step] = data[i::size]
        return int.from_bytes(wide, "little")

    def filled(self, vector: int) -> Iterator[tuple[int, int]]:
        """The (place, value) of the lanes other than 0 of a vector without negative lanes."""
        while vector:
            place = ((vector & -vector).bit_length() - 1) // self.width
            value = self.lane(vector, place)
            vector ^= value << (self.width * place)
            yield place, value

    def numbers(self, vector: int) -> Sequence[int]:
        """All lanes."""
        return self.values(self.encoded(vector))

    def values(self, data: bytes) -> Sequence[int]:
        """The numbers in these lanes."""
        size = self.width // 8
        if size in CODES:
            return array(CODES[size], data)
        return [int.from_bytes(data[i : i + size], "little", signed=True) for i in range(0, len(data), size)]


class Packed(Lanes):
    """A network prepared for many evaluations; ``room`` is the largest |number| outputs are compared with."""

    def __init__(self, network: Network, room: int) -> None:
        super().__init__(max(network.widths), _largest(network, room).bit_length() + 2)
        layers = [_Product(self, layer, width) for layer, width in zip(network.layers, network.widths, strict=False)]
        self.start, self.columns = layers[0].bias, layers[0].columns
        while not layers[0].relu and len(layers) > 1:  # the leading linear layers, such as an input code
            del layers[0]
            self.start = layers[0].bias + layers[0].times(self.start)
            self.columns = [layers[0].times(column) for column in self.columns]
        self.layers = layers

    def evaluate(self, active: Iterable[int]) -> int:
        """The packed outputs when exactly the inputs in ``active`` are 1."""
        sums = self.start + sum(self.columns[j] for j in active)
        for layer, following in zip(self.layers, self.layers[1:], strict=False):
            product = following.spread(self.positive(sums)) if layer.relu else following.times(sums)
            sums = following.bias + product
        return self.positive(sums) if self.layers[-1].relu else sums


class _Product:
    """W x of one layer: a sum of packed columns, or one product where W is a multiple of the identity."""

    def __init__(self, packed: Packed, layer: Layer, width: int) -> None:
        self.packed, self.relu, self.bias = packed, layer.relu, packed.pack(layer.bias)
        self.columns = [0] * width
        for r in range(len(layer.bias)):
            for j, w in layer.row(r):
                self.columns[j] += w << (packed.width * r)
        factors = {w for weights in layer.weights for w in weights}
        diagonal = len(factors) == 1 and layer.sources == tuple((r,) for r in range(width))
        self.factor = factors.pop() if diagonal else None

    def times(self, vector: int) -> int:
        """W x for a packed x of any signs."""
        if self.factor is not None:
            return self.factor * vector
        return self.spread(self.packed.positive(vector)) - self.spread(self.packed.positive(-vector))

    def spread(self, vector: int) -> int:
        """W x for a packed x without negative digits."""
        if self.factor is not None:
            return self.factor * vector
        return sum(value * self.columns[j] for j, value in self.packed.filled(vector))


def _largest(network: Network, room: int) -> int:
    """A bound on ``room`` and on every |number| in the network, from the interval of each neuron."""
    ends = [(0, 1)] * network.inputs
    for layer in network.layers:
        rows = [[(w * ends[j][w < 0], w * ends[j][w > 0]) for j, w in layer.row(r)] for r in range(len(layer.bias))]
        sums = [
            (b + sum(x for x, _ in row), b + sum(x for _, x in row)) for row, b in zip(rows, layer.bias, strict=True)
        ]
        room = max(room, *(max(-low, high) for low, high in sums))
        ends = [(max(low, 0), max(high, 0)) for low, high in sums] if layer.relu else sums
    return room
