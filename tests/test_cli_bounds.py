"""The command line: bounds, the table of verified networks, and the drawing."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from math import comb

import pytest
from shell import Shell, refused

from supverify.files.capacity import KnownNetwork, fewest_neurons, nearest

ROW = {"family": "random", "outputs": 100, "k": 3, "neurons": 80, "variant": "compact", "seed": 0, "status": "PROVED"}
ROWS = (
    ROW,
    {**ROW, "neurons": 70, "seed": 4, "measured": {"seconds": 1.5}},
    {**ROW, "neurons": 60, "status": "UNKNOWN"},
    {**ROW, "neurons": 50, "k": 2},
    {**ROW, "outputs": 1000, "neurons": 300},
    {**ROW, "outputs": 3000, "neurons": 500},
    {**ROW, "family": "star", "outputs": 300, "neurons": 200},
)


def table(shell: Shell, *rows: dict[str, object]) -> None:
    shell.write("table.json", json.dumps({"made": "by hand", "networks": rows}))


def test_numbers_for_programs(shell: Shell) -> None:
    run = shell("bounds", "-M", 100, "-m", 40, "-k", 3, "-n", 50, "--bits-per-weight", 2, "--json")
    answer = run.answer
    assert (run.code, run.err, answer["inputs"], answer["weight_bits"]) == (0, "", 40, [2])
    floor = answer["floors"][0]
    assert floor["bits"] == (comb(comb(40, 2), 100) - 1).bit_length()
    (width,) = floor["neurons"]
    assert 4 * width * (width + 1) >= floor["bits"] > 4 * width * (width - 1)
    assert answer["paper"]["f"] == 0.7526
    assert len(answer["capacities"]) == 3
    assert answer["verified"] == []


def test_people_see_tables(shell: Shell) -> None:
    table(shell, *ROWS)
    run = shell("bounds", "-M", 500, "-k", 3, "-n", 64, "--table", "table.json")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("M = 500 outputs of m = 500 inputs, k = 3\n")
    for text in (
        "b = 1",
        "b = 8",
        "unlabelled 2-AND",
        "permutations",
        "64 neurons have room",
        "random      100       70",
    ):
        assert text in run.out
    assert max(map(len, run.out.splitlines())) <= 90
    without = shell("bounds", "-M", 500, "-k", 3).out
    assert "have room" not in without
    assert "verified" not in without


def test_verified_networks_of_the_same_outputs_or_the_nearest(shell: Shell) -> None:
    table(shell, *ROWS)

    def verified(outputs: int, k: int = 3) -> list[tuple[str, int, int]]:
        answer = shell("bounds", "-M", outputs, "-k", k, "--table", "table.json", "--json").answer
        return [(row["family"], row["outputs"], row["neurons"]) for row in answer["verified"]]

    assert verified(100) == [("random", 100, 70), ("star", 300, 200)]
    assert verified(300) == [("random", 100, 70), ("random", 1000, 300), ("star", 300, 200)]
    assert verified(5000) == [("random", 3000, 500), ("star", 300, 200)]
    assert verified(100, k=2) == [("random", 100, 50)]
    assert verified(100, k=4) == []


def test_table_of_the_working_folder_is_read(shell: Shell) -> None:
    (shell.folder / "reports" / "capacity").mkdir(parents=True)
    shell.write("reports/capacity/capacity.json", json.dumps({"networks": [ROW]}))
    assert len(shell("bounds", "-M", 100, "-k", 3, "--json").answer["verified"]) == 1


def test_with_the_bits_of_a_weight_it_says_what_is_proved(shell: Shell) -> None:
    run = shell("bounds", "-M", 10000, "-k", 2, "--bits", 1)
    assert (run.code, run.err) == (0, "")
    for text in (
        "unlabelled 2-AND  C(C(m,2),M)          137,294    262",
        "neurons suffice",
        "no input is in more than 10 outputs",
        "REFUTED  log2(M!) >= M*log2(M)\n",
        "PROVED  log2(M!) >= M*log2(M)/2\n        for all M >= 1  (permutations)",
        "M*log2(M)\n        for all M >= 15  (unlabelled 2-AND, m = M)",
    ):
        assert text in run.out
    assert max(map(len, run.out.splitlines())) <= 110


def test_what_is_proved_for_programs(shell: Shell) -> None:
    answer = shell("bounds", "-M", 300, "-k", 2, "--bits", 2, "--degree", 3, "-n", 90, "--json").answer
    existence, proved = answer["existence"], answer["proved"]
    assert existence["design"]["degree"] == 3
    assert sum(Fraction(event["each"]) * event["count"] for event in existence["events"]) < 1
    assert Fraction(existence["failure"]) < 1
    assert {entry["verdict"] for entry in proved} == {"true", "false"}
    assert [entry["holds"] for entry in proved] == [entry["verdict"] == "true" for entry in proved]
    assert shell("bounds", "-M", 9, "-k", 1, "--bits", 2, "--json").answer["existence"] is None
    assert "existence" not in shell("bounds", "-M", 9, "-k", 2, "--json").answer


def test_a_degree_that_has_too_few_pairs_is_refused(shell: Shell) -> None:
    assert "existence: inputs" in refused(shell("bounds", "-M", 300, "-m", 200, "-k", 2, "--bits", 2, "--degree", 2))


def test_choice_does_not_depend_on_the_order() -> None:
    rows = [KnownNetwork(**{key: row[key] for key in ROW}) for row in ROWS]  # type: ignore[arg-type]
    chosen = nearest(fewest_neurons(rows, k=3), outputs=300)
    assert chosen == nearest(fewest_neurons(reversed(rows), k=3), outputs=300)
    assert nearest((), outputs=3) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", 'table.json: expected an object with the list "networks", got []'),
        ('{"networks": 3}', 'expected an object with the list "networks"'),
        ('{"networks": [3]}', "table.json: networks[0]: expected an object with the keys family, outputs"),
        (json.dumps({"networks": [ROW, {**ROW, "k": "3"}]}), "networks[1].k: expected int, got 3"),
        (json.dumps({"networks": [{"family": "random"}]}), "networks[0]: expected an object with the keys"),
        (json.dumps({"networks": [{**ROW, "neurons": 0}]}), "networks[0].neurons: expected 1 to"),
        (json.dumps({"networks": [{**ROW, "outputs": 10**13}]}), "networks[0].outputs: expected 1 to"),
        ("{", "table.json: expected JSON"),
    ],
)
def test_other_tables_are_refused(content: str, message: str, shell: Shell) -> None:
    shell.write("table.json", content)
    assert message in refused(shell("bounds", "-M", 9, "-k", 2, "--table", "table.json", "--plot", "a.svg"))
    assert "a.svg" not in shell.names()


def drawn(shell: Shell, *arguments: object) -> str:
    pytest.importorskip("matplotlib")
    table(shell, *ROWS)
    assert shell("bounds", *arguments, "--table", "table.json", "--plot", "a.svg").code == 0
    return (shell.folder / "a.svg").read_text("utf-8")


def test_drawing_is_the_same_each_time(shell: Shell) -> None:
    drawing = drawn(shell, "-M", 500, "-k", 3)
    assert drawing.startswith("<svg")
    assert drawing == drawn(shell, "-M", 500, "-k", 3)
    for text in (
        "random, verified",
        "star, verified",
        "counting floor, b = 8",
        "suffices for influence up to 4",
    ):  # a comment with each text
        assert text in drawing


def test_names_in_a_table_are_no_formulas(shell: Shell) -> None:
    pytest.importorskip("matplotlib")
    table(shell, {**ROW, "family": "$a^$"})
    assert shell("bounds", "-M", 100, "-k", 3, "--table", "table.json", "--plot", "a.svg").code == 0


def test_without_floors_and_networks_expressions_are_drawn(shell: Shell) -> None:
    drawing = drawn(shell, "-M", 1, "-k", 1)
    assert "no constant" in drawing
    assert "verified" not in drawing
    assert "floor" not in drawing


def test_without_matplotlib_no_drawing_is_promised(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "--plot: expected matplotlib" in refused(shell("bounds", "-M", 9, "-k", 2, "--plot", "a.svg"))
    assert "a.svg" not in shell.names()
