"""The audit's rule table: the kernel's own rules, and one rule for each outside tool, tagged with its name.

``sympy.identity`` (oracle sympy), ``z3.valid`` (z3), ``ball.inequality`` (arb), ``inequality.tail`` (arb, tail),
``growth.multiseries`` (arb, multiseries), ``counting.family`` and ``counting.descriptions`` (counting) and
``probability.existence`` (probability) answer with Accepted, or raise Rejected with a counterexample, or Hole when
the tool is missing, gives up, or reaches its limit (of time or of size).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ..calculus.audit import Rule, audit
from ..calculus.derivation import Derivation, read_derivation
from ..calculus.rules import RULES
from ..kernel.errors import Malformed
from .notebook import FileAudit

if TYPE_CHECKING:  # it brings the decision procedures, which most audits do not need
    from .sources import Sources

LARGEST_FILE = 1 << 20


def rules() -> dict[str, Rule]:
    """Every rule by the name that a step's ``by`` gives it."""
    from .balls import inequality
    from .computer_algebra import identity
    from .counting.rule import descriptions, family
    from .growth.rule import multiseries
    from .inequality.rule import tail
    from .probability.rule import existence
    from .smt import valid

    return {
        **RULES,
        "sympy.identity": identity,
        "z3.valid": valid,
        "ball.inequality": inequality,
        "inequality.tail": tail,
        "counting.family": family,
        "counting.descriptions": descriptions,
        "growth.multiseries": multiseries,
        "probability.existence": existence,
    }


def read_file(path: str | Path) -> Derivation:
    """The derivation in a Markdown file; raises Malformed, also where the file cannot be read."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode("utf-8-sig") if len(data) <= LARGEST_FILE else ""
    except (OSError, ValueError) as problem:  # ValueError: no UTF-8, or a null character in the name
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise Malformed(str(path), "a readable UTF-8 file", reason) from problem
    if not text:
        raise Malformed(str(path), f"a text of 1 to {LARGEST_FILE} bytes", "another size")
    return read_derivation(text, path.name)


def audit_file(path: str | Path, *, permit: Collection[str] | None = None) -> FileAudit:
    """Audits the derivation in a file; ``permit`` names the oracles that may be relied on (None: all)."""
    return FileAudit(**vars(audit(read_file(path), rules(), permit=permit)))


def audit_sources(path: str | Path) -> Sources:
    """Judges the claims of documents in a TOML file against the derivations in its folder; raises Malformed."""
    from .sources import judge, read_claims

    claims = read_claims(path)
    names = sorted({claim.derivation for claim in claims if claim.derivation})
    return judge(claims, {name: audit_file(Path(path).with_name(f"{name}.md")) for name in names})
