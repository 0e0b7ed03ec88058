"""Finite fields of prime power order, as tables of sums and products."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int64]


def prime_powers(limit: int) -> Iterator[int]:
    """The orders q of finite fields up to ``limit``, ascending."""
    return (q for q in range(2, limit + 1) if _root(q) is not None)


def _root(q: int) -> tuple[int, int] | None:
    """(p, e) with q = p^e and p prime, or None."""
    p = next((d for d in range(2, int(q**0.5) + 1) if q % d == 0), q)
    exponent, rest = 0, q
    while rest % p == 0:
        exponent, rest = exponent + 1, rest // p
    return (p, exponent) if rest == 1 else None


def field(q: int) -> tuple[Table, Table]:
    """Addition and multiplication of GF(q), each q x q, for a prime power q; element 0 is zero.

    An element is the number whose digits in base p are its coefficients, the constant first; products are reduced by
    the first monic polynomial of degree e under which they have no divisors of zero.
    """
    root = _root(q)
    if root is None:
        raise ValueError(f"{q} is no prime power")
    p, exponent = root
    digits = np.array(list(product(range(p), repeat=exponent)))[:, ::-1]
    places = p ** np.arange(exponent)
    sums = (digits[:, None, :] + digits[None, :, :]) % p @ places
    for modulus in digits:
        products = _products(digits, modulus, p) @ places
        if (products[1:, 1:] != 0).all():
            return sums.astype(np.int64), products.astype(np.int64)
    raise ValueError(f"no field of {q} elements")  # not reached: every prime power has one


def _products(digits: Table, modulus: Table, p: int) -> Table:
    """The digits of all products, with x^e = -modulus."""
    exponent = digits.shape[1]
    powers = digits[None, :, :]  # b x^i, for each b
    total = np.zeros((len(digits), len(digits), exponent), dtype=np.int64)
    for i in range(exponent):
        total += digits[:, i, None, None] * powers
        carry = powers[..., -1:]
        powers = (np.concatenate([np.zeros_like(carry), powers[..., :-1]], axis=-1) - carry * modulus) % p
    return total % p
