"""Ranks over the rationals, exact: one prime bounds them from below, enough primes from above.

The rank modulo a prime is never above the rank over the rationals. If it is at most r for primes whose product is
above every minor of r + 1 rows (Hadamard's bound: the product of the rows' lengths), each such minor is divisible
by all of them and so 0: the rank is at most r (derived).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isqrt, prod

import numpy as np

from .forms import Form, Vector

SIDE = 1000  # rows of what is tried first
WORK = 1 << 31  # steps of elimination, some seconds
FIRST_PRIME = 2**31 - 1  # products of two residues fit in 64 bits


@dataclass(frozen=True)
class RankBounds:
    """The rank is at least and at most; equal where it is known."""

    at_least: int
    at_most: int


def rank(forms: Iterable[Form]) -> RankBounds:
    """The rank of the matrix with the weights of the forms as its rows.

    Found by elimination modulo primes; what is large and not of full rank may be left between two bounds.
    """
    matrix = _Matrix.of(forms)
    most = min(len(matrix.rows), matrix.columns)
    primes = _primes()
    prime = next(primes)
    least = _modular_rank(matrix.part(min(most, SIDE)).modulo(prime), prime)
    if least == most or most > SIDE or not matrix.is_eliminated(1, most):
        return RankBounds(least, most)
    least, product, tried = _modular_rank(matrix.modulo(prime), prime), prime, 1
    while least < most and product**2 <= matrix.squared_minors(least + 1):
        if not matrix.is_eliminated(tried + 1, most):
            return RankBounds(least, most)
        prime = next(primes)
        least, product, tried = max(least, _modular_rank(matrix.modulo(prime), prime)), product * prime, tried + 1
    return RankBounds(least, least)


@dataclass(frozen=True)
class _Matrix:
    rows: list[Form]
    columns: int

    @classmethod
    def of(cls, forms: Iterable[Form]) -> _Matrix:
        """The matrix without columns of zeros, and without rows that are multiples of others."""
        linear = (replace(form, constant=0) for form in forms if len(form.sources))
        rows = list({form.key(): form for form in linear}.values())
        used = np.unique(np.concatenate([np.zeros(0, np.int64), *(form.sources for form in rows)]))
        return cls([replace(form, sources=np.searchsorted(used, form.sources)) for form in rows], len(used))

    def part(self, side: int) -> _Matrix:
        """At most 2 ``side`` rows and columns, drawn at random; of no greater rank."""
        rng = np.random.default_rng(0)
        rows = _drawn(rng, len(self.rows), 2 * side)
        columns = _drawn(rng, self.columns, 2 * side)
        place = np.full(self.columns, -1)
        place[columns] = np.arange(len(columns))
        return _Matrix([_kept(self.rows[r], place) for r in rows], len(columns))

    def modulo(self, prime: int) -> Vector:
        """The residues, as a matrix that has no more rows than columns."""
        dense = np.zeros((len(self.rows), self.columns), np.int64)
        for row, form in zip(dense, self.rows, strict=True):
            row[form.sources] = form.weights % prime
        return dense if len(self.rows) <= self.columns else dense.T.copy()

    def squared_minors(self, size: int) -> int:
        """At least the square of every minor of so many rows."""
        squares = sorted((sum(w * w for w in map(int, form.weights)) for form in self.rows), reverse=True)
        return prod(squares[:size])

    def is_eliminated(self, primes: int, rank: int) -> bool:
        """Whether elimination modulo so many primes is worth its time."""
        return primes * len(self.rows) * self.columns * rank <= WORK


def _drawn(rng: np.random.Generator, total: int, count: int) -> Vector:
    return np.arange(total) if total <= count else np.sort(rng.choice(total, size=count, replace=False))


def _kept(form: Form, place: Vector) -> Form:
    places = place[form.sources]
    return replace(form, sources=places[places >= 0], weights=form.weights[places >= 0])


def _primes() -> Iterator[int]:
    """The primes below 2^31, the largest first."""
    candidates = range(FIRST_PRIME, 2, -2)
    return (p for p in candidates if all(p % d for d in range(3, isqrt(p) + 1, 2)))


def _modular_rank(matrix: Vector, prime: int) -> int:
    """The rank modulo the prime, by elimination in place."""
    rank = 0
    for column in range(matrix.shape[1]):
        if rank == len(matrix):
            break
        filled = rank + np.flatnonzero(matrix[rank:, column])
        if not len(filled):
            continue
        matrix[[rank, filled[0]]] = matrix[[filled[0], rank]]
        pivot = matrix[rank, column:] * pow(int(matrix[rank, column]), -1, prime) % prime
        others = filled[1:]  # the row swapped to filled[0] has 0 there, unless it was the pivot's
        matrix[others, column:] = (matrix[others, column:] - np.outer(matrix[others, column], pivot)) % prime
        rank += 1
    return rank
