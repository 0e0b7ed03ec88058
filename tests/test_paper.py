"""The gathered report: its verdicts are what the kernel says of its files, and it is the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pages import without_timings

from supverify.gathering.paper import SECTIONS, gather
from supverify.kernel.check import recheck, wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.codec import decode, parse
from supverify.kernel.errors import Malformed, Refusal
from supverify.report import Report, rendered, write_report
from supverify.report.instances import DEFAULT
from supverify.report.verdicts import network_claims, results

ROOT = Path(__file__).resolve().parent.parent
INSTANCES = """
title = "A small report"
[[classify]]
name = "graph"
problem = "star:M=9,seed=0"
[[network]]
name = "star-k2"
problem = "star:M=8,seed=0"
k = 2
[[network]]
name = "permutation-k2"
problem = "permutation:m=8,seed=1"
k = 2
"""
DERIVATION = """# Powers of two

Is $m!$ at least $2^m$? Not at $m = 1$.

```derivation
id = "powers"
title = "m! against 2^m"
claims = ["not (forall integer m >= 1: m! >= 2^m)", "4! >= 2^4"]
establishes = ["one", "four"]
```

```step
id = "one"
says = "not (forall integer m >= 1: m! >= 2^m)"
by = "refute"
at = "m = 1"
```

But $24 \\ge 16$.

