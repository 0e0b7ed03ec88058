"""The sentences of a report that Markdown and HTML share; every number in them is counted from the report."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from shlex import quote

from .model import Evidence, MissingTool, NetworkClaim, NetworkEntry, Report, WrongOutput
from .plural import plural
from .sources import CONTRADICTION, Documents
from .verdicts import Tally, network_claims, tallies

GLOSSARY = {
    "feature": "One of the m things an input can contain: feature j is present if y_j = 1 and absent if y_j = 0.",
    "k-sparse": "An input with at most k ones: at most k of the m features are active at once.",
    "superposition": "Features or outputs stored as overlapping groups of neurons, each neuron shared by many. "
    "It works because only few are active at once; the overlaps are the noise that has to be kept harmless.",
    "influence": "The influence of an input is the number of outputs that depend on it. The influence graph joins "
    "each input with its outputs.",
    "code": "The group of neurons that stands for a feature, as a column of zeros and ones. The criterion 'code' "
    "asks that the network's last layer is exactly the union (OR) of the codes of the true outputs.",
    "readout": "Getting one output back from its code by a linear form. The criterion 'readout' asks that the "
    "value is above the threshold exactly if the output is true.",
    "margin": "The smallest distance of any output, on any input of the claim, from the threshold it must not cross. "
    "Positive means right everywhere; a tie is a margin of 0.",
    "broken twin": "The same network with one weight changed. A verifier that cannot refute it has proved nothing.",
    "certificate": "A short text that says how a claim splits into cases which bounds decide, or an input on which "
    "it fails. It holds no numbers to believe: the kernel works all of them out again.",
    "kernel": "What has to be trusted for a verdict on a network: whole-number arithmetic and the standard library, "
    "no search.",
    "calculus": "What has to be trusted for a derivation: the rules that check its steps, with exact arithmetic and "
    "the standard library, no search.",
    "oracle": "A tool outside the kernel and the calculus that a verdict relies on. No oracle means: these alone.",
    "assumption": "A statement that a derivation cites without proof.",
    "hole": "A step that no rule could decide; what rests on it is not proved.",
}

ORACLES = {
    "arb": "Arb (python-flint): real arithmetic with proved error bounds",
    "contract": "supverify's proof layer by layer, with sizes worked out in compiled code",
    "counting": "supverify's counting rules: bijections named in words, checked by recurrences and at small sizes",
    "enumeration": "the enumeration of every input by compiled code, not repeated by the kernel",
    "fast-check": "a compiled reading of the certificate, which the kernel would read the same but slowly",
    "ieee": "floating point of this machine, computed by numpy in the stated order",
    "multiseries": "supverify's exact multiseries: how fast two sides of an asymptotic claim grow",
    "probability": "supverify's existence theorem: a union bound over the bad events of random codes, in fractions",
    "tail": "supverify's expansions of expressions on a tail [B, oo), with bounds of every term left out",
    "rounding": "supverify's bounds on what rounding can change",
    "sympy": "SymPy: symbolic identities",
    "z3": "Z3: unsatisfiability of arithmetic formulas",
}

TRUSTED = {
    "kernel": ("for networks: whole-number arithmetic and the standard library of Python", "supverify/kernel"),
    "calculus": ("for derivations: exact arithmetic and the standard library of Python", "supverify/calculus"),
}
ARITHMETIC = (
    "exact: weights are whole numbers over one scale, statements are about real numbers, and nothing is rounded but "
    "outwards, in balls that contain the true value"
)
FOLDER = "reports/paper"  # where the commands expect the report by default, seen from the root of a checkout


def oracle(name: str) -> str:
    """What an oracle is, in a few words."""
    return ORACLES.get(name, "a tool outside the kernel")


def missing(tool: MissingTool) -> str:
    """Which tool is not there, how to get it, and what is left out."""
    return f"{tool.name} is not installed ({tool.install}): {tool.left_out}."


def printable(name: str) -> str:
    """The name of a file, with another sign in place of each that has no print."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)


QUESTION = (
    "What is true of neural computation in superposition: the bounds that are claimed for it, with their constants, "
    "and networks that have to be right on every input?"
)


