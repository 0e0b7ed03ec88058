"""The arrays of one file and its sidecar, asked for by what they are to the network: layers, codes, decoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from supverify.kernel.errors import Malformed

from .exact import RealLayer
from .matrix import Array, Budget, Matrix, Stored, Vector, from_json, json_shape
from .naming import LayerArrays, Naming
from .read import check_names
from .sidecar import Sidecar

SPECIAL = ("C", "D", "c", "C1", "relu_last")


@dataclass(frozen=True, kw_only=True)
class NamedArrays:
    """The arrays that are layers, those that are not, and layers that are known already; refusals name the array."""

    stored: Mapping[str, Stored]
    special: Mapping[str, Stored]
    said: Sidecar
    place: str
    given: tuple[RealLayer, ...] = ()
    ordered: bool = True
    budget: Budget = field(default_factory=Budget)

    @classmethod
    def of_file(cls, stored: Mapping[str, Stored], said: Sidecar, place: str, *, ordered: bool = True) -> NamedArrays:
        """Those of a file with named arrays."""
        check_names(stored, place)
        layers = {name: array for name, array in stored.items() if name not in SPECIAL}
        special = {name: array for name, array in stored.items() if name in SPECIAL}
        for name, value in said.arrays.items():
            if name in special:
                raise Malformed(f"{said.place}: {name}", f"an array that {place} has not", "both")
            if isinstance(value, str) and value not in layers:
                raise Malformed(f"{said.place}: {name}", f"the name of an array in {place}", value)
            special[name] = layers.pop(value) if isinstance(value, str) else _of_sidecar(value, said, name)
        return cls(stored=layers, special=special, said=said, place=place, ordered=ordered)

    @classmethod
    def around(cls, layers: Sequence[RealLayer], said: Sidecar, place: str, budget: Budget) -> NamedArrays:
        """Those that a sidecar puts around layers that are known."""
        special = {name: _of_sidecar(value, said, name) for name, value in said.arrays.items()}
        return cls(stored={}, special=special, said=said, place=place, given=tuple(layers), budget=budget)

    def layers(self) -> list[RealLayer]:
        """C, if there is one, then the layers in their order; raises Malformed."""
        before = []
        if "C" in self.special:
            code = self.matrix("C")
            before = [RealLayer(code, (0,) * code.shape[0], False, f"{self.place}: C", "C")]
        layers = list(self.given) or [self._layer(arrays) for arrays in self._chosen]
        if before and layers[0].weights.width != before[0].weights.shape[0]:
            raise self.refuse("C", f"shape ({layers[0].weights.width}, inputs)")
        if not self.given:
            layers[-1] = replace(layers[-1], relu=self.relu_last())
        return before + layers

    def decoder(self) -> RealLayer | None:
        """D and its bias c, zero if there is none."""
        if "D" not in self.special:
            if "c" in self.special:
                raise self.refuse("D", "shape (outputs, inputs), as there is a c")
            return None
        decoder = self.matrix("D", columns=self._outputs)
        bias = self.vector("c", decoder.shape[0]) if "c" in self.special else (0,) * decoder.shape[0]
        name = "c" if "c" in self.special else None
        return RealLayer(decoder, bias, False, f"{self.place}: D", "D", name)

    def code(self) -> Matrix | None:
        """C1, whose entries are 0 and 1."""
        if "C1" not in self.special:
            return None
        code = self.matrix("C1", rows=self._outputs)
        for r, values in enumerate(code.values):
            if set(values) - {1}:
                raise Malformed(f"{self.place}: C1[{r}]", "0 and 1 only", next(x for x in values if x != 1))
        return code

    def unused(self) -> tuple[str, ...]:
        """The arrays that are no part of the network."""
        if self.given:
            return ()
        used = {name for arrays in self._chosen for name in (arrays.weights, arrays.bias)}
        return tuple(name for name in self.stored if name not in used)

    def relu_last(self) -> bool:
        """Whether the last layer has a ReLU too."""
        if "relu_last" not in self.special:
            return bool(self.said.relu_last)
        flag = self.special["relu_last"].read(self.budget)
        flag = flag[0] if isinstance(flag, tuple) and len(flag) == 1 else flag
        if flag not in (0, 1) or self.said.relu_last not in (None, bool(flag)):
            raise Malformed(f"{self.place}: relu_last", "true or false, as one number 1 or 0", flag)
        return bool(flag)

    @cached_property
    def _chosen(self) -> tuple[LayerArrays, ...]:
        shapes = {name: array.shape for name, array in self.stored.items()}
        if self.said.transposed:
            shapes = {name: shape[::-1] for name, shape in shapes.items()}
        rows = {name: array.shape for name, array in self.special.items() if len(array.shape) == 2}
        inputs = rows["C"][0] if "C" in rows else None
        outputs = rows["D"][1] if "D" in rows else None
        naming = Naming(shapes=shapes, place=self.place, inputs=inputs, outputs=outputs, ordered=self.ordered)
        return naming.layers(self.said.layers)

    @property
    def _outputs(self) -> int:
        if self.given:
            return self.given[-1].weights.shape[0]
        shape = self.stored[self._chosen[-1].weights].shape
        return shape[1] if self.said.transposed else shape[0]

    def _layer(self, arrays: LayerArrays) -> RealLayer:
        stored = self.stored[arrays.weights]
        weights = stored.read(self.budget)
        if not isinstance(weights, Matrix) or weights.shape != stored.shape:
            raise Malformed(f"{self.place}: {arrays.weights}", "shape (outputs, inputs)", "another shape")
        weights = weights.transposed() if self.said.transposed else weights
        bias: Array = (0,) * weights.shape[0]
        if arrays.bias is not None:
            bias = self.stored[arrays.bias].read(self.budget)
        if not isinstance(bias, tuple):
            raise Malformed(f"{self.place}: {arrays.bias}", f"shape ({weights.shape[0]},)", "another shape")
        return RealLayer(weights, bias, True, f"{self.place}: {arrays.weights}", arrays.weights, arrays.bias)

    def refuse(self, name: str, expected: str) -> Malformed:
        """The array has not the expected shape."""
        got = f"shape {self.special[name].shape}" if name in self.special else "no such array"
        return Malformed(f"{self.place}: {name}", expected, got)

    def matrix(self, name: str, *, rows: int | None = None, columns: int | None = None) -> Matrix:
        """The matrix, or Malformed."""
        shape, wanted = self.special[name].shape, f"shape ({rows or 'outputs'}, {columns or 'inputs'})"
        if len(shape) != 2 or shape != (rows or shape[0], columns or shape[1]):
            raise self.refuse(name, wanted)
        array = self.special[name].read(self.budget)
        if not isinstance(array, Matrix):
            raise self.refuse(name, wanted)
        return array

    def vector(self, name: str, length: int) -> Vector:
        """The vector, or Malformed."""
        array = self.special[name].read(self.budget) if self.special[name].shape == (length,) else None
        if not isinstance(array, tuple):
            raise self.refuse(name, f"shape ({length},)")
        return array


def _of_sidecar(value: object, said: Sidecar, name: str) -> Stored:
    place = f"{said.place}: {name}"
    return Stored(json_shape(value), lambda budget: from_json(value, place, budget))
