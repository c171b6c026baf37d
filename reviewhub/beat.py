"""The scheduler of periodic tasks, which keeps its beat whatever happens to the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from celery.beat import Scheduler
from celery.schedules import schedule

_BEGAN = datetime.now(UTC), time.monotonic()


def steady_now() -> datetime:
    """The time when this process began, and the seconds that have truly passed since."""
    wall, ticks = _BEGAN
    return wall + timedelta(seconds=time.monotonic() - ticks)


class SteadyScheduler(Scheduler):
    """All our schedules are intervals, measured here by a clock that cannot be set.

    Celery's own scheduler waits until the clock is where it was: after a step back by three hours,
    nothing would be swept or reconciled for three hours. It keeps no file either: a time that was
    written before a step back would be as bad, and workers reconcile when they start.
    """

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for name, told in self.app.conf.beat_schedule.items():
            entry = self.schedule[name]
            entry.schedule = schedule(told["schedule"], nowfun=steady_now, app=self.app)
            entry.last_run_at = steady_now()
