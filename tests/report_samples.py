"""A made-up report with everything a report can say: each status, a twin, a refused step, hostile text."""

from __future__ import annotations

from dataclasses import replace

from supverify.report.derivation import Axiom, Conclusion, Derivation, Step
from supverify.report.model import (
    ClassCount,
    Classification,
    CountingFact,
    Counts,
    EngineAnswer,
    Evidence,
    EvidenceFile,
    Measured,
    NetworkClaim,
    NetworkEntry,
    Report,
    Twin,
    WrongOutput,
)
from supverify.report.sources import DocumentClaim, DocumentConflict, Documents, Formula

ASSUMED = "Every description names one function."
HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too'"


FILES = (
    *("01-pairs.md", "01-pairs.json", "claims.toml", "claims.json"),
    *(f"star-5-k2-{kind}.{file}.json" for kind in ("code", "readout", "twin") for file in ("claim", "certificate")),
)


def claim(name: str, *, status: str = "PROVED", covered: int = 1137, margin: str = "3/2") -> NetworkClaim:
    wrong = int(status == "REFUTED") * 7
    return NetworkClaim(
        name=name,
        sentence=f"4 ANDs on all {covered} inputs",
        criterion=name.rpartition("-")[2],
        k=2,
        mode="at-most",
        covered=covered,
        status=status,
        reason="the evidence holds, in 31 steps",
        counts=Counts(
            wrong_inputs=wrong, wrong_entries=wrong, ties=0, min_margin=margin, wrong_per_size=(0, 0, wrong)
        ),
        answers=(EngineAnswer(engine="enumerate", status=status), EngineAnswer(engine="smt", status="UNKNOWN")),
        evidence=Evidence(
            kind="witness" if wrong else "tree",
            claim=f"evidence/{name}.claim.json",
            certificate=f"evidence/{name}.certificate.json",
            digest="ab" * 32,
            claim_bytes=41_234,
            certificate_bytes=1_088,
            steps=31,
        ),
        counterexample=(0, 3) if wrong else None,
    )


def network(name: str = "star-5-k2") -> NetworkEntry:
    broken = WrongOutput(output=3, computes="y0 AND y3", expected="above 1/2", got="0")
    return NetworkEntry(
        name=name,
        problem="star:M=4,seed=0",
        kind="2-and",
        inputs=5,
        outputs=4,
        k=2,
        seed=0,
        neurons=3,
        separate=5,
        widths=(5, 3, 4),
        parameters=27,
        bits=54,
        floor=2,
        claims=(claim(f"{name}-code"), claim(f"{name}-readout", covered=16)),
        twin=Twin(
            change="layer 1: weight 1 becomes 2", claim=claim(f"{name}-twin", status="REFUTED"), wrong=(broken,)
        ),
    )


def star() -> Classification:
    return Classification(
        name="star-5",
        problem="star:M=4,seed=0",
        inputs=5,
        outputs=4,
        edges=tuple((j, i) for i in range(4) for j in (0, i + 1)),
        influence=(4, 1, 1, 1, 1),
        classes=(
            ClassCount(name="light", of="input", rule="$d^4 \\le M$", standing="source", members=(1, 2, 3, 4)),
            ClassCount(name="super-heavy", of="input", rule="$d^4 > M^3$", standing="derived", members=(0,)),
            ClassCount(name="super-heavy", of="output", rule="", standing="derived", members=(0, 1, 2, 3)),
        ),
        facts=(
            CountingFact(
                statement="heavy inputs < $2M^{3/4}$", left=1, relation="<", right=6, holds=True, standing="source"
            ),
        ),
        thresholds=(("1/4", "source"), ("3/4", "derived")),
        warning="Fewer than 16 outputs.",
    )


def step(name: str, outcome: str) -> Step:
    refused = outcome == "REJECTED"
    return Step(
        name=name,
        prose=f"## Pairs\n\nThe pair is *at least* $m$; {HOSTILE}",
        says="i*(m + 1 - i) >= m",
        latex=r"i \, (m + 1 - i) \ge m",
        given="integers m >= 1, 1 <= i <= m",
        given_latex=(r"m \in \mathbb{Z}", r"1 \le i \le m"),
        rule="z3.valid",
        outcome=outcome,
        premises=("factorial.step at n = m",),
        oracles=("z3",),
        arguments=(("because", "(i - 1)*(m - i)"), ("on", "m")),
        place="01-pairs.md:7" if refused else "",
        expected="a multiplier that is not negative" if refused else "",
        got="-1" if refused else "",
    )


def derivation(name: str, status: str, outcome: str) -> Derivation:
    return Derivation(
        name=name,
        title=f"Pairs of factors, {name}",
        path="proofs/01-pairs.md",
        digest="cd" * 32,
        status=status,
        reason="" if status == "PROVED" else "step pair is rejected",
        conclusions=(
            Conclusion(
                statement="m >= 1",
                latex=(r"m \ge 1",),
                step="pair",
                status=status,
                oracles=("z3",),
                assumptions=(ASSUMED,),
            ),
        ),
        steps=(step("pair", outcome),),
        oracles=("z3",),
        assumptions=(ASSUMED,),
        axioms=(Axiom(name="factorial.step", statement="n! = n*(n-1)!", latex=r"n! = n \, (n - 1)!"),),
        closing="That is all.",
    )


def documents() -> Documents:
    bound = Formula(statement="Omega(m)", latex=(r"\Omega(m)",))
    needed = DocumentClaim(
        name="needed",
        source="000.txt",
        place=f"abstract: {HOSTILE}",
        subject="neurons, at least",
        formula=bound,
        exactly=(Formula(statement="m >= 1", latex=(r"m \ge 1",)),),
        standing="PROVED",
        reason="derivation 01-pairs",
        file="evidence/01-pairs.md",
        evidence="evidence/01-pairs.json",
        oracles=("z3",),
        assumptions=(ASSUMED,),
        hypotheses=(f"bits bounded, {HOSTILE}",),
        derivation="proofs/01-pairs.md",
        anchor="good",
    )
    asked = DocumentClaim(
        name="asked",
        source="001.txt",
        place="end",
        subject="",
        formula=Formula(statement="m ~ 2*m as m -> oo", latex=(r"m \sim 2 \, m",)),
        exactly=(),
        standing="REFUTED",
        reason="f/g tends to 2",
        oracles=("arb",),
        question="m ~ 2*m",
        file="evidence/claims.toml",
        evidence="evidence/claims.json",
    )
    enough = replace(asked, name="enough", subject="neurons, at most", question="", standing="OPEN", oracles=())
    conflict = DocumentConflict(
        kind="contradiction",
        first="needed",
        second="enough",
        question=bound,
        reason="f/g tends to infinity",
        oracles=("multiseries",),
    )
    return Documents(
        path="proofs/claims.toml",
        file="evidence/claims.toml",
        evidence="evidence/claims.json",
        claims=(needed, asked, enough),
        conflicts=(conflict,),
    )


def report() -> Report:
    return Report(
        title=f"Claims checked {HOSTILE}",
        classifications=(star(),),
        networks=(network(),),
        derivations=(derivation("good", "PROVED", "ACCEPTED"), derivation("bad", "UNKNOWN", "REJECTED")),
        documents=documents(),
        files=tuple(EvidenceFile(path=f"evidence/{name}", content=b"{}") for name in FILES),
        measured=Measured(seconds=(("building", 1.25),), versions=(("python", "3.11"),)),
    )
