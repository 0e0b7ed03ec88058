"""Coq's word on an exported claim: coqc compiles it, and what its proof assumes is read from what it prints.

A missing coqc, a limit or any other trouble is a HOLE: only a compiled proof on the axioms of primitive integers
is PROVED. It speaks of the file's own theorem, of a network in Z.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from ..files import read_bytes

ALLOWED = re.compile(r"(Coq\.Numbers\.Cyclic\.Int63\.)?(Uint63|PrimInt63)\.\w+")
"""Axioms of Coq's primitive 63-bit integers, which the machine's words implement."""

REFUSED = re.compile(r'has type\s+"true = true"\s+while it is expected to have type\s+"check the_claim = true"')
FALSE = "Coq's checker computes that the claim fails"


@dataclass(frozen=True, kw_only=True)
class CoqAnswer:
    """PROVED; REJECTED where the verified checker computes false; HOLE for everything that decides nothing."""

    status: Literal["PROVED", "REJECTED", "HOLE"]
    reason: str
    axioms: tuple[str, ...] = ()
    seconds: float = 0.0


def check_with_coq(path: str | Path, *, seconds: float = 300.0, recheck: bool = False) -> CoqAnswer:
    """Compiles the file at ``path`` with coqc, and (``recheck``) has coqchk check the compiled file again.

    Each may take ``seconds``; coqchk takes Coq's own library as it is installed, and computes with Coq's virtual
    machine as coqc does (without it M = 64, k = 2 takes it a minute). Raises Malformed if the file cannot be read.
    """
    text, started = read_bytes(path), time.monotonic()
    with TemporaryDirectory(prefix="supverify-coq-") as folder:
        Path(folder, "Claim.v").write_bytes(text)
        answer = _compile(Path(folder), seconds)
        if recheck and answer.status == "PROVED":
            answer = _recheck(Path(folder), seconds, answer)
    return CoqAnswer(
        status=answer.status,
        reason=answer.reason,
        axioms=answer.axioms,
        seconds=round(time.monotonic() - started, 3),
    )


def _compile(folder: Path, seconds: float) -> CoqAnswer:
    done = _run("coqc", ["-q", "-w", "none", "Claim.v"], folder, seconds)
    if isinstance(done, CoqAnswer):
        return done
    if done.returncode:
        if REFUSED.search(done.stderr):
            return CoqAnswer(status="REJECTED", reason=FALSE)
        return CoqAnswer(status="HOLE", reason=f"coqc stopped: {_line(done)}")
    axioms = assumptions(done.stdout)
    foreign = [axiom for axiom in axioms or () if not ALLOWED.fullmatch(axiom)]
    if axioms is None or foreign:
        reason = f"the proof assumes {', '.join(foreign)}" if foreign else "the file prints no assumptions"
        return CoqAnswer(status="HOLE", reason=reason, axioms=axioms or ())
    return CoqAnswer(status="PROVED", reason="coqc accepts the proof", axioms=axioms)


def _recheck(folder: Path, seconds: float, compiled: CoqAnswer) -> CoqAnswer:
    done = _run("coqchk", ["-silent", "-bytecode-compiler", "yes", "-norec", "Claim"], folder, seconds)
    if isinstance(done, CoqAnswer):
        return done
    if done.returncode:
        return CoqAnswer(status="HOLE", reason=f"coqchk stopped: {_line(done)}", axioms=compiled.axioms)
    return CoqAnswer(status="PROVED", reason="coqc and coqchk accept the proof", axioms=compiled.axioms)


def _run(
    name: str, arguments: Sequence[str], folder: Path, seconds: float
) -> subprocess.CompletedProcess[str] | CoqAnswer:
    """The finished run of a Coq program, or the HOLE that its absence or the time limit leaves."""
    program = shutil.which(name)
    if program is None:
        return CoqAnswer(status="HOLE", reason=f"not checked by Coq: {name} not found")
    try:
        return subprocess.run(
            [program, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return CoqAnswer(status="HOLE", reason=f"not checked by Coq: {name} needs more than {seconds:g} s")
    except OSError as error:
        return CoqAnswer(status="HOLE", reason=f"not checked by Coq: {name}: {error.strerror}")


def assumptions(printed: str) -> tuple[str, ...] | None:
    """The axioms that Print Assumptions lists (none if there is nothing to assume); None if it printed nothing."""
    if printed.strip() == "Closed under the global context":
        return ()
    _, found, listed = printed.partition("Axioms:\n")
    return tuple(line.split()[0] for line in listed.splitlines() if line[:1].strip()) if found else None


def _line(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stderr or done.stdout or f"exit code {done.returncode}").split())[:300]
