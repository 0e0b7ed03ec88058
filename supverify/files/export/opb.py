"""OPB, linear pseudo-Boolean constraints: ``UNSATISFIABLE`` means that the claim holds.

Any integer network can be written so. Values are linear forms over 0/1 variables: an input is one variable, a layer
without ReLU adds none, and a ReLU that may go either way has its value in binary (bits b0, b1, ..) and a variable
``on``: v >= z, v <= z - (min z)(1 - on), v <= (max z) on, which leave v = max(z, 0) and nothing else. A pair of
ReLUs ``h = relu(B - c relu(z))`` with c >= B > 0 is B [z <= 0] for an integer z: one variable ``step``. The bounds
of z use that at most k inputs are on. Variables are x1, x2, .., each with a comment line that says what it is;
the coefficients are as large as the sums of the network (the second line says how many bits).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from supverify.kernel.errors import Malformed

from .cone import Cone, Wrong

MOST_VARIABLES = 1 << 22


@dataclass(frozen=True)
class Form:
    """constant + the sum of terms[variable] * variable; on every sparse input in low..high."""

    constant: int
    terms: dict[int, int]
    low: int
    high: int

    def times(self, factor: int) -> Form:
        """The form multiplied by an integer other than 0."""
        ends = sorted((self.low * factor, self.high * factor))
        return Form(self.constant * factor, {v: c * factor for v, c in self.terms.items()}, *ends)


@dataclass
class Instance:
    """Variables and constraints as they are added; ``k`` bounds how many of the first ``inputs`` variables are 1."""

    k: int
    names: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inputs: int = 0
    bits: int = 1

    def variable(self, name: str) -> int:
        """A new variable; raises Malformed when there are too many."""
        if len(self.names) >= MOST_VARIABLES:
            raise Malformed("opb", f"a query of at most {MOST_VARIABLES} variables", "more; export its cones")
        self.names.append(name)
        return len(self.names)

    def require(self, terms: dict[int, int], least: int) -> None:
        """Adds: the sum of terms[v] * v is at least ``least``."""
        kept = {v: c for v, c in terms.items() if c} or {1: 0}  # a constraint without terms is not OPB
        self.bits = max(self.bits, (sum(map(abs, kept.values())) + abs(least)).bit_length())
        self.lines.append(" ".join(f"{c:+d} x{v}" for v, c in kept.items()) + f" >= {least} ;")

    def nonnegative(self, form: Form, extra: dict[int, int], shift: int = 0) -> None:
        """Adds: form + the sum of the extra terms + shift >= 0."""
        terms = dict(form.terms)
        for v, c in extra.items():
            terms[v] = terms.get(v, 0) + c
        self.require(terms, -form.constant - shift)

    def bound(self, constant: int, terms: dict[int, int], ends: tuple[int, int]) -> Form:
        """The form, its ends tightened by the sparsity of the inputs where it reads nothing else."""
        terms, (low, high) = {v: c for v, c in terms.items() if c}, ends
        if max(terms, default=0) <= self.inputs:
            ordered = sorted(terms.values())
            low = max(low, constant + sum(min(c, 0) for c in ordered[: self.k]))
            high = min(high, constant + sum(max(c, 0) for c in ordered[::-1][: self.k]))
        return Form(constant, terms, low, high)


def opb(cone: Cone) -> str:
    """The query of the cone as one OPB file; raises Malformed if it is too large."""
    encoder = _Encoder(cone)
    instance = encoder.instance
    _sparse(instance, cone)
    for depth, layer in enumerate(cone.claim.network.layers):
        for r in cone.neurons[depth + 1]:
            if not (layer.relu and encoder.step_source(depth, r)):
                encoder.sum(depth, r)
    last = len(cone.claim.network.layers)
    _some_output_wrong(instance, cone, {i: encoder.value(last, i) for i in cone.outputs})
    return "\n".join([*_head(instance, cone), *instance.lines]) + "\n"


def _head(instance: Instance, cone: Cone) -> Iterator[str]:
    counts = f"#variable= {len(instance.names)} #constraint= {len(instance.lines)}"
    yield f"* {counts}"  # and nothing else: clasp 3.3 refuses the later additions to this line
    yield f"* sums of at most {instance.bits} bits"
    yield from (f"* {line}" for line in cone.statement())
    yield "* UNSATISFIABLE: the claim holds for these outputs"
    yield from (f"* x{v} = {name}" for v, name in enumerate(instance.names, 1))


def _sparse(instance: Instance, cone: Cone) -> None:
    inputs = range(1, len(cone.inputs) + 1)
    if inputs:
        instance.require(dict.fromkeys(inputs, -1), -cone.claim.k)
    if cone.fewest:
        instance.require(dict.fromkeys(inputs, 1), cone.fewest)


class _Encoder:
    """Forms of the cone's sums and values, made when they are asked for: a ReLU inside a step needs no variables."""

    def __init__(self, cone: Cone) -> None:
        self.layers, self.instance = cone.claim.network.layers, Instance(cone.claim.k)
        self.values = {(0, j): Form(0, {self.instance.variable(f"y{j}"): 1}, 0, 1) for j in cone.inputs}
        self.sums: dict[tuple[int, int], Form] = {}
        self.instance.inputs = len(self.values)

    def sum(self, depth: int, r: int) -> Form:
        """The sum of neuron r of layer ``depth``, counted from 0."""
        if (depth, r) not in self.sums:
            constant = low = high = self.layers[depth].bias[r]
            terms: dict[int, int] = {}
            for j, w in self.layers[depth].row(r):
                part = self.value(depth, j).times(w)
                constant, low, high = constant + part.constant, low + part.low, high + part.high
                for v, c in part.terms.items():
                    terms[v] = terms.get(v, 0) + c
            self.sums[depth, r] = self.instance.bound(constant, terms, (low, high))
        return self.sums[depth, r]

    def value(self, depth: int, r: int) -> Form:
        """The value of neuron r of layer ``depth``, counted from 1; input r if it is 0."""
        if (depth, r) not in self.values:
            if not self.layers[depth - 1].relu:
                self.values[depth, r] = self.sum(depth - 1, r)
            elif source := self.step_source(depth - 1, r):
                name, height = f"layer {depth} neuron {r} step", self.layers[depth - 1].bias[r]
                self.values[depth, r] = _step(self.instance, name, self.sum(*source), height)
            else:
                self.values[depth, r] = _relu(self.instance, f"layer {depth} neuron {r}", self.sum(depth - 1, r))
        return self.values[depth, r]

    def step_source(self, depth: int, r: int) -> tuple[int, int] | None:
        """Where z is, if neuron r of layer ``depth`` (from 0) is B - c relu(z) with c >= B > 0."""
        layer = self.layers[depth]
        sources, weights = layer.sources[r], layer.weights[r]
        if depth and self.layers[depth - 1].relu and len(sources) == 1 and -weights[0] >= layer.bias[r] > 0:
            return depth - 1, sources[0]
        return None


