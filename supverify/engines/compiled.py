"""What compiled code is made of, so that numba's cache on disk never answers with code of another version."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from pathlib import Path


def stamp(*functions: Callable[..., object]) -> int:
    """A positive number that changes with the files of the functions.

    numba keeps compiled code for as long as the file of its outermost function stays the same, and for each value of
    the variables that this function closes over: the stamp is to be one of them.
    """
    sum_of_files = 1
    for function in functions:
        source = inspect.getsourcefile(function)
        if source is not None:
            sum_of_files = zlib.crc32(Path(source).read_bytes(), sum_of_files)
    return sum_of_files or 1
