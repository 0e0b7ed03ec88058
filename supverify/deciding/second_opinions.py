"""Second opinions: a claim written for other tools, and what Coq says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from ..files import NetworkFile, check_kept, check_writable, read_network, write_atomically
from ..files.export import Cone, cone, coq, onnx_model, opb, smt2, vnnlib_1, vnnlib_2
from ..kernel.claim import Claim, Criterion, Problem
from ..kernel.errors import Malformed
from ..kernel.network import Network
from .verification import Mode, load_problem, state

Format = Literal["smt2", "opb", "vnnlib", "vnnlib1", "onnx", "coq"]

MEANINGS: dict[Format, str] = {
    "smt2": "unsat: the claim holds; sat: the model's y is a wrong input",
    "opb": "UNSATISFIABLE: the claim holds; SATISFIABLE: the inputs y of the solution are wrong",
    "vnnlib": "unsat: the claim holds; sat: X is a wrong input (round it, and verify it exactly)",
    "vnnlib1": "unsat: the claim holds; sat: X is a wrong input (round it, and verify it exactly)",
    "onnx": "the scaled network alone: it states no claim",
    "coq": "coqc accepts it: the claim is proved, on the axioms of primitive integers that it prints",
}
WRITERS: dict[Format, Callable[[Cone], str]] = {
    "smt2": smt2,
    "opb": opb,
    "vnnlib": vnnlib_2,
    "vnnlib1": vnnlib_1,
    "coq": coq,
}


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written: ``claim`` is the digest of the claim, ``meaning`` how an answer is to be read."""

    to: Format
    claim: str
    files: tuple[str, ...]
    bytes: int
    meaning: str


def export(
    network: NetworkFile | Network | str | Path,
    problem: Problem | str | Path,
    *,
    k: int,
    to: Format,
    output: str | Path,
    criterion: Criterion | None = None,
    mode: Mode = "at-most",
    cones: bool = False,
) -> Exported:
    """Writes the claim as a query for another tool, exactly as the kernel reads it.

    ``cones`` writes one file for each output i, named by it (``net.smt2`` becomes ``net.0.smt2``, ...), about only
    the inputs and neurons that it reads: far easier for most solvers. The claim holds if it does for every cone.
    Where every output reads most of the network (dense layers), each file is about as large as the whole.
    ``vnnlib`` (2.0) and ``vnnlib1`` (1.0) write their network beside them, as ``.onnx``. Raises Malformed for what
    does not fit together, and where a format cannot hold the claim exactly.
    """
    read = [source for source in (network, problem) if isinstance(source, str | Path)]
    file = NetworkFile(network) if isinstance(network, Network) else network
    file = file if isinstance(file, NetworkFile) else read_network(file)
    asked = problem if isinstance(problem, Problem) else load_problem(problem)
    return write(state(file, asked, k=k, criterion=criterion, mode=mode), Path(output), to=to, cones=cones, read=read)


def write(
    claim: Claim, output: Path, *, to: Format, cones: bool = False, read: Iterable[str | Path] = ()
) -> Exported:
    """The same for a claim that is already stated; none of the files that were ``read`` for it is replaced."""
    if to not in MEANINGS:
        raise Malformed("to", "one of " + ", ".join(MEANINGS), to)
    if cones and to == "onnx":
        raise Malformed("cones", "a format that states the claim", to)
    check_writable(output)
    total, written = 0, []
    contents = dict(_contents(claim, output, to, cones))
    check_kept(contents, read)
    for path, make in contents.items():
        data = make()
        write_atomically(path, data)
        written.append(str(path))
        total += len(data)
    return Exported(to=to, claim=claim.digest, files=tuple(written), bytes=total, meaning=MEANINGS[to])


def _contents(claim: Claim, output: Path, to: Format, cones: bool) -> Iterator[tuple[Path, Callable[[], bytes]]]:
    """What is to be written where; queries are made when they are wanted, for many of them take much memory."""
    if to == "onnx":
        yield output, partial(onnx_model, claim.network)
        return
    beside = output.with_suffix(".onnx") if to in ("vnnlib", "vnnlib1") else None
    if beside == output:
        raise Malformed(str(output), "a name that does not end in .onnx, which is its network's", output.name)
    if not cones:
        yield output, partial(_query, claim, None, to)
    for i in range(claim.network.outputs if cones else 0):
        yield output.with_name(f"{output.stem}.{i}{output.suffix}"), partial(_query, claim, [i], to)
    if beside is not None:
        yield beside, partial(bytes, onnx_model(claim.network))  # refused before anything is written


def _query(claim: Claim, outputs: Sequence[int] | None, to: Format) -> bytes:
    return WRITERS[to](cone(claim, outputs)).encode()
