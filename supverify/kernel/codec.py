"""Parsed JSON to frozen dataclasses and back, strictly by the types they are annotated with."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .errors import Malformed

LONGEST_NUMBER = 4000  # digits; below Python's own limit for converting text


def parse(text: bytes | str, place: str) -> object:
    """The JSON value; raises Malformed on anything else, and on floats, NaN and keys that are repeated."""

    def refuse(number: str) -> object:
        raise Malformed(place, "integers only", number)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise Malformed(place, "each key once", [key for key, _ in pairs])
        return dict(pairs)

    try:
        return json.loads(text, parse_float=refuse, parse_constant=refuse, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise Malformed(place, "JSON", str(error)) from error


def decode(kind: Any, value: object, place: str) -> Any:
    """``value`` as an object of type ``kind``; raises Malformed at the first place where it is not one."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        if not isinstance(value, dict) or set(value) != {field.name for field in fields(kind)}:
            got = sorted(map(str, value)) if isinstance(value, dict) else value
            raise Malformed(place, "an object with the keys " + ", ".join(f.name for f in fields(kind)), got)
        return kind(**{name: decode(hints[name], item, f"{place}.{name}") for name, item in value.items()})
    if get_origin(kind) is tuple:
        return _decode_tuple(get_args(kind), value, place)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise Malformed(place, "one of " + ", ".join(get_args(kind)), value)
        return value
    if get_args(kind):  # a union: None, or told apart by the key "kind"
        return _decode_union(get_args(kind), value, place)
    if kind is Fraction:
        return _fraction(value, place)
    if type(value) is not kind:
        raise Malformed(place, kind.__name__, value)
    return value


def encode(value: Any) -> Any:
    """The inverse of decode."""
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return list(value) if set(map(type, value)) <= {int} else [encode(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value


def serialise(value: Any) -> bytes:
    """The one file that ``value`` is written as: a line of JSON without spaces."""
    return json.dumps(encode(value), separators=(",", ":")).encode() + b"\n"


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode_tuple(kinds: tuple[Any, ...], value: object, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or (kinds[-1] is not ... and len(value) != len(kinds)):
        raise Malformed(place, "a list" if kinds[-1] is ... else f"a list of {len(kinds)}", value)
    if kinds == (int, ...) and set(map(type, value)) <= {int}:
        return tuple(value)
    each = [kinds[0]] * len(value) if kinds[-1] is ... else kinds
    return tuple(decode(kind, item, f"{place}[{i}]") for i, (kind, item) in enumerate(zip(each, value, strict=True)))


def _decode_union(kinds: tuple[Any, ...], value: object, place: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    tagged = (kind for kind in kinds if isinstance(kind, type) and get_args(_hints(kind).get("kind")))
    tags = {get_args(_hints(kind)["kind"])[0]: kind for kind in tagged}
    if not tags:
        return decode(kinds[0], value, place)
    tag = value.get("kind") if isinstance(value, dict) else value
    if not isinstance(tag, str) or tag not in tags:
        raise Malformed(place + ".kind", "one of " + ", ".join(tags), tag)
    return decode(tags[tag], value, place)


def _fraction(value: object, place: str) -> Fraction:
    numerator, _, denominator = value.partition("/") if isinstance(value, str) else ("", "", "")
    digits = numerator.removeprefix("-") + denominator
    plain = digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST_NUMBER
    if not plain or not numerator.strip("-") or (denominator and not int(denominator)):
        raise Malformed(place, 'a fraction as text, such as "1/2"', value)
    return Fraction(int(numerator), int(denominator or 1))
