"""Wake workers when something happened (what a lost message misses, `training.reconcile` and
`training.watch` find), and tell Prometheus of runs and of what novelty is behind with.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from annotations.signals import annotation_approved, prediction_routed
from reviewhub.common.clock import database_now
from reviewhub.common.metrics import Gauge, register
from reviewhub.common.wake import wake
from training.queries.runs_by_state import runs_by_state
from training.queries.watched import novelty_everywhere
from training.signals import run_requested

SECONDS_BETWEEN_WAKES = 5.0
_woken: dict[int, float] = {}
"""When this process last woke the search for novelty, by project."""


@receiver(run_requested)
def execute(*, run_id: int, **_: Any) -> None:
    wake("training.execute_run", queue="train", run_id=run_id)


@receiver(annotation_approved)
def consider(*, project_id: int, **_: Any) -> None:
    wake("training.consider_run", project_id=project_id)


@receiver(prediction_routed)
def look(*, project_id: int, **_: Any) -> None:
    """Batches come many a second, and one look sees them all."""
    moment = time.monotonic()
    if moment - _woken.get(project_id, -SECONDS_BETWEEN_WAKES) >= SECONDS_BETWEEN_WAKES:
        _woken[project_id] = moment
        wake("training.embed_for_novelty", queue="infer", project_id=project_id)


@register
def runs() -> Iterable[Gauge]:
    for state, count in runs_by_state().items():
        yield Gauge("training_runs", "Training runs by state.", count, {"state": state})


@register
def novelty() -> Iterable[Gauge]:
    for facts in novelty_everywhere(now=database_now()):
        of = {"project": facts.slug}
        told = "Predictions whose item was not yet looked at for novelty, counted up to 10,000."
        yield Gauge("novelty_waiting", told, facts.waiting, of)
        told = "Age of the oldest of them."
        yield Gauge("novelty_seconds_behind", told, facts.seconds_behind, of)
        told = "Of today's predictions handled, those whose item was looked at for novelty."
        yield Gauge("novelty_share", told, 1.0 if facts.share is None else facts.share, of)
