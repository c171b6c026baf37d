from __future__ import annotations

import numpy as np
import pytest

from training.ml.checkpoint import Checkpoint, Stages, publish_folder, write_atomically


def made():
    return Checkpoint(facts={"chosen": "plain"}, tensors={"x": np.arange(3, dtype=np.float32)})


def never():
    pytest.fail("this stage had finished")


def test_a_finished_stage_is_read_back(tmp_path):
    first = Stages(tmp_path, fingerprint="a").once("weighting", made)
    again = Stages(tmp_path, fingerprint="a").once("weighting", never)
    assert again.facts == first.facts == {"chosen": "plain"}
    assert (again.tensors["x"] == first.tensors["x"]).all()


def test_facts_alone_are_a_checkpoint(tmp_path):
    stages = Stages(tmp_path, fingerprint="a")
    assert stages.once("facts", lambda: Checkpoint(facts={"t": 0.1})).facts == {"t": 0.1}


def test_a_stage_of_other_inputs_is_run_anew(tmp_path):
    Stages(tmp_path, fingerprint="a").once("weighting", made)
    other = Checkpoint(facts={"chosen": "replay"})
    found = Stages(tmp_path, fingerprint="b").once("weighting", lambda: other)
    assert found.facts == {"chosen": "replay"}


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, None)
    assert path.read_bytes() == b"old"


def test_a_folder_is_published_whole_and_replaces_the_one_before(tmp_path):
    publish_folder(tmp_path / "out", {"a": b"1", "b": b"2"})
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "rest").write_bytes(b"of a killed process")
    publish_folder(tmp_path / "out", {"c": b"3"})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["c"]
