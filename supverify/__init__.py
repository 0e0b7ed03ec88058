"""supverify proves, exhaustively verifies and audits claims about neural computation in superposition.

``verify(network, problem, k=2)`` decides a claim about a network; ``build`` makes networks; ``classify`` sorts the
inputs and outputs of a problem by influence; ``audit_file`` checks a derivation; ``testing.assert_exact`` is for test
suites. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asking import ask
    from .building.composition import compose_and_verify, read_circuit
    from .deciding.largest import largest_k
    from .deciding.second_opinions import export
    from .deciding.verification import verify
    from .engines import Disagreement, NetworkVerdict, Statistics, bernoulli_error, shrink, uniform_error
    from .files import NetworkFile, network_of, read_network, read_problem, write_network
    from .gathering.network_report import report_network
    from .gathering.superposed import superposition
    from .kernel.certificate import Certificate
    from .kernel.check import check, recheck
    from .kernel.claim import Claim, Conjunctions, Criterion, Permutation, TwoAnd
    from .kernel.errors import Malformed, Rejected
    from .kernel.network import Layer, Network, evaluate
    from .kernel.verdict import Status, Verdict
    from .models import (
        Circuit,
        Composition,
        Construction,
        bounds,
        build,
        classify,
        compose,
        family,
        generate,
        influence_graph,
        permutation,
        represent,
        sizes,
    )
    from .oracles import audit_file

_HOMES = {
    "asking": ("ask",),
    "building.composition": ("compose_and_verify", "read_circuit"),
    "engines": ("Disagreement", "NetworkVerdict", "Statistics", "bernoulli_error", "shrink", "uniform_error"),
    "files": ("NetworkFile", "network_of", "read_network", "read_problem", "write_network"),
    "kernel.certificate": ("Certificate",),
    "kernel.check": ("check", "recheck"),
    "kernel.claim": ("Claim", "Conjunctions", "Criterion", "Permutation", "TwoAnd"),
    "kernel.errors": ("Malformed", "Rejected"),
    "kernel.network": ("Layer", "Network", "evaluate"),
    "kernel.verdict": ("Status", "Verdict"),
    "deciding.largest": ("largest_k",),
    "models": (
        "Circuit",
        "Composition",
        "Construction",
        "bounds",
        "build",
        "classify",
        "compose",
        "family",
        "generate",
        "influence_graph",
        "permutation",
        "represent",
        "sizes",
    ),
    "gathering.network_report": ("report_network",),
    "oracles": ("audit_file",),
    "deciding.second_opinions": ("export",),
    "gathering.superposed": ("superposition",),
    "deciding.verification": ("verify",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Certificate",
    "Circuit",
    "Claim",
    "Composition",
    "Conjunctions",
    "Construction",
    "Criterion",
    "Disagreement",
    "Layer",
    "Malformed",
    "Network",
    "NetworkFile",
    "NetworkVerdict",
    "Permutation",
    "Rejected",
    "Statistics",
    "Status",
    "TwoAnd",
    "Verdict",
    "ask",
    "audit_file",
    "bernoulli_error",
    "bounds",
    "build",
    "check",
    "classify",
    "compose",
    "compose_and_verify",
    "evaluate",
    "export",
    "family",
    "generate",
    "influence_graph",
    "largest_k",
    "network_of",
    "permutation",
    "read_circuit",
    "read_network",
    "read_problem",
    "recheck",
    "report_network",
    "represent",
    "shrink",
    "sizes",
    "superposition",
    "uniform_error",
    "verify",
    "write_network",
]


def __getattr__(name: str) -> object:
    if name == "testing":
        return import_module(".testing", __name__)
    if name in ("load_ipython_extension", "unload_ipython_extension"):  # %load_ext supverify
        return getattr(import_module(".notebook", __name__), name)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
