from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from annotations.actions.append_route import append_route
from annotations.queries.routed import Doubt, Watch, doubtful, informative, watched
from reviewhub.common import tally
from reviewhub.common.clock import lapsed
from training.actions.embed_items import embed_items
from training.actions.find_backbone import find_backbone
from training.domain.selection import POOL, choose
from training.errors import LeaseLost
from training.models import LearningSelection
from training.queries.champion import champion_of
from training.queries.embeddings import embeddings_of

LEASE = timedelta(minutes=5)
EMBEDDED_AT_MOST = 2_000
"""Candidates embedded in one selection, the most uncertain first; a larger pool is cut to it."""

Clock = Callable[[], datetime]


def select_for_learning(*, project_id: int, clock: Clock) -> LearningSelection | None:
    """Queue what yesterday's accepted predictions offer for learning, once a day of the site.

    1. Candidates: accepted, not withdrawn, of the learn fold, and about items that nobody was
       asked about; the model's doubt is 1 - margin.
    2. Of the most doubtful, near-copies left out, k-means picks as many as the policy's budget.
    3. Each is queued by a further route with the reason `informative`.

    What is chosen is written down before the first route, and routes are appended once, so a
    second attempt after a kill ends what the first began. None when the project does not ask for
    it, when today's is done, or while another worker is at it.
    """
    watch = watched(project_id)
    if watch is None or watch.learning_budget is None:
        return None
    now = clock()
    selection = _claim(watch, watch.learning_budget, now)
    if selection is None:
        return None
    if selection.chosen is None:
        doubts = _candidates(watch, selection)
        chosen = _choose(watch, selection, doubts, clock)
        _write(
            selection,
            candidates=len(doubts),
            chosen=[[one.prediction_id, one.margin, one.uncertainty] for one in chosen],
            lease_until=clock() + LEASE,
        )
    _queue(watch, selection.chosen or [], clock)
    _write(selection, finished_at=clock(), lease_until=None)
    return selection


def _claim(watch: Watch, budget: int, now: datetime) -> LearningSelection | None:
    day = tally.day_of(now, watch.site_time_zone)
    rows = LearningSelection.objects.filter(project_id=watch.project_id, day=day)
    if not rows.exists():
        row = LearningSelection(project_id=watch.project_id, day=day, budget=budget, created_at=now)
        LearningSelection.objects.bulk_create([row], ignore_conflicts=True)
    free = Q(lease_until__isnull=True) | lapsed(now, LEASE)
    taken = rows.filter(free, finished_at__isnull=True).update(
        lease_until=now + LEASE, fence=F("fence") + 1
    )
    return rows.get() if taken else None


def _write(selection: LearningSelection, **values: object) -> None:
    mine = LearningSelection.objects.filter(pk=selection.pk, fence=selection.fence)
    if not mine.update(**values):
        raise LeaseLost("Another worker selects for learning in this project now.")
    for name, value in values.items():
        setattr(selection, name, value)


def _candidates(watch: Watch, selection: LearningSelection) -> list[Doubt]:
    """The most doubtful of yesterday, an item once: its least sure prediction speaks for it."""
    zone = ZoneInfo(watch.site_time_zone)
    start, end = (
        _midnight(day, zone) for day in (selection.day - timedelta(days=1), selection.day)
    )
    limit = min(POOL * selection.budget, EMBEDDED_AT_MOST)
    by_item: dict[int, Doubt] = {}
    for doubt in doubtful(watch, start=start, end=end, limit=limit):
        by_item.setdefault(doubt.item_id, doubt)
    return list(by_item.values())


def _choose(
    watch: Watch, selection: LearningSelection, doubts: Sequence[Doubt], clock: Clock
) -> list[Doubt]:
    if not doubts:
        return []
    backbone = find_backbone(watch=watch, champion=champion_of(watch.project_id), now=clock())
    items = [doubt.item_id for doubt in doubts]
    embed_items(
        item_ids=items,
        backbone=backbone,
        report=lambda _share, _words: _write(selection, lease_until=clock() + LEASE),
        clock=clock,
    )
    vectors = embeddings_of(items, backbone_digest=backbone.digest)
    seen = [doubt for doubt in doubts if doubt.item_id in vectors]
    places = choose(
        [doubt.uncertainty for doubt in seen],
        [vectors[doubt.item_id] for doubt in seen],
        budget=selection.budget,
        seed=crc32(f"{watch.project_uid} {selection.day}".encode()),
    )
    return [seen[at] for at in places]


def _queue(watch: Watch, chosen: Sequence[tuple[int, float | None, float]], clock: Clock) -> None:
    for prediction_id, margin, uncertainty in chosen:
        append_route(
            project_id=watch.project_id,
            prediction_id=prediction_id,
            reason=informative(margin=margin, uncertainty=uncertainty),
            now=clock(),
        )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
