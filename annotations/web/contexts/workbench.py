from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from annotations.domain.settling import Verdict
from annotations.domain.words import Choice, reject_reasons, skip_reasons, verdict_word
from annotations.models import Assignment, Project, QueueEntry, User
from annotations.queries import workbench
from annotations.queries.marks import said_mark
from annotations.queries.versions import labels_in
from annotations.web.box_forms import Draft, problems_of
from annotations.web.contexts.bench import BenchEntry, address, bench_entry, image_url
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.tally import day_of

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
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class WorkbenchPage:
    entry: BenchEntry | None
    today: int
    left: int
    recent: Sequence[RecentAnswer]
    next_image_url: str | None
    undo: Undo | None
    skip_reasons: Sequence[Choice]
    reject_reasons: Sequence[Choice]
    answer_url: str
    undo_url: str
    review_url: str
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
    draft: Draft | None = None,
) -> WorkbenchPage:
    """Everything the bench shows, in a number of queries that does not grow with the queue.

    A draft keeps what was typed about the item, if that is still the one on the bench.
    """
    entry = workbench.entry_on_bench(project, assignment.entry_id) if assignment else None
    recent = workbench.recent_reviews(project.pk, reviewer)
    answers = [_recent(project, review) for review in recent]
    following = workbench.next_image_uid(reviewer, entry) if entry else None
    today = day_of(now, project.site_time_zone)
    standing = workbench.standing_of(project.pk, reviewer, today)
    return WorkbenchPage(
        entry=_entry(project, entry, draft, now) if entry else None,
        today=standing.today,
        left=standing.left,
        recent=answers,
        next_image_url=image_url(project, following, "display") if following else None,
        skip_reasons=skip_reasons(project.kind),
        reject_reasons=reject_reasons(project.kind),
        undo=next((_undo(answer) for answer in answers[:1] if answer.can_undo), None),
        answer_url=address("answer", project),
        undo_url=address("undo", project),
        review_url=address("review", project),
        message=message,
        error=bench_error(error, draft) if error else None,
    )


def bench_error(error: ReviewHubError, draft: Draft | None = None) -> BenchError:
    text = "" if error.detail == error.title else error.detail
    errors = error.data.get("errors")
    wrong = problems_of(errors, draft.rows) if draft and isinstance(errors, list) else ()
    return BenchError(error.title, text, problems=wrong)


def _entry(
    project: Project, on_bench: QueueEntry, draft: Draft | None, now: datetime
) -> BenchEntry:
    entry = bench_entry(project, on_bench, now)
    if draft is None or draft.entry_uid != entry.uid:
        return entry
    return replace(entry, rows=draft.rows)


def _recent(project: Project, review: workbench.Recent) -> RecentAnswer:
    image, labels = review.image_uid, labels_in(project, review.taxonomy_id)
    answer = json.loads(review.answer) if review.answer else None
    return RecentAnswer(
        review_uid=str(review.uid),
        thumb_url=image_url(project, image, "thumbnail") if image else "",
        verdict=_verdict(review),
        label_name=said_mark(labels, review.label_key, answer).name,
        can_undo=review.state in UNDOABLE,
    )


def _verdict(review: workbench.Recent) -> str:
    """What was done, in a word; of a blind answer never whether the model had said the same."""
    judged = review.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
    return "answered" if review.blind and judged else verdict_word(review.verdict)


def _undo(answer: RecentAnswer) -> Undo:
    said = answer.label_name or answer.verdict
    return Undo(review_uid=answer.review_uid, text=f"Take back “{said}”")
