from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from annotations.domain.states import EntryState
from annotations.domain.words import STATES, reason_text
from annotations.models import Label, Project, QueueEntry
from annotations.queries.accounting import Accounts, queue_accounting
from annotations.queries.marks import (
    TONES,
    labels_of,
    media_url,
    predicted_mark,
    said_mark,
    text_excerpt,
)
from annotations.queries.queue import QueueLimits, counts_by_state, entries_in, queue_limits
from annotations.web.contexts.bench import Reason
from reviewhub.common.cursor import Cursor
from reviewhub.common.pages import LabelMark, Pages, many, pages_of


@dataclass(frozen=True)
class Tab:
    word: str
    tone: str
    count: int
    url: str
    active: bool


@dataclass(frozen=True)
class Opinion:
    """What is thought of the item: a label, or in words: its boxes, or that it is unusable."""

    label: LabelMark | None
    by: str
    note: str
    text: str = ""


@dataclass(frozen=True)
class QueueRow:
    url: str
    external_id: str
    thumb_url: str
    text: str
    reasons: Sequence[Reason]
    opinion: Opinion
    answers_given: int
    answers_wanted: int
    held_by: str
    since: datetime
    due_at: datetime | None
    overdue: bool
    annotation_uid: str


@dataclass(frozen=True)
class QueuePage:
    tabs: Sequence[Tab]
    total: str
    rows: Sequence[QueueRow]
    pages: Pages
    approve_url: str | None
    empty_text: str
    lede: str
    notes: Sequence[str]
    title: str = "Queue"


EMPTY = {
    EntryState.AWAITING_CAPACITY: "Nothing is held back: today has room for all that was routed.",
    EntryState.AWAITING_REVIEW: "Items wait here when routing finds that people must see them.",
    EntryState.AWAITING_ADJUDICATION: "Items come here when reviewers disagree, or too many skip.",
    EntryState.AWAITING_APPROVAL: "Settled items wait here for a lead, or for the grace period.",
    EntryState.APPROVED: "What has been approved, and may be learned from, is listed here.",
    EntryState.EXPIRED: "Every audit was answered in time, or still can be.",
    EntryState.WITHDRAWN: "Nothing has been taken out of the queue.",
}


def queue_page(project: Project, state: EntryState, cursor: Cursor, *, now: datetime) -> QueuePage:
    """The queue, one state at a time; the counts of all states add up to what entered."""
    accounts = queue_accounting(project.pk)
    counts = counts_by_state(accounts)
    part = entries_in(project.pk, state, cursor)
    labels = labels_of(project.pk)
    path = reverse("annotations:queue", args=[project.slug])
    approving = state == EntryState.AWAITING_APPROVAL and part.rows
    return QueuePage(
        tabs=[
            Tab(STATES[each], TONES[each], count, f"{path}?state={each}", each == state)
            for each, count in counts.items()
        ],
        total=_balance(accounts),
        rows=[_row(project, entry, labels, now) for entry in part.rows],
        pages=pages_of(part, path, {"state": state}),
        approve_url=reverse("annotations:approve", args=[project.slug]) if approving else None,
        empty_text=EMPTY[state],
        lede="Every entry is in exactly one state: the next thing that must happen to it.",
        notes=list(_notes(queue_limits(project, now=now), counts)),
    )


def _balance(accounts: Accounts) -> str:
    """Whether what entered is what is in the states, in words."""
    entered = f"{many(accounts.entered, 'entry', 'entries')} entered"
    in_states = sum(accounts.by_state.values())
    if accounts.balanced:
        return f"{entered}, each is in one state: the accounts balance"
    return f"{entered}, but {in_states:,} are in a state: an operator can run check_counters"


def _notes(limits: QueueLimits, counts: Mapping[EntryState, int]) -> Iterator[str]:
    """What does not come to people, in sentences: nothing is dropped in silence."""
    held_back = counts[EntryState.AWAITING_CAPACITY]
    if limits.daily_cap is not None:
        yield (
            f"{many(limits.let_in, 'entry', 'entries')} let in today, of at most "
            f"{limits.daily_cap:,}; {held_back:,} held back for another day. Audits always enter."
        )
    elif held_back:
        yield f"{held_back:,} held back by an earlier cap; they are let in now."
    if limits.lapsed:
        expired = counts[EntryState.EXPIRED]
        yield (
            f"{many(limits.lapsed, 'audit')} not answered in time and kept on record as "
            f"non-response; {expired:,} of them have expired."
        )
    if limits.lost:
        yield (
            f"{many(limits.lost, 'audit')} drawn of items that people had seen before: nobody can "
            "answer them blind, so they are non-response too."
        )


def _row(
    project: Project, entry: QueueEntry, labels: Mapping[str, Label], now: datetime
) -> QueueRow:
    held = [lease.reviewer.get_username() for lease in getattr(entry, "held", [])]
    settled = getattr(entry, "settled", [])
    return QueueRow(
        url=reverse("training:item", args=[project.slug, entry.item.uid]),
        external_id=entry.item.external_id,
        thumb_url=media_url(project, entry.item, "thumbnail"),
        text=text_excerpt(entry.item),
        reasons=[
            Reason(str(reason["name"]), reason_text(reason))
            for route in entry.prediction.routes.all()
            for reason in route.reasons
        ],
        opinion=_opinion(entry, labels, project.kind),
        answers_given=entry.answers_given,
        answers_wanted=entry.answers_wanted,
        held_by=", ".join(held),
        since=entry.state_changed_at,
        due_at=entry.due_at,
        overdue=entry.is_overdue(now),
        annotation_uid=str(settled[0].uid) if settled else "",
    )


def _opinion(entry: QueueEntry, labels: Mapping[str, Label], kind: str) -> Opinion:
    settled = getattr(entry, "settled", [])
    if settled and entry.state in (EntryState.AWAITING_APPROVAL, EntryState.APPROVED):
        current = settled[0]
        how = current.get_how_display()
        if current.outcome == "unusable":
            return Opinion(None, "settled", how, text="unusable")
        said = said_mark(labels, current.label_key, current.answer)
        return Opinion(said.label, "settled", how, text=said.text)
    said = predicted_mark(labels, entry.prediction, kind)
    return Opinion(said.label, "model", f"{entry.prediction.confidence:.2f}", text=said.text)
