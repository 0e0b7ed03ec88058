"""The list of instances that a report is made from: which problems to classify, which networks to build."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from supverify.kernel.codec import decode, encode
from supverify.kernel.errors import Malformed

DEFAULT = Path(__file__).parent / "instances.toml"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class ClassifyInstance:
    """A problem to classify; ``drawn`` asks for the picture of its graph, for people to read."""

    name: str
    problem: str
    drawn: bool = True


@dataclass(frozen=True, kw_only=True)
class NetworkInstance:
    """A network to build for a problem and to verify on every k-sparse input.

    ``twin``: also break one weight; ``keep_claims`` False leaves the claim files out of the report, which then
    says how to make them. ``variant`` is the construction (empty: by size); ``pictures``: it is drawn, too.
    """

    name: str
    problem: str
    k: int
    seed: int = 0
    twin: bool = True
    engines: tuple[str, ...] = ("enumerate", "smt", "branch")
    claims: tuple[Literal["code", "readout"], ...] = ("code", "readout")
    keep_claims: bool = True
    variant: Literal["", "paper", "compact", "random"] = ""
    pictures: bool = False


@dataclass(frozen=True, kw_only=True)
class Instances:
    """Everything a report is made from, besides the derivations; every name is used once, as a file name."""

    title: str
    classify: tuple[ClassifyInstance, ...] = ()
    network: tuple[NetworkInstance, ...] = ()

    def __post_init__(self) -> None:
        names = [entry.name for entry in self.classify] + [entry.name for entry in self.network]
        for name in names:
            if not NAME.fullmatch(name) or names.count(name) > 1:
                raise Malformed("instances: name", "small letters, digits and hyphens, each name once", name)


def read_instances(path: Path) -> Instances:
    """The instance list in a TOML file; raises Malformed where it is not one."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(str(path), "a readable TOML file", str(error)) from error
    for key, kind in (("classify", ClassifyInstance), ("network", NetworkInstance)):
        entries = table.get(key)
        if isinstance(entries, list):
            table[key] = [_complete(kind, entry) for entry in entries]
    instances: Instances = decode(Instances, _complete(Instances, table), str(path))
    return instances


def _complete(kind: Any, entry: object) -> object:
    """The table with the defaults of the keys that it leaves out."""
    if not isinstance(entry, dict):
        return entry
    return {f.name: encode(f.default) for f in fields(kind) if f.default is not MISSING} | entry
