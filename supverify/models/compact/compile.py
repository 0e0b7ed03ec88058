"""Inner loops of the compact search, compiled where numba is installed and plain Python where it is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]


@cache
def compiled(function: Callable[..., Any], *helpers: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` compiled by numba together with the ``helpers`` it calls; ``function`` itself without numba."""
    try:
        import numba
        from numba.extending import register_jitable
    except ImportError:
        return function
    for helper in helpers:
        register_jitable(helper)
    fast: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    return fast


def random_below(state: Ints, bound: int) -> int:
    """The next pseudo-random integer in 0..bound-1; ``state`` holds the generator's one number.

    A linear congruence, because the compiled and the plain loops have to draw the same numbers.
    """
    state[0] = (state[0] * 1103515245 + 12345) & 0x7FFFFFFF
    drawn: int = (state[0] >> 8) % bound
    return drawn
