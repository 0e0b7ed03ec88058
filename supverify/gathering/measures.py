"""What is known beside a verdict, as plain values: failing gates, error probabilities, arithmetics, largest k."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..engines import Answer, ArithmeticVerdict, NetworkVerdict, Statistics, bernoulli_error, uniform_error
from ..files import NetworkFile
from ..kernel.claim import Claim
from ..kernel.verdict import Status
from ..report.model import Counts, EngineAnswer, Evidence, NetworkClaim, WrongOutput
from ..report.network_model import ArithmeticAnswer, ErrorProbability, FailingGate
from ..report.verified import clauses, expected, fraction, mistakes, sentence


@dataclass(frozen=True, kw_only=True)
class ArithmeticRecord(ArithmeticAnswer):
    """The verdict in one arithmetic, and the seconds that it took."""

    seconds: float


def network_claim(verdict: NetworkVerdict, *, name: str, evidence: Evidence | None = None) -> NetworkClaim:
    """The verdict as a report shows it, under that name."""
    claim = verdict.claim
    return NetworkClaim(
        name=name,
        sentence=sentence(claim),
        criterion=claim.criterion.kind,
        k=claim.k,
        mode=claim.mode,
        covered=covered(verdict),
        status=verdict.status.name,
        reason=verdict.reason,
        counts=None if verdict.statistics is None else _counts(verdict.statistics),
        answers=tuple(map(engine_answer, verdict.engines)),
        evidence=evidence,
        oracles=tuple(sorted(verdict.oracles)),
        counterexample=verdict.counterexample,
    )


def _counts(counted: Statistics) -> Counts:
    return Counts(
        wrong_inputs=counted.wrong_inputs,
        wrong_entries=counted.wrong_entries,
        ties=counted.ties,
        min_margin=fraction(counted.min_margin),
        wrong_per_size=counted.wrong_per_size,
    )


def covered(verdict: NetworkVerdict) -> int:
    """How many inputs the verdict has decided."""
    if verdict.status is Status.PROVED:
        return verdict.claim.population(verdict.claim.domain)
    if verdict.statistics is not None:
        return verdict.statistics.inputs_covered
    return 0 if verdict.counterexample is None else 1


def engine_answer(answer: Answer) -> EngineAnswer:
    """The answer as plain values, without what depends on the machine."""
    oracles = tuple(sorted(answer.oracles))
    return EngineAnswer(engine=answer.engine, status=answer.status.name, oracles=oracles, detail=answer.detail)


def layer_scales(claim: Claim, file: NetworkFile) -> tuple[int, ...]:
    """What the numbers of each layer of the claim's network were multiplied by to be integers."""
    return (*file.scales_as(claim.criterion.kind)[:-1], claim.network.scale)


def failing_gates(verdict: NetworkVerdict) -> tuple[FailingGate, ...]:
    """The failing outputs, those that fail on the earliest input first; empty where nothing was counted."""
    counted, targets = verdict.statistics, verdict.claim.targets()
    return tuple(
        FailingGate(output=i, computes=clauses(targets[i]), wrong_inputs=counted.wrong_per_output[i], first=first)
        for i in (counted.failing() if counted else ())
        if counted and (first := counted.first_per_output[i]) is not None
    )


def wrong_per_size(status: Status, counted: Statistics | None, k: int) -> tuple[int, ...] | None:
    """The wrong inputs of each size: counted, or none by a proof."""
    if counted is not None:
        return counted.wrong_per_size
    return (0,) * (k + 1) if status is Status.PROVED else None


def error_probabilities(verdict: NetworkVerdict, ps: Iterable[Fraction] = ()) -> tuple[ErrorProbability, ...]:
    """Under uniform inputs, and under independent features for each p; empty where wrong inputs are not counted.

    Raises Malformed for a p that is no probability.
    """
    claim = verdict.claim
    wrong = wrong_per_size(verdict.status, verdict.statistics, claim.k)
    if wrong is None:
        return ()
    uniform = uniform_error(claim, wrong)
    found = [_certain(f"uniform, exactly {claim.k} ones", uniform.exactly)]
    if uniform.at_most is not None:
        found.append(_certain(f"uniform, at most {claim.k} ones", uniform.at_most))
    for p in ps:
        error = bernoulli_error(claim, wrong, p)
        given = None if error.given_covered is None else fraction(error.given_covered)
        found.append(
            ErrorProbability(
                inputs=f"each 1 with probability {p}",
                about=_about(error.lower, error.upper),
                lower=fraction(error.lower),
                upper=fraction(error.upper),
                covered=fraction(error.covered),
                given_covered=given,
            )
        )
    return tuple(found)


def _certain(inputs: str, probability: Fraction) -> ErrorProbability:
    text = fraction(probability)
    about = _about(probability, probability)
    return ErrorProbability(inputs=inputs, about=about, lower=text, upper=text, covered="1", given_covered=text)


def _about(lower: Fraction, upper: Fraction) -> str:
    texts = dict.fromkeys(f"{Decimal(x.numerator) / Decimal(x.denominator):.4g}" for x in (lower, upper))
    return " to ".join(texts)


def arithmetic_records(verdict: NetworkVerdict) -> Iterator[ArithmeticRecord]:
    """The parts of the verdict, the exact one first; none where no other arithmetic was asked for."""
    for part in verdict.arithmetic:
        counted = part.statistics
        proved = 0 if part.status is Status.PROVED else None
        yield ArithmeticRecord(
            arithmetic=str(part.semantics),
            status=part.status.name,
            reason=part.reason,
            oracles=tuple(sorted(part.oracles)),
            counterexample=part.counterexample,
            refuted_in=part.refuted_in,
            wrong_inputs=counted.wrong_inputs if counted else proved,
            wrong_entries=counted.wrong_entries if counted else proved,
            min_margin=fraction(counted.min_margin) if counted else None,
            error_bound=None if part.error is None else fraction(part.error),
            rounded_weights=part.rounded,
            seconds=round(part.seconds, 3),
        )


def wrong_outputs(verdict: NetworkVerdict) -> tuple[WrongOutput, ...]:
    """The outputs that are wrong on the counterexample, in the arithmetic that it is of; none without one."""
    if verdict.counterexample is None:
        return ()
    part = next((part for part in verdict.arithmetic if part.semantics == verdict.decided_in), None)
    if part is None or not part.wrong:
        return mistakes(verdict.claim, verdict.counterexample)
    return tuple(_wrong_values(verdict, part))


def _wrong_values(verdict: NetworkVerdict, part: ArithmeticVerdict) -> Iterator[WrongOutput]:
    targets = verdict.claim.targets()
    for value in part.wrong:
        yield WrongOutput(
            output=value.output,
            computes=clauses(targets[value.output]),
            expected=expected(verdict.claim, value.truth),
            got="not finite" if value.got is None else fraction(value.got),
        )
