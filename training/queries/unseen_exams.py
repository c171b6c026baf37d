from __future__ import annotations

from collections.abc import Sequence

from training.domain.exams import Exam, without_learned
from training.domain.leakage import Trace
from training.domain.snapshots import Vectors
from training.models import ModelVersion, SnapshotMember
from training.queries.embeddings import embeddings_of


def unseen_exams(
    exams: Sequence[Exam],
    *,
    models: Sequence[ModelVersion],
    embeddings: Vectors,
    backbone_digest: str,
) -> tuple[tuple[Exam, ...], int]:
    """The exams without what any of the models learned from, and how many questions that cost.

    A snapshot keeps out what the exam showed when it was frozen; the double of a learned item may
    be held out later. `embeddings` are by this backbone; learned items that are not among them,
    since they are not approved any more, are looked up, and one that was never embedded is known
    by its bytes and its source.
    """
    learned = _traces({model.snapshot_id for model in models}, embeddings, backbone_digest)
    return without_learned(exams, learned=learned, embeddings=embeddings)


def _traces(snapshot_ids: set[int], embeddings: Vectors, backbone_digest: str) -> list[Trace]:
    members = SnapshotMember.objects.filter(snapshot__in=snapshot_ids)
    items = members.order_by("annotation__item_id").values_list(
        "annotation__item_id", "annotation__item__content_digest", "annotation__item__source_group"
    )
    found = list(items.distinct())
    absent = [item_id for item_id, _, _ in found if item_id not in embeddings]
    known = {**embeddings_of(absent, backbone_digest=backbone_digest), **embeddings}
    return [Trace(digest, group, known.get(item_id)) for item_id, digest, group in found]
