"""What this app does when others say something: counts, a person who leaves or looks, jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from annotations.actions.import_predictions import import_predictions
from annotations.actions.leave_bench import leave_bench
from annotations.actions.request_import import KIND as IMPORT
from annotations.actions.simulate_policy import simulate_policy
from annotations.domain.simulation import KIND as SIMULATE_POLICY
from annotations.models import User
from annotations.queries.depths import entries_by_state
from annotations.signals import picture_shown
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.metrics import Gauge, register
from reviewhub.common.wake import wake


@register
def queue_depth() -> Iterable[Gauge]:
    for state, entries in entries_by_state().items():
        yield Gauge("queue_entries", "Entries of the queue by state.", entries, {"state": state})


jobs.register(IMPORT, import_predictions)
jobs.register(SIMULATE_POLICY, simulate_policy)


@receiver(user_logged_out, dispatch_uid="annotations.leave_bench")
def leave_on_logout(user: User | None, **_: Any) -> None:
    """What a person holds goes to colleagues when they log out, not when the lease runs out."""
    if user is not None:
        leave_bench(reviewer=user, now=database_now())


@receiver(picture_shown, dispatch_uid="annotations.make_full")
def make_full_ahead(*, image_id: int, **_: Any) -> None:
    """A message that is lost costs whoever looks closer the wait, and nothing else."""
    wake("annotations.make_full_picture", queue="infer", image_id=image_id)
