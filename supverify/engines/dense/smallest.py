"""The smallest wrong input, once some output is known to be wrong: fewest ones, then the first of them."""

from __future__ import annotations

from collections.abc import Sequence

from supverify.kernel.claim import Cell

from .cells import cases
from .task import Active, Found, Task


def smallest(task: Task, outputs: Sequence[int], known: Active, *, walked: bool) -> Active:
    """The first input in the documented order on which one of ``outputs`` is wrong, ``known`` being one of them.

    ``walked``: whether each of them has been walked over. Only the smallest that is known by then if ``stop`` is set
    on the way.
    """
    claim, before = task.claim, outputs
    known, outputs = fewest(task, outputs, known)
    if outputs is before and not walked:
        found = task.found(task.ready(outputs, len(known)))
        known, outputs = min((known, *found.wrong), key=lambda y: (len(y), y)), found.outputs
    for place in range(len(known)):
        lower = range(known[place - 1] + 1 if place else 0, known[place])
        cells = [_begins(known[:place], j, len(known)) for j in lower]
        parts = [case for i in outputs for cell in cells for case in cases(claim, [i], cell)]
        found = task.search(parts) if parts else Found()
        known = min((known, *found.wrong))  # of each output the first cell with a wrong input is the lowest one
    return known


def fewest(task: Task, outputs: Sequence[int], known: Active) -> tuple[Active, Sequence[int]]:
    """A wrong input with as few ones as there is, and the outputs that may be wrong on others with as many.

    Outputs are asked about fewer ones than are known to be wrong, which costs a fraction of what more would.
    """
    while known and task.claim.mode == "at-most":
        found = task.found(task.ready(outputs, len(known) - 1))
        if not found.wrong:
            break
        known, outputs = min(found.wrong, key=lambda y: (len(y), y)), found.outputs
    return known, outputs


def _begins(prefix: Active, j: int, size: int) -> Cell:
    """The inputs with ``size`` ones that begin with the prefix and j."""
    on = frozenset((*prefix, j))
    return Cell(on, frozenset(range(j)) - on, size - len(on))
