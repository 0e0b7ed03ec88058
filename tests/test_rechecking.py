"""A report checked again from its own files: what was written is found, and whatever was changed is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from shell import Shell
from test_paper import DERIVATION, INSTANCES, listed

from supverify.gathering.paper import gather
from supverify.gathering.rechecking import recheck_report
from supverify.kernel.errors import Malformed
from supverify.report import write_report

CLAIMS = """
[[claim]]
id = "needed"
source = "a.txt"
place = "abstract"
quantity = "bits"
side = "at least"
growth = "2^m"
derivation = "01-powers"
restated = ["not (forall integer m >= 1: m! >= 2^m)"]
[[claim]]
id = "enough"
source = "b.txt"
place = "end"
quantity = "bits"
side = "at most"
growth = "log2(m)"
"""
BUILT_ANEW = INSTANCES.replace("k = 2\n[[", "k = 2\nkeep_claims = false\n[[", 1)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rechecked")
    proofs, instances = listed(folder, instances=BUILT_ANEW, derivation=DERIVATION)
    (proofs / "claims.toml").write_text(CLAIMS, "utf-8")
    return write_report(gather(proofs=proofs, instances=instances), folder / "paper").parent


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    return copytree(written, tmp_path / "copied")


def test_every_verdict_is_found_again_also_of_a_claim_that_is_built_anew(written: Path) -> None:
    found = recheck_report(written)
    assert [(each.name, each.status) for each in found] == [
        ("proofs/01-powers.md", "PROVED"),
        ("proofs/claims.toml", "1 PROVED, 1 REFUTED"),
        *(("star-k2-code", "PROVED"), ("star-k2-readout", "PROVED"), ("star-k2-twin", "REFUTED")),
        *(
            ("permutation-k2-code", "PROVED"),
            ("permutation-k2-readout", "PROVED"),
            ("permutation-k2-twin", "REFUTED"),
        ),
        ("report.json", "sums and tables"),
    ]
    assert all(each.again for each in found)
    assert not (written / "evidence/star-k2-code.claim.json").exists()


def removed(path: str) -> Callable[[Path], None]:
    """One file is lost."""
    return lambda folder: (folder / path).unlink()


def replaced(path: str, old: str, new: str, *, count: int = -1) -> Callable[[Path], None]:
    """A change of one file, at the first ``count`` places or everywhere."""

    def changing(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new, count), "utf-8")

    return changing


CHANGES: dict[str, tuple[Callable[[Path], None], list[str] | None]] = {
    "a sum": (replaced("report.json", '"proved": 1', '"proved": 2'), ["report.json"]),
    "the verdict table alone": (
        replaced("report.json", '"status": "PROVED"', '"status": "UNKNOWN"', count=1),
        ["report.json"],
    ),
    "a status": (replaced("report.json", '"status": "REFUTED"', '"status": "PROVED"'), None),
    "a sentence of a network": (
        replaced("report.json", "permuted features: exactly", "permuted features: nearly"),
        ["permutation-k2-code"],
    ),
    "a counterexample": (replaced("report.json", '"counterexample": [', '"counterexample": [9,'), None),
    "a derivation": (
        replaced("evidence/01-powers.md", "4! >= 2^4", "4! >= 2^5"),
        ["proofs/01-powers.md", "proofs/claims.toml"],
    ),
    "its prose alone": (replaced("evidence/01-powers.md", "But", "Yet"), ["proofs/01-powers.md"]),
    "an audit": (replaced("evidence/01-powers.json", "ACCEPTED", "REJECTED"), ["proofs/01-powers.md"]),
    "a claim of a document": (
        replaced("evidence/claims.toml", "log2(m)", "3^m"),
        ["proofs/claims.toml"],
    ),
    "a network": (
        replaced("evidence/permutation-k2-code.claim.json", '"k":2', '"k":3'),
        ["permutation-k2-code"],
    ),
    "a lost file": (
        lambda folder: (folder / "evidence/star-k2-code.certificate.json").unlink(),
        ["star-k2-code"],
    ),
    "a path that leads out": (
        replaced("report.json", '"certificate": "evidence/star', '"certificate": "../evidence/star', count=1),
        ["star-k2-code"],
    ),
    "another seed": (replaced("report.json", '"seed": 0', '"seed": 1'), ["star-k2-code", "star-k2-readout"]),
}


@pytest.mark.parametrize(("change", "names"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_noticed(copied: Path, change: Callable[[Path], None], names: list[str] | None) -> None:
    change(copied)
    missed = [each.name for each in recheck_report(copied) if not each.again]
    assert missed
    if names is not None:
        assert missed == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "supverify-report-1"}',
        '{"format": "supverify-report-1", "derivations": [1]}',
        "[" * 99_999,
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text, "utf-8")
    with pytest.raises(Malformed):
        recheck_report(tmp_path)
    with pytest.raises(Malformed):
        recheck_report(tmp_path / "nowhere")


def test_the_command_has_an_exit_code_for_each_answer(copied: Path, shell: Shell) -> None:
    done = shell("recheck", copied)
    assert (done.code, done.out.splitlines()[-1]) == (0, "VERIFIED  9 of 9")
    (copied / "evidence/claims.json").unlink()
    done = shell("recheck", copied, "--json")
    assert (done.code, done.answer["answer"]) == (1, "NOT VERIFIED")
    assert [each["name"] for each in done.answer["verdicts"] if not each["again"]] == ["proofs/claims.toml"]
    assert shell("recheck", copied / "report.json").code == 3
