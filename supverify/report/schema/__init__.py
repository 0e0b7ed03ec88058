"""JSON Schema (2020-12) of what a report's JSON holds, worked out from the dataclasses and what they say they are.

``python -m supverify.report.schema`` writes the files that lie here.
"""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}


class Definitions:
    """The dataclasses that a schema speaks of, each defined once."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def schema(self, kind: Any) -> dict[str, Any]:
        """What values of the type ``kind`` look like as JSON; raises TypeError for a type that has no JSON."""
        if kind in PLAIN:
            return PLAIN[kind]
        if isinstance(kind, type) and is_dataclass(kind):
            return self._reference(kind)
        arguments = get_args(kind)
        if get_origin(kind) is tuple:
            return self._array(arguments)
        if get_origin(kind) is Literal:
            return {"enum": list(arguments)}
        if get_origin(kind) is dict:
            return {"type": "object", "additionalProperties": self.schema(arguments[1])}
        if get_origin(kind) in (Union, UnionType):
            return {"anyOf": [self.schema(each) for each in arguments]}
        raise TypeError(f"no JSON for {kind}")

    def _array(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        if arguments[-1] is Ellipsis:
            return {"type": "array", "items": self.schema(arguments[0])}
        each = [self.schema(argument) for argument in arguments]
        return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}

    def _reference(self, kind: type) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = self.members(get_type_hints(kind), kind.__doc__ or "")
        return {"$ref": f"#/$defs/{name}"}

    def members(self, hints: dict[str, Any], about: str) -> dict[str, Any]:
        """An object that has exactly these members."""
        return {
            "description": " ".join(about.split()),
            "type": "object",
            "properties": {name: self.schema(hint) for name, hint in hints.items()},
            "required": list(hints),
            "additionalProperties": False,
        }


def document(title: str, about: str, members: dict[str, Any]) -> str:
    """The schema of a JSON document with these members, by their types, as the text of a file."""
    definitions = Definitions()
    schema = {"$schema": DIALECT, "title": title, **definitions.members(members, about)}
    schema["$defs"] = dict(sorted(definitions.found.items()))
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
