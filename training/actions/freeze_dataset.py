from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from annotations.actions.hold_approved import hold_approved
from annotations.queries.learning import ApprovedAnnotation, TaxonomyFacts, held_out_images
from reviewhub.common import outbox
from training.actions.held_run import HeldRun
from training.artifacts import Artefact, store_manifest
from training.domain.snapshots import (
    LEARNABLE,
    Draft,
    Vectors,
    by_uid,
    counts_of,
    draft_snapshot,
    is_recent,
    manifest_of,
)
from training.errors import TooFewAnnotations
from training.models import DatasetSnapshot, ModelVersion, SnapshotMember


def freeze_dataset(
    *,
    held: HeldRun,
    approved: Sequence[ApprovedAnnotation],
    embeddings: Vectors,
    taxonomy: TaxonomyFacts,
    champion_frozen_at: datetime | None,
) -> DatasetSnapshot:
    """Freeze what the run learns from: approved labels of the folds learn and validate.

    Nothing of the evaluate fold enters, nor its image under another name, whether judged or not,
    nor another picture of its source, nor a near-duplicate. The manifest is named by the SHA-256
    of its bytes, so the same content frozen twice is one snapshot. A later attempt of the run
    keeps the first one's, unless the taxonomy was revised before a model had learned from it. What
    somebody takes back while it is drafted is left out, and the rest drafted again. Raises
    TooFewAnnotations.
    """
    frozen = held.run.snapshot
    if frozen is not None and (frozen.taxonomy_id == taxonomy.id or _is_learned(held)):
        return frozen
    draft = draft_snapshot(
        approved,
        embeddings,
        held_out_images=held_out_images(
            held.run.project_id, [one.image_sha256 for one in approved if one.fold in LEARNABLE]
        ),
    )
    _refuse_too_few(draft)
    content = manifest_of(
        draft, project=held.run.project.uid, taxonomy=taxonomy, since=champion_frozen_at
    )
    stored = store_manifest(project_uid=held.run.project.uid, content=content)
    try:
        return _keep(held, draft, stored, taxonomy, champion_frozen_at)
    except _TakenBack as gone:
        return freeze_dataset(
            held=held,
            approved=[one for one in approved if one.annotation_id not in gone.annotation_ids],
            embeddings=embeddings,
            taxonomy=taxonomy,
            champion_frozen_at=champion_frozen_at,
        )


def _is_learned(held: HeldRun) -> bool:
    return ModelVersion.objects.filter(run=held.run).exists()


class _TakenBack(Exception):
    def __init__(self, annotation_ids: set[int]) -> None:
        self.annotation_ids = annotation_ids


def _hold(draft: Draft) -> None:
    wanted = {one.annotation_id for one in draft.members}
    if gone := wanted - hold_approved(annotation_ids=wanted):
        raise _TakenBack(gone)


def _refuse_too_few(draft: Draft) -> None:
    labels = sorted({one.label_key for one in draft.members if one.fold == "learn"})
    if len(labels) < 2:
        raise TooFewAnnotations(
            "Approved annotations of at least two labels are needed in the learn fold; "
            f"there are those of {len(labels)}.",
            labels=labels,
        )


def _keep(
    held: HeldRun,
    draft: Draft,
    stored: Artefact,
    taxonomy: TaxonomyFacts,
    since: datetime | None,
) -> DatasetSnapshot:
    run, now = held.run, held.clock()
    with held.guarded(first=partial(_hold, draft)):
        snapshot, created = DatasetSnapshot.objects.get_or_create(
            project_id=run.project_id,
            digest=stored.sha256,
            defaults={
                "taxonomy_id": taxonomy.id,
                "manifest_key": stored.key,
                "counts": counts_of(draft, since=since),
                # Not the time of writing: later approvals must count as later than this.
                "created_at": run.started_at or now,
            },
        )
        if created:
            _insert_members(snapshot, draft, since)
        held.write(snapshot=snapshot)
        outbox.publish(
            project_id=run.project_id,
            type="snapshot.frozen",
            data={
                "snapshot": str(snapshot.uid),
                "digest": snapshot.digest,
                "counts": snapshot.counts,
                "run": run.number,
            },
            now=now,
        )
    run.snapshot = snapshot
    return snapshot


def _insert_members(snapshot: DatasetSnapshot, draft: Draft, since: datetime | None) -> None:
    SnapshotMember.objects.bulk_create(
        (
            SnapshotMember(
                snapshot=snapshot,
                annotation_id=one.annotation_id,
                fold=one.fold,
                recent=is_recent(one, since),
            )
            for one in by_uid(draft.members)
        ),
        batch_size=1000,
    )
