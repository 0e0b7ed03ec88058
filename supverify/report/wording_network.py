"""The sentences of a report on one network that its page, its Markdown and its PDF share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import Evidence
from .network_model import LayerReplay, NetworkReport, Question
from .plural import plural
from .wording import active
from .wording_measures import about

IN_JSON = "in report.json"
SHOWN = 12  # items of a long list
MARKS = {"PROVED": "✓", "REFUTED": "✗", "UNKNOWN": "?"}  # told apart without colour, and beside the word
ENGINES = {
    "enumerate": "goes through every input, one by one, and counts",
    "smt": "asks Z3 for each output whether a wrong input exists",
    "branch": "splits the inputs into cases until bounds decide each",
    "contract": "shows layer by layer what each neuron stands for",
    "channels": "covers channels of neurons by few inputs; for networks of steps",
    "dense": "splits the inputs into cases, compiled; for one hidden layer of any weights",
}
ARITHMETIC = {
    "exact": "Over the real numbers: each weight is the exact fraction that the file has; nothing is rounded.",
    "any-order": "Floating point, sums in any order and fused or not: a proof holds on every machine.",
    "ieee": "Floating point: each row is summed from left to right as named, every step rounded to nearest.",
}
ASSUMED = (
    "Features are 0 or 1; nothing is said of other inputs, or of more active ones than k. The files mean what "
    "is said below under how they were read. There is no other assumption."
)
NO_EVIDENCE = "There is no certificate for this verdict. The claim itself lies in "
UNDECIDED = "To decide it: give every engine more time, ask all engines, or a smaller k."
NOT_COUNTED = "Nobody counted them all: that was not needed, or not done in time. What counts them is "
ERRORS = (
    "An input is wrong if any output is. The numbers are exact fractions; where inputs may be drawn of which the "
    "claim does not speak, two numbers enclose the probability."
)
KERNEL = "works the evidence out again, from the two files alone"


def problem_words(question: Question) -> str:
    """``the 3 ANDs of ands.json``."""
    noun = "permuted feature" if question.kind == "permutation" else "AND"
    return f"the {plural(question.outputs, noun)} of {question.problem}"


def domain(question: Question) -> str:
    """``with at most 3 of 6 features active``."""
    return f"with {question.mode.replace('-', ' ')} {question.k:,} of {question.inputs:,} features active"


def asked(question: Question) -> str:
    """The question in one sentence."""
    does = {
        "readout": f"Does {question.network} compute {problem_words(question)}",
        "separated": f"Does {question.network} compute {problem_words(question)} by a margin of {question.slack}",
        "linear": f"Does {question.network} compute {problem_words(question)} to within {question.slack}",
        "code": f"Is the last layer of {question.network} the code of {problem_words(question)}",
    }
    return f"{does[question.criterion]} on every input {domain(question)}?"


def criterion(question: Question) -> str:
    """How outputs are read."""
    if question.criterion == "readout":
        side = "above" if question.strict else "at least"
        return f"An output counts as true if it is {side} {question.threshold}."
    return {
        "separated": f"A true output has to be at least {question.threshold} + {question.slack}, a false one at most "
        f"{question.threshold} - {question.slack}.",
        "linear": f"A true output has to be within {question.slack} of 1, a false one within {question.slack} of 0.",
        "code": "The last layer has to be exactly the union (OR) of the codes of the true outputs.",
    }[question.criterion]


def answered(report: NetworkReport) -> str:
    """The verdict in a sentence or two, the counterexample with it."""
    question, claim = report.question, report.claim
    inside = "" if report.decided_in == "exact" else f", in {report.decided_in}"
    if inside and claim.status == report.exact_status == "REFUTED":
        inside += " and over the real numbers"
    if claim.status == "PROVED":
        return f"Yes: every output is right on all {plural(question.claimed, 'input')}{inside}. None was left out."
    if claim.status == "UNKNOWN":
        return f"Not decided: nothing is proved and nothing is refuted{inside}. {claim.reason}"
    return " ".join(filter(None, (f"No{inside}.", _first_wrong(report), _how_many(report))))


def _first_wrong(report: NetworkReport) -> str:
    if report.claim.counterexample is None or not report.wrong_outputs:
        return ""
    first, more = report.wrong_outputs[0], len(report.wrong_outputs) - 1
    others = f" ({plural(more, 'other output')} {'is' if more == 1 else 'are'} wrong there, too)" if more else ""
    shown = f"expected {first.expected}, got {about(first.got, whole=IN_JSON)}"
    where = f"With {active(report.claim.counterexample)} active, output {first.output} = {first.computes}"
    return f"{where}: {shown}{others}."


def _how_many(report: NetworkReport) -> str:
    counts = report.claim.counts
    if counts is None:
        return ""
    wrong = f"{counts.wrong_inputs:,} of {plural(report.claim.covered, 'input')}"
    return f"In all, {wrong} {'is' if counts.wrong_inputs == 1 else 'are'} wrong somewhere."


def shape(report: NetworkReport) -> str:
    """The network in a sentence."""
    widths = " → ".join(f"{width:,}" for width in report.shape.widths)
    widest = "the widest ReLU layer" if report.shape.relu_layers else "none with a ReLU, the widest"
    return (
        f"{report.question.inputs:,} inputs, {report.question.outputs:,} outputs; layers {widths}, {widest} "
        f"of {plural(report.shape.neurons, 'neuron')}; {report.shape.parameters:,} weights and biases, "
        f"{report.shape.nonzeros:,} of the weights not 0."
    )


def trust(report: NetworkReport) -> str:
    """Whom one has to believe for the verdict."""
    claim = report.claim
    if claim.status == "UNKNOWN":
        return "Nothing is claimed, so nothing has to be believed."
    if claim.oracles and claim.evidence is None:
        return f"It relies on {', '.join(claim.oracles)}; the kernel was shown no evidence."
    if "fast-check" in claim.oracles:
        others = ", ".join(name for name in claim.oracles if name != "fast-check")
        read = (
            "It relies on fast-check, which read the certificate in the kernel's place; the kernel can read it, too."
        )
        return f"{read} It relies on {others} as well." if others else read
    if "ieee" in claim.oracles:
        return f"It relies on {', '.join(claim.oracles)}; what the kernel has read is about the real numbers alone."
    if claim.oracles:
        return f"It relies on {', '.join(claim.oracles)}, beside the kernel."
    return "The kernel alone: it read the claim and its certificate again from the files beside this page."


def undecided(report: NetworkReport) -> str:
    """What may decide it; a verdict over the real numbers stands where only another arithmetic is undecided."""
    found = " What was found so far refutes nothing and proves nothing." if report.exact_status == "UNKNOWN" else ""
    return UNDECIDED + found


def arithmetic(name: str) -> str:
    """In which arithmetic a verdict holds."""
    return ARITHMETIC[name.partition("(")[0]]


def agreed(report: NetworkReport) -> str:
    """How much an engine's word counts."""
    believed = "none is believed but for the oracles named above" if report.claim.oracles else "none is believed"
    return (
        f"Engines search, and {believed}: they had to agree, and what they found as evidence the kernel works out "
        "again. An engine that cannot decide says UNKNOWN."
    )


