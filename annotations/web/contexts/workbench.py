from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from annotations.domain.words import REJECT_REASONS, SKIP_REASONS, Choice, verdict_word
from annotations.models import Assignment, Project, Review, User
from annotations.queries import workbench
from annotations.web.contexts.bench import BenchEntry, bench_entry, image_url
from reviewhub.common.errors import ReviewHubError

UNDOABLE = {"awaiting_review", "awaiting_adjudication", "awaiting_approval"}


@dataclass(frozen=True)
class RecentAnswer:
    review_uid: str
    thumb_url: str
    verdict: str
    label_name: str
    can_undo: bool


@dataclass(frozen=True)
class Undo:
    review_uid: str
    text: str


@dataclass(frozen=True)
class LinkChoice:
    url: str
    label: str


@dataclass(frozen=True)
class BenchError:
    title: str
    text: str
    choices: Sequence[LinkChoice] = ()


@dataclass(frozen=True)
class WorkbenchPage:
    entry: BenchEntry | None
    today: int
    left: int
    recent: Sequence[RecentAnswer]
    next_image_url: str | None
    undo: Undo | None
    skip_reasons: Sequence[Choice] = SKIP_REASONS
    reject_reasons: Sequence[Choice] = REJECT_REASONS
    message: str = ""
    error: BenchError | None = None
    title: str = "Review"


def workbench_page(
    *,
    project: Project,
    reviewer: User,
    assignment: Assignment | None,
    now: datetime,
    message: str = "",
    error: ReviewHubError | None = None,
) -> WorkbenchPage:
    """Everything the bench shows, in a number of queries that does not grow with the queue."""
    labels = _label_names(project)
    recent = workbench.recent_reviews(project.pk, reviewer)
    answers = [_recent(project, review, labels) for review in recent]
    following = workbench.next_image_uid(project.pk, reviewer)
    return WorkbenchPage(
        entry=bench_entry(project, workbench.entry_on_bench(assignment), now)
        if assignment
        else None,
        today=workbench.answered_since(project.pk, reviewer, _midnight(project, now)),
        left=workbench.waiting_for(project.pk, reviewer),
        recent=answers,
        next_image_url=image_url(project, following, "display") if following else None,
        undo=next((_undo(answer) for answer in answers[:1] if answer.can_undo), None),
        message=message,
        error=bench_error(error) if error else None,
    )


def bench_error(error: ReviewHubError) -> BenchError:
    return BenchError(error.title, "" if error.detail == error.title else error.detail)


def _midnight(project: Project, now: datetime) -> datetime:
    """When today began where the project's site is."""
    here = now.astimezone(ZoneInfo(project.site_time_zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def _recent(project: Project, review: Review, labels: dict[str, str]) -> RecentAnswer:
    image = review.entry.item.content.image
    return RecentAnswer(
        review_uid=str(review.uid),
        thumb_url=image_url(project, str(image.uid), "thumbnail") if image else "",
        verdict=_verdict(review),
        label_name=labels.get(review.label_key, review.label_key),
        can_undo=review.entry.state in UNDOABLE,
    )


def _verdict(review: Review) -> str:
    """What was done, in a word; of a blind answer never whether the model had said the same."""
    return "answered" if review.blind and review.label_key else verdict_word(review.verdict)


def _undo(answer: RecentAnswer) -> Undo:
    said = answer.label_name or answer.verdict
    return Undo(review_uid=answer.review_uid, text=f"Take back “{said}”")


def _label_names(project: Project) -> dict[str, str]:
    taxonomy = project.taxonomies.order_by("-number").prefetch_related("labels")[:1].get()
    return {label.key: label.name for label in taxonomy.labels.all()}
