"""Which arrays of a file are the layers of its network, and in which order: told by names, then by shapes.

An array's name ends or begins with what it is to its layer: ``fc1.weight`` and ``fc1.bias``, ``W1`` and ``b1``,
``W_in`` and ``b_in``; the rest names the layer. Layers whose names differ in numbers only come in the order of the
numbers (10 after 2). Of others, encoders come first and decoders last, and the file's order decides the rest where
its format keeps one; where that does not chain, or is not told, there has to be only one order that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from supverify.kernel.errors import Malformed

WEIGHTS, BIAS = r"(?P<w>weights?|kernel|W|w)", r"(?P<b>bias(?:es)?|b)"
AT_THE_END = re.compile(rf"(?:(?P<layer>.*)[._/-])?(?:{WEIGHTS}|{BIAS})", re.DOTALL)
AT_THE_START = re.compile(rf"(?:{WEIGHTS}|{BIAS})(?:[._-](?=.)|(?=\d))(?P<layer>.+)", re.DOTALL)
RECURRENT = re.compile(r"(?:.*\.)?(?:weight|bias)_(?:ih|hh)_l\d+.*", re.DOTALL)
DIGITS, WORDS = re.compile(r"(\d+)"), re.compile(r"[^\W\d_]+")
FIRST = frozenset({"encoder", "enc", "embed", "embedding", "in", "input", "up", "first"})
LAST = frozenset({"decoder", "dec", "unembed", "out", "output", "head", "readout", "classifier", "down", "last"})
MOST_LAYERS = 1 << 10
MOST_STEPS, MOST_GROUPS = 1 << 12, 16  # of the search for an order
CHOOSE = 'name the layers: --layers, or "layers" in a sidecar'
TRANSPOSED = 'transposed? (a sidecar may say "transposed": true)'
SHOWN = 8

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerArrays:
    """The names of a layer's arrays; no bias is a bias of zeros."""

    weights: str
    bias: str | None = None


def layer_of(name: str) -> tuple[str | None, bool]:
    """The layer that an array's name belongs to (None: to no layer), and whether it is its weights."""
    found = AT_THE_END.fullmatch(name) or AT_THE_START.fullmatch(name)
    if found is None or RECURRENT.fullmatch(name):
        return None, False
    return found["layer"] or "", found["w"] is not None


def natural(name: str) -> tuple[tuple[str, int, str], ...]:
    """A key by which names are ordered as people do: layer 10 after layer 2."""
    parts = DIGITS.split(name)
    digits = [number.lstrip("0") for number in (*parts[1::2], "")]
    return tuple((text, len(number), number) for text, number in zip(parts[::2], digits, strict=True))


def _rank(layer: str) -> int:
    """-1 for what begins a network, 1 for what ends one."""
    words = {word.lower() for word in WORDS.findall(layer)}
    return bool(words & LAST) - bool(words & FIRST)


