"""Does the evidence show the claim? ``check`` returns the verdict, or raises Rejected and says where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from .bounds import Bounds
from .certificate import ASIDE, IDEAL, LEAF, OUTPUTS, REPLAY, SPLIT, WITNESS, Certificate, number, supports
from .claim import Cell, Claim, Clause, Target, Window
from .codec import decode, parse
from .errors import Rejected
from .ideal import ideal
from .network import evaluate
from .packed import Packed
from .verdict import Status, Verdict

REPLAY_LIMIT = 1 << 22  # inputs that the replays of one certificate may evaluate


def recheck(claim: bytes, certificate: bytes) -> Verdict:
    """The verdict on the contents of two files, read anew; raises Malformed or Rejected."""
    read = [
        decode(kind, parse(text, place), place)
        for kind, text, place in ((Claim, claim, "claim"), (Certificate, certificate, "certificate"))
    ]
    return check(*read)


def check(claim: Claim, certificate: Certificate) -> Verdict:
    """PROVED or REFUTED by the kernel alone; raises Rejected where the evidence does not show it."""
    if certificate.claim != claim.digest:
        raise Rejected("certificate.claim", claim.digest, certificate.claim)
    words = certificate.evidence.split(" ")
    if words[0] == WITNESS:
        return _refute(claim, tuple(map(number, words[1:])))
    _prove(claim, words)
    return Verdict(status=Status.PROVED, reason=f"the evidence holds, in {len(words)} steps")


def _refute(claim: Claim, active: tuple[int, ...]) -> Verdict:
    ascending = sorted(set(active)) == list(active) and max(active, default=-1) < claim.network.inputs
    if not ascending or len(active) not in claim.sizes(claim.domain):
        raise Rejected("witness", f"{claim.mode} {claim.k} inputs of {claim.network.inputs}, ascending", active)
    wrong = wrong_outputs(claim, active)
    if not wrong:
        raise Rejected(f"witness {list(active)}", "a wrong output", "every output is right")
    return Verdict(status=Status.REFUTED, counterexample=active, reason=f"output {wrong[0]} is wrong")


def wrong_outputs(claim: Claim, active: Sequence[int]) -> list[int]:
    """The network outputs that the criterion calls wrong when exactly ``active`` is on."""
    ones, wrong = set(active), list[int]()
    for i, (z, target) in enumerate(zip(evaluate(claim.network, active), claim.targets(), strict=True)):
        low, high = claim.windows[any(ones.issuperset(clause) for clause in target)]
        if (low is not None and z < low) or (high is not None and z > high):
            wrong.append(i)
    return wrong


def _prove(claim: Claim, evidence: Sequence[str]) -> None:
    """Walks the evidence; returns if it decides every input and every output, else raises Rejected."""
    if evidence[0] == IDEAL:
        claim, evidence = replace(claim, network=ideal(claim)), evidence[1:]
    targets, replayer = claim.targets(), None
    bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
    for cell, outputs, step in walk(claim, evidence):
        if step == REPLAY:
            replayer = replayer or Replayer(claim)
            replayer.replay(cell, outputs)
        else:
            decide(claim, bounds, cell, {i: targets[i] for i in outputs}, supports(step))


def walk(claim: Claim, evidence: Sequence[str]) -> Iterator[tuple[Cell, frozenset[int], str]]:
    """The cases (cell, outputs), together all of the claim, each with the leaf or replay that has to decide it.

    Raises Rejected where the words end too early or too late.
    """
    cases = [(claim.domain, frozenset(range(len(claim.targets()))))]
    for step in evidence:
        if not cases:
            raise Rejected("evidence", "the end, for every case is decided", step)
        cell, outputs = cases.pop()
        if step == REPLAY or step.startswith(LEAF):
            yield cell, outputs, step
        elif step == OUTPUTS:
            cases += [(cell, frozenset((i,))) for i in sorted(outputs, reverse=True)]
        elif step.startswith(ASIDE):
            aside = number(step, ASIDE)
            if aside not in outputs:
                raise Rejected(str(cell), f"one of the case's {len(outputs)} outputs to set aside", step)
            cases += [(cell, outputs - {aside}), (cell, frozenset((aside,)))]
        else:
            on, off = cell.split(number(step, SPLIT), claim.network.inputs)
            cases += [(off, outputs), (on, outputs)]
    if cases:
        raise Rejected(str(cases[-1][0]), "evidence for this cell", "the end of the certificate")


def decide(
    claim: Claim, bounds: Bounds, cell: Cell, targets: dict[int, Target], points: Sequence[Collection[int]] = ()
) -> None:
    """Returns if bounds place each of these outputs in its window on the whole cell, else raises Rejected.

    A cell that leaves the truth of an output open is split until it does not; ``points`` are sets of inputs, on
    beside those of the cell, that slopes are read off.
    """
    parts: dict[Cell, dict[int, Window]] = {}
    windows, never = claim.windows, () if points else _never_where_false(claim, bounds, cell, targets)
    for i, target in targets.items():
        right = i in never
        known = [(cell.forced(target[0]), True)] if right and len(target) == 1 else None
        for part, truth in known or truths(target, cell, claim.network.inputs):
            if (truth or not right) and not bounds.shows(part, i, windows[truth]):
                parts.setdefault(part, {})[i] = windows[truth]
    for part, wanted in parts.items():
        if claim.population(part):
            found = bounds.outside(part, wanted, [cell.on.union(point) for point in points])
            if found is not None:
                got = bounds.outputs(part, [found])[found]
                raise Rejected(f"{part}, output {found}", f"bounds within {wanted[found]}", got)


def _never_where_false(claim: Claim, bounds: Bounds, cell: Cell, targets: dict[int, Target]) -> set[int]:
    """Outputs that are right wherever they should be false, as far as a rough reading of all of them at once sees."""
    seen, left, false = set(), {}, claim.windows[False]
    for i, target in targets.items():
        clause = _missing(target, cell)
        if clause and bounds.shows(cell, i, false, clause):
            seen.add(i)
        elif len(clause) > 1:
            left[i] = clause
    return seen | bounds.excluded(cell, false, left) if left else seen


def truths(target: Target, cell: Cell, inputs: int) -> Iterator[tuple[Cell, bool]]:
    """The parts of the cell on which the target is true, or false, throughout."""
    cells = [cell]
    while cells:
        part = cells.pop()
        missing = None if any(part.on.issuperset(clause) for clause in target) else _missing(target, part)
        if missing:
            cells += part.split(min(missing), inputs)[::-1]
        else:
            yield part, missing is None


def _missing(target: Target, cell: Cell) -> frozenset[int]:
    """What is missing for the first clause that can still be true on the cell; nothing if there is none."""
    for clause in target:
        missing = frozenset(clause) - cell.on
        if len(missing) <= cell.budget and cell.off.isdisjoint(clause):
            return missing
    return frozenset()


class Replayer:
    """Evaluates every input of a cell, with all outputs side by side in one packed integer."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.packed = (
            claim,
            Packed(claim.network, max(abs(x or 0) for ends in claim.windows for x in ends)),
        )
        ones = self.packed.pack([1] * claim.network.outputs)
        self.windows = [[None if x is None else x * ones for x in window] for window in claim.windows]
        self.clauses: dict[Clause, int] = {}
        for i, target in enumerate(claim.targets()):
            for clause in target:
                self.clauses[clause] = self.clauses.get(clause, 0) | self.flags([i])
        self.sizes, self.replayed = {len(clause) for clause in self.clauses}, 0

    def flags(self, outputs: Iterable[int]) -> int:
        """The top bits of the digits of ``outputs``."""
        return sum(1 << (self.packed.width * (i + 1) - 1) for i in outputs)

    def wrong(self, active: Sequence[int]) -> int:
        """The flags of the outputs outside their window when exactly ``active`` (ascending) is on."""
        true = wrong = 0
        for size in self.sizes:
            for clause in combinations(active, size):
                true |= self.clauses.get(clause, 0)
        z = self.packed.evaluate(active)
        for (low, high), where in zip(self.windows, (~true, true), strict=True):
            wrong |= where & ~self.packed.reach(z, low) if low is not None else 0
            wrong |= where & ~self.packed.reach(high, z) if high is not None else 0
        return wrong & self.packed.half

    def replay(self, cell: Cell, outputs: Iterable[int]) -> None:
        """Returns if every input of the cell is right, else (or after too many replays) raises Rejected."""
        self.replayed += self.claim.population(cell)
        if self.replayed > REPLAY_LIMIT:
            raise Rejected(str(cell), f"at most {REPLAY_LIMIT} inputs to replay", self.replayed)
        considered = self.flags(outputs)
        for active in self.claim.members(cell):
            wrong = self.wrong(active) & considered
            if wrong:
                i = (wrong.bit_length() - 1) // self.packed.width
                raise Rejected(f"replay of {list(active)}", "every output in its window", f"output {i} outside")
