"""The plugin for other people's tests: a fixture that asserts and leaves the evidence."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]

SUITE = """
    import pytest
    import numpy as np
    import supverify as sv

    ANDS = sv.TwoAnd(inputs=3, pairs=((0, 1), (1, 2)))
    RIGHT = sv.network_of({"W1": np.array([[1, 1, 0], [0, 1, 1]]), "b1": np.array([-1, -1])})
    WRONG = sv.network_of({"W1": np.array([[1, 1, 0], [0.75, 1, 1]]), "b1": np.array([-1, -1])})

    def test_right(assert_exact, tmp_path):
        verdict = assert_exact(RIGHT, ANDS, k=2)
        assert verdict.status is sv.Status.PROVED
        assert_exact(RIGHT, ANDS, k=3, engines=["branch"])
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == [f"network{n}.{kind}.json" for n in ("-2", "") for kind in ("certificate", "claim")]
        claim, certificate = ((tmp_path / f"network.{kind}.json").read_bytes() for kind in ("claim", "certificate"))
        assert sv.recheck(claim, certificate).status is sv.Status.PROVED

    def test_wrong(assert_exact):
        assert_exact(WRONG, ANDS, k=2)

    def test_mistaken(assert_exact):
        with pytest.raises(sv.Malformed, match="claim.k"):
            assert_exact(RIGHT, ANDS, k=9)
"""


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other plugin, and this one also where supverify was not installed again since it is one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.usefixtures("alone")
def test_fixture_asserts_and_leaves_the_evidence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    done = pytester.runpytest_subprocess("-p", "supverify.pytest_plugin")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(
        [
            ">       assert_exact(WRONG, ANDS, k=2)",
            "E*NotExact: not true in exact arithmetic: 2 ANDs: *",
            "E*output 1 (y1 AND y2): expected at most 1/2, got 3/4",
            "E*checked by the kernel; again: supverify recheck *network.claim.json *network.certificate.json",
        ]
    )


@pytest.mark.usefixtures("alone")
def test_evidence_of_a_file_is_named_after_it(pytester: pytest.Pytester) -> None:
    for name in ("rounded.safetensors", "gates.txt"):
        pytester.path.joinpath(name).write_bytes((ROOT / "examples" / name).read_bytes())
    pytester.makepyfile(
        """
        def test_network(assert_exact, tmp_path, request):
            assert_exact(request.path.with_name("rounded.safetensors"), request.path.with_name("gates.txt"), k=2)
            assert (tmp_path / "rounded.certificate.json").exists()
        """
    )
    pytester.runpytest_subprocess("-p", "supverify.pytest_plugin").assert_outcomes(passed=1)


def test_plugin_loads_nothing_heavy() -> None:
    script = (
        "import sys, supverify.pytest_plugin; print(*{'numpy', 'sympy', 'z3', 'networkx', 'click'} & {*sys.modules})"
    )
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "\n"


def test_pytest_finds_the_plugin_of_the_installed_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stated = project["entry-points"]["pytest11"]
    assert stated == {"supverify": "supverify.pytest_plugin"}
    installed = {point.name: point.value for point in entry_points(group="pytest11")}
    assert stated.items() <= installed.items(), "make env installs it"
