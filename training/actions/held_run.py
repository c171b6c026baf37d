"""A training run in the hands of one worker: the only way from a worker to the run's row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from reviewhub.common.errors import JsonValue
from training.errors import LeaseLost, RunCancelled
from training.models import RunState, RunStep, TrainingRun

SHARES = {
    RunStep.WAITING: (0.0, 0.0),
    RunStep.EMBED: (0.0, 0.40),
    RunStep.FREEZE: (0.40, 0.45),
    RunStep.TRAIN: (0.45, 0.75),
    RunStep.EVALUATE: (0.75, 0.95),
    RunStep.DECIDE: (0.95, 1.0),
}
"""Where each step begins and ends in the progress of the whole run."""

SECONDS_BETWEEN_WRITES = 0.5


@dataclass(frozen=True)
class RunTimes:
    """How long a worker may be silent, and a learning process may take; all in seconds."""

    lease: float = 60.0
    heartbeat: float = 15.0
    watch: float = 1.0
    child: float = 3600.0


class HeldRun:
    """Writes to the run's row only WHERE the fence is still this worker's.

    Any call may raise LeaseLost or RunCancelled: let them rise, `execute_run` knows what to do.
    """

    def __init__(self, run: TrainingRun, *, times: RunTimes, clock: Callable[[], datetime]) -> None:
        self.run = run
        self.times = times
        self.clock = clock
        self.interrupted = threading.Event()
        self._cancelled = False
        self._written = 0.0
        self._on_interrupt: Callable[[], None] | None = None

    def write(self, **values: object) -> None:
        """Change the row, if it is still ours; raises LeaseLost."""
        self.check()
        mine = TrainingRun.objects.filter(
            pk=self.run.pk, fence=self.run.fence, state=RunState.RUNNING
        )
        if not mine.update(**values):
            self.interrupt()
            raise LeaseLost

    @contextmanager
    def guarded(self, *, first: Callable[[], None] = lambda: None) -> Iterator[None]:
        """A transaction that holds the run's row; without the fence nothing in it happens.

        `first` takes the locks that come before the run's.
        """
        with transaction.atomic():
            first()
            self.write(fence=self.run.fence)
            yield

    def begin(self, step: RunStep, message: str) -> None:
        """Open a step: what the page shows from now on."""
        entry = {
            "step": step.value,
            "attempt": self.run.attempt,
            "started_at": self.clock().isoformat(),
            "ended_at": None,
            "figures": {},
        }
        self.run.step = step
        self.run.steps = [*self.run.steps, entry]
        start, _ = SHARES[step]
        self.write(step=step, steps=self.run.steps, progress=start, message=message[:300])

    def advance(self, share: float, message: str) -> None:
        """Show how far the open step is (0 to 1); cheap to call often, writes twice a second."""
        self.check()
        if time.monotonic() - self._written < SECONDS_BETWEEN_WRITES:
            return
        self._written = time.monotonic()
        start, end = SHARES[RunStep(self.run.step)]
        done = start + (end - start) * min(max(share, 0.0), 1.0)
        self.write(progress=done, message=message[:300])

    def close(self, figures: dict[str, JsonValue]) -> None:
        """End the open step with the figures it leaves behind."""
        last = self.run.steps[-1] | {"ended_at": self.clock().isoformat(), "figures": figures}
        self.run.steps = [*self.run.steps[:-1], last]
        _, end = SHARES[RunStep(self.run.step)]
        self.write(steps=self.run.steps, progress=end)

    def check(self) -> None:
        """Raise RunCancelled or LeaseLost if the heartbeat has seen either."""
        if self.interrupted.is_set():
            raise RunCancelled if self._cancelled else LeaseLost

    def beat(self) -> bool:
        """Extend the lease; False when the run is not ours any more."""
        until = self.clock() + timedelta(seconds=self.times.lease)
        mine = TrainingRun.objects.filter(
            pk=self.run.pk, fence=self.run.fence, state=RunState.RUNNING
        )
        return bool(mine.update(lease_until=until))

    def cancel_requested(self) -> bool:
        asked = TrainingRun.objects.filter(pk=self.run.pk, cancel_requested_at__isnull=False)
        return asked.exists()

    def interrupt(self, *, cancelled: bool = False) -> None:
        """Stop the work from another thread: the child first, then whoever calls next."""
        self._cancelled = self._cancelled or cancelled
        self.interrupted.set()
        if self._on_interrupt is not None:
            with suppress(ProcessLookupError):
                self._on_interrupt()

    @contextmanager
    def interrupting(self, stop: Callable[[], None]) -> Iterator[None]:
        """While inside, an interrupt calls `stop` at once, from the heartbeat's thread."""
        self._on_interrupt = stop
        try:
            self.check()
            yield
        finally:
            self._on_interrupt = None
