"""The whole story in a fresh folder: the loop closes, and everything that was started is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from reviewhub.services.children import MARK
from tests.conftest import skip_aloud

pytestmark = pytest.mark.slow


def play(repository: Path, var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    story = (sys.executable, "-m", "examples.solar_cells.story", "--once")
    return subprocess.run(
        [*story, "--var", var, "--port", "8460", *arguments],
        cwd=repository,
        env={name: value for name, value in os.environ.items() if name[:10] != "REVIEWHUB_"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )


def left_behind(var: Path) -> list[str]:
    """Processes whose environment says that an instance in this folder started them."""
    needle = f"{MARK}={var}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if needle in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def test_the_loop_closes_and_a_second_start_shows_it_at_once(repository, tmp_path) -> None:
    if find_spec("elpv_dataset") is None:
        skip_aloud("the photos (requirements-demo.txt)")
    var = tmp_path / "demo"
    told = play(repository, var)
    assert told.returncode == 0, told.stdout + told.stderr
    report = json.loads((var / "report.json").read_text())
    assert report["accuracy_after"] >= max(0.75, report["accuracy_before"] + 0.25)
    assert abs(report["source_after"] - report["source_before"]) <= 0.03
    assert report["reviews"] <= 200
    assert report["switched"]
    assert report["queue"]["balanced"]
    assert left_behind(var) == []

    again = play(repository, var)
    assert again.returncode == 0, again.stderr
    assert json.loads((var / "report.json").read_text()) == report
    assert report["sentence"].split()[0] in again.stdout
    assert "1. A model learns" not in again.stdout
