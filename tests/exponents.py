"""The exponents of the construction's noise: which thresholds of light and super-heavy inputs keep all of them at 0.

Powers of M only, logarithms left out; n = M^(1/2). An input is light up to influence M^light and super-heavy from
M^heavy on; a heavy input's channels have density M^-a. Every way in which two signals disturb each other, or in
which a neuron is asked for too often, is a power of M whose exponent has to be at most 0 (all derived). With one
density for a region the thresholds 1/4 and 3/4 are the only ones, which Z3 proves over the reals; for any others
``excess`` finds the density that does least harm, and what is still too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from supverify.calculus.audit import Hole
from supverify.kernel.errors import Malformed

SECONDS = 10.0
VARIABLES = ("light", "heavy", "a")
HALF = Fraction(1, 2)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """One exponent, ``constant`` + the sum of coefficient times variable, and what it is the exponent of."""

    name: str
    meaning: str
    constant: Fraction
    coefficients: Mapping[str, int]

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        """The exponent at these thresholds and this density."""
        return self.constant + sum(c * values[name] for name, c in self.coefficients.items())


def _noise(name: str, meaning: str, constant: Fraction | int, **coefficients: int) -> Noise:
    return Noise(name=name, meaning=meaning, constant=Fraction(constant), coefficients=coefficients)


NOISES = (
    _noise("light and light", "channels that two light inputs share: (M^light)^2/n", -HALF, light=2),
    _noise("load of heavy inputs", "M^(1 - light) M^-a of them at a neuron, over sqrt(M)", HALF, light=-1, a=-1),
    _noise("heavy and heavy", "neurons that two heavy inputs share: n M^(-2 a)", HALF, a=-2),
    _noise("room for a gate", "1 over these neurons, where the output of the two has to be read", -HALF, a=2),
    _noise("light and heavy", "channels of a light input at an unrelated heavy one: M^light M^-a", 0, light=1, a=-1),
    _noise("shared heavy partners", "two light inputs inside the channels of common heavy ones", -HALF, light=1, a=1),
    _noise("load of one heavy input", "M^heavy outputs on n M^-a neurons, over sqrt(M)", -1, heavy=1, a=1),
    _noise(
        "shared super-heavy partners",
        "two light inputs in the blocks, of n M^(heavy - 1) neurons, of M^(1 - heavy) common super-heavy ones",
        Fraction(3, 2),
        heavy=-2,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The only thresholds and density with which no exponent is positive, and the solver that says so."""

    light: Fraction
    heavy: Fraction
    density: Fraction
    oracles: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Excess:
    """For given thresholds: the density that does least harm, the largest exponent there, and whose it is.

    ``exponent`` > 0 refutes the thresholds: with every density some noise grows like M^exponent at least.
    """

    light: Fraction
    heavy: Fraction
    density: Fraction
    exponent: Fraction
    violated: tuple[Noise, ...]


def only_thresholds() -> Thresholds:
    """The thresholds proved to be the only ones: Z3 finds them, and finds no others. Raises Hole if it gives up."""
    import z3

    solver, variables = _solver()
    values = _solution(solver, variables)
    solver.add(z3.Or(*(variables[name] != _number(values[name]) for name in VARIABLES)))
    if solver.check() != z3.unsat:
        raise Hole("Z3 does not exclude other thresholds")
    if any(noise.at(values) > 0 for noise in NOISES):
        raise Hole("Z3's thresholds are not confirmed by exact arithmetic")
    return Thresholds(light=values["light"], heavy=values["heavy"], density=values["a"], oracles=frozenset(("z3",)))


def excess(light: Fraction, heavy: Fraction) -> Excess:
    """What is too much with these thresholds, for the best density. Raises Malformed outside 0 < light < heavy < 1.

    The largest of linear functions of the density is least where two of them meet or at an end: no solver is needed.
    """
    if not 0 < light < heavy < 1:
        raise Malformed("thresholds", "0 < light < heavy < 1", f"{light} and {heavy}")

    def largest(density: Fraction) -> Fraction:
        return max(noise.at({"light": light, "heavy": heavy, "a": density}) for noise in NOISES)

    density = min(_crossings(light, heavy), key=lambda a: (largest(a), a))
    top, values = largest(density), {"light": light, "heavy": heavy, "a": density}
    violated = tuple(noise for noise in NOISES if noise.at(values) > 0)
    return Excess(light=light, heavy=heavy, density=density, exponent=top, violated=violated)


def _crossings(light: Fraction, heavy: Fraction) -> set[Fraction]:
    """Densities from 0 to 1/2 at which two exponents are equal, and the two ends."""
    lines = {
        (noise.at({"light": light, "heavy": heavy, "a": Fraction(0)}), noise.coefficients.get("a", 0))
        for noise in NOISES
    }
    meetings = {(d - b) / (a - c) for b, a in lines for d, c in lines if a != c}
    return {Fraction(0), HALF} | {density for density in meetings if 0 <= density <= HALF}


def _solver() -> tuple[Any, dict[str, Any]]:
    import z3

    solver = z3.Solver()
    solver.set("timeout", round(SECONDS * 1000))
    variables = {name: z3.Real(name) for name in VARIABLES}
    for noise in NOISES:
        terms = (c * variables[name] for name, c in noise.coefficients.items())
        solver.add(_number(noise.constant) + z3.Sum(*terms) <= 0)
    solver.add(variables["light"] > 0, variables["light"] < variables["heavy"], variables["heavy"] < 1)
    return solver, variables


def _solution(solver: Any, variables: Mapping[str, Any]) -> dict[str, Fraction]:
    import z3

    if solver.check() != z3.sat:
        raise Hole("Z3 finds no thresholds at all")
    model = solver.model()
    return {name: Fraction(str(model.eval(v, model_completion=True).as_fraction())) for name, v in variables.items()}


def _number(value: Fraction) -> Any:
    import z3

    return z3.RealVal(str(value))
