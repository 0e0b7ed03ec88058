"""What documents claim, against derivations and against each other: contradictions are found, not typed in.

A file of claims is TOML, a ``[[claim]]`` for each quantitative claim of a document::

    id = "talk-neurons-needed"          source = "FILE"        place = "where in it, and the formula there"
    quantity = "neurons"                neurons or parameters, in m outputs; capacity (features), in n neurons; ...
    side = "at least"                   at least: nothing does with less; at most: something does with so much
    growth = "sqrt(m*log2(m))"          its growth, or
    statement = "log2(m!) ~ m*log2(m)"  a question that ``ask`` answers
    derivation = "06-neurons"           which of the derivations beside the file has it
    restated = ["..."]                  the claims of the derivation that say it exactly, with their hypotheses
    hypotheses = ["..."]                what the document leaves open, in words

A growth is proved if the derivation is, and if a side of what is restated grows like it, its other variables 1: what
the sides are of remains to be read. Two claims about one quantity contradict each other if what is needed outgrows
what is enough, or the capacity that is there the one that cannot be; capacities are compared with neurons by putting
these in their place. Two claims differ, of one document or of two, if they give one bound two growths.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args

from ..calculus.audit import Audit
from ..calculus.derivation import NAME
from ..calculus.grammar import parse
from ..calculus.statement import GROWTH, RELATIONS, Number, Term, Tree, Variable, free, show, substitute
from ..kernel.errors import Malformed
from ..kernel.verdict import Status
from .answer import answer
from .decision import Decision
from .growth.decide import decide_growth

Side = Literal["at least", "at most"]
Standing = Literal["proved", "refuted", "open"]
BY_ANSWER: Mapping[str, Standing] = {"true": "proved", "false": "refuted", "undecided": "open"}
VARIABLES = {"capacity": Variable("n")}
OUTPUTS = Variable("m")


@dataclass(frozen=True, kw_only=True)
class SourceClaim:
    """One quantitative claim of a document, as its file states it."""

    id: str
    source: str
    place: str
    quantity: str = ""
    side: Side | None = None
    growth: str = ""
    statement: str = ""
    derivation: str = ""
    restated: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()

    @property
    def variable(self) -> Variable:
        """What the growth is in: m outputs, but n neurons for a capacity."""
        return VARIABLES.get(self.quantity, OUTPUTS)

    @property
    def tree(self) -> Tree:
        """The growth, parsed."""
        return parse(self.growth, f"{self.id}.growth")


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two claims that cannot both hold (``kind`` contradiction), or give one bound two growths (difference)."""

    kind: Literal["contradiction", "difference"]
    first: str
    second: str
    question: str
    reason: str
    oracles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One claim with its standing; ``refuted`` also by a contradiction with a claim that is proved."""

    claim: SourceClaim
    standing: Standing
    reason: str
    oracles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sources:
    """All claims of a file, judged, and what is between them."""

    findings: tuple[Finding, ...]
    conflicts: tuple[Conflict, ...]


def read_claims(path: str | Path) -> tuple[SourceClaim, ...]:
    """The claims in a TOML file; raises Malformed naming the claim and the key."""
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Malformed(str(path), "a TOML file of claims", str(error)) from error
    entries = table.get("claim")
    if set(table) != {"claim"} or not isinstance(entries, list):
        raise Malformed(str(path), "tables [[claim]] and nothing else", ", ".join(table) or "nothing")
    claims = tuple(_claim(entry, f"{path}: claim {i}") for i, entry in enumerate(entries, start=1))
    if len({claim.id for claim in claims}) < len(claims):
        raise Malformed(str(path), "each id once", [claim.id for claim in claims])
    return claims


def _claim(entry: object, place: str) -> SourceClaim:
    keys = {field.name: field.type for field in fields(SourceClaim)}
    if not isinstance(entry, dict) or not {"id", "source", "place"} <= set(entry) <= set(keys):
        raise Malformed(place, "id, source, place and some of " + ", ".join(keys), entry)
    for key, value in entry.items():
        wanted = list if key in ("restated", "hypotheses") else str
        if not isinstance(value, wanted) or (wanted is list and not all(isinstance(x, str) for x in value)):
            raise Malformed(f"{place}, {key}", "a list of texts" if wanted is list else "a text", value)
    if entry.get("side") not in (None, *get_args(Side)):
        raise Malformed(f"{place}, side", " or ".join(get_args(Side)), entry["side"])
    if not NAME.fullmatch(entry["id"]):
        raise Malformed(f"{place}, id", "letters, digits, hyphens and underscores", entry["id"])
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    claim = SourceClaim(**values)
    if bool(claim.growth) != bool(claim.quantity and claim.side) or bool(claim.derivation) != bool(claim.restated):
        raise Malformed(place, "growth with quantity and side, derivation with restated", claim.id)
    if claim.growth and not free(claim.tree) <= free(claim.variable):
        raise Malformed(f"{place}, growth", f"an expression in {show(claim.variable)}", claim.growth)
    return claim


def judge(claims: Sequence[SourceClaim], audits: Mapping[str, Audit]) -> Sources:
    """The standing of each claim, ``audits`` having the derivations by name, and every conflict between two."""
    conflicts = tuple(_conflicts(claims))
    own = {claim.id: _own(claim, audits) for claim in claims}
    return Sources(tuple(_against(own[claim.id], own, conflicts) for claim in claims), conflicts)


def _against(finding: Finding, own: Mapping[str, Finding], conflicts: Sequence[Conflict]) -> Finding:
    """The finding, or the refutation of an open claim by one that is proved."""
    for conflict in conflicts:
        pair = (conflict.first, conflict.second)
        if finding.standing == "open" and conflict.kind == "contradiction" and finding.claim.id in pair:
            rival = own[pair[finding.claim.id == conflict.first]]
            if rival.standing == "proved":
                oracles = tuple(sorted({*rival.oracles, *conflict.oracles}))
                reason = f"contradicts {rival.claim.id}, which is proved"
                return Finding(claim=finding.claim, standing="refuted", reason=reason, oracles=oracles)
    return finding


def _own(claim: SourceClaim, audits: Mapping[str, Audit]) -> Finding:
    """What the claim's own derivation, or its statement, says of it."""
    if claim.derivation:
        return _derived(claim, audits)
    if claim.statement:
        found = answer(claim.statement)
        oracles = tuple(sorted(found.oracles))
        return Finding(claim=claim, standing=BY_ANSWER[found.verdict], reason=found.reason, oracles=oracles)
    return Finding(claim=claim, standing="open", reason="no derivation has it")


