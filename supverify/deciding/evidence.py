"""Where the files of a verdict are: the claim, its certificate, and the journal of a run that is not over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..files import check_writable, read_bytes, write_certificate, write_claim
from ..kernel.certificate import Certificate
from ..kernel.claim import Claim
from ..kernel.errors import Malformed


@dataclass(frozen=True)
class EvidencePaths:
    """Where a claim and its certificate are written."""

    claim: Path
    certificate: Path

    @classmethod
    def beside(cls, network: Path, *, certificate: Path | None = None, name: str = "") -> EvidencePaths:
        """``NETWORK.claim.json`` and ``NETWORK.certificate.json``, or the given ``certificate`` and its own claim.

        A claim is named after its certificate, so certificates with different names never share one. Raises
        Malformed, before any work is done, where they could not be written.
        """
        stem = f"{network.stem}.{name}" if name else network.stem
        certificate = certificate or network.with_name(f"{stem}.certificate.json")
        if not certificate.name or certificate.name.endswith(".claim.json"):
            raise Malformed(str(certificate), "the name of a file, and not a claim's", certificate.name)
        named = certificate.name.removesuffix(".json").removesuffix(".certificate")
        paths = cls(certificate.with_name(f"{named}.claim.json"), certificate)
        check_writable(paths.claim)
        check_writable(paths.certificate)
        return paths

    @property
    def journal(self) -> Path:
        """``NETWORK.journal``, named as the claim is."""
        return self.claim.with_name(self.claim.name.removesuffix(".claim.json") + ".journal")

    def store(self, claim: Claim, certificate: Certificate) -> tuple[bytes, bytes]:
        """Writes both, and returns what their files then hold; raises Malformed where that cannot be done."""
        write_claim(self.claim, claim)
        write_certificate(self.certificate, certificate)
        return read_bytes(self.claim), read_bytes(self.certificate)


def checked(oracles: Collection[str]) -> str:
    """Who has read the evidence of a verdict that rests on these oracles, and that the kernel can."""
    return "checked by " + ("a fast reading; by the kernel" if "fast-check" in oracles else "the kernel; again")
