"""Small files as tests write them, and the one line with which a reader refuses one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supverify.files.npz import pack
from supverify.kernel.errors import Malformed

TWO = {"W1": [[1, 1]], "b1": [-1]}
ARRAYS = {"W1": [[1, 1], [1, -1]], "b1": [0, 0], "W2": [[1, 2]], "b2": [-1]}
Table = dict[str, Any]


def save(path: Path, **arrays: Any) -> Path:
    path.write_bytes(pack({name: np.array(value) for name, value in arrays.items()}))
    return path


def dump(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def refusal(call: Callable[[Path], object], path: Path) -> str:
    """The one line of the refusal, which names the file."""
    with pytest.raises(Malformed) as caught:
        call(path)
    line = str(caught.value)
    assert line.startswith(str(path)), line
    assert "\n" not in line
    return line.removeprefix(str(path))
