from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from annotations.actions.append_route import append_route
from annotations.queries.routed import (
    Reason,
    Routed,
    last_before,
    novelty,
    routed_after,
    waiting_after,
    watched,
)
from reviewhub.common import tally
from reviewhub.statistics.sampling import keyed_uniform
from training.actions.embed_items import embed_items
from training.actions.held_cursor import HeldCursor, claim_cursor
from training.actions.know_learned import Learned, know_learned
from training.domain.novelty import share_to_embed
from training.errors import NothingLearned, OutOfTime
from training.queries.embeddings import embeddings_of, items_without_embedding

CHUNK = 256
QUEUED = "reason:novelty"
"""The counter of routes with this reason, kept by `append_route`."""

SETTLED_AFTER = timedelta(minutes=2)
"""By then no intake is under way any more: what is not visible never will be."""

OLDEST = timedelta(days=7)
"""What waited longer is passed over: an answer about last week helps nobody."""

BEHIND_AT_MOST = timedelta(hours=1)
COUNTED_AT_MOST = 1_000_000
MEASURED_FROM = 16
"""Fewer items than that tell the time it takes to begin, not the time an item takes."""


@dataclass(frozen=True)
class NoveltyPass:
    """What one pass did; `more` when its time ran out before the work did."""

    handled: int = 0
    scored: int = 0
    found: int = 0
    queued: int = 0
    more: bool = False


def score_novelty(
    *, project_id: int, clock: Callable[[], datetime], seconds: float = 100.0
) -> NoveltyPass | None:
    """Look whether newly routed items resemble anything learned, and queue those that do not.

    An item whose conformal p-value is at most the policy's is novel: it gets a further route,
    however sure its model is, up to the policy's number a day. When more comes than can be
    embedded within an hour, only a share is looked at, chosen by a keyed hash: chance leaves out
    the rest. The pass ends after about `seconds`; a killed one is gone on with after its last
    chunk. None when the project does not ask for it, or another worker is at it.
    Raises LeaseLost when another worker took over, and what `know_learned` raises but the wait.
    """
    watch = watched(project_id)
    if watch is None or watch.novelty_p_value is None:
        return None
    held = claim_cursor(watch=watch, clock=clock, seconds=seconds)
    if held is None:
        return None
    try:
        return _pass(held, watch.novelty_p_value)
    finally:
        held.release()


def _pass(held: HeldCursor, p_value: float) -> NoveltyPass:
    done: Counter[str] = Counter()
    more = False
    try:
        learned = know_learned(
            watch=held.watch,
            p_value=p_value,
            report=lambda _share, _words: held.check_time(),
            clock=held.clock,
        )
        held.write(waits_for="", compares_with=learned.words[:300])
        _pass_over_the_oldest(held)
        search = _Search(held, learned, p_value)
        search.look_at_the_new(done)
        search.look_again(done)
    except NothingLearned as wait:
        held.write(waits_for=wait.detail[:300])
    except OutOfTime:
        more = True
    return NoveltyPass(**done, more=more)


def _pass_over_the_oldest(held: HeldCursor) -> None:
    start = last_before(held.watch.project_id, held.clock() - OLDEST)
    if start > held.row.seen_id:
        held.write(seen_id=start, settled_id=start, shares=[])


