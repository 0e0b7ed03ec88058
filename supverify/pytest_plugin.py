"""A pytest plugin, there wherever supverify is installed: the fixture ``assert_exact``.

def test_my_network(assert_exact):
    assert_exact("net.safetensors", "ands.json", k=3)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # imported where they are used: every test run loads this file
    from .engines import NetworkVerdict


@pytest.fixture
def assert_exact(tmp_path: Path) -> Callable[..., NetworkVerdict]:
    """``supverify.testing.assert_exact``, which leaves the claim and its certificate in the test's ``tmp_path``.

    They are there for a refuted claim, too; what is printed then says how to check them again.
    """
    names = Counter[str]()

    def kept(network: Any, problem: Any, *, k: int, **options: Any) -> NetworkVerdict:
        __tracebackhide__ = True  # pytest shows the line of the test
        from .testing import NotExact
        from .testing import assert_exact as assert_it

        name = Path(network).stem if isinstance(network, str | Path) else "network"
        names[name] += 1
        place = tmp_path / (name if names[name] == 1 else f"{name}-{names[name]}")
        try:
            verdict = assert_it(network, problem, k=k, **options)
        except NotExact as wrong:
            wrong.add_note(_written(wrong.verdict, place))
            raise
        _written(verdict, place)
        return verdict

    return kept


def _written(verdict: NetworkVerdict, place: Path) -> str:
    """Writes the evidence, and says how it is checked again."""
    from .deciding.evidence import EvidencePaths, checked
    from .files import write_claim

    paths = EvidencePaths.beside(place.with_name(f"{place.name}.npz"))
    if verdict.certificate is None:
        write_claim(paths.claim, verdict.claim)
        return f"the claim: {paths.claim}"
    paths.store(verdict.claim, verdict.certificate)
    return f"{checked(verdict.exact.oracles)}: supverify recheck {paths.claim} {paths.certificate}"
