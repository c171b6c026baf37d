"""Predictions on record, read again in their order, for rules that are only being tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min

from annotations.domain.kinds import KINDS, Answer
from annotations.domain.replayed import Judgement, Recorded
from annotations.domain.routing import Facts, Opinion, facts_of
from annotations.models import SPOKEN, Prediction, Project
from annotations.queries.audit_answers import AuditAnswer, audit_answers
from annotations.queries.vocabularies import Vocabularies, vocabularies_of
from reviewhub.common import tally
from reviewhub.statistics.sampling import keyed_uniform

CHUNK = 500
SCAN = 10_000
"""Ids that are read at a time where only a share of the items is wanted."""


@dataclass(frozen=True)
class Window:
    """Whole days of the project's site, and the predictions that came in them: ids, inclusive."""

    days: Sequence[date]
    first: int
    last: int
    predictions: int

    @property
    def is_empty(self) -> bool:
        return self.predictions == 0


def window_of(project: Project, *, days: int, now: datetime) -> Window:
    """The last closed site days, at most `days`, from the first prediction on.

    A project that began today has no closed day: then it is today so far.
    """
    today = tally.day_of(now, project.site_time_zone)
    own = Prediction.objects.filter(project=project).order_by("pk")
    began = own.values_list("received_at", flat=True).first()
    if began is None:
        return Window([today], 0, 0, 0)
    first = max(tally.day_of(began, project.site_time_zone), today - timedelta(days=days))
    last = max(first, today - timedelta(days=1))
    span = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    ids = _ids_between(project, first, last)
    if ids is None:
        return Window(span, 0, 0, 0)
    return Window(span, *ids, own.filter(pk__gte=ids[0], pk__lte=ids[1]).count())


class _Row(NamedTuple):
    pk: int
    item_id: int
    item_uid: Any
    external_id: str
    slices: dict[str, Any]
    predictor: str
    version: str
    taxonomy: int
    answer: dict[str, Any]
    flag: str
    received_at: datetime
    metadata: dict[str, Any] | None = None


class _Said(NamedTuple):
    """An answer about an item, in the words in force."""

    pk: int
    received_at: datetime
    predictor: str
    answer: Answer

    def is_known_to(self, row: _Row) -> bool:
        """Whether intake knew it when it routed the row: predictions of one batch know each other,
        and all of them have its moment."""
        return self.pk < row.pk or (self.pk > row.pk and self.received_at == row.received_at)


_COLUMNS = (
    "pk",
    "item_id",
    "item__uid",
    "item__external_id",
    "item__slices",
    "predictor__name",
    "predictor__version",
    SPOKEN,
    "answer",
    "flag",
    "received_at",
)


def replay(
    project: Project,
    window: Window,
    *,
    share: float = 1.0,
    box_ious: Collection[float] = (0.5,),
    with_metadata: bool = False,
) -> Iterator[tuple[int, list[Recorded]]]:
    """The predictions of the window in chunks, oldest first, each with how many ids are behind it.

    Boxes of several predictors are compared once for each of `box_ious`, for rules that differ in
    it. As in intake, a prediction is compared with what was there and with its own batch.

    Of `share` below 1, a keyed hash picks the items, so that all predictions of one item come or
    stay away together. Withdrawn predictions are left out. Memory holds one chunk; each costs a
    constant number of queries. Metadata may be large, and are read only when asked for.
    """
    reader = _Reader(project, box_ious, with_metadata)
    done = 0
    for ids, passed in _chunks(project, window, share):
        done += passed
        yield done, reader.read(ids) if ids else []


def _chunks(project: Project, window: Window, share: float) -> Iterator[tuple[list[int], int]]:
    """Ids to read, at most CHUNK, and how many were passed to find them."""
    after = window.first - 1
    while True:
        rows = list(
            Prediction.objects.filter(
                project=project, pk__gt=after, pk__lte=window.last, withdrawal__isnull=True
            )
            .order_by("pk")
            .values_list("pk", "item_id")[: CHUNK if share == 1.0 else SCAN]
        )
        if not rows:
            return
        after = rows[-1][0]
        chosen = [pk for pk, item in rows if share == 1.0 or _chosen(project, item, share)]
        parts = [chosen[at : at + CHUNK] for at in range(0, len(chosen), CHUNK)] or [[]]
        for part in parts[:-1]:
            yield part, 0
        yield parts[-1], len(rows)


def _chosen(project: Project, item_id: int, share: float) -> bool:
    key = settings.REVIEWHUB_DRAW_KEY
    return keyed_uniform(key, "simulation", str(project.uid), str(item_id)) < share