```step
id = "four"
says = "4! >= 2^4"
by = "arithmetic"
```
"""


def test_each_place_of_the_page_is_named_once() -> None:
    assert sorted(set(SECTIONS)) == list(SECTIONS)


def listed(folder: Path, *, instances: str = INSTANCES, derivation: str = DERIVATION) -> tuple[Path, Path]:
    """The folder of proofs, and the instance list."""
    (folder / "proofs").mkdir()
    (folder / "proofs" / "01-powers.md").write_text(derivation, "utf-8")
    (folder / "instances.toml").write_text(instances, "utf-8")
    return folder / "proofs", folder / "instances.toml"


def gathered(folder: Path, **texts: str) -> Report:
    proofs, instances = listed(folder, **texts)
    return gather(proofs=proofs, instances=instances)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return gathered(tmp_path_factory.mktemp("small"))


def test_every_network_is_proved_and_every_twin_refuted(small: Report) -> None:
    assert [claim.status for claim in network_claims(small)] == ["PROVED"] * 4 + ["REFUTED"] * 2
    assert {answer.status for entry in small.networks for claim in entry.claims for answer in claim.answers} == {
        "PROVED"
    }
    twins = [entry.twin.claim for entry in small.networks if entry.twin]
    assert {answer.status for twin in twins for answer in twin.answers} == {"REFUTED"}
    assert all(len(claim.answers) == 3 for claim in network_claims(small))


def test_the_kernel_repeats_every_verdict_from_the_files(small: Report, tmp_path: Path) -> None:
    folder = write_report(small, tmp_path / "paper").parent
    for claim in network_claims(small):
        assert claim.evidence is not None
        files = [(folder / path).read_bytes() for path in (claim.evidence.claim, claim.evidence.certificate)]
        assert recheck(*files).status.name == claim.status
        assert [len(content) for content in files] == [claim.evidence.claim_bytes, claim.evidence.certificate_bytes]


def test_evidence_of_another_network_is_refused(small: Report) -> None:
    contents = {file.path: file.content for file in small.files}
    first, second = (entry.claims[0].evidence for entry in small.networks)
    assert first is not None
    assert second is not None
    with pytest.raises(Refusal):
        recheck(contents[first.claim], contents[second.certificate])
    broken = small.networks[0].twin
    assert broken is not None
    assert broken.claim.evidence is not None
    with pytest.raises(Refusal):
        recheck(contents[broken.claim.evidence.claim], contents[first.certificate])


def test_a_twin_has_one_change_and_the_smallest_counterexample(small: Report) -> None:
    contents = {file.path: file.content for file in small.files}
    for entry in small.networks:
        assert entry.twin is not None
        assert entry.twin.claim.evidence is not None
        assert entry.twin.change.count("becomes") == 1
        path = entry.twin.claim.evidence.claim
        claim: Claim = decode(Claim, parse(contents[path], path), path)
        first = next(active for active in claim.members(claim.domain) if wrong_outputs(claim, active))
        assert entry.twin.claim.counterexample == first
        assert [wrong.output for wrong in entry.twin.wrong] == wrong_outputs(claim, first)


def test_a_negation_is_shown_as_a_refutation(small: Report) -> None:
    refuted, proved = results(small)[:2]
    assert (refuted.status, refuted.statement) == ("REFUTED", "forall integer m >= 1: m! >= 2^m")
    assert "m = 1" in refuted.detail
    assert (proved.status, proved.statement) == ("PROVED", "4! >= 2^4")
    assert [step.outcome for step in small.derivations[0].steps] == ["ACCEPTED", "ACCEPTED"]
    assert small.derivations[0].steps[1].prose == "But $24 \\ge 16$."


def test_a_false_step_is_shown_with_what_was_expected(tmp_path: Path) -> None:
    text = DERIVATION.replace("4! >= 2^4", "4! >= 2^5")
    [derivation] = gathered(tmp_path, instances='title = "T"', derivation=text).derivations
    assert derivation.status == "UNKNOWN"
    assert {conclusion.status for conclusion in derivation.conclusions} == {"UNKNOWN"}
    refused = derivation.steps[1]
    assert refused.outcome == "REJECTED"
    assert refused.expected
    assert refused.got


PICTURED = """title = "T"
[[network]]
name = "drawn"
problem = "mixture:M=16,seed=0"
k = 2
engines = ["enumerate"]
variant = "paper"
pictures = true
"""


@pytest.mark.slow
def test_a_network_is_drawn_where_the_list_asks_for_it(tmp_path: Path) -> None:
    report = gathered(tmp_path, instances=PICTURED)
    (entry,) = report.networks
    names = [drawing.name for drawing in entry.drawings]
    assert names[:3] == ["counterexample", "margins", "noise"]
    files = rendered(report)
    page, text = files["index.html"].decode(), files["report.md"].decode()
    for drawing in entry.drawings:
        assert drawing.path is not None
        assert drawing.path in files
        assert f"]({drawing.path})" in text
        assert f'id="drawn-{drawing.name}-' in page
    regions = next(drawing for drawing in entry.drawings if drawing.name == "weights-2")
    assert "double-light" in regions.alternative or "mixed" in regions.alternative


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("star:M=8", "planet:M=8"),
        ("k = 2", "k = -1"),
        ("m=8", "m=no"),
        ("k = 2", 'k = 2\nclaims = ["linear"]'),
        ('title = "A', 'titel = "A'),
    ],
)
def test_malformed_instances_are_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(Malformed):
        gathered(tmp_path, instances=INSTANCES.replace(old, new))


def test_two_things_do_not_share_a_place(tmp_path: Path) -> None:
    for old, new in (('id = "', 'id = "verdicts" #'),):
        with pytest.raises(Malformed, match="an id and a title of its own"):
            gathered(tmp_path, instances='title = "T"', derivation=DERIVATION.replace(old, new, 1))


def test_two_things_do_not_share_a_file(tmp_path: Path) -> None:
    proofs, instances = listed(tmp_path, instances='title = "T"')
    (proofs / "claims.md").write_text(DERIVATION.replace("powers", "other").replace("m! against", "m! or"), "utf-8")
    claim = '[[claim]]\nid = "a"\nsource = "a.txt"\nplace = "end"\nstatement = "2 > 1"\n'
    (proofs / "claims.toml").write_text(claim, "utf-8")
    with pytest.raises(Malformed, match=r"claims\.json"):
        gather(proofs=proofs, instances=instances)


def test_a_folder_without_derivations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="derivations"):
        gather(proofs=tmp_path, instances=DEFAULT)


def test_progress_names_each_item_once(tmp_path: Path) -> None:
    proofs, instances = listed(tmp_path)
    told: list[tuple[str, int, int]] = []
    gather(proofs=proofs, instances=instances, progress=lambda *step: told.append(step))
    assert [what for what, _, _ in told] == [
        f"report: {name}" for name in ("01-powers.md", "star-k2", "permutation-k2", "graph")
    ]
    assert [(done, total) for _, done, total in told] == [(i, 4) for i in range(4)]


PROGRAM = """
import sys
from pathlib import Path
from supverify.gathering.paper import gather
from supverify.report import write_report
write_report(gather(proofs=Path(sys.argv[1]), instances=Path(sys.argv[2])), Path(sys.argv[3]))
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_made_again_is_the_same_but_for_its_timings(small: Report, tmp_path: Path) -> None:
    proofs, instances = listed(tmp_path)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", PROGRAM, str(proofs), str(instances), str(tmp_path / "paper")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    again = without_timings(contents(tmp_path / "paper"))
    folder = str(tmp_path / "paper")
    assert again == without_timings(rendered(small, folder=folder))
    assert again != without_timings(rendered(replace(small, title="Another report"), folder=folder))


@pytest.mark.slow
def test_the_committed_report_is_what_the_project_yields() -> None:
    report = gather(proofs=ROOT / "proofs", instances=DEFAULT)
    assert without_timings(contents(ROOT / "reports" / "paper")) == without_timings(rendered(report))
