"""Problem files: JSON as the kernel writes problems, or an edge list.

{"kind": "2-and", "inputs": 64, "pairs": [[0, 5], [3, 4]]}          # a 2-AND problem: one AND
{"kind": "permutation", "order": [2, 0, 1]}                         inputs 64     (may be left out)
{"kind": "and", "inputs": 8, "clauses": [[0, 1, 5], [2]]}           0 5           # of a pair a line
"""

from __future__ import annotations

import io
from pathlib import Path

from supverify.kernel.claim import Problem, TwoAnd
from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed

from .read import read_json, read_text, within

MOST_INPUTS = 1 << 20
MOST_GATES = 1 << 21
"""Outputs of one problem."""
MOST_LINES = 1 << 22
NETWORKS = {".npz", ".onnx", ".safetensors"}


def read_problem(path: str | Path) -> Problem:
    """The problem in a JSON file or an edge list; raises Malformed naming the file and the place or line in it.

    An edge list without a line ``inputs m`` has as many inputs as its largest index needs.
    """
    place = str(path)
    if Path(path).suffix in NETWORKS:
        raise Malformed(place, "a problem, as JSON or an edge list (the network comes first)", "a network's file")
    text = read_text(path)
    if not text.lstrip().startswith(("{", "[", '"')):
        return _edges(text, place)
    value = read_json(text, place)
    if not isinstance(value, dict):
        raise Malformed(place, 'an object such as {"kind": "2-and", "inputs": 3, "pairs": [[0, 1]]}', value)
    if type(value.get("inputs", 0)) is int and value.get("inputs", 0) > MOST_INPUTS:
        raise Malformed(f"{place}: problem.inputs", f"at most {MOST_INPUTS}", value["inputs"])
    for key in ("pairs", "clauses", "order"):
        gates = value.get(key)
        if isinstance(gates, list) and len(gates) > MOST_GATES:
            raise Malformed(f"{place}: problem.{key}", f"at most {MOST_GATES} of them", len(gates))
    with within(place):
        problem: Problem = decode(Problem, value, "problem")
    return problem


def _edges(text: str, place: str) -> TwoAnd:
    inputs: int | None = None
    pairs: list[tuple[int, int]] = []
    # A line at a time: all of them as a list take 15 times as much memory.
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if number > MOST_LINES:
            raise Malformed(place, f"at most {MOST_LINES} lines", "more")
        words = line.partition("#")[0].split()
        if words[:1] == ["inputs"] and inputs is None and not pairs:
            inputs = _index(
                " ".join(words[1:]), f"{place}:{number}", "inputs and how many there are", MOST_INPUTS + 1
            )
        elif words:
            pairs.append(_pair(words, f"{place}:{number}", MOST_INPUTS if inputs is None else inputs))
            if len(pairs) > MOST_GATES:
                raise Malformed(f"{place}:{number}", f"at most {MOST_GATES} pairs", "more")
    if not pairs:
        raise Malformed(place, "a problem: JSON, or a line 'a b' for each pair", "no pair")
    return TwoAnd(1 + max(map(max, pairs)) if inputs is None else inputs, tuple(pairs))


def _pair(words: list[str], place: str, inputs: int) -> tuple[int, int]:
    expected = f"two different inputs in 0..{inputs - 1}"
    if len(words) != 2 or not any(word.isdecimal() for word in words):
        raise Malformed(place, f"{expected}, with a space between them (a heading stands after a #)", " ".join(words))
    a, b = (_index(word, place, expected, inputs) for word in words)
    if a == b:
        raise Malformed(place, expected, (a, b))
    return a, b


def _index(word: str, place: str, expected: str, end: int) -> int:
    if not (word.isdecimal() and word.isascii() and len(word) <= 9 and int(word) < end):
        raise Malformed(place, expected, word or "nothing")
    return int(word)
