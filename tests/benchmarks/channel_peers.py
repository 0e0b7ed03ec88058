"""Solvers from the package index on the covering question of one output, cut out for them by hand.

Variables y_j for the inputs, at most k of them 1, not both ends of the gate: can every row of the channel still reach
its threshold? The sums G = W1 C are given to them. No solution means that the output never fires wrongly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Cone:
    """``gains`` (rows x inputs), the ``need`` of every row, the ends of the gate, and k."""

    gains: npt.NDArray[np.int64]
    need: int
    pair: tuple[int, int]
    k: int


def exact_fires(cone: Cone) -> bool:
    """Exact, a pseudo-Boolean solver."""
    exact: Any = import_module("exact")
    solver = exact.Exact()
    names = [f"y{j}" for j in range(cone.gains.shape[1])]
    for name in names:
        solver.addVariable(name, 0, 1)
    solver.addConstraint([(1, name) for name in names], False, 0, True, cone.k)
    solver.addConstraint([(1, names[j]) for j in cone.pair], False, 0, True, 1)
    for row in cone.gains.tolist():
        solver.addConstraint([(g, name) for g, name in zip(row, names, strict=True) if g], True, cone.need, False, 0)
    answer = solver.runFull(False)
    if answer not in ("SAT", "UNSAT"):
        raise RuntimeError(answer)
    return bool(answer == "SAT")


def cpsat_fires(cone: Cone) -> bool:
    """CP-SAT of OR-tools, one thread."""
    cp_model: Any = import_module("ortools.sat.python.cp_model")

    model = cp_model.CpModel()
    y = [model.new_bool_var("") for _ in range(cone.gains.shape[1])]
    model.add(sum(y) <= cone.k)
    model.add(sum(y[j] for j in cone.pair) <= 1)
    for row in cone.gains.tolist():
        model.add(sum(g * v for g, v in zip(row, y, strict=True) if g) >= cone.need)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    answer = solver.solve(model)
    if answer not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE):
        raise RuntimeError(solver.status_name(answer))
    return bool(answer != cp_model.INFEASIBLE)


def highs_fires(cone: Cone) -> bool:
    """HiGHS, a mixed integer solver; its answers rest on floating point."""
    highspy: Any = import_module("highspy")

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    y = [solver.addBinary() for _ in range(cone.gains.shape[1])]
    solver.addConstr(sum(y) <= cone.k)
    solver.addConstr(sum(y[j] for j in cone.pair) <= 1)
    for row in cone.gains.tolist():
        solver.addConstr(sum(int(g) * v for g, v in zip(row, y, strict=True) if g) >= cone.need)
    solver.run()
    answer = solver.getModelStatus()
    if answer not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
        raise RuntimeError(str(answer))
    return bool(answer == highspy.HighsModelStatus.kOptimal)


PEERS: dict[str, Callable[[Cone], bool]] = {"exact": exact_fires, "cp-sat": cpsat_fires, "highs": highs_fires}
