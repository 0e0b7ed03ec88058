"""Counting rules: families against their recurrences, identities against numbers, and a bound from end to end."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial, perm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.calculus.arithmetic import decide, evaluate, literal
from supverify.calculus.audit import Hole, Outcome, audit
from supverify.calculus.derivation import read_derivation
from supverify.calculus.facts import facts_of
from supverify.calculus.grammar import parse
from supverify.calculus.statement import substitute
from supverify.kernel.verdict import Status
from supverify.oracles import rules
from supverify.oracles.counting.families import FAMILIES, Family
from supverify.oracles.counting.identities import equal, quotient

FORMULAS: dict[str, Callable[..., int]] = {
    "permutations": lambda m: factorial(m),
    "labelled_ands": lambda m, outputs: perm(comb(m, 2), outputs),
    "unlabelled_ands": lambda m, outputs: comb(comb(m, 2), outputs),
    "hamming_ball": lambda m, d: perm(m, d),
    "descriptions": lambda b: 2 ** (b + 1) - 1,
}


def by_recurrence(family: Family, sizes: tuple[int, ...]) -> Fraction:
    """The size that the family's start and step give, one step after the other."""
    values = dict(zip(family.parameters, map(literal, sizes), strict=True))
    last = evaluate(values[family.on])
    number = evaluate(parse(family.start))
    assert last is not None
    assert number is not None
    for i in range(int(last)):
        here = {**values, family.on: literal(i), "N": literal(number)}
        grown = evaluate(substitute(parse(family.step), here))
        divisor = evaluate(substitute(parse(family.divisor), here))
        assert grown is not None
        assert divisor
        assert decide(substitute(parse(family.room), here)) is True
        number = grown / divisor
    return number


@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_what_their_recurrences_and_formulas_say(name: str) -> None:
    family = FAMILIES[name]
    for sizes in family.small:
        members, formula = family.members(*sizes), FORMULAS[name](*sizes)
        assert by_recurrence(family, sizes) == formula
        assert members <= formula if family.upper else members == formula
    assert not family.upper or any(family.members(*sizes) < FORMULAS[name](*sizes) for sizes in family.small)


PIECES = st.sampled_from(
    ["n!", "(n + 1)!", "(n - k)!", "(n - k - 1)!", "binom(n, k)", "k!", "(k + 2)!", "n", "k + 1", "3"]
)
TEXTS = st.lists(st.tuples(st.sampled_from("+*"), PIECES), min_size=1, max_size=4).map(
    lambda parts: "1" + "".join(f" {sign} ({piece})" for sign, piece in parts)
)


@given(TEXTS, TEXTS)
def test_equal_is_never_wrong(left: str, right: str) -> None:
    facts = facts_of(*map(parse, ("n - k - 1 >= 0", "k >= 0", "n >= 0", "n - k >= 0")))
    sides = [parse(left), parse(right)]
    if equal(sides[0], sides[1], facts):
        for n in range(1, 7):
            for k in range(n):
                values = {"n": literal(n), "k": literal(k)}
                numbers = [evaluate(substitute(side, values)) for side in sides]
                assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(n + 1)!", "(n + 1)*n!"),
        ("binom(n, k)*k!*(n - k)!", "n!"),
        ("binom(n, k)*(n - k)", "binom(n, k + 1)*(k + 1)"),
        ("n!/(n - k)!", "binom(n, k)*k!"),
        ("(n + 2)!/n!", "n^2 + 3*n + 2"),
        ("binom(n, 2)", "n*(n - 1)/2"),
        ("(n/(k + 1))^2*(k + 1)", "n^2/(k + 1)"),
    ],
)
def test_identities_with_factorials_are_seen(left: str, right: str) -> None:
    facts = facts_of(*map(parse, ("n - k - 1 >= 0", "k >= 0", "n >= 0", "n - k >= 0", "k + 1 > 0")))
    assert equal(parse(left), parse(right), facts)
    assert not equal(parse(left), parse(f"{right} + 1"), facts)


@pytest.mark.parametrize("text", ["1/(n - k)", "(n - k)!", "binom(n, 2)", "binom(n, k)"])
def test_what_may_be_undefined_is_a_hole(text: str) -> None:
    with pytest.raises(Hole):
        quotient(parse(text), ())


DERIVATION = """
```derivation
id = "bits"
title = "Bits of all permutations"
claims = ["forall integers m >= 2, b >= 0, permutations(m) <= descriptions(b): b > log2(m!) - 1"]
establishes = ["bits"]
```

```step
id = "size"
given = "integer m >= 0"
says = "permutations(m) = m!"
by = "counting.family"
```

```step
id = "bits"
given = "integers m >= 2, b >= 0, permutations(m) <= descriptions(b)"
says = "b > log2(m!) - 1"
by = "counting.descriptions"
from = ["size at m = m"]
family = "permutations(m)"
error = "0"
inputs = "every"
bits = "8"
```
"""


def test_a_bound_from_the_family_to_its_bits() -> None:
    found = audit(read_derivation(DERIVATION, "d.md"), rules())
    assert [result.outcome for result in found.results] == [Outcome.ACCEPTED] * 2
    assert found.status is Status.PROVED
    assert found.oracles == {"counting"}
    assert "8 bits each, with every output right on every input" in found.assumptions[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("log2(m!) - 1", "log2((m + 1)!) - 1"),
        ('says = "b > log2(m!) - 1"', 'says = "b >= log2(m!) - 1"'),
        ('inputs = "every"', 'inputs = "most"'),
        ('bits = "8"', 'bits = "1/2"'),
        ('family = "permutations(m)"', 'family = "descriptions(m)"'),
        ('family = "permutations(m)"', 'family = "permutations(1)"'),
        ('says = "permutations(m) = m!"', 'says = "permutations(m) = 2^m"'),
        ('given = "integer m >= 0"', 'given = "real m >= 0"'),
        ("integers m >= 2, b >= 0,", "integer m >= 2, real b >= 0,"),
    ],
)
def test_mutants_of_the_bound_are_refused(old: str, new: str) -> None:
    assert old in DERIVATION
    found = audit(read_derivation(DERIVATION.replace(old, new), "d.md"), rules())
    assert found.status is not Status.PROVED
    assert any(result.outcome is not Outcome.ACCEPTED for result in found.results)
