"""Wake workers when something happened (what a lost message misses, `training.reconcile` finds),
and count runs for Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from annotations.signals import annotation_approved
from reviewhub.common.metrics import Gauge, register
from reviewhub.common.wake import wake
from training.queries.runs_by_state import runs_by_state
from training.signals import run_requested


@receiver(run_requested)
def execute(*, run_id: int, **_: Any) -> None:
    wake("training.execute_run", queue="train", run_id=run_id)


@receiver(annotation_approved)
def consider(*, project_id: int, **_: Any) -> None:
    wake("training.consider_run", project_id=project_id)


@register
def runs() -> Iterable[Gauge]:
    for state, count in runs_by_state().items():
        yield Gauge("training_runs", "Training runs by state.", count, {"state": state})
