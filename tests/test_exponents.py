"""The exponent calculus: the only thresholds, and what is wrong with any others."""

from __future__ import annotations

from fractions import Fraction

import exponents
import pytest
from exponents import NOISES, excess, only_thresholds
from hypothesis import example, given
from hypothesis import strategies as st

from supverify.calculus.audit import Hole
from supverify.kernel.errors import Malformed

QUARTER = Fraction(1, 4)
GRID = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)


def test_the_only_thresholds_are_found_and_proved() -> None:
    found = only_thresholds()
    assert (found.light, found.heavy, found.density) == (QUARTER, 3 * QUARTER, QUARTER)
    assert found.oracles == {"z3"}
    assert excess(found.light, found.heavy).exponent == 0
    assert excess(found.light, found.heavy).violated == ()


@given(GRID, GRID)
@example(Fraction(1, 5), Fraction(3, 4))
@example(Fraction(1, 4), Fraction(7, 10))
@example(Fraction(1, 4), Fraction(4, 5))
@example(Fraction(3, 10), Fraction(3, 4))
def test_any_others_leave_noise_at_every_density(light: Fraction, heavy: Fraction) -> None:
    if not light < heavy:
        return
    found = excess(light, heavy)
    if (light, heavy) == (QUARTER, 3 * QUARTER):
        return
    assert found.exponent > 0
    assert found.violated
    for step in range(41):  # no density on a grid does less harm
        values = {"light": light, "heavy": heavy, "a": Fraction(step, 80)}
        assert max(noise.at(values) for noise in NOISES) >= found.exponent
    values = {"light": light, "heavy": heavy, "a": found.density}
    assert max(noise.at(values) for noise in found.violated) == found.exponent


@pytest.mark.parametrize(
    ("light", "heavy", "name"),
    [
        (Fraction(3, 10), Fraction(3, 4), "light and light"),
        (Fraction(1, 4), Fraction(7, 10), "shared super-heavy partners"),
        (Fraction(1, 4), Fraction(4, 5), "load of one heavy input"),
        (Fraction(1, 5), Fraction(3, 4), "load of heavy inputs"),
    ],
)
def test_what_is_violated_is_named(light: Fraction, heavy: Fraction, name: str) -> None:
    assert name in {noise.name for noise in excess(light, heavy).violated}


@pytest.mark.parametrize("left_out", range(len(NOISES)))
def test_which_conditions_are_needed(left_out: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one that the argument rests on, other thresholds do as well; the rest follow from these."""
    monkeypatch.setattr(exponents, "NOISES", tuple(n for i, n in enumerate(NOISES) if i != left_out))
    needed = {"load of heavy inputs", "load of one heavy input", "shared super-heavy partners"}
    if NOISES[left_out].name in needed:
        with pytest.raises(Hole, match="other thresholds"):
            only_thresholds()
    else:
        assert only_thresholds().light == QUARTER


@pytest.mark.parametrize(("light", "heavy"), [(0, 1), (Fraction(3, 4), QUARTER), (QUARTER, 1)])
def test_thresholds_out_of_order_are_refused(light: Fraction, heavy: Fraction) -> None:
    with pytest.raises(Malformed, match="0 < light < heavy < 1"):
        excess(Fraction(light), Fraction(heavy))


def test_a_solver_that_gives_up_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    import z3

    monkeypatch.setattr(z3.Solver, "check", lambda self: z3.unknown)
    with pytest.raises(Hole):
        only_thresholds()
