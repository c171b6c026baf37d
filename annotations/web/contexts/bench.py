"""One item as it is put before a person, for review or to settle a dispute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.signing import Signer
from django.urls import reverse

from annotations.domain.words import reason_text
from annotations.models import Project, QueueEntry
from annotations.queries import workbench
from reviewhub.common.ids import uuid7

STARTED = Signer(salt="annotations.workbench.started")


@dataclass(frozen=True)
class LabelButton:
    key: str
    name: str
    hotkey: str
    colour_index: int
    is_positive: bool
    guideline: str


@dataclass(frozen=True)
class Predicted:
    label_name: str
    key: str
    confidence: float


@dataclass(frozen=True)
class Reason:
    name: str
    text: str


@dataclass(frozen=True)
class BenchEntry:
    """The item to judge. A blind one carries neither the prediction nor why it is here."""

    uid: str
    external_id: str
    image_url: str
    width: int
    height: int
    blind: bool
    predicted: Predicted | None
    labels: Sequence[LabelButton]
    reasons: Sequence[Reason]
    answer_token: str
    started_at: str
    guideline_url: str


def bench_entry(project: Project, entry: QueueEntry, now: datetime) -> BenchEntry:
    """An entry with item, content, prediction and labels loaded, as it is shown for judging."""
    image = entry.item.content.image
    labels = [
        LabelButton(
            key=label.key,
            name=label.name,
            hotkey=label.hotkey,
            colour_index=label.colour,
            is_positive=label.is_positive,
            guideline=label.guideline,
        )
        for label in entry.taxonomy.labels.all()
    ]
    return BenchEntry(
        uid=str(entry.uid),
        external_id=entry.item.external_id,
        image_url=image_url(project, str(image.uid), "display") if image else "",
        width=image.width if image else 1,
        height=image.height if image else 1,
        blind=entry.blind,
        predicted=None if entry.blind else _predicted(entry, labels),
        labels=labels,
        reasons=[] if entry.blind else _reasons(entry),
        answer_token=str(uuid7()),
        started_at=STARTED.sign(now.isoformat()),
        guideline_url=reverse("annotations:guideline", args=[project.slug]),
    )


def _predicted(entry: QueueEntry, labels: Sequence[LabelButton]) -> Predicted:
    key = entry.predicted_key
    name = next((label.name for label in labels if label.key == key), key)
    return Predicted(label_name=name, key=key, confidence=entry.prediction.confidence)


def _reasons(entry: QueueEntry) -> list[Reason]:
    return [
        Reason(name=str(reason["name"]), text=reason_text(reason))
        for reason in workbench.reasons_of(entry)
        # Naming an audit would tell which entries are audits; those are blind in any case.
        if reason["name"] != "audit"
    ]


def image_url(project: Project, image_uid: str, variant: str) -> str:
    return reverse("annotations:media", args=[project.slug, image_uid, variant])
