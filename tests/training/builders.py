"""Runs and models as tests begin with them; what takes no learning is made by the real actions.

first = model(cells, role="champion")
run = queued_run(cells)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.register_predictor import register_predictor
from annotations.models import Annotation, Item, Origin, Project, Taxonomy
from tests.factories import DEFECT, GOOD, TESTER, present
from training.actions.claim_run import claim_run
from training.actions.ensure_policies import ensure_policies
from training.actions.held_run import HeldRun, RunTimes
from training.actions.ready_backbone import ReadyBackbone
from training.actions.request_run import request_run
from training.models import (
    DatasetSnapshot,
    GateDecision,
    ModelRole,
    ModelVersion,
    Promotion,
    TrainingRun,
    Verdict,
)

SIZE = 8
LONG_AGO = timedelta(days=2)


def brightness_onnx(
    *, threshold: float = 128.0, steepness: float = 0.2, labels: Sequence[str] = (GOOD, DEFECT)
) -> bytes:
    """A real model under the ONNX contract: bright pictures are the second of its two labels."""
    weights = np.array([[-steepness, steepness]], np.float32)
    bias = np.array([threshold * steepness, -threshold * steepness], np.float32)
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "axes"], ["mean"], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "last"], ["column"]),
        helper.make_node("Gemm", ["column", "w", "b"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    constants = {"axes": np.array([1, 2, 3]), "last": np.array([1]), "w": weights, "b": bias}
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(made, {"labels": json.dumps(list(labels)), "input_size": str(SIZE)})
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def grey(level: int, seed: int = 0) -> bytes:
    """A picture of one brightness; another seed is another file."""
    pixels = np.full((SIZE, SIZE, 3), level, np.uint8)
    pixels[0, 0] = [seed % 251, seed // 251 % 251, level]
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def queued_run(of: Project, *, now: datetime | None = None) -> TrainingRun:
    return request_run(
        project_id=of.pk, requested_by=TESTER, reasons=["a test"], now=now or present()
    )


def held_run(of: Project, *, times: RunTimes | None = None) -> HeldRun:
    """A run in the hands of this test."""
    run = claim_run(run_id=queued_run(of).pk, worker="test", lease_seconds=60, now=present())
    assert run is not None
    return HeldRun(run, times=times or RunTimes(), clock=present)


def snapshot(
    of: Project,
    *,
    digest: str = "",
    frozen_at: datetime | None = None,
    taxonomy: Taxonomy | None = None,
) -> DatasetSnapshot:
    return DatasetSnapshot.objects.create(
        project=of,
        taxonomy=taxonomy or _in_force(of),
        digest=digest or sha256(str(DatasetSnapshot.objects.count()).encode()).hexdigest(),
        manifest_key="none",
        counts={"learn": 10, "validate": 2},
        created_at=frozen_at or present() - LONG_AGO,
    )


def model(
    of: Project,
    *,
    role: str = ModelRole.CANDIDATE,
    onnx_file: bytes | None = None,
    frozen_at: datetime | None = None,
    backbone_digest: str = "0" * 64,
    run: TrainingRun | None = None,
) -> ModelVersion:
    """A model version whose file is really in storage, without the learning."""
    number = of.model_versions.count() + 1
    now = present()
    content = onnx_file or brightness_onnx()
    key = storages["models"].save(f"{of.uid}/{number}/model.onnx", ContentFile(content))
    return ModelVersion.objects.create(
        project=of,
        number=number,
        run=run or _done_run(of, now),
        snapshot=(run and run.snapshot) or snapshot(of, frozen_at=frozen_at),
        predictor=register_predictor(
            project=of,
            name="reviewhub",
            version=str(number),
            origin=Origin.REVIEWHUB,
            taxonomy=_in_force(of),
            now=now,
        ),
        role=role,
        backbone_digest=backbone_digest,
        onnx_key=key,
        onnx_sha256=sha256(content).hexdigest(),
        onnx_bytes=len(content),
        weights_key=key,
        weights_sha256=sha256(content).hexdigest(),
        card={"labels": [GOOD, DEFECT]},
        created_at=now,
    )


def decision(
    of: ModelVersion, *, champion: ModelVersion | None = None, verdict: str = Verdict.PROMOTE
) -> GateDecision:
    policies = ensure_policies(project_id=of.project_id, now=present())
    return GateDecision.objects.create(
        project=of.project,
        challenger=of,
        champion=champion,
        policy=policies.gate,
        verdict=verdict,
        tests=[],
        reasons=[f"the gate says {verdict}"],
        created_at=present(),
    )


def first_champion(of: Project, **fields: object) -> ModelVersion:
    """A champion with the promotion that made it one."""
    champion = model(of, role=ModelRole.CHAMPION, **fields)  # type: ignore[arg-type]
    Promotion.objects.create(
        project=of,
        number=1,
        kind="promotion",
        model_version=champion,
        actor="tests",
        reasons=["the first one"],
        created_at=present(),
    )
    return champion


def approved(
    of: Project,
    *,
    label: str = GOOD,
    fold: str,
    level: int | None = None,
    picture: bytes = b"",
    when: datetime | None = None,
) -> Item:
    """An item with an approved label, of one brightness, put into the fold a test needs."""
    number = Item.objects.count() + 1
    level = level if level is not None else (200 if label == DEFECT else 50)
    sent = IncomingAnnotation(f"known-{number}", label, picture or grey(level, number))
    (verdict,) = import_annotations(project=of, actor=TESTER, batch=[sent], now=when or present())
    assert verdict.error is None, verdict.error
    Item.objects.filter(uid=verdict.item_uid).update(fold=fold)
    return Item.objects.get(uid=verdict.item_uid)


def annotation_of(item: Item) -> Annotation:
    return Annotation.objects.get(item=item)


def _in_force(of: Project) -> Taxonomy:
    return of.taxonomies.order_by("-number")[:1].get()


def _done_run(of: Project, now: datetime) -> TrainingRun:
    last = of.runs.order_by("-number").values_list("number", flat=True).first() or 0
    return TrainingRun.objects.create(
        project=of,
        number=last + 1,
        policy=ensure_policies(project_id=of.pk, now=now).training,
        state="succeeded",
        step="done",
        progress=1.0,
        requested_by="tests",
        created_at=now,
        started_at=now,
        ended_at=now,
    )


def colour_backbone(folder: Path) -> ReadyBackbone:
    """A real backbone of three numbers: the mean of each colour."""
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "axes"], ["embedding"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(np.array([1, 2]), "axes")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    content = bytes(made.SerializeToString())
    (folder / "backbone.onnx").write_bytes(content)
    facts = {
        "name": "colours",
        "digest": "c" * 64,
        "onnx_sha256": sha256(content).hexdigest(),
        "size": SIZE,
    }
    (folder / "backbone.json").write_text(json.dumps(facts))
    ready = ReadyBackbone.read(folder)
    assert ready is not None
    return ready