class _Reader:
    """Turns stored predictions into what routing asks of them, in the words in force."""

    def __init__(self, project: Project, box_ious: Collection[float], with_metadata: bool) -> None:
        self.box_ious = box_ious
        self.columns = (*_COLUMNS, "item__content__metadata") if with_metadata else _COLUMNS
        self.kind = KINDS[project.kind]
        self.vocabularies: Vocabularies = vocabularies_of(project)
        self.positives = self.vocabularies.in_force.positives
        self.zone = ZoneInfo(project.site_time_zone)

    def read(self, ids: Sequence[int]) -> list[Recorded]:
        found = Prediction.objects.filter(pk__in=ids).order_by("pk").values_list(*self.columns)
        rows = [_Row(*row) for row in found]
        items = {row.item_id for row in rows}
        said = self._said(items)
        answers = audit_answers({row.pk: row.item_id for row in rows}, self.vocabularies)
        return [self._recorded(row, said[row.item_id], answers.get(row.pk)) for row in rows]

    def _recorded(self, row: _Row, others: Sequence[_Said], found: AuditAnswer | None) -> Recorded:
        answer = self.kind.restore(row.answer)
        carried, gone = self._carried(answer, row.taxonomy)
        facts = facts_of(
            answer,
            carried=carried,
            gone=gone,
            positives=self.positives,
            flag=row.flag,
            slices=row.slices,
            metadata=row.metadata or {},
        )
        known = [each for each in others if each.is_known_to(row)]
        return Recorded(
            day=row.received_at.astimezone(self.zone).date(),
            item_id=row.item_id,
            item_uid=str(row.item_uid),
            external_id=row.external_id,
            facts=facts,
            differences={iou: self._differences(carried, known, iou) for iou in self.box_ious}
            if known
            else {},
            judgement=self._judgement(facts, found),
            response=found.response if found else None,
        )

    def _judgement(self, facts: Facts, found: AuditAnswer | None) -> Judgement | None:
        if found is None or found.labels is None:
            return None
        return Judgement(found.probability, self._wrong(facts, found.labels))

    def _differences(
        self, carried: Answer, others: Sequence[_Said], iou: float
    ) -> tuple[Opinion, ...]:
        def opinion(other: _Said) -> Opinion:
            found = self.kind.compare(carried, other.answer, iou=iou)
            return Opinion(
                other.predictor, other.answer.top, found.labels, found.divergence, found.unmatched
            )

        return tuple(opinion(other) for other in others)

    def _carried(self, answer: Answer, number: int) -> tuple[Answer, tuple[str, ...]]:
        carrier = self.vocabularies.carrier(number)
        return self.kind.carry(answer, carrier) if carrier else (answer, ())

    def _wrong(self, facts: Facts, truth: frozenset[str]) -> bool:
        if self.positives:
            return not truth.isdisjoint(self.positives) and not facts.predicted_positive
        return set(facts.claimed or (facts.predicted,)) != truth

    def _said(self, items: set[int]) -> dict[int, list[_Said]]:
        """Every answer about items that have more than one."""
        rows = Prediction.objects.filter(item__in=items, withdrawal__isnull=True).values_list(
            "item",
            "pk",
            "received_at",
            "predictor__name",
            "predictor__version",
            SPOKEN,
            "answer",
        )
        by_item: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for item, *said in rows:
            by_item[item].append(tuple(said))
        return defaultdict(
            list,
            {
                item: [
                    _Said(pk, at, f"{name} {version}", self._restored(told, number))
                    for pk, at, name, version, number, told in answers
                ]
                for item, answers in by_item.items()
                if len(answers) > 1
            },
        )

    def _restored(self, told: dict[str, Any], number: int) -> Answer:
        return self._carried(self.kind.restore(told), number)[0]


def _ids_between(project: Project, first: date, last: date) -> tuple[int, int] | None:
    """Ids of the first and last prediction of these site days, by halving: no index on the time."""
    zone = ZoneInfo(project.site_time_zone)
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    ends = Prediction.objects.filter(project=project).aggregate(least=Min("pk"), most=Max("pk"))
    beyond = (ends["most"] or 0) + 1
    begin = _first_since(project, start, ends["least"] or 0, beyond)
    stop = _first_since(project, end, begin, beyond)
    return (begin, stop - 1) if begin < stop else None


def _first_since(project: Project, moment: datetime, low: int, high: int) -> int:
    """The least id from which on predictions came at or after the moment."""
    own = Prediction.objects.filter(project=project).order_by("pk")
    while low < high:
        middle = (low + high) // 2
        row = own.filter(pk__gte=middle).values_list("pk", "received_at").first()
        if row is None or row[1] >= moment:
            high = middle
        else:
            low = row[0] + 1
    return low
