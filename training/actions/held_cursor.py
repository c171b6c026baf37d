from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from annotations.queries.routed import Watch, last_before
from reviewhub.common import tally
from reviewhub.common.clock import lapsed
from training.errors import LeaseLost, OutOfTime
from training.models import NoveltyCursor

LEASE = timedelta(seconds=90)
SECONDS_BETWEEN_BEATS = 10.0


def claim_cursor(
    *, watch: Watch, clock: Callable[[], datetime], seconds: float
) -> HeldCursor | None:
    """Own the project's cursor for about `seconds`; None while another worker does.

    The first one begins with what was routed under the policy in force: a project that turns
    novelty on is not asked about its past.
    """
    now = clock()
    cursors = NoveltyCursor.objects.filter(project_id=watch.project_id)
    if not cursors.exists():
        start = last_before(watch.project_id, watch.since)
        row = NoveltyCursor(
            project_id=watch.project_id, seen_id=start, settled_id=start, updated_at=now
        )
        NoveltyCursor.objects.bulk_create([row], ignore_conflicts=True)
    free = Q(lease_until__isnull=True) | lapsed(now, LEASE)
    taken = cursors.filter(free).update(lease_until=now + LEASE, fence=F("fence") + 1)
    return HeldCursor(watch, cursors.get(), clock, seconds) if taken else None


class HeldCursor:
    """The only way from a worker to the cursor: writes go through while the fence is its own."""

    def __init__(
        self, watch: Watch, row: NoveltyCursor, clock: Callable[[], datetime], seconds: float
    ) -> None:
        self.watch = watch
        self.row = row
        self.clock = clock
        self._deadline = time.monotonic() + seconds
        self._beaten = time.monotonic()

    def write(self, counted: Mapping[str, int] | None = None, **values: object) -> None:
        """Change the row and add to the day's counters, both or neither; raises LeaseLost."""
        now = self.clock()
        mine = NoveltyCursor.objects.filter(pk=self.row.pk, fence=self.row.fence)
        with transaction.atomic():
            if not mine.update(lease_until=now + LEASE, updated_at=now, **values):
                raise LeaseLost("Another worker looks for novel items in this project now.")
            if counted:
                tally.add(
                    self.watch.project_id,
                    tally.day_of(now, self.watch.site_time_zone),
                    {f"novelty:{name}": number for name, number in counted.items()},
                )
        for name, value in values.items():
            setattr(self.row, name, value)

    def check_time(self) -> None:
        """Raise OutOfTime once the time is used up, and keep the lease until then."""
        if time.monotonic() > self._deadline:
            raise OutOfTime
        if time.monotonic() - self._beaten > SECONDS_BETWEEN_BEATS:
            self._beaten = time.monotonic()
            self.write()

    def release(self) -> None:
        mine = NoveltyCursor.objects.filter(pk=self.row.pk, fence=self.row.fence)
        mine.update(lease_until=None)
