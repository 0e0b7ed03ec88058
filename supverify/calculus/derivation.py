"""Derivations: literate Markdown whose fenced ``derivation`` and ``step`` blocks are TOML.

    ```derivation                                       ```step
    id = "factorial"                                    id = "pairing"
    title = "..."                                       given = "integers m >= 1, 1 <= i <= m"
    claims = ["forall integer m >= 1: ..."]             says = "i*(m + 1 - i) >= m"
    establishes = ["last-step"]                         by = "combination"
    source = "..."       (may be left out)              from = ["other-step at m = m + 1 and x = 2"]
    modelling = ["..."]  (assumptions in words)         because = "(i - 1)*(m - i)"
    ```                                                 ```

A step states ``forall given: says``. It may rest on earlier steps and on the axioms only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from supverify.kernel.errors import Malformed

from .grammar import parse, parse_context
from .statement import Term, Tree, Variable, conjuncts, is_statement, quantify

HEADER = {"id": str, "title": str, "claims": list, "establishes": list, "source": str, "modelling": list}
STEP = {"id": str, "says": str, "by": str, "given": str, "from": list}
SPREAD = ("says", "given", "because")  # may take several lines
NAME = re.compile(r"[\w-]+")
ARGUMENTS = dict.fromkeys(("because", "on", "at", "constant", "source", "family", "bits", "error", "inputs"), str)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A premise: the name of a step or axiom, and what its variables stand for."""

    name: str
    values: Mapping[str, Tree]


@dataclass(frozen=True, kw_only=True)
class Step:
    """``forall given: says``, shown by the rule ``by`` from premises; ``arguments`` help the rule."""

    id: str
    given: tuple[Tree, ...] = ()
    says: Tree
    by: str
    premises: tuple[Reference, ...] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)
    place: str = "step"

    @property
    def statement(self) -> Tree:
        """``forall given: says``."""
        return quantify(self.given, self.says)


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """Steps, and the claims that named steps establish; ``modelling`` are the assumptions outside the language."""

    id: str
    title: str
    claims: tuple[Tree, ...]
    establishes: tuple[str, ...]
    steps: tuple[Step, ...]
    source: str = ""
    modelling: tuple[str, ...] = ()
    text: str = ""


def read_derivation(text: str, place: str) -> Derivation:
    """The derivation in Markdown ``text``; raises Malformed with ``place:line``."""
    header: dict[str, object] | None = None
    steps: dict[str, Step] = {}
    for kind, line, part in parts(text, place):
        where, block = f"{place}:{line}", "\n".join(part[1:-1])
        if kind not in ("step", "derivation"):
            continue
        if kind == "step":
            step = _step(_table(block, where, {**STEP, **ARGUMENTS}, ("id", "says", "by")), where)
            if step.id in steps or not NAME.fullmatch(step.id):
                raise Malformed(where, "a new id of letters, digits, - and _", step.id)
            steps[step.id] = step
        elif header is not None:
            raise Malformed(where, "one derivation block", "another one")
        else:
            header = _table(block, where, HEADER, ("id", "title", "claims", "establishes"))
            header["claims"] = tuple(
                _statement(claim, f"{where}, claims") for claim in _strings(header, "claims", where)
            )
    if header is None:
        raise Malformed(place, "a fenced derivation block", "none")
    lists = {key: _strings(header, key, place) for key in ("establishes", "modelling")}
    return Derivation(**{**header, **lists}, steps=tuple(steps.values()), text=text)  # type: ignore[arg-type]


def parts(text: str, place: str) -> Iterator[tuple[str, int, list[str]]]:
    """The fenced blocks, each with its kind, first line and lines (fences included), and the prose between, kind "".

    Only ``step`` and ``derivation`` blocks are audited; raises Malformed for a block that is not closed.
    """
    opened, ticks, kind, part = 0, 0, "", list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        fence = line.strip()
        width = len(fence) - len(fence.lstrip("`"))
        if not opened and width >= 3:
            yield "", opened, part
            opened, ticks, kind, part = number, width, fence[width:].strip() or "text", []
        part.append(line)
        if opened and number > opened and width >= ticks and width == len(fence):
            yield kind, opened, part
            opened, part = 0, []
    if opened:
        raise Malformed(f"{place}:{opened}", "a closing ``` fence", "the end of the file")
    yield "", opened, part


def _table(text: str, place: str, keys: Mapping[str, type], needed: Sequence[str]) -> dict[str, object]:
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise Malformed(place, "TOML", str(problem)) from problem
    for key in [key for key in table if key not in keys] + [key for key in needed if key not in table]:
        raise Malformed(place, "the keys " + ", ".join(keys), key if key in table else f"no {key}")
    for key, value in table.items():
        if type(value) is not keys[key]:
            raise Malformed(f"{place}, {key}", "a list" if keys[key] is list else "a string", value)
        texts = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        if not all((" ".join(text.split()) if key in SPREAD else text).isprintable() for text in texts):
            raise Malformed(f"{place}, {key}", "one line of printable text", ascii(value))
    return table


def _strings(table: Mapping[str, object], key: str, place: str) -> tuple[str, ...]:
    items = table.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Malformed(f"{place}, {key}", "a list of strings", items)
    return tuple(items)


def _statement(text: str, place: str) -> Tree:
    tree = parse(text, place)
    if not is_statement(tree):
        raise Malformed(place, "a statement, not an expression", text)
    return tree


def _step(table: Mapping[str, object], place: str) -> Step:
    text = {key: value for key, value in table.items() if isinstance(value, str)}
    place = f"{place}, step {text['id']}"
    return Step(
        id=text["id"],
        given=parse_context(text.get("given", ""), f"{place}, given"),
        says=_statement(text["says"], f"{place}, says"),
        by=text["by"],
        premises=tuple(_reference(name, f"{place}, from") for name in _strings(table, "from", place)),
        arguments={key: text[key] for key in ARGUMENTS if key in text},
        place=place,
    )


def _reference(text: str, place: str) -> Reference:
    name, _, given = text.partition(" at ")
    return Reference(name=name.strip(), values=parse_values(given, place) if given else {})


def parse_values(text: str, place: str) -> dict[str, Tree]:
    """What ``m = 2 and x = m + 1`` lets variables stand for; raises Malformed."""
    values: dict[str, Tree] = {}
    for part in conjuncts(parse(text, place)):
        pair = part.arguments if isinstance(part, Term) and part.head == "=" else ()
        if len(pair) != 2 or not isinstance(pair[0], Variable) or pair[0].name in values:
            raise Malformed(place, "one value for each variable: m = 2 and x = m + 1", text)
        values[pair[0].name] = pair[1]
    return values
