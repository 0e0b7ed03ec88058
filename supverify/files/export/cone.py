"""What an exported query is about: some outputs of a claim, and the inputs and neurons that they depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from supverify.kernel.claim import Claim
from supverify.kernel.errors import Malformed


@dataclass(frozen=True)
class Wrong:
    """One way to be wrong: the output should be ``truth``, but z <= ``limit`` (z >= ``limit`` if ``above``)."""

    truth: bool
    above: bool
    limit: int


@dataclass(frozen=True)
class Cone:
    """``neurons[0]`` are the inputs that ``outputs`` or their truth depend on, ``neurons[d]`` those of layer d."""

    claim: Claim
    outputs: tuple[int, ...]
    neurons: tuple[tuple[int, ...], ...]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The inputs of the query; the others change nothing that it asks about."""
        return self.neurons[0]

    @property
    def fewest(self) -> int:
        """How many of the cone's inputs have to be on: in mode exactly, inputs outside may make up for the rest."""
        outside = self.claim.network.inputs - len(self.inputs)
        return max(0, self.claim.k - outside) if self.claim.mode == "exactly" else 0

    def wrong(self) -> tuple[Wrong, ...]:
        """Every way in which an output can be wrong, in integers (z is scale times the output)."""
        windows = self.claim.windows
        found = []
        for truth, (low, high) in zip((False, True), windows, strict=True):
            found += [Wrong(truth, False, low - 1)] if low is not None else []
            found += [Wrong(truth, True, high + 1)] if high is not None else []
        return tuple(found)

    def statement(self) -> list[str]:
        """The claim in words, and which claim it is: the head of every exported file."""
        claim, asked = self.claim, self.claim.criterion
        counted = (
            f"{'exactly' if claim.mode == 'exactly' else 'at most'} {claim.k} of {claim.network.inputs} inputs on"
        )
        return [
            f"supverify claim {claim.digest}, about real numbers",
            f"criterion {asked.kind}, threshold {asked.threshold}, slack {asked.slack}, "
            f"{'strict' if asked.strict else 'non-strict'}; {counted}; outputs are z / {claim.network.scale}",
            f"layer widths {', '.join(map(str, claim.network.widths))}; "
            f"asks about {_listed(self.outputs, claim.network.outputs)}",
        ]


def cone(claim: Claim, outputs: Iterable[int] | None = None) -> Cone:
    """The part of the claim that is about ``outputs`` (None: all); raises Malformed if they are not there."""
    chosen = tuple(range(claim.network.outputs) if outputs is None else outputs)
    if not chosen or not 0 <= min(chosen) <= max(chosen) < claim.network.outputs:
        raise Malformed("outputs", f"some of 0..{claim.network.outputs - 1}", chosen)
    neurons = [set(chosen)]
    for layer in reversed(claim.network.layers):
        neurons.append({source for r in neurons[-1] for source in layer.sources[r]})
    targets = claim.targets()
    neurons[-1].update(j for i in chosen for clause in targets[i] for j in clause)
    return Cone(claim, chosen, tuple(tuple(sorted(layer)) for layer in reversed(neurons)))


def _listed(outputs: tuple[int, ...], count: int) -> str:
    if len(outputs) == count:
        return f"all {count} outputs"
    return f"output {outputs[0]}" if len(outputs) == 1 else f"{len(outputs)} outputs"
