"""`python -m training.ml`, as the worker starts it: a process of its own, killed at will."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import onnx
import pytest
from safetensors.numpy import load_file

from tests.training.ml.conftest import ROOT, command, write_work
from training.inference.embedder import Embedder
from training.inference.predictor import OnnxPredictor
from training.ml.head import Head


def fit(work: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("fit", "--work", work), cwd=ROOT, capture_output=True, text=True, check=False
    )


def kill_after(work: Path, step: str) -> None:
    """Start a training and kill -9 it as soon as it reports `step`.

    At the lowest priority: on a busy machine it would have ended before it is killed.
    """
    politely = ["nice", "-n", "19", *command("fit", "--work", work)]
    with subprocess.Popen(politely, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["step"] == step:
                process.kill()
                break


def lines(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def files(work: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in (work / "out").iterdir()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory, request_document, examples):
    """One training that nobody disturbed: its folder and what it said."""
    work = tmp_path_factory.mktemp("trained")
    write_work(work, request_document, examples)
    return work, fit(work)


def test_a_backbone_says_what_it_is(backbone):
    facts = json.loads((backbone / "backbone.json").read_text())
    assert (facts["name"], facts["dimension"], facts["size"]) == ("efficientnet_lite0", 1280, 224)
    assert facts["digest"] == sha256((backbone / "backbone.safetensors").read_bytes()).hexdigest()
    assert facts["onnx_sha256"] == sha256((backbone / "backbone.onnx").read_bytes()).hexdigest()


def test_a_backbone_file_tells_nothing_of_the_machine_that_wrote_it(backbone):
    assert str(ROOT).encode() not in (backbone / "backbone.onnx").read_bytes()


def test_a_training_reports_its_steps_and_never_goes_back(trained):
    told = lines(trained[1])
    assert trained[1].returncode == 0, trained[1].stderr
    assert list(dict.fromkeys(line["step"] for line in told)) == [
        "read",
        "weighting",
        "head",
        "calibration",
        "export",
        "done",
    ]
    shares = [line["progress"] for line in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_training_leaves_a_model_a_head_and_a_card_that_names_them(trained):
    card = json.loads((trained[0] / "out" / "card.json").read_text())
    found = files(trained[0])
    assert set(found) == {"card.json", "head.safetensors", "model.onnx"}
    for name in ("head.safetensors", "model.onnx"):
        assert card["files"][name]["sha256"] == found[name]
    assert sum(card["examples"]["learn"].values()) == 200
    assert sum(card["examples"]["validate"].values()) == 40
    assert card["agreement"]["largest_difference"] < 1e-4


def test_the_model_follows_the_onnx_contract(trained):
    model = onnx.load(trained[0] / "out" / "model.onnx")
    (given,), (answer,) = model.graph.input, model.graph.output
    shape = given.type.tensor_type.shape.dim
    assert given.name == "images"
    assert given.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert shape[0].dim_param
    assert [side.dim_value for side in shape[1:]] == [224, 224, 3]
    assert answer.name == "probabilities"
    assert answer.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(facts["labels"]) == ["good", "crack", "scratch"]
    assert facts["resize"] == "pillow-bilinear-antialias"
    assert (facts["model_name"], facts["model_version"]) == ("cells", "7")
    assert (facts["taxonomy_version"], facts["input_size"]) == ("2", "224")


def test_the_model_answers_as_its_parts_do(trained, backbone):
    """Backbone by ONNX, head by NumPy: the same probabilities as the one graph gives."""
    out = trained[0] / "out"
    images = load_file(trained[0] / "sample.safetensors")["images"]
    facts = json.loads((backbone / "backbone.json").read_text())
    embeddings = Embedder(backbone / "backbone.onnx", facts["onnx_sha256"]).embed(images)
    card = json.loads((out / "card.json").read_text())
    head = Head.from_tensors(load_file(out / "head.safetensors"))
    expected = head.probabilities(embeddings, temperature=card["calibration"]["temperature"])
    predictor = OnnxPredictor(out / "model.onnx", card["files"]["model.onnx"]["sha256"])
    assert predictor.labels == ("good", "crack", "scratch")
    # Cached embeddings are rounded to half precision.
    assert predictor.predict(images) == pytest.approx(expected, abs=2e-3)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("step", ["weighting", "export"])
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(trained, work, step):
    kill_after(work, step)
    assert not (work / "out").exists()
    stages = list((work / "checkpoint").glob("*.safetensors"))
    written = [stage.stat().st_mtime_ns for stage in stages]
    assert fit(work).returncode == 0
    assert files(work) == files(trained[0])
    assert [stage.stat().st_mtime_ns for stage in stages] == written


def test_a_finished_training_is_not_trained_again(trained, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(trained[0], work)
    before = (work / "out" / "model.onnx").stat().st_mtime_ns
    (told,) = lines(fit(work))
    assert told["step"] == "done"
    assert (work / "out" / "model.onnx").stat().st_mtime_ns == before


def test_a_training_that_cannot_be_done_says_why_and_exits_with_two(work):
    (work / "data.safetensors").unlink()
    done = fit(work)
    assert done.returncode == 2, done.stderr
    assert lines(done)[-1] == {
        "error": "invalid_input",
        "message": "data.safetensors cannot be read: No such file or directory.",
    }


def test_an_unknown_backbone_is_refused(tmp_path):
    done = subprocess.run(
        command("export-backbone", "--name", "resnet0", "--out", tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "backbone_unknown"


def test_a_backbone_that_was_tampered_with_is_refused(work, request_document, backbone, tmp_path):
    bent = tmp_path / "bent"
    shutil.copytree(backbone, bent)
    content = bytearray((bent / "backbone.safetensors").read_bytes())
    content[-1] ^= 1
    (bent / "backbone.safetensors").write_bytes(content)
    (work / "request.json").write_text(json.dumps({**request_document, "backbone": str(bent)}))
    done = fit(work)
    assert lines(done)[-1]["error"] == "artefact_refused"
    assert not (work / "out").exists()