def _derived(claim: SourceClaim, audits: Mapping[str, Audit]) -> Finding:
    found = audits.get(claim.derivation)
    if found is None:
        raise Malformed(f"{claim.id}.derivation", "one of " + ", ".join(sorted(audits)), claim.derivation)
    stated = {show(statement) for statement in found.derivation.claims}
    for text in claim.restated:
        if show(parse(text, f"{claim.id}.restated")) not in stated:
            raise Malformed(f"{claim.id}.restated", f"a claim of {claim.derivation}", text)
    if found.status is not Status.PROVED:
        return Finding(claim=claim, standing="open", reason=f"derivation {claim.derivation} is not proved")
    tied = _tied(claim) if claim.growth else frozenset[str]()
    if tied is None:
        reason = f"derivation {claim.derivation} is proved, but no side of what is restated is known to grow like it"
        return Finding(claim=claim, standing="open", reason=reason)
    oracles = tuple(sorted(found.oracles | tied))
    return Finding(claim=claim, standing="proved", reason=f"derivation {claim.derivation}", oracles=oracles)


def _tied(claim: SourceClaim) -> frozenset[str] | None:
    """The oracles by which a side of a restated claim grows like the claim; None where none is known to."""
    for text in claim.restated:
        for side in _sides(parse(text, f"{claim.id}.restated")):
            for name in sorted(free(side)):
                ones: dict[str, Tree] = dict.fromkeys(free(side), Number(Fraction(1)))
                shown = substitute(side, {**ones, name: claim.variable})
                found = decide_growth(Term("Theta", (claim.variable, shown, claim.tree)))
                if found.verdict == "true":
                    return found.oracles
    return None


def _sides(statement: Tree) -> Iterator[Tree]:
    """What the statement compares, in its conditions too, that is no variable alone."""
    if isinstance(statement, Term) and statement.head in RELATIONS:
        yield from (side for side in statement.arguments if isinstance(side, Term))
    elif isinstance(statement, Term) and statement.head in GROWTH:
        yield from statement.arguments[1:]
    elif isinstance(statement, Term):
        for part in statement.arguments:
            yield from _sides(part)


def _conflicts(claims: Sequence[SourceClaim]) -> Iterator[Conflict]:
    grown = [claim for claim in claims if claim.growth]
    for first, second in combinations(grown, 2):
        yield from _between(first, second)
        yield from _between(second, first)
        if (first.quantity, first.side) == (second.quantity, second.side):
            equal = Term("Theta", (first.variable, first.tree, second.tree))
            yield from _asked("difference", first, second, equal)


def _between(needed: SourceClaim, enough: SourceClaim) -> Iterator[Conflict]:
    """A contradiction if ``needed`` outgrows ``enough``: needed = O(enough) has to be true.

    A capacity of at least g means that n neurons are enough for g(n) outputs, one of at most h that they are needed
    for more than h(n).
    """
    kinds = (needed.quantity, needed.side, enough.quantity, enough.side)
    if needed.quantity == enough.quantity and (needed.side, enough.side) == ("at least", "at most"):
        yield from _asked("contradiction", needed, enough, Term("O", (needed.variable, needed.tree, enough.tree)))
    elif kinds == ("capacity", "at most", "neurons", "at most"):
        held = substitute(needed.tree, {"n": enough.tree})
        yield from _asked("contradiction", needed, enough, Term("O", (OUTPUTS, OUTPUTS, held)))
    elif kinds == ("neurons", "at least", "capacity", "at least"):
        used = substitute(needed.tree, {"m": enough.tree})
        yield from _asked("contradiction", needed, enough, Term("O", (enough.variable, used, enough.variable)))


def _asked(
    kind: Literal["contradiction", "difference"],
    first: SourceClaim,
    second: SourceClaim,
    statement: Tree,
) -> Iterator[Conflict]:
    """A conflict if the statement, which two claims that agree make true, is false."""
    found: Decision = decide_growth(statement)
    if found.verdict == "false":
        yield Conflict(
            kind=kind,
            first=first.id,
            second=second.id,
            question=show(statement),
            reason=found.reason,
            oracles=tuple(sorted(found.oracles)),
        )
