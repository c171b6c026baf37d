from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext

from annotations.domain.reviewing import LATEST_UNDOABLE
from annotations.domain.settling import Verdict
from annotations.domain.words import verdict_word
from annotations.models import Assignment, Project, Review, User
from annotations.queries import workbench
from annotations.queries.marks import said_mark
from annotations.queries.readings import has_read
from annotations.queries.versions import labels_in
from annotations.web.box_forms import Draft, problems_of
from annotations.web.contexts.bench import BenchEntry, bench_entry, image_url
from annotations.web.contexts.desk import BenchError, Desk, Undo, desk_of
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.problems import said
from reviewhub.common.tally import day_of

UNDOABLE = {"awaiting_review", "awaiting_adjudication", "awaiting_approval", "approved"}


@dataclass(frozen=True)
class RecentAnswer:
    review_uid: str
    thumb_url: str
    verdict: str
    label_name: str
    can_undo: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class WorkbenchPage(Desk):
    desk: Desk
    entry: BenchEntry | None
    today: int
    left: int
    recent: Sequence[RecentAnswer]
    undoable: int = LATEST_UNDOABLE
    title: str = "Review"


def workbench_page(
    *,
    project: Project,
    reviewer: User,
    assignment: Assignment | None,
    now: datetime,
    error: ReviewHubError | None = None,
    draft: Draft | None = None,
) -> WorkbenchPage:
    """Everything the bench shows, in a number of queries that does not grow with the queue.

    A draft keeps what was typed about the item, if that is still the one on the bench.
    """
    recent = workbench.recent_reviews(project.pk, reviewer)
    answers = [_recent(project, review) for review in recent]
    standing = standing_of(project, reviewer, now)
    desk = desk_of(project, reviewer)
    return WorkbenchPage(
        **(vars(desk) | {"undo": _undo_of(answers), "error": error and bench_error(error, draft)}),
        desk=desk,
        entry=_entry(project, assignment.entry_id, reviewer, draft, now) if assignment else None,
        today=standing.today,
        left=standing.left,
        recent=answers,
    )


def items_ahead(
    project: Project, entry_ids: Sequence[int], reviewer: User, now: datetime
) -> list[BenchEntry]:
    """Entries as the bench shows them, for a browser that keeps them until their turn."""
    return [_on_bench(project, pk, reviewer, now) for pk in entry_ids]


def standing_of(project: Project, reviewer: User, now: datetime) -> workbench.Standing:
    today = day_of(now, project.site_time_zone)
    return workbench.standing_of(project.pk, reviewer, today)


def answered(project: Project, review: Review) -> RecentAnswer:
    """An answer that was given just now, as the strip of the latest shows it."""
    entry = review.entry
    return _recent(
        project,
        workbench.Recent(
            uid=review.uid,
            verdict=review.verdict,
            label_key=review.label_key,
            answer=json.dumps(review.answer) if review.answer else None,
            blind=review.blind,
            state=entry.state,
            taxonomy_id=entry.taxonomy_id,
            image_uid=entry.item.content.image.uid if entry.item.content.image else None,
        ),
    )


def bench_error(error: ReviewHubError, draft: Draft | None = None) -> BenchError:
    text = "" if error.detail == error.title else said(error.detail)
    errors = error.data.get("errors")
    wrong = problems_of(errors, draft.rows) if draft and isinstance(errors, list) else ()
    return BenchError(said(error.title), text, problems=wrong)


def _on_bench(project: Project, entry_id: int, reviewer: User, now: datetime) -> BenchEntry:
    on_bench = workbench.entry_on_bench(project, entry_id, reviewer)
    return bench_entry(
        project,
        on_bench.entry,
        now,
        returned=on_bench.returned,
        unread=not has_read(project, reviewer, on_bench.entry.taxonomy_id),
    )


def _entry(
    project: Project, entry_id: int, reviewer: User, draft: Draft | None, now: datetime
) -> BenchEntry:
    entry = _on_bench(project, entry_id, reviewer, now)
    if draft is None or draft.entry_uid != entry.uid:
        return entry
    return replace(entry, rows=draft.rows)


def _recent(project: Project, review: workbench.Recent) -> RecentAnswer:
    image, labels = review.image_uid, labels_in(project, review.taxonomy_id)
    answer = json.loads(review.answer) if review.answer else None
    return RecentAnswer(
        review_uid=str(review.uid),
        thumb_url=image_url(project, image, "thumbnail") if image else "",
        verdict=_word(review),
        label_name=said_mark(labels, review.label_key, answer).name,
        can_undo=review.state in UNDOABLE,
    )


def verdict_told(review: Review | workbench.Recent) -> str:
    """What was done; of a blind answer never whether the model had said the same."""
    judged = review.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
    return "answered" if review.blind and judged else review.verdict


def _word(review: workbench.Recent) -> str:
    told = verdict_told(review)
    return gettext(told if told == "answered" else verdict_word(told))


def _undo_of(answers: Sequence[RecentAnswer]) -> Undo | None:
    """Of the latest answer, if it can be taken back."""
    if not answers or not answers[0].can_undo:
        return None
    answer = answers[0]
    text = gettext("Take back “%(said)s”") % {"said": answer.label_name or answer.verdict}
    return Undo(review_uid=answer.review_uid, text=text)