def _relu(instance: Instance, name: str, z: Form) -> Form:
    """max(z, 0)."""
    if z.high <= 0:
        return Form(0, {}, 0, 0)
    if z.low >= 0:
        return z
    bits = [instance.variable(f"{name} b{i}") for i in range(z.high.bit_length())]
    on, binary = instance.variable(f"{name} on"), {v: 1 << i for i, v in enumerate(bits)}
    less = {v: -c for v, c in binary.items()}
    instance.nonnegative(z.times(-1), binary)
    instance.nonnegative(z, {**less, on: z.low}, -z.low)
    instance.require({**less, on: z.high}, 0)
    return Form(0, binary, 0, z.high)


def _step(instance: Instance, name: str, z: Form, height: int) -> Form:
    """height * [z <= 0]: z <= (max z)(1 - step), and z >= 1 - (1 - min z) step."""
    if z.high <= 0 or z.low > 0:
        level = height if z.high <= 0 else 0
        return Form(level, {}, level, level)
    step = instance.variable(name)
    instance.nonnegative(z.times(-1), {step: -z.high}, z.high)
    instance.nonnegative(z, {step: 1 - z.low}, -1)
    return Form(0, {step: height}, 0, height)


def _some_output_wrong(instance: Instance, cone: Cone, values: dict[int, Form]) -> None:
    """One variable for each way in which an output can be wrong, which implies it; one of them is 1."""
    targets, inputs, chosen = cone.claim.targets(), {j: v for v, j in enumerate(cone.inputs, 1)}, []
    for i in cone.outputs:
        clauses = [[inputs[j] for j in clause] for clause in targets[i]]
        for way in cone.wrong():
            if (values[i].high < way.limit) if way.above else (values[i].low > way.limit):
                continue
            for c in range(len(clauses)) if way.truth else [None]:
                truth = "false" if c is None else f"true by clause {c}"
                case = instance.variable(f"output {i} is {truth} but {'above' if way.above else 'below'}")
                chosen.append(case)
                _implies_side(instance, case, way, values[i])
                if c is None:
                    _implies_false(instance, case, clauses)
                else:
                    instance.require({**dict.fromkeys(clauses[c], 1), case: -len(clauses[c])}, 0)
    instance.require(dict.fromkeys(chosen or [instance.variable("nothing is wrong")], 1 if chosen else 0), 1)


def _implies_side(instance: Instance, case: int, way: Wrong, z: Form) -> None:
    """If ``case``: z >= limit, or z <= limit."""
    sign = 1 if way.above else -1
    turned = z.times(sign)
    gap = max(0, way.limit * sign - turned.low)
    instance.nonnegative(turned, {case: -gap}, gap - way.limit * sign)


def _implies_false(instance: Instance, case: int, clauses: list[list[int]]) -> None:
    for clause in clauses:
        instance.require({**dict.fromkeys(clause, -1), case: -1}, -len(clause))
