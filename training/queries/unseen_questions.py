from __future__ import annotations

from collections.abc import Collection, Sequence

from annotations.queries.learning import ApprovedAnnotation
from training.domain.exams import without_learned
from training.domain.leakage import Trace
from training.domain.snapshots import Vectors
from training.models import ModelVersion, SnapshotMember
from training.queries.embeddings import embeddings_of


def unseen_questions(
    approved: Sequence[ApprovedAnnotation],
    *,
    models: Collection[ModelVersion],
    embeddings: Vectors,
    backbone_digest: str,
) -> list[ApprovedAnnotation]:
    """What is approved, without held-out items that any of the models learned under another name.

    A snapshot keeps out what the exam showed when it was frozen; the double of a learned item may
    be held out later. `embeddings` are by this backbone; learned items that are not among them,
    since they are not approved any more, are looked up, and one that was never embedded is known
    by its bytes and its source.
    """
    learned = _traces({model.snapshot_id for model in models}, embeddings, backbone_digest)
    return without_learned(approved, learned=learned, embeddings=embeddings)


def _traces(snapshot_ids: set[int], embeddings: Vectors, backbone_digest: str) -> list[Trace]:
    members = SnapshotMember.objects.filter(snapshot__in=snapshot_ids)
    items = members.order_by("annotation__item_id").values_list(
        "annotation__item_id", "annotation__item__content_digest", "annotation__item__source_group"
    )
    found = list(items.distinct())
    absent = [item_id for item_id, _, _ in found if item_id not in embeddings]
    known = {**embeddings_of(absent, backbone_digest=backbone_digest), **embeddings}
    return [Trace(digest, group, known.get(item_id)) for item_id, digest, group in found]
