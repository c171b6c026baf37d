from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotations.queries.audited import audit_odds
from annotations.queries.learning import (
    ApprovedAnnotation,
    TaxonomyFacts,
    approved_annotations,
    taxonomy_in_force,
)
from training.actions.decide_gate import decide_gate
from training.actions.embed_items import embed_items
from training.actions.evaluate_candidate import evaluate_candidate
from training.actions.freeze_dataset import freeze_dataset
from training.actions.held_run import HeldRun
from training.actions.ready_backbone import ReadyBackbone, ready_backbone
from training.actions.register_candidate import register_candidate
from training.actions.train_candidate import train_candidate
from training.domain.exams import left_out, set_exams
from training.domain.snapshots import Vectors
from training.models import DatasetSnapshot, GateDecision, ModelVersion, RunStep
from training.queries.champion import champion_of
from training.queries.embeddings import embeddings_of
from training.queries.free_number import free_number
from training.queries.unseen_questions import unseen_questions


@dataclass(frozen=True)
class Known:
    """What is true when the run begins; approvals that come later wait for the next run."""

    taxonomy: TaxonomyFacts
    champion: ModelVersion | None
    approved: list[ApprovedAnnotation]

    @property
    def frozen_at(self) -> datetime | None:
        return self.champion.snapshot.created_at if self.champion else None

    @property
    def items(self) -> list[int]:
        return [one.item_id for one in self.approved if one.outcome == "label"]


def do_run(*, held: HeldRun) -> GateDecision:
    """Take a held run through its steps; each finds what an earlier attempt left of it.

    Raises what the steps raise: LeaseLost and RunCancelled at any moment.
    """
    known = _known(held)
    backbone = _embed(held, known)
    embeddings = embeddings_of(known.items, backbone_digest=backbone.digest)
    snapshot = _freeze(held, known, embeddings)
    candidate = _train(held, known, embeddings, snapshot, backbone)
    decided = candidate.gate_decisions.order_by("-pk").first()
    return decided or _judge(held, known, embeddings, backbone, candidate)


def _known(held: HeldRun) -> Known:
    project, taxonomy = held.run.project_id, taxonomy_in_force(held.run.project_id)
    approved = approved_annotations(project, taxonomy.id, upto=held.run.started_at)
    return Known(
        taxonomy=taxonomy,
        champion=champion_of(project),
        # Without a checksum the image was erased: nothing to learn from and nothing to ask about.
        approved=[one for one in approved if one.image_sha256],
    )


def _embed(held: HeldRun, known: Known) -> ReadyBackbone:
    held.begin(RunStep.EMBED, "Preparing the backbone.")
    backbone = ready_backbone(name=held.run.policy.backbone, held=held)
    computed = embed_items(
        item_ids=known.items, backbone=backbone, report=held.advance, clock=held.clock
    )
    held.close({"items": len(known.items), "computed": computed, "backbone": backbone.digest})
    return backbone


def _freeze(held: HeldRun, known: Known, embeddings: Vectors) -> DatasetSnapshot:
    held.begin(RunStep.FREEZE, "Freezing the data set.")
    snapshot = freeze_dataset(
        held=held,
        approved=known.approved,
        embeddings=embeddings,
        taxonomy=known.taxonomy,
        champion_frozen_at=known.frozen_at,
    )
    held.close({"digest": snapshot.digest, **snapshot.counts})
    return snapshot


def _train(
    held: HeldRun,
    known: Known,
    embeddings: Vectors,
    snapshot: DatasetSnapshot,
    backbone: ReadyBackbone,
) -> ModelVersion:
    models = ModelVersion.objects.filter(project_id=held.run.project_id)
    made = models.filter(run=held.run).select_related("predictor", "project").first()
    if made is not None:
        return made
    held.begin(RunStep.TRAIN, "Training.")
    trained = train_candidate(
        held=held,
        snapshot=snapshot,
        embeddings=embeddings,
        backbone=backbone,
        taxonomy=known.taxonomy,
        # Only the one active run of a project makes models, so nobody else takes this number.
        number=free_number(project_id=held.run.project_id, name=held.run.project.slug),
    )
    model = register_candidate(held=held, trained=trained, snapshot=snapshot, backbone=backbone)
    held.close({"model": model.number, **trained.figures})
    return model


def _judge(
    held: HeldRun,
    known: Known,
    embeddings: Vectors,
    backbone: ReadyBackbone,
    candidate: ModelVersion,
) -> GateDecision:
    held.begin(RunStep.EVALUATE, "Asking both models about held-out items.")
    models = [candidate, known.champion] if known.champion else [candidate]
    unseen = unseen_questions(
        known.approved, models=models, embeddings=embeddings, backbone_digest=backbone.digest
    )
    odds = audit_odds(held.run.project_id, fold="evaluate")
    exams = set_exams(
        unseen, readable=embeddings.keys(), champion_frozen_at=known.frozen_at, odds=odds
    )
    sittings = evaluate_candidate(held=held, models=models, exams=exams, taxonomy=known.taxonomy)
    asked: dict[str, int] = {one.exam.name: len(one.exam.questions) for one in sittings}
    held.close({**asked, "learned_before": len(known.approved) - len(unseen)})

    held.begin(RunStep.DECIDE, "Deciding at the gate.")
    decision = decide_gate(
        held=held,
        candidate=candidate,
        champion=known.champion,
        sittings=sittings,
        left_out=left_out(known.approved, unseen, champion_frozen_at=known.frozen_at, odds=odds),
        taxonomy=known.taxonomy,
    )
    held.close({"verdict": decision.verdict, "reasons": decision.reasons})
    return decision
