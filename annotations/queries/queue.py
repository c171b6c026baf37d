"""The queue as a lead sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import (
    Annotation,
    Assignment,
    AssignmentState,
    Comment,
    Project,
    QueueEntry,
    Referral,
    Review,
    Route,
    User,
)
from annotations.queries.accounting import Accounts
from annotations.queries.policies import rules_in_force
from reviewhub.common import tally
from reviewhub.common.cursor import Cursor, Slice, slice_by_id


def counts_by_state(accounts: Accounts) -> Mapping[EntryState, int]:
    """Entries in each state of the published machine, in its order."""
    return {state: accounts.by_state[state] for state in EntryState}


@dataclass(frozen=True)
class QueueLimits:
    """What keeps entries from people: the cap in force, how many it let in today, how many audits
    nobody answered in time so far, and how many were drawn that nobody could answer blind."""

    daily_cap: int | None
    let_in: int
    lapsed: int
    lost: int


def queue_limits(project: Project, *, now: datetime) -> QueueLimits:
    """Four queries, of counters that are kept."""
    _, rules = rules_in_force(project)
    today = tally.totals(project.pk, prefix="let_in", day=tally.day_of(now, project.site_time_zone))
    return QueueLimits(
        daily_cap=rules.daily_cap,
        let_in=today.get("let_in", 0),
        lapsed=_so_far(project, counters.LAPSED),
        lost=_so_far(project, counters.LOST_AUDITS),
    )


def _so_far(project: Project, name: str) -> int:
    return tally.totals(project.pk, prefix=name).get(name, 0)


def entries_in(project_id: int, state: EntryState, cursor: Cursor) -> Slice[QueueEntry]:
    """One page of a state's entries with all that a row shows; the same queries at any length."""
    entries = _with_everything(QueueEntry.objects.filter(project=project_id, state=state))
    return slice_by_id(entries, cursor)


def next_dispute(project_id: int, lead: User) -> QueueEntry | None:
    """The dispute that has waited longest, of those in which this lead gave no answer.

    With what people said about it, and with the referral of whoever sent it.
    """
    sent = Referral.objects.filter(closed_at__isnull=True, to="lead")
    disputes = _with_everything(_disputes(project_id, lead)).prefetch_related(
        Prefetch("comments", queryset=Comment.objects.order_by("pk")),
        Prefetch("referrals", queryset=sent, to_attr="referred"),
    )
    return disputes.order_by("state_changed_at", "id").first()


def disputes_left(project_id: int, lead: User) -> int:
    """Disputes that this lead may decide; nobody is helped by counting more than a thousand."""
    return _disputes(project_id, lead)[:1000].count()


def _disputes(project_id: int, lead: User) -> QuerySet[QueueEntry]:
    own = Review.objects.filter(reviewer=lead, effective=True).exclude(verdict="skipped")
    return QueueEntry.objects.filter(
        project=project_id, state=EntryState.AWAITING_ADJUDICATION
    ).exclude(pk__in=own.values("entry"))


def _with_everything(entries: QuerySet[QueueEntry]) -> QuerySet[QueueEntry]:
    return entries.select_related(
        "item__content__image", "prediction", "taxonomy"
    ).prefetch_related(
        "taxonomy__labels",
        Prefetch("prediction__routes", queryset=Route.objects.order_by("sequence")),
        Prefetch(
            "assignments",
            queryset=Assignment.objects.filter(state=AssignmentState.HELD).select_related(
                "reviewer"
            ),
            to_attr="held",
        ),
        Prefetch(
            "reviews", queryset=Review.objects.filter(effective=True).order_by("id"), to_attr="said"
        ),
        Prefetch("annotations", queryset=Annotation.objects.order_by("-number"), to_attr="settled"),
    )
