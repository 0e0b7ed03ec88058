"""The answer to a question about growth, a limit or an inequality: true, false or undecided, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Literal["true", "false", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a decision procedure found; only a proof makes it "true" or "false".

    ``m0`` is the start of the range of an explicit inequality (the smallest one where it was asked for).
    ``certificate`` holds nothing but what ``json.dumps`` takes: the numbers and terms that the answer rests on.
    ``reason`` is one line for people, and for "undecided" says what was missing. ``oracles`` names the tools outside
    the kernel.
    """

    verdict: Answer
    m0: int | None = None
    certificate: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    oracles: frozenset[str] = frozenset()


def undecided(reason: str, **certificate: Any) -> Decision:
    """No answer, and what was missing for one."""
    return Decision(verdict="undecided", certificate=certificate, reason=reason)
