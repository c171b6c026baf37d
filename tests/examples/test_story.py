"""How a start finds what an earlier one has left."""

from __future__ import annotations

import json
import stat

import pytest

from examples.solar_cells import story
from examples.solar_cells.cells import PhotosMissing
from examples.solar_cells.plant import Plant
from reviewhub.services import AlreadyRunning
from reviewhub.services.instance import Instance


@pytest.fixture
def half_played(tmp_path):
    var = tmp_path / "demo"
    Instance.at(var)
    Plant(seed=1, key="", passwords={}).keep(var)
    return var


@pytest.fixture
def no_photos(monkeypatch) -> None:
    """As on a machine without requirements-demo.txt: the story ends before it starts a server."""
    monkeypatch.setattr("examples.solar_cells.cells.find_spec", lambda name: None)


def test_a_story_that_was_interrupted_begins_anew(half_played, no_photos) -> None:
    with pytest.raises(PhotosMissing):
        story.present(half_played, seed=1, port=8470, once=True)
    assert not half_played.exists()


def test_a_story_that_is_being_played_is_left_alone(half_played) -> None:
    with Instance.at(half_played).lock(), pytest.raises(AlreadyRunning):
        story.present(half_played, seed=1, port=8470, once=True)
    assert Plant.kept(half_played) == Plant(seed=1, key="", passwords={})


def test_what_opens_the_site_is_readable_by_its_owner_alone(half_played) -> None:
    path = half_played / "plant.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["played"] is False


def test_missing_photos_are_told_in_a_line(tmp_path, no_photos, capsys) -> None:
    assert story.main(["--once", "--var", str(tmp_path / "demo")]) == 1
    assert "requirements-demo.txt" in capsys.readouterr().err
