"""SMT-LIB 2 (QF_LIA): is there a sparse input on which an output is wrong? ``unsat`` means that the claim holds.

``y3`` is input 3, a Bool. ``z2_5`` is the sum of neuron 5 of layer 2 (layers count from 1) and ``x2_5`` its value
after the ReLU; a layer without ReLU has no x. Every number is an integer: outputs are scaled, as in the claim.
``wrong7`` says that output 7 is wrong. A model's y, padded with further inputs in mode exactly, is a
counterexample for ``supverify verify``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .cone import Cone, Wrong


def smt2(cone: Cone) -> str:
    """The query of the cone as one SMT-LIB 2 script, which ends with (check-sat)."""
    lines = [f"; {line}" for line in cone.statement()]
    lines += ["; unsat: the claim holds for these outputs; sat: y is a wrong input", "(set-logic QF_LIA)"]
    lines += [f"(declare-fun y{j} () Bool)" for j in cone.inputs]
    lines += [line for depth in range(len(cone.claim.network.layers)) for line in _layer(cone, depth)]
    lines += [*_sparse(cone), *_wrong(cone), "(check-sat)"]
    return "\n".join(lines) + "\n"


def _layer(cone: Cone, depth: int) -> Iterator[str]:
    layer = cone.claim.network.layers[depth]
    for r in cone.neurons[depth + 1]:
        terms = [_term(cone, depth, j, w) for j, w in layer.row(r)]
        name = f"z{depth + 1}_{r}"
        yield f"(declare-fun {name} () Int)"
        yield f"(assert (= {name} {_sum([integer(layer.bias[r]), *terms])}))"
        if layer.relu:
            yield f"(define-fun x{depth + 1}_{r} () Int (ite (> {name} 0) {name} 0))"


def _term(cone: Cone, depth: int, j: int, weight: int) -> str:
    if depth == 0:
        return f"(ite y{j} {integer(weight)} 0)"
    source = value(cone, depth, j)
    return source if weight == 1 else f"(* {integer(weight)} {source})"


def value(cone: Cone, depth: int, r: int) -> str:
    """The name of the value of neuron r of layer ``depth``, counted from 1."""
    return f"{'x' if cone.claim.network.layers[depth - 1].relu else 'z'}{depth}_{r}"


def _sparse(cone: Cone) -> Iterator[str]:
    if cone.inputs:
        count = _sum([f"(ite y{j} 1 0)" for j in cone.inputs])
        yield f"(assert (<= {count} {cone.claim.k}))"
        if cone.fewest:
            yield f"(assert (>= {count} {cone.fewest}))"


def _wrong(cone: Cone) -> Iterator[str]:
    depth, targets, ways = len(cone.claim.network.layers), cone.claim.targets(), cone.wrong()
    for i in cone.outputs:
        truth = _join("or", [_join("and", [f"y{j}" for j in clause]) for clause in targets[i]])
        yield f"(define-fun truth{i} () Bool {truth})"
        cases = [_case(way, value(cone, depth, i), f"truth{i}") for way in ways]
        yield f"(define-fun wrong{i} () Bool {_join('or', cases)})"
    yield f"(assert {_join('or', [f'wrong{i}' for i in cone.outputs])})"


def _case(way: Wrong, z: str, truth: str) -> str:
    side = f"({'>=' if way.above else '<='} {z} {integer(way.limit)})"
    return f"(and {truth if way.truth else f'(not {truth})'} {side})"


def integer(number: int) -> str:
    """An integer literal: SMT-LIB has no negative ones."""
    return str(number) if number >= 0 else f"(- {-number})"


def _sum(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def _join(word: str, parts: Iterable[str]) -> str:
    """The connective of the parts: (and) and (or) need two of them."""
    listed = list(parts)
    if len(listed) < 2:
        return listed[0] if listed else {"and": "true", "or": "false"}[word]
    return f"({word} {' '.join(listed)})"
