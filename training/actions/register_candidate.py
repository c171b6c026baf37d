from __future__ import annotations

from typing import TYPE_CHECKING, cast

from annotations.actions.register_predictor import register_predictor
from training.actions.held_run import HeldRun
from training.actions.ready_backbone import ReadyBackbone
from training.actions.train_candidate import Trained
from training.artifacts import Artefact, store_file
from training.errors import ArtefactRefused, PredictorTaken
from training.models import DatasetSnapshot, ModelRole, ModelVersion, lock_project

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from annotations.models import Origin, Predictor


def register_candidate(
    *, held: HeldRun, trained: Trained, snapshot: DatasetSnapshot, backbone: ReadyBackbone
) -> ModelVersion:
    """Publish what was trained as a candidate, in one transaction under the fence.

    The files are in storage before it, under the fence's own name, and belong to nobody until
    the row names them: a worker that lost its lease leaves at most files that nothing refers to.
    Raises ArtefactRefused if a file is not the one its card speaks of, PredictorTaken if its name
    and version are another's in traffic. Locks the project, then the run.
    """
    onnx, weights = _store(held, trained, trained.onnx), _store(held, trained, trained.weights)
    now = held.clock()
    with held.guarded(first=lambda: lock_project(held.run.project_id)):
        predictor = _predictor(held, trained, snapshot, now)
        # The newest candidate is the one that waits for a decision; its elders had their time.
        models = ModelVersion.objects.filter(project_id=held.run.project_id)
        models.filter(role=ModelRole.CANDIDATE).update(role=ModelRole.ARCHIVED)
        return ModelVersion.objects.create(
            project=held.run.project,
            number=trained.number,
            run=held.run,
            snapshot=snapshot,
            predictor=predictor,
            backbone_digest=backbone.digest,
            onnx_key=onnx.key,
            onnx_sha256=onnx.sha256,
            onnx_bytes=onnx.size,
            weights_key=weights.key,
            weights_sha256=weights.sha256,
            card=trained.card,
            created_at=now,
        )


def _predictor(
    held: HeldRun, trained: Trained, snapshot: DatasetSnapshot, now: datetime
) -> Predictor:
    # The value of a model's choices that this app may not import.
    ours = cast("Origin", "reviewhub")
    predictor = register_predictor(
        project=held.run.project,
        name=held.run.project.slug,
        version=str(trained.number),
        origin=ours,
        taxonomy=snapshot.taxonomy,
        now=now,
    )
    if (predictor.origin, predictor.taxonomy_id) != (ours, snapshot.taxonomy_id):
        raise PredictorTaken(
            f"Predictor {predictor.name} {predictor.version} is in traffic already, and not this "
            "model: its predictions are another's. Ask for a new run; its model has a free number."
        )
    return predictor


def _store(held: HeldRun, trained: Trained, path: Path) -> Artefact:
    stored = store_file(
        project_uid=held.run.project.uid,
        run_uid=held.run.uid,
        fence=held.run.fence,
        path=path,
    )
    told = trained.card["files"][path.name]["sha256"]
    if stored.sha256 != told:
        raise ArtefactRefused(f"{path.name} has SHA-256 {stored.sha256}, its card says {told}.")
    return stored
