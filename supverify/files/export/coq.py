"""Coq: one file that proves the claim by reflection over the checker in ``Checker.v``, which it contains.

The theorem speaks of the layers in Z and of every input; the checker goes through all of them in words of 63 bits.
``coqc`` accepts the file if and only if the claim holds (and the machine has the time: about C(m, k) times the
number of weights, 10^7 to 10^8 of them a second).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import resources
from itertools import pairwise
from math import lcm
from typing import TypeVar

from supverify.kernel.claim import Claim
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer

from .cone import Cone

T = TypeVar("T")
HALF = 1 << 62
MOST_WEIGHTS = 1 << 22  # entries of all the matrices, which Coq has to read
MOST_INPUTS = 4096  # Coq counts them in unary


def checker() -> str:
    """The text of the checker and of the proof that it is right."""
    return resources.files(__package__).joinpath("Checker.v").read_text("utf-8")


def coq(cone: Cone) -> str:
    """A file for coqc 8.16 that proves the claim about the cone's outputs, and prints what the proof assumes.

    Raises Malformed where a number may leave the 63-bit words, or the network is too large to be written out.
    """
    claim = cone.claim
    _check_size(claim)
    _check_words(cone)
    layers = [_layer(layer, width) for layer, width in zip(_layers(cone), claim.network.widths, strict=False)]
    targets = [claim.targets()[i] for i in cone.outputs]
    shown = _list(targets, lambda target: _list(target, lambda clause: _list(clause, lambda j: f"{j}%N")))
    lines = ["Module Checker.", checker(), "End Checker.", "", *(f"(* {line} *)" for line in cone.statement())]
    lines += ["From Coq Require Import Bool List ZArith.", "Import Checker ListNotations.", "Open Scope Z_scope.", ""]
    lines += [f"Definition the_network : list layer :=\n  {_block(layers)}.", ""]
    lines += ["(** For each output the ANDs of which it is the OR. *)"]
    lines += [f"Definition the_targets : list (list (list N)) :=\n  {shown}.", ""]
    lines += [f"Definition the_reading : criterion := {_criterion(claim)}."]
    arguments = (
        f"the_network {claim.network.inputs} the_targets {claim.k} {_bool(claim.mode == 'exactly')} the_reading"
    )
    lines += [f"Definition the_claim : claim := Claim {arguments}.", ""]
    lines += ["Lemma checked : check the_claim = true.", "Proof. vm_cast_no_check (eq_refl true). Qed.", ""]
    return "\n".join([*lines, *_theorem(claim), "Print Assumptions every_output_is_right."]) + "\n"


def _theorem(claim: Claim) -> list[str]:
    counted = f"ones y = {claim.k}" if claim.mode == "exactly" else f"(ones y <= {claim.k})"
    lines = ["Theorem every_output_is_right : forall y : list bool,"]
    lines += [f"  length y = {claim.network.inputs}%nat -> {counted}%nat ->"]
    if claim.criterion.kind == "readout":
        lines += ["  map (fires the_reading) (evaluate the_network y) = map (holds y) the_targets."]
        kind = "or_introl" if claim.criterion.strict else "or_intror"
        proof = f"readout_sound the_claim checked ({kind} eq_refl) y (conj L B)"
    else:
        lines += ["  Forall2 (fun z target => right the_reading (holds y target) z = true)"]
        lines += ["    (evaluate the_network y) the_targets."]
        proof = "sound the_claim checked y (conj L B)"
    return [*lines, f"Proof. intros y L B. exact ({proof}). Qed."]


def _layers(cone: Cone) -> list[Layer]:
    """The network's layers, the last one cut down to the cone's outputs."""
    *hidden, last = cone.claim.network.layers
    chosen = ((last.sources[i], last.weights[i], last.bias[i]) for i in cone.outputs)
    sources, weights, bias = zip(*chosen, strict=True)
    return [*hidden, Layer(sources, weights, bias, last.relu)]


def _layer(layer: Layer, width: int) -> str:
    rows = []
    for r in range(len(layer.bias)):
        dense = [0] * width
        for j, w in layer.row(r):
            dense[j] = w
        rows.append(_list(dense, _integer))
    return f"Layer {_block(rows, 4)}\n    {_list(layer.bias, _integer)} {_bool(layer.relu)}"


def _criterion(claim: Claim) -> str:
    asked = claim.criterion
    kind = {"separated": "Separated", "linear": "Linear", "code": "Linear"}.get(asked.kind)
    kind = kind or ("Strict" if asked.strict else "NonStrict")
    common = _denominator(claim)
    numbers = (common, asked.threshold * common, asked.slack * common, claim.network.scale)
    return f"Criterion {kind} {' '.join(_integer(int(number)) for number in numbers)}"


def _denominator(claim: Claim) -> int:
    return lcm(claim.criterion.threshold.denominator, claim.criterion.slack.denominator)


def _check_size(claim: Claim) -> None:
    widths = claim.network.widths
    if sum(a * b for a, b in pairwise(widths)) > MOST_WEIGHTS:
        raise Malformed("coq", f"matrices of at most {MOST_WEIGHTS} entries in all, zeros included", widths)
    if claim.network.inputs > MOST_INPUTS:
        raise Malformed("coq", f"at most {MOST_INPUTS} inputs", claim.network.inputs)


def _check_words(cone: Cone) -> None:
    """What the checker will check, so that the refusal says where."""
    claim, common = cone.claim, _denominator(cone.claim)
    reach = [1] * claim.network.inputs
    for i, layer in enumerate(_layers(cone), 1):
        reach = [abs(b) + sum(abs(w) * reach[j] for j, w in layer.row(r)) for r, b in enumerate(layer.bias)]
        if max(reach) >= HALF:
            raise Malformed(f"coq: layer {i}", "sums below 2^62, for words have 63 bits", max(reach))
    asked, scale = claim.criterion, claim.network.scale
    levels = (asked.threshold - asked.slack, asked.threshold + asked.slack, 1 + asked.slack, asked.slack)
    largest = max(common * max(reach), *(int(abs(level) * common * scale) + 1 for level in levels))
    if largest >= HALF:
        raise Malformed("coq: criterion", "limits and outputs, times their denominator, below 2^62", largest)


def _integer(number: int) -> str:
    return f"({number})" if number < 0 else str(number)


def _bool(flag: bool) -> str:
    return "true" if flag else "false"


def _list(items: Iterable[T], show: Callable[[T], str]) -> str:
    return f"[{'; '.join(map(show, items))}]"


def _block(items: list[str], indent: int = 2) -> str:
    return "[" + f";\n{' ' * indent} ".join(items) + "]"
