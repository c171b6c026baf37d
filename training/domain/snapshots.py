"""What a snapshot holds: which annotations may be learned from, and the manifest that says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from training.domain.leakage import Trace, find_leaks

if TYPE_CHECKING:
    from annotations.queries.learning import ApprovedAnnotation, TaxonomyFacts

FORMAT = "reviewhub.snapshot/1"
LEARNABLE = ("learn", "validate")
NO_IMAGE = "no_image"

Vectors = Mapping[int, NDArray[np.float16]]


@dataclass(frozen=True)
class Draft:
    """Which annotations a snapshot would hold, and why it leaves others out."""

    members: tuple[ApprovedAnnotation, ...]
    dropped: tuple[tuple[ApprovedAnnotation, str], ...]
    held_out: int


def draft_snapshot(
    approved: Sequence[ApprovedAnnotation],
    embeddings: Vectors,
    *,
    held_out_images: Collection[str] = (),
) -> Draft:
    """Take the labels of learn and validate whose image is embedded, but nothing the exam shows.

    `held_out_images` are digests of images that a later exam may show: nobody has judged them yet.
    """
    labelled = [one for one in approved if one.outcome == "label"]
    seen = [one for one in labelled if one.item_id in embeddings]
    exam = [one for one in seen if one.fold == "evaluate"]
    wanted = [one for one in seen if one.fold in LEARNABLE]
    held_out = [*traces_of(exam, embeddings), *map(Trace, held_out_images)]
    leaks = find_leaks(traces_of(wanted, embeddings), held_out)
    blind = [
        (one, NO_IMAGE)
        for one in labelled
        if one.fold in LEARNABLE and one.item_id not in embeddings
    ]
    return Draft(
        members=tuple(one for at, one in enumerate(wanted) if at not in leaks),
        dropped=(*((wanted[at], why.value) for at, why in sorted(leaks.items())), *blind),
        held_out=len(exam),
    )


def traces_of(annotations: Sequence[ApprovedAnnotation], embeddings: Vectors) -> list[Trace]:
    return [
        Trace(one.image_sha256, one.source_group, embeddings.get(one.item_id))
        for one in annotations
    ]


def manifest_of(
    draft: Draft, *, project: UUID, taxonomy: TaxonomyFacts, since: datetime | None
) -> bytes:
    """Canonical JSON: sorted by annotation, keys sorted, no spaces, no time of writing."""
    document = {
        "format": FORMAT,
        "project": str(project),
        "taxonomy": {
            "number": taxonomy.number,
            "labels": [label.key for label in taxonomy.labels],
        },
        "members": [_member(one, since) for one in by_uid(draft.members)],
        "dropped": sorted([str(one.annotation_uid), why] for one, why in draft.dropped),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _member(one: ApprovedAnnotation, since: datetime | None) -> dict[str, Any]:
    return {
        "annotation": str(one.annotation_uid),
        "item": one.external_id,
        "image_sha256": one.image_sha256,
        "fold": one.fold,
        "label": one.label_key,
        "recent": is_recent(one, since),
    }


def is_recent(one: ApprovedAnnotation, since: datetime | None) -> bool:
    """Approved after the champion's data were frozen; without a champion nothing is."""
    return since is not None and one.approved_at > since


def by_uid(annotations: Sequence[ApprovedAnnotation]) -> list[ApprovedAnnotation]:
    """The one order that any two machines agree on."""
    return sorted(annotations, key=lambda one: str(one.annotation_uid))


def counts_of(draft: Draft, *, since: datetime | None) -> dict[str, Any]:
    """What a page says of the snapshot."""
    folds = Counter(one.fold for one in draft.members)
    return {
        "learn": folds["learn"],
        "validate": folds["validate"],
        "held_out": draft.held_out,
        "recent": sum(is_recent(one, since) for one in draft.members),
        "corrections": sum(one.corrects for one in draft.members),
        "by_label": dict(sorted(Counter(one.label_key for one in draft.members).items())),
        "dropped": dict(sorted(Counter(why for _, why in draft.dropped).items())),
    }
