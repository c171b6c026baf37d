from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from training.actions.held_run import HeldRun

logger = logging.getLogger(__name__)


@contextmanager
def keep_lease(*, held: HeldRun) -> Iterator[None]:
    """Extend the lease of a run from a thread with a database connection of its own.

    The thread also watches for a cancel request, and interrupts the work on either bad news.
    """
    done = threading.Event()
    thread = threading.Thread(
        target=_keep, args=(held, done), name=f"lease-of-run-{held.run.pk}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=held.times.lease)


def _keep(held: HeldRun, done: threading.Event) -> None:
    beaten = time.monotonic()
    try:
        while not done.wait(held.times.watch) and not held.interrupted.is_set():
            try:
                beaten = _look(held, beaten)
            except DatabaseError:
                # A database that restarts is no reason to stop, unless the lease ran out meanwhile.
                logger.warning("run %s: no heartbeat", held.run.pk, exc_info=True)
                connection.close()
                if time.monotonic() - beaten > held.times.lease:
                    held.interrupt()
    finally:
        connection.close()


def _look(held: HeldRun, beaten: float) -> float:
    """One look at the row; returns when the lease was last extended."""
    if held.cancel_requested():
        held.interrupt(cancelled=True)
    elif time.monotonic() - beaten >= held.times.heartbeat:
        if not held.beat():
            held.interrupt()
        return time.monotonic()
    return beaten
