"""VNN-LIB 1.0 and 2.0: a property of the network that ``onnx`` writes; ``unsat`` means that the claim holds.

VNN-LIB speaks of real inputs, so that an input is 0 or 1 is a disjunction for each input, and that at most k are on
a linear constraint over the inputs. Output i is Y_i (2.0: Y[0,i]), the integer scale * a_i of the scaled network.
Being wrong is a closed condition, for on 0/1 inputs these outputs are integers: z > 3 is written z >= 4.

Who reads it: VNN-LIB 2.0 allows all of this, and its reference parser accepts it. Of 1.0 the common readers take
boxes for the inputs and one disjunction of conjunctions; the disjunctions over single inputs and the sum are plain
SMT-LIB that a verifier with general linear constraints can take (Marabou's disjunctions), while one that only
branches over boxes refuses them. A verifier that decides with floating-point tolerances may call points near 0 and
1 counterexamples: round its input, and ask ``supverify verify``. No shorter faithful text is possible: the k-sparse
inputs are isolated points, and listing them as boxes takes as many boxes as there are inputs to enumerate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from supverify.kernel.claim import Target
from supverify.kernel.errors import Malformed

from .cone import Cone, Wrong

MOST_CASES = 1 << 16  # conjunctions in one disjunction of VNN-LIB 1.0


def vnnlib_2(cone: Cone) -> str:
    """The property in VNN-LIB 2.0, over the ONNX model of the whole network."""
    inputs, outputs = cone.claim.network.inputs, cone.claim.network.outputs
    lines = [*_head(cone), "(vnnlib-version <2.0>)", "(declare-network N"]
    lines += [f"  (declare-input X real [1,{inputs}])", f"  (declare-output Y real [1,{outputs}])", ")"]
    x = [f"X[0,{j}]" for j in range(inputs)]
    lines += [f"(assert (or (== {name} 0.0) (== {name} 1.0)))" for name in x]
    lines += _sparse(cone, x)
    cases = [_conjunction([_side(way, f"Y[0,{i}]"), *_truth(way, target, x)]) for i, way, target in _ways(cone)]
    return "\n".join([*lines, f"(assert {_disjunction(cases)})"]) + "\n"


def vnnlib_1(cone: Cone) -> str:
    """The property in VNN-LIB 1.0; raises Malformed if its disjunction would be too long."""
    inputs, outputs = cone.claim.network.inputs, cone.claim.network.outputs
    x = [f"X_{j}" for j in range(inputs)]
    lines = _head(cone)
    lines += [f"(declare-const {name} Real)" for name in (*x, *(f"Y_{i}" for i in range(outputs)))]
    for name in x:
        lines += [f"(assert (>= {name} 0.0))", f"(assert (<= {name} 1.0))"]
        lines += [f"(assert (or (and (<= {name} 0.0)) (and (>= {name} 1.0))))"]
    lines += _sparse(cone, x)
    cases = [_conjunction(case) for i, way, target in _ways(cone) for case in _cases(way, f"Y_{i}", target, x)]
    return "\n".join([*lines, f"(assert {_disjunction(cases)})"]) + "\n"


def _head(cone: Cone) -> list[str]:
    return [f"; {line}" for line in (*cone.statement(), "unsat: the claim holds for these outputs; X is 0 or 1")]


def _sparse(cone: Cone, x: Sequence[str]) -> list[str]:
    claim = cone.claim
    total = f"(+ {' '.join(x)})" if len(x) > 1 else x[0]
    least = [f"(assert (>= {total} {claim.k}.0))"] if claim.mode == "exactly" else []
    return [f"(assert (<= {total} {claim.k}.0))", *least]


def _ways(cone: Cone) -> Iterator[tuple[int, Wrong, Target]]:
    targets = cone.claim.targets()
    return ((i, way, targets[i]) for i in cone.outputs for way in cone.wrong() if targets[i] or not way.truth)


def _side(way: Wrong, y: str) -> str:
    return f"({'>=' if way.above else '<='} {y} {way.limit}.0)"


def _truth(way: Wrong, target: Target, x: Sequence[str]) -> list[str]:
    """Constraints that hold if and only if the target has the truth of ``way``."""
    if way.truth:
        return [_disjunction([_conjunction([f"(>= {x[j]} 1.0)" for j in clause]) for clause in target])]
    return [_disjunction([f"(<= {x[j]} 0.0)" for j in clause]) for clause in target]


def _cases(way: Wrong, y: str, target: Target, x: Sequence[str]) -> Iterator[list[str]]:
    """The same as conjunctions of bounds, of which one has to hold: a clause is false by one of its inputs."""
    if way.truth:
        yield from ([_side(way, y), *(f"(>= {x[j]} 1.0)" for j in clause)] for clause in target)
        return
    if prod(map(len, target)) > MOST_CASES:
        raise Malformed("vnnlib 1.0", f"at most {MOST_CASES} ways to make an output false", "more; use VNN-LIB 2.0")
    for off in sorted({tuple(sorted(set(chosen))) for chosen in product(*target)}):
        yield [_side(way, y), *(f"(<= {x[j]} 0.0)" for j in off)]


def _conjunction(parts: Sequence[str]) -> str:
    return f"(and {' '.join(parts)})"


def _disjunction(parts: Sequence[str]) -> str:
    return f"(or {' '.join(parts)})"