def rechecked(report: NetworkReport) -> str:
    """What the command says at its end, and of what."""
    real = ""
    if report.arithmetic:
        real = f" It is about the real numbers, over which the verdict is {report.exact_status}."
    slow = ""
    if "fast-check" in report.claim.oracles:
        slow = " The kernel itself then reads what a fast reader has read here, which may take minutes."
    return f"It says VERIFIED at its end.{real}{slow}"


def evidence(shown: Evidence) -> str:
    """What the two files hold."""
    kinds = {
        "tree": f"a tree of cases, {plural(shown.steps, 'step')}",
        "replay": "the replay of every input by the kernel itself",
        "witness": "an input on which the claim is wrong",
    }
    sizes = f"claim {shown.claim_bytes:,} bytes, certificate {shown.certificate_bytes:,} bytes"
    return f"The evidence is {kinds[shown.kind]}; {sizes}; the claim's SHA-256 begins with {shown.digest[:16]}."


def replayed(report: NetworkReport, inputs: str) -> str:
    """What the tables of a counterexample show."""
    smallest = (
        f"With {inputs} active the network is wrong. No wrong input that is known has fewer active features. Below "
        "is what happens in each layer, worked out exactly, as far as it matters for a wrong output."
    )
    if report.decided_in == "exact":
        return smallest
    return f"{smallest} The sums are those over the real numbers; in {report.decided_in} they are rounded."


def layer_caption(layer: LayerReplay) -> str:
    """How much of a layer is shown."""
    after = " after the ReLU" if layer.relu else ""
    left = layer.feeding > len(layer.shown)
    shown = f"{len(layer.shown)} of the {layer.feeding:,} that matter" if left else "those that matter"
    not_zero = f"{layer.on:,} of {plural(layer.units, 'unit')} {'is' if layer.on == 1 else 'are'} not 0{after}"
    return f"{not_zero}; below, {shown}."


def read(report: NetworkReport) -> Iterator[str]:
    """What else is to be known of the files."""
    reading, question = report.reading, report.question
    if reading.sidecar is not None:
        yield f"What the network's file does not say was read from {reading.sidecar}."
    if reading.unused:
        yield f"Arrays that are not used: {few(reading.unused)}."
    yield f"The problem: {problem_words(question)}, over {plural(question.inputs, 'feature')}."


def few(items: Iterable[str]) -> str:
    """The first of the items, and how many there are."""
    texts = list(items)
    more = f", … ({len(texts):,} in all)" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