def answer(report: Report) -> str:
    """How everything came out, in a few sentences."""
    rows = tallies(report)
    claims, proved, refuted, undecided = (
        sum(getattr(row, name) for row in rows) for name in ("claims", "proved", "refuted", "undecided")
    )
    twins = [entry.twin.claim.status for entry in report.networks if entry.twin is not None]
    text = f"Of {plural(claims, 'claim')} {proved:,} are proved, {refuted:,} refuted and {undecided:,} undecided."
    if twins:
        text += f" Networks broken on purpose that are refuted: {twins.count('REFUTED')} of {len(twins)}."
    if report.documents:
        found = len(report.documents.between(CONTRADICTION))
        text += f" Contradictions between the {plural(len(report.documents.sources), 'document')}: {found}."
    return text


def outcomes(tally: Tally) -> tuple[tuple[str, str], ...]:
    """How the claims of a row came out: pairs of a status and the words for it, such as ``20 proved``."""
    counts = (("PROVED", "proved", tally.proved), ("REFUTED", "refuted", tally.refuted))
    counted = (*counts, ("UNKNOWN", "undecided", tally.undecided))
    return tuple((status, f"{count:,} {word}") for status, word, count in counted if count)


def tally_rests_on(tally: Tally) -> str:
    """How many of the decided claims need no oracle, which ones the others need, and how many assumptions."""
    decided, oracles = tally.proved + tally.refuted, ", ".join(tally.oracles)
    shown = f"{tally.alone:,} on no oracle, the others on {oracles}" if tally.alone else f"each on some of {oracles}"
    if tally.alone == decided:
        shown = "no oracle" if decided else "nothing: none is decided"
    return shown + (f"; {plural(tally.assumptions, 'assumption')}" if tally.assumptions else "")


def abstract(report: Report) -> str:
    """What was checked."""
    inputs = sum(claim.covered for claim in network_claims(report) if claim.status == "PROVED")
    steps = sum(len(derivation.steps) for derivation in report.derivations)
    return (
        "The setting is that of Adler and Shavit, On the Complexity of Neural Computation in Superposition (2025). "
        f"{plural(len(report.derivations), 'derivation')} of bounds, with {plural(steps, 'step')} in all, were "
        f"audited step by step. {plural(len(report.networks), 'network')} "
        f"{'was' if len(report.networks) == 1 else 'were'} built and verified on every input "
        f"that their claims speak of ({plural(inputs, 'input')} in all, once for each claim; none is a sample)."
        f"{_read(report.documents)}"
    )


def _read(documents: Documents | None) -> str:
    if documents is None:
        return ""
    claims, sources = plural(len(documents.claims), "claim"), plural(len(documents.sources), "document")
    return f" {claims} of {sources} about the paper were compared with the derivations and with each other."


PLAIN_WORDS = (
    "In plain words: a network can work with more features than it has neurons if only a few of them are present "
    "at a time. Whether it then makes no mistake at all can be decided, because there are finitely many such inputs. "
    "Here that was done by independent methods, which had to agree wherever more than one was asked, and a small "
    "program that anyone can read repeats the proof."
)


def rests_on(report: Report) -> str:
    """Whom one has to believe for the results."""
    claims = [claim for claim in network_claims(report) if claim.status != "UNKNOWN"]
    alone = sum(not claim.oracles for claim in claims)
    return (
        f"{alone} of the {len(claims)} decided claims about networks rest on the kernel alone, which re-read their "
        f"claim and certificate from the files named beside them. {_asked(claims)}, and had to agree, but those "
        "verdicts do not rest on them. What the derivations rest on is listed here and beside each."
    )


def _asked(claims: Sequence[NetworkClaim]) -> str:
    """How many of the claims enumeration and Z3 were asked about."""
    counts = [sum(claim.said(engine) is not None for claim in claims) for engine in ("enumerate", "smt")]
    return f"Enumeration was asked about {counts[0]} of them and Z3 about {counts[1]}"


def verified_by(report: Report) -> str:
    """Who was asked about the networks, twins left out, and about how many of their claims."""
    claims = [claim for entry in report.networks for claim in entry.claims]
    shown = sum(claim.evidence is not None for claim in claims)
    return f"{_asked(claims)} (one query for each output); of {shown} the kernel works the evidence out again"


def recheck_everything(folder: str) -> str:
    """The one command that repeats every verdict from the report's files."""
    return f"supverify recheck {quote(folder)}"


