from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from annotations.domain.settling import Verdict
from annotations.domain.states import EntryState
from annotations.domain.words import STATES, reason_word, verdict_word
from annotations.models import Label, Project, User
from annotations.queries.marks import TONES, labels_of, said_mark
from annotations.queries.own_work import (
    OwnAnswer,
    OwnAnswers,
    Returned,
    answers_per_day,
    own_answers,
    returned_to,
)
from annotations.web.contexts.bench import image_url
from reviewhub.common.cursor import Cursor
from reviewhub.common.pages import Badge, LabelMark
from reviewhub.common.tally import day_of


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "data-key": "/", "aria-describedby": "search-help"}
        ),
    )


@dataclass(frozen=True)
class Day:
    name: str
    answers: int


@dataclass(frozen=True)
class ReturnedItem:
    external_id: str
    comment: str
    at: datetime
    take_url: str


@dataclass(frozen=True)
class AnswerRow:
    external_id: str
    thumb_url: str
    verdict: str
    label: LabelMark | None
    text: str
    reason: str
    comments: Sequence[str]
    badge: Badge
    at: datetime


@dataclass(frozen=True)
class MinePage:
    today: str
    week: str
    days: Sequence[Day]
    zones: str
    returned: Sequence[ReturnedItem]
    form: SearchForm
    searched: bool
    rows: Sequence[AnswerRow]
    older_url: str
    newest_url: str
    looked_back_to: datetime | None
    review_url: str
    title: str


def mine_page(
    *, project: Project, reviewer: User, query: Mapping[str, str], cursor: Cursor, now: datetime
) -> MinePage:
    """A person's own work; never anybody else's, and compared with nobody's."""
    form = SearchForm(query)
    sought = form.cleaned_data["q"] if form.is_valid() else ""
    labels = labels_of(project.pk)
    found = own_answers(
        project,
        reviewer,
        matches=lambda answer: _matches(answer, labels, sought),
        before=cursor.before,
    )
    today = day_of(now, project.site_time_zone)
    days = answers_per_day(project, reviewer, today=today)
    path = reverse("annotations:mine", args=[project.slug])
    return MinePage(
        today=_counted(days[today]),
        week=_counted(sum(days.values())),
        days=[Day(_weekday(day), answers) for day, answers in days.items()],
        zones=gettext(
            "A day here is a day at the site (%(site)s). Times of day are yours (%(own)s)."
        )
        % {"site": project.site_time_zone, "own": reviewer.time_zone},
        returned=[_returned(project, each) for each in returned_to(project, reviewer)],
        form=form,
        searched=bool(sought),
        rows=[_row(project, answer, labels) for answer in found.rows],
        older_url=_older(path, sought, found),
        newest_url=_url(path, q=sought) if cursor.before is not None else "",
        looked_back_to=found.looked_back_to if found.before is not None else None,
        review_url=reverse("annotations:review", args=[project.slug]),
        title=gettext("My work"),
    )


def _matches(answer: OwnAnswer, labels: Mapping[str, Label], sought: str) -> bool:
    """Every word that is sought stands somewhere in what the row shows."""
    if not sought:
        return True
    said = said_mark(labels, answer.label_key, answer.answer).name
    shown = [answer.external_id, said, _verdict(answer), _reason(answer), *answer.comments]
    text = "\n".join(shown).casefold()
    return all(word in text for word in sought.casefold().split())


def _row(project: Project, answer: OwnAnswer, labels: Mapping[str, Label]) -> AnswerRow:
    said = said_mark(labels, answer.label_key, answer.answer)
    return AnswerRow(
        external_id=answer.external_id,
        thumb_url=image_url(project, answer.image_uid, "thumbnail") if answer.image_uid else "",
        verdict=_verdict(answer),
        label=said.label,
        text=said.text,
        reason=_reason(answer),
        comments=answer.comments,
        badge=_badge(answer.state),
        at=answer.at,
    )


def _badge(state: str) -> Badge:
    """Where the item is now. Only audits expire: what was withdrawn is told in the same words."""
    if state in (EntryState.EXPIRED, EntryState.WITHDRAWN):
        return Badge(TONES[EntryState.WITHDRAWN], gettext("no longer needed"))
    return Badge(TONES[state], gettext(STATES[state]))


def _verdict(answer: OwnAnswer) -> str:
    """Of a blind answer never whether the model had said the same."""
    judged = answer.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
    if answer.blind and judged:
        return gettext("answered")
    return gettext(verdict_word(answer.verdict))


def _reason(answer: OwnAnswer) -> str:
    return gettext(reason_word(answer.reason)) if answer.reason else ""


def _returned(project: Project, item: Returned) -> ReturnedItem:
    return ReturnedItem(
        external_id=item.external_id,
        comment=item.comment,
        at=item.at,
        take_url=reverse("annotations:take-returned", args=[project.slug, item.uid]),
    )


def _counted(answers: int) -> str:
    number = number_format(answers, force_grouping=True)
    return ngettext("%(number)s answer", "%(number)s answers", answers) % {"number": number}


def _weekday(day: date) -> str:
    return date_format(day, "D j")


def _older(path: str, sought: str, found: OwnAnswers) -> str:
    return "" if found.before is None else _url(path, q=sought, before=str(found.before))


def _url(path: str, **query: str) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