def _few(names: Iterable[str]) -> str:
    shown = list(names)
    return (", ".join(shown[:SHOWN]) or "none") + (f", ... ({len(shown)} in all)" if len(shown) > SHOWN else "")


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The arrays to choose from and their shapes, weights being outputs x inputs; ``place`` is their file.

    ``inputs`` and ``outputs`` are what is before and after the layers, None if nothing is; ``ordered`` says that
    the order of ``shapes`` is the one that the writer chose.
    """

    shapes: Mapping[str, Shape]
    place: str
    inputs: int | None = None
    outputs: int | None = None
    ordered: bool = True

    def layers(self, wanted: Sequence[str] | None = None) -> tuple[LayerArrays, ...]:
        """The layers in their order, those named by ``wanted`` if it is given; raises Malformed."""
        if wanted is None:
            self._check_names()
        names = self._in_order() if wanted is None else [self._wanted(name) for name in wanted]
        chosen = tuple(self._arrays[layer] for layer in names)
        if not 1 <= len(chosen) <= MOST_LAYERS:
            raise Malformed(self.place, f"1 to {MOST_LAYERS} layers", len(chosen))
        for arrays in chosen:
            self._check_layer(arrays)
        self._check_chain(chosen)
        return chosen

    @cached_property
    def _arrays(self) -> dict[str, LayerArrays]:
        """The arrays of each layer that has weights, by the layer's name."""
        weights: dict[str, str] = {}
        biases: dict[str, str] = {}
        for name in self.shapes:
            layer, is_weights = layer_of(name)
            if layer is not None:
                table = weights if is_weights else biases
                if layer in table:
                    raise Malformed(self.place, f"one array like {table[layer]}", name)
                table[layer] = name
        return {layer: LayerArrays(name, biases.get(layer)) for layer, name in weights.items()}

    def _check_names(self) -> None:
        if not 1 <= len(self._arrays) <= MOST_LAYERS:
            expected = f"the weights of 1 to {MOST_LAYERS} layers, such as W1 or fc1.weight ({CHOOSE})"
            raise Malformed(self.place, expected, f"the arrays {_few(self.shapes)}")
        used = {name for arrays in self._arrays.values() for name in (arrays.weights, arrays.bias)}
        for name in self.shapes:
            if name not in used:
                expected = f"the weights and biases of layers, such as W1, b1 or fc1.weight, fc1.bias ({CHOOSE})"
                alone = "" if layer_of(name)[0] is None else ", a bias without weights"
                raise Malformed(self.place, expected, name + alone)

    def _wanted(self, name: str) -> str:
        layer = name if name in self._arrays else layer_of(name)[0]
        if layer is None or layer not in self._arrays:
            raise Malformed(f"{self.place}: layers", f"some of the file's layers {_few(self._arrays)}", name)
        return layer

    def _in_order(self) -> list[str]:
        """The one order that names and shapes allow; raises Malformed if there are several."""
        groups = list(self._groups.values())
        preferred = [layer for group in sorted(groups, key=self._place_of) for layer in group]
        told = self.ordered or len({_rank(group[0]) for group in groups}) == len(groups)
        if len(groups) == 1 or (told and self._mismatch([self._arrays[layer] for layer in preferred]) is None):
            self._check_numbers(groups[0])
            return preferred
        chains, complete = self._chains(groups)
        if len(chains) == 1 and complete:
            return chains[0]
        if not chains:
            return preferred  # to say where it does not chain
        shown = " or ".join(" then ".join(self._arrays[layer].weights for layer in chain) for chain in chains)
        raise Malformed(self.place, f"names or shapes that allow one order of the layers ({CHOOSE})", shown)

    @cached_property
    def _groups(self) -> dict[str, list[str]]:
        """The layers whose names differ in their numbers only, in the order of the numbers."""
        groups: dict[str, list[str]] = {}
        for layer in sorted(self._arrays, key=natural):
            groups.setdefault(DIGITS.sub("#", layer), []).append(layer)
        return groups

    @cached_property
    def _index(self) -> dict[str, int]:
        return {layer: i for i, layer in enumerate(self._arrays)}

    def _place_of(self, group: Sequence[str]) -> tuple[int, int]:
        """Encoders first, decoders last, then as in the file."""
        return _rank(group[0]), min(self._index[layer] for layer in group)

    def _check_numbers(self, group: Sequence[str]) -> None:
        """W1, W2, ... are all there: a gap is a layer that was not saved (torch numbers activations too)."""
        names = [self._arrays[layer].weights for layer in group]
        if len(self._groups) == 1 and all(re.fullmatch(r"[Ww]\d{1,9}", name) for name in names):
            first = min(int(names[0][1:]), 1)
            for number, name in enumerate(names, start=first):
                if int(name[1:]) != number:
                    missing = f"{name[0]}{number}"
                    raise Malformed(
                        f"{self.place}: {missing}", f"shape (outputs, inputs), as {name} follows", "no such array"
                    )

    def _chains(self, groups: Sequence[Sequence[str]]) -> tuple[list[list[str]], bool]:
        """At most two orders in which the shapes chain and each group keeps its own; whether all was searched."""
        found: list[list[str]] = []
        stack: list[tuple[tuple[int, ...], int | None, _Chain]] = [((0,) * len(groups), self.inputs, None)]
        for _ in range(MOST_STEPS if len(groups) <= MOST_GROUPS else 0):
            if not stack or len(found) == 2:
                break
            taken, width, chain = stack.pop()
            if sum(taken) == len(self._arrays) and self.outputs in (None, width):
                found.append(_listed(chain))
            for g, group in enumerate(groups):
                shape = self.shapes[self._arrays[group[taken[g]]].weights] if taken[g] < len(group) else ()
                if len(shape) == 2 and width in (None, shape[1]):
                    more = (*taken[:g], taken[g] + 1, *taken[g + 1 :])
                    stack.append((more, shape[0], (chain, group[taken[g]])))
        return found, not stack

    def _check_layer(self, arrays: LayerArrays) -> None:
        shape = self.shapes[arrays.weights]
        if len(shape) != 2 or 0 in shape:
            raise Malformed(f"{self.place}: {arrays.weights}", "shape (outputs, inputs)", f"shape {shape}")
        if arrays.bias is not None and self.shapes[arrays.bias] != shape[:1]:
            got = f"shape {self.shapes[arrays.bias]}"
            if self.shapes[arrays.bias] == shape[1:]:
                got += f", {arrays.weights} {shape}; {TRANSPOSED}"
            raise Malformed(f"{self.place}: {arrays.bias}", f"shape ({shape[0]},)", got)

    def _check_chain(self, chosen: Sequence[LayerArrays]) -> None:
        wrong = self._mismatch(chosen)
        if wrong is None:
            return
        width, arrays = wrong
        shape = self.shapes[arrays.weights]
        got = f"{shape}" + (f"; {TRANSPOSED}" if width in shape[:1] else "")
        expected = f"shape (outputs, inputs) = (..., {width})"
        if arrays == chosen[-1] and shape[1:] == (width,):
            expected, got = f"{self.outputs} outputs, the inputs of D", f"shape {shape}"
        raise Malformed(f"{self.place}: {arrays.weights}", expected, got)

    def _mismatch(self, chosen: Sequence[LayerArrays]) -> tuple[int | None, LayerArrays] | None:
        """The first layer that does not fit to what is before it, or the last to what is after it."""
        width = self.inputs
        for arrays in chosen:
            shape = self.shapes[arrays.weights]
            if len(shape) != 2 or width not in (None, shape[1]):
                return width, arrays
            width = shape[0]
        last = chosen[-1]
        return None if self.outputs in (None, width) else (self.shapes[last.weights][1], last)


_Chain = tuple["_Chain", str] | None  # the layers before, and the last one


def _listed(chain: _Chain) -> list[str]:
    layers: list[str] = []
    while chain is not None:
        chain, layer = chain
        layers.append(layer)
    return layers[::-1]