class _Search:
    """One pass over the predictions of a project."""

    def __init__(self, held: HeldCursor, learned: Learned, p_value: float) -> None:
        self._held = held
        self._learned = learned
        self._p_value = p_value
        self._project_id = held.watch.project_id

    def look_at_the_new(self, done: Counter[str]) -> None:
        """What was routed since: score it, and remember how far and with which share."""
        share = self._share()
        row = self._held.row
        while rows := routed_after(self._project_id, row.seen_id, limit=CHUNK):
            counted = Counter(handled=len(rows))
            counted += self._score(rows, [one for one in rows if self._is_chosen(one, share)])
            done += counted
            last = rows[-1].prediction_id
            del counted["queued"]  # append_route has counted it, with the route
            self._held.write(
                counted,
                seen_id=last,
                shares=_with_share(row.shares, last, share),
                per_second=row.per_second,
            )

    def look_again(self, done: Counter[str]) -> None:
        """Once more at what is old enough, for the sake of what was committed late."""
        row = self._held.row
        while rows := routed_after(
            self._project_id,
            row.settled_id,
            limit=CHUNK,
            upto=row.seen_id,
            received_before=self._held.clock() - SETTLED_AFTER,
        ):
            shares = {one: row.share_at(one.prediction_id) for one in rows}
            chosen = [one for one in rows if self._is_chosen(one, shares[one])]
            done["queued"] += self._score(rows, chosen)["queued"]
            last = rows[-1].prediction_id
            left = [[upto, share] for upto, share in row.shares if upto > last]
            self._held.write(settled_id=last, shares=left)

    def _share(self) -> float:
        row = self._held.row
        waiting = waiting_after(self._project_id, row.seen_id, at_most=COUNTED_AT_MOST).number
        return share_to_embed(
            waiting=waiting,
            per_second=row.per_second,
            seconds=BEHIND_AT_MOST.total_seconds(),
        )

    def _is_chosen(self, one: Routed, share: float) -> bool:
        uniform = keyed_uniform(
            settings.REVIEWHUB_DRAW_KEY,
            "novelty",
            str(self._held.watch.project_uid),
            one.external_id,
        )
        return uniform < share

    def _score(self, rows: Sequence[Routed], chosen: Sequence[Routed]) -> Counter[str]:
        """Compare those chosen, and those embedded for other reasons; queue the novel ones."""
        self._held.check_time()
        vectors = self._vectors(rows, chosen)
        scored = [one for one in rows if one.item_id in vectors]
        if not scored:
            return Counter()
        far, p = self._learned.reference.score([vectors[one.item_id] for one in scored])
        found = [at for at in range(len(scored)) if p[at] <= self._p_value]
        queued = 0
        for at in found[: self._room()]:
            reason = novelty(p_value=float(p[at]), threshold=self._p_value, distance=float(far[at]))
            queued += self._append(scored[at], reason)
        return Counter(scored=len(scored), found=len(found), queued=queued)

    def _vectors(
        self, rows: Sequence[Routed], chosen: Sequence[Routed]
    ) -> Mapping[int, NDArray[np.float16]]:
        backbone = self._learned.backbone
        wanted = list(dict.fromkeys(one.item_id for one in chosen))
        missing = items_without_embedding(wanted, backbone_digest=backbone.digest)
        begun = time.monotonic()
        embedded = embed_items(
            item_ids=missing,
            backbone=backbone,
            report=lambda _share, _words: self._held.check_time(),
            clock=self._held.clock,
        )
        if embedded >= MEASURED_FROM:
            self._held.row.per_second = embedded / max(time.monotonic() - begun, 1e-3)
        ids = [one.item_id for one in rows]
        return embeddings_of(ids, backbone_digest=backbone.digest)

    def _room(self) -> int:
        """How many more the policy lets novelty queue today."""
        per_day = self._held.watch.novelty_per_day
        if per_day is None:
            return sys.maxsize
        today = tally.day_of(self._held.clock(), self._held.watch.site_time_zone)
        queued = tally.totals(self._project_id, prefix=QUEUED, day=today)
        return max(0, per_day - queued.get(QUEUED, 0))

    def _append(self, one: Routed, reason: Reason) -> bool:
        route = append_route(
            project_id=self._project_id,
            prediction_id=one.prediction_id,
            reason=reason,
            now=self._held.clock(),
        )
        return route is not None


def _with_share(shares: Sequence[list[float]], upto: int, share: float) -> list[list[float]]:
    """One more stretch of predictions; it joins the one before it when the share is the same."""
    before = [*shares]
    if before and before[-1][1] == share:
        before.pop()
    return [*before, [upto, share]]
