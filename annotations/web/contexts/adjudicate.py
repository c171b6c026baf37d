from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from annotations.domain.words import reason_word, verdict_word
from annotations.models import Label, Project, QueueEntry, Review, User
from annotations.queries.marks import label_mark, labels_of
from annotations.queries.queue import disputes_left, next_dispute
from annotations.web.contexts.bench import BenchEntry, bench_entry
from annotations.web.contexts.workbench import BenchError, bench_error
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import LabelMark


@dataclass(frozen=True)
class Said:
    """One opinion, its author unnamed: who said it must not weigh."""

    name: str
    label: LabelMark | None
    text: str
    note: str
    by: str = "person"


@dataclass(frozen=True)
class DisputeEntry(BenchEntry):
    dispute: str = ""


@dataclass(frozen=True)
class AdjudicatePage:
    left: int
    entry: DisputeEntry | None
    opinions: Sequence[Said]
    message: str = ""
    error: BenchError | None = None
    title: str = "Adjudicate"


def adjudicate_page(
    *,
    project: Project,
    lead: User,
    now: datetime,
    message: str = "",
    error: ReviewHubError | None = None,
) -> AdjudicatePage:
    dispute = next_dispute(project.pk, lead)
    labels = labels_of(project.pk)
    return AdjudicatePage(
        left=disputes_left(project.pk, lead),
        entry=_entry(project, dispute, now) if dispute else None,
        opinions=_opinions(dispute, labels) if dispute else [],
        message=message,
        error=bench_error(error) if error else None,
    )


def _entry(project: Project, entry: QueueEntry, now: datetime) -> DisputeEntry:
    shown = bench_entry(project, entry, now)
    said: Sequence[Review] = getattr(entry, "said", [])
    skips = sum(review.verdict == "skipped" for review in said)
    text = "Too many people skipped it." if skips == len(said) else "The answers do not agree."
    return DisputeEntry(**vars(shown), dispute=text)


def _opinions(entry: QueueEntry, labels: Mapping[str, Label]) -> list[Said]:
    said: Sequence[Review] = getattr(entry, "said", [])
    people = [_said(number, review, labels) for number, review in enumerate(said, start=1)]
    predicted = entry.prediction
    model = Said(
        name="Model",
        label=label_mark(labels, predicted.label_key),
        text="",
        note=f"confidence {predicted.confidence:.2f}",
        by="model",
    )
    return [*people, model]


def _said(number: int, review: Review, labels: Mapping[str, Label]) -> Said:
    return Said(
        name=f"Reviewer {number}",
        label=label_mark(labels, review.label_key) if review.label_key else None,
        text=verdict_word(review.verdict).capitalize(),
        note=reason_word(review.reason) if review.reason else f"{review.seconds:.0f} s",
    )
