"""What this app does when others say something: counts, a person who leaves, jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from annotations.actions.import_predictions import import_predictions
from annotations.actions.leave_bench import leave_bench
from annotations.actions.request_import import KIND as IMPORT
from annotations.actions.request_simulation import KIND as SIMULATE_POLICY
from annotations.actions.simulate_policy import simulate_policy
from annotations.models import User
from annotations.queries.depths import entries_by_state
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.metrics import Gauge, register


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
