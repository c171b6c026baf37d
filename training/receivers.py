"""Wake workers when something happened (what a lost message misses, `training.reconcile` and
`training.watch` find), and tell Prometheus of runs and of what novelty is behind with.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from annotations.signals import annotation_approved, annotation_in_use, prediction_routed
from reviewhub.common.clock import database_now
from reviewhub.common.metrics import Gauge, register
from reviewhub.common.pages import Link
from reviewhub.common.wake import wake
from training.queries.runs_by_state import runs_by_state
from training.queries.snapshots_with import FrozenIn, snapshots_with
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


@receiver(annotation_in_use)
def used(*, project: Any, annotation_ids: list[int], **_: Any) -> list[Link]:
    """Data sets that hold one of the annotations; each is shown by the run that froze it."""
    return [_frozen_in(project.slug, each) for each in snapshots_with(annotation_ids)]


def _frozen_in(slug: str, data_set: FrozenIn) -> Link:
    name = f"data set {data_set.digest[:12]}"
    if data_set.run_number is None:
        return Link(name, "")
    url = reverse("training:run", args=[slug, data_set.run_number])
    return Link(f"{name}, frozen by run {data_set.run_number}", url)


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
