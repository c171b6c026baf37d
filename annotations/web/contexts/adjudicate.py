from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from annotations.domain.words import reason_word, verdict_word
from annotations.models import Label, Project, ProjectKind, QueueEntry, Review, User
from annotations.queries.drawings import drawing, drawn, stored_boxes
from annotations.queries.marks import labels_of, predicted_mark, said_mark
from annotations.queries.predicted import predicted_boxes
from annotations.queries.queue import disputes_left, next_dispute
from annotations.queries.uses import stands_without
from annotations.web.box_forms import BoxRow, blank_rows, rows_of
from annotations.web.contexts.bench import BenchEntry, bench_entry
from annotations.web.contexts.keys import Keys, keys_of
from reviewhub.common.pages import Drawing, LabelMark


@dataclass(frozen=True)
class Said:
    """One opinion, its author unnamed: who said it must not weigh.

    `rows` are its boxes, where boxes were judged; None where it has judged nothing.
    """

    name: str
    label: LabelMark | None
    text: str
    note: str
    by: str = "person"
    rows: Sequence[BoxRow] | None = None
    review_uid: str = ""
    """Of an answer that can be returned to whoever gave it."""


@dataclass(frozen=True)
class DisputeEntry(BenchEntry):
    dispute: str = ""
    comments: Sequence[str] = ()
    """What people said about it, unnamed like their answers."""


@dataclass(frozen=True)
class AdjudicatePage:
    left: int
    keys: Keys
    entry: DisputeEntry | None
    opinions: Sequence[Said]
    title: str = "Adjudicate"


def adjudicate_page(*, project: Project, lead: User, now: datetime) -> AdjudicatePage:
    dispute = next_dispute(project.pk, lead)
    labels = labels_of(project.pk)
    if dispute:
        dispute.project = project
    return AdjudicatePage(
        left=disputes_left(project.pk, lead),
        keys=keys_of(lead),
        entry=_entry(project, dispute, now) if dispute else None,
        opinions=_opinions(dispute, labels) if dispute else [],
    )


def _entry(project: Project, entry: QueueEntry, now: datetime) -> DisputeEntry:
    shown = bench_entry(project, entry, now)
    if project.kind == ProjectKind.OBJECT_DETECTION:
        shown = replace(shown, drawing=_drawing(entry), rows=blank_rows())
    said: Sequence[Review] = getattr(entry, "said", [])
    return DisputeEntry(
        **vars(shown),
        dispute=_why(entry, said),
        comments=[comment.text for comment in entry.comments.all() if comment.text],
    )


def _why(entry: QueueEntry, said: Sequence[Review]) -> str:
    if getattr(entry, "referred", None):
        return "A reviewer sent it to you."
    skips = sum(review.verdict == "skipped" for review in said)
    return "Too many people skipped it." if skips == len(said) else "The answers do not agree."


def _drawing(entry: QueueEntry) -> Drawing | None:
    """Everybody's boxes at once: a number for the reviewer, M for the model, then the box's."""
    said: Sequence[Review] = getattr(entry, "said", [])
    people = [
        drawn(stored_boxes(review.answer), "person", f"{number}.")
        for number, review in enumerate(said, start=1)
    ]
    predicted, _ = predicted_boxes(entry)
    return drawing(entry.item.content.image, drawn(predicted, "model", "M."), *people)


def _opinions(entry: QueueEntry, labels: Mapping[str, Label]) -> list[Said]:
    said: Sequence[Review] = getattr(entry, "said", [])
    people = [_said(number, review, labels, entry) for number, review in enumerate(said, start=1)]
    predicted = predicted_mark(labels, entry.prediction, entry.project.kind)
    model = Said(
        name="Model",
        label=predicted.label,
        text=predicted.text,
        note=f"confidence {entry.prediction.confidence:.2f}",
        by="model",
        rows=_predicted_rows(entry),
    )
    return [*people, model]


def _predicted_rows(entry: QueueEntry) -> Sequence[BoxRow] | None:
    if entry.project.kind != ProjectKind.OBJECT_DETECTION:
        return None
    boxes, gone = predicted_boxes(entry)
    return None if gone else rows_of(boxes)


def _said(number: int, review: Review, labels: Mapping[str, Label], entry: QueueEntry) -> Said:
    said = said_mark(labels, review.label_key, review.answer)
    return Said(
        name=f"Reviewer {number}",
        label=said.label,
        text=said.text or verdict_word(review.verdict).capitalize(),
        rows=None if review.answer is None else rows_of(stored_boxes(review.answer)),
        note=reason_word(review.reason) if review.reason else f"{review.seconds:.0f} s",
        review_uid="" if stands_without(entry, review) else str(review.uid),
    )
