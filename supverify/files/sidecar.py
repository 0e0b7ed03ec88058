"""What a network file does not say itself: a JSON object beside it, ``net.npz.json`` for ``net.npz``.

Every key may be left out:

layers      the names of the layers in their order, such as ["fc_in", "fc_out"], as --layers
transposed  true: every matrix of weights is stored inputs x outputs (x @ W)
relu_last   true: the last layer has a ReLU too
C, D, c, C1 the input code, the decoder and its bias, the output code: nested lists, or the name of the file's array
outputs     which outputs of the network are those of the problem, in the problem's order, such as [2, 0, 1]
criterion, threshold, slack, strict  how outputs are read, as the options: "readout", "1/2", "0", true
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from supverify.kernel.claim import Criterion
from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed

from .read import read_json, read_text, within

ARRAYS = ("C", "D", "c", "C1")
READING: Mapping[str, Any] = {
    "criterion": Literal["readout", "separated", "linear", "code"],
    "threshold": Fraction,
    "slack": Fraction,
    "strict": bool,
}
OTHERS: Mapping[str, Any] = {
    "layers": tuple[str, ...],
    "transposed": bool,
    "relu_last": bool,
    "outputs": tuple[int, ...],
}


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """What stands beside a network; None and empty mean that nothing was said."""

    place: str = ""
    layers: tuple[str, ...] | None = None
    transposed: bool = False
    relu_last: bool | None = None
    outputs: tuple[int, ...] | None = None
    arrays: Mapping[str, object] = field(default_factory=dict)
    criterion: Criterion | None = None

    @property
    def path(self) -> str | None:
        """Its file, if there is one."""
        return self.place or None

    def check_only(self, keys: Sequence[str], network: str) -> None:
        """Raises Malformed if anything else was said about the network than ``keys``."""
        others = {key: getattr(self, key) for key in OTHERS} | dict(self.arrays)
        others["transposed"] = self.transposed or None
        for key, value in others.items():
            if key not in keys and value is not None:
                raise Malformed(f"{self.place or 'layers'}: {key}", f"nothing, for {network}", value)


def read_sidecar(network: Path, path: Path | None) -> Sidecar:
    """The sidecar at ``path``; None is the one beside the network, if there is one. Raises Malformed."""
    if path is None:
        path = network.parent / f"{network.name}.json"
        if not path.is_file():
            return Sidecar()
    place = str(path)
    found = read_json(read_text(path), place)
    known = (*OTHERS, *ARRAYS, *READING)
    if not isinstance(found, dict) or not set(found) <= set(known):
        strange = (
            next((key for key in found if key not in known), "") if isinstance(found, dict) else type(found).__name__
        )
        raise Malformed(place, f"an object with some of the keys {', '.join(known)}", strange)
    with within(place):
        others = {key: decode(kind, found[key], key) for key, kind in OTHERS.items() if key in found}
        reading = {key: decode(kind, found[key], key) for key, kind in READING.items() if key in found}
        if "criterion" in reading:
            reading["kind"] = reading.pop("criterion")
        criterion = Criterion(**reading) if reading else None
    arrays = {key: found[key] for key in ARRAYS if key in found}
    return Sidecar(place=place, arrays=arrays, criterion=criterion, **others)
