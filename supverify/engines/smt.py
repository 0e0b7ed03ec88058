"""Z3, one query for each output: is there a k-sparse input of the cone on which this output is wrong?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from supverify.kernel.certificate import witness
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from .answer import Answer, Progress
from .shrink import shrink

if TYPE_CHECKING:
    import z3


@dataclass(frozen=True)
class Smt:
    """The engine; its PROVED rests on Z3, its REFUTED on a replay of the model by the kernel."""

    name: str = "smt"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED if no cone has a wrong input, REFUTED with a replayed model, UNKNOWN at a limit."""
        started = time.monotonic()
        deadline = None if seconds is None else started + seconds
        status, detail, found = _all_cones(claim, deadline, progress)
        return Answer(
            engine=self.name,
            status=status,
            seconds=time.monotonic() - started,
            oracles=frozenset({"z3"}) if status is Status.PROVED else frozenset(),
            counterexample=found,
            evidence=None if found is None else witness(found),
            detail=detail,
        )


def _all_cones(
    claim: Claim, deadline: float | None, progress: Progress | None
) -> tuple[Status, str, tuple[int, ...] | None]:
    import z3

    outputs, context = claim.network.outputs, z3.Context()
    for i in range(outputs):
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return Status.UNKNOWN, f"time limit after {i} of {outputs} outputs", None
        answer, active = _query(claim, i, left, context)
        if answer == "sat" and active is not None:
            if not wrong_outputs(claim, active):
                return Status.UNKNOWN, f"output {i}: Z3's model {list(active)} does not replay", None
            return Status.REFUTED, f"output {i}", shrink(claim, active)
        if answer != "unsat":
            return Status.UNKNOWN, f"output {i}: Z3 says {answer}", None
        if progress:
            progress("smt: outputs", i + 1, outputs)
    return Status.PROVED, f"{outputs} queries unsatisfiable", None


def _query(claim: Claim, i: int, seconds: float | None, context: z3.Context) -> tuple[str, tuple[int, ...] | None]:
    """Z3's answer for output i, with the active inputs of its model (padded to k in mode exactly)."""
    import z3

    solver = z3.Solver(ctx=context)
    if seconds is not None:
        solver.set("timeout", max(1, int(1000 * seconds)))
    cone = _Cone(claim, i, context)
    solver.add(*cone.constraints)
    answer = str(solver.check())
    if answer != "sat":
        return (solver.reason_unknown() if answer == "unknown" else answer), None
    model = solver.model()
    active = [j for j, y in cone.inputs.items() if z3.is_true(model.eval(y, model_completion=True))]
    if claim.mode == "exactly":
        outside = [j for j in range(claim.network.inputs) if j not in cone.inputs]
        active += outside[: claim.k - len(active)]
    return answer, tuple(sorted(active))


class _Cone:
    """The constraints of one output: at most k active inputs, its sums, and the negation of what is claimed."""

    def __init__(self, claim: Claim, i: int, context: z3.Context) -> None:
        self.claim, self.context, self.constraints = claim, context, []
        self.memo: dict[tuple[int, int], z3.ArithRef] = {}
        self.inputs: dict[int, z3.BoolRef] = {}
        z, truth = self._value(len(claim.network.layers) - 1, i), self._truth(i)
        self.constraints += [self._sparse(), self._wrong(z, truth)]

    def _input(self, j: int) -> z3.BoolRef:
        import z3

        if j not in self.inputs:
            self.inputs[j] = z3.Bool(f"y{j}", self.context)
        return self.inputs[j]

    def _value(self, depth: int, r: int) -> z3.ArithRef:
        """Neuron r of layer ``depth`` as a named integer (a name for each neuron keeps the terms small)."""
        import z3

        if (depth, r) not in self.memo:
            layer = self.claim.network.layers[depth]
            terms = [w * self._source(depth, j) for j, w in layer.row(r)]
            z = z3.Sum(z3.IntVal(layer.bias[r], self.context), *terms)
            x = z3.Int(f"x{depth}_{r}", self.context)
            self.constraints.append(x == (z3.If(z > 0, z, z3.IntVal(0, self.context)) if layer.relu else z))
            self.memo[depth, r] = x
        return self.memo[depth, r]

    def _source(self, depth: int, j: int) -> z3.ArithRef:
        import z3

        if depth:
            return self._value(depth - 1, j)
        return z3.If(self._input(j), z3.IntVal(1, self.context), z3.IntVal(0, self.context))

    def _truth(self, i: int) -> z3.BoolRef:
        import z3

        clauses = [z3.And(*map(self._input, clause)) for clause in self.claim.targets()[i]]
        return z3.Or(*clauses) if clauses else z3.BoolVal(False, self.context)

    def _sparse(self) -> z3.BoolRef:
        """At most k inputs of the cone are on; in mode exactly those outside it can make up for the rest."""
        import z3

        inputs, k = list(self.inputs.values()), self.claim.k
        if not inputs:
            return z3.BoolVal(True, self.context)
        outside = self.claim.network.inputs - len(inputs)
        fewest = max(0, k - outside) if self.claim.mode == "exactly" else 0
        return z3.And(z3.AtMost(*inputs, k), z3.AtLeast(*inputs, fewest))

    def _wrong(self, z: z3.ArithRef, truth: z3.BoolRef) -> z3.BoolRef:
        import z3

        cases = []
        for window, where in zip(self.claim.windows, (z3.Not(truth), truth), strict=True):
            low, high = window
            cases += [z3.And(where, z < low)] if low is not None else []
            cases += [z3.And(where, z > high)] if high is not None else []
        return z3.Or(*cases)