RECHECKED = (
    "It re-reads every certificate with the kernel, audits every derivation and judges the claims of the documents "
    "once more, from the files in this folder, and compares what it finds with report.json, which has the numbers of "
    "this page. The searches that found the evidence are not repeated."
)


def recheck_kernel(report: Report) -> str:
    """What the kernel repeats without any installed package."""
    shown = [claim.evidence for claim in network_claims(report) if claim.evidence]
    kept = sum(not evidence.regenerate for evidence in shown)
    rest = len(shown) - kept
    left = (
        f" The file of {plural(rest, 'large claim')} has to be made anew first, by the command given there."
        if rest
        else ""
    )
    return (
        f"{kept} of the {plural(len(shown), 'verdict')} on networks need nothing but Python and the kernel, in the "
        f"root of a checkout and without any installed package.{left}"
    )


def recheck_loop(folder: str) -> str:
    """The command by which the kernel alone repeats every verdict whose two files are in the report's folder."""
    return (
        f"for claim in {quote(folder)}/evidence/*.claim.json; do "
        'python -S -m supverify.kernel "$claim" "${claim%.claim.json}.certificate.json"; done'
    )


def audit_command(file: str, folder: str) -> str:
    """The command that audits a derivation, or judges the claims of documents, from the report's files."""
    return f"supverify audit {quote(f'{folder}/{file}')}"


def size_sentence(report: Report) -> str:
    """Honest about size: how many of the networks are narrower than networks without superposition."""
    narrow = [f"{entry.name} ({entry.neurons} neurons for {entry.separate:,})" for entry in narrower(report)]
    return (
        "Without superposition a network has a neuron for each input and each output. "
        f"{len(narrow)} of these {plural(len(report.networks), 'network')} are narrower"
        + (f": {', '.join(narrow)}. " if narrow else ". ")
        + "Superposition saves neurons only where there are many outputs; the small networks show exactness, not "
        "compression. The counting floor is the least width at which as many layers with weights of as many bits "
        "could tell all problems of this size apart. It does not count what the codes carry, which are drawn until "
        "they fit the problem."
    )


def narrower(report: Report) -> list[NetworkEntry]:
    """The networks whose widest layer is below the width without superposition."""
    return [entry for entry in report.networks if entry.neurons < entry.separate]


def pictured(entry: NetworkEntry) -> str:
    """What its pictures are of."""
    built = f"built as the variant {entry.variant} for" if entry.variant else "built for"
    twin = " The counterexample is the one of its broken twin." if entry.twin else ""
    return f"The network {entry.name}, {built} {entry.problem} with k = {entry.k}, readout included.{twin}"


def network_sentence(entry: NetworkEntry) -> str:
    """The shape of a network in one sentence."""
    widths = " → ".join(map(str, entry.widths))
    return (
        f"{entry.inputs:,} inputs, {entry.outputs:,} outputs, at most {entry.k} active. Layers {widths}; "
        f"widest ReLU layer {entry.neurons} neurons ({entry.separate:,} without superposition); "
        f"{entry.parameters:,} weights and biases; built from seed {entry.seed}."
    )


def ratio(entry: NetworkEntry) -> str:
    """The widest layer as a part of the width without superposition, to two places."""
    hundredths = round(Fraction(100 * entry.neurons, entry.separate))
    return f"{hundredths // 100}.{hundredths % 100:02}"


def evidence(claim: NetworkClaim) -> str:
    """What the kernel was shown: ``tree, 245 steps``, or ``replay`` where it evaluated every input itself."""
    shown = claim.evidence
    if shown is None:
        return "none"
    return f"tree, {plural(shown.steps, 'step')}" if shown.kind == "tree" else shown.kind


def recheck_command(evidence: Evidence, folder: str) -> str:
    """The command by which the kernel alone repeats the verdict, from the root of a checkout."""
    claim = evidence.claim if evidence.regenerate else quote(f"{folder}/{evidence.claim}")
    return f"python -S -m supverify.kernel {claim} {quote(f'{folder}/{evidence.certificate}')}"


def active(inputs: tuple[int, ...]) -> str:
    """The active inputs of a counterexample, as a set."""
    return "{" + ", ".join(map(str, inputs)) + "}" if inputs else "no input at all"


def wrong(output: WrongOutput) -> str:
    """What an output should compute and be, and what it is."""
    return f"output {output.output} = {output.computes}: expected {output.expected}, got {output.got}"
