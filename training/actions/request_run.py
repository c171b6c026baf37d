from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from annotations.queries.projects import kind_of
from reviewhub.common import audit
from reviewhub.common.actor import Actor
from training.actions.ensure_policies import ensure_policies
from training.domain.recipes import LEARNED_KINDS
from training.errors import NothingLearnsThis, RunAlreadyActive
from training.models import ACTIVE, TrainingRun, lock_project
from training.signals import run_requested


def request_run(
    *, project_id: int, requested_by: Actor, reasons: Sequence[str], now: datetime
) -> TrainingRun:
    """Queue one training run; raises RunAlreadyActive while another is queued or running.

    Raises NothingLearnsThis in a project of a kind without a learner. Locks the project. The row is
    the job: a message only wakes a worker, after the commit.
    """
    kind = kind_of(project_id)
    if kind not in LEARNED_KINDS:
        raise NothingLearnsThis(kind=kind)
    try:
        with transaction.atomic():
            lock_project(project_id)
            run = _insert(project_id, requested_by, list(reasons), now)
            audit.record(
                actor=requested_by,
                action="run.request",
                subject=run,
                project_id=project_id,
                after={"number": run.number, "reasons": run.reasons},
                now=now,
            )
            run_requested.send(sender=TrainingRun, run_id=run.pk, now=now)
    except IntegrityError:
        # The partial unique index saw what the look before it could not.
        raise RunAlreadyActive from None
    return run


def _insert(project_id: int, requested_by: Actor, reasons: list[str], now: datetime) -> TrainingRun:
    runs = TrainingRun.objects.filter(project_id=project_id)
    active = runs.filter(state__in=ACTIVE).values_list("number", flat=True).first()
    if active is not None:
        raise RunAlreadyActive(f"Run {active} has not ended yet.", run=active)
    return TrainingRun.objects.create(
        project_id=project_id,
        number=(runs.aggregate(last=Max("number"))["last"] or 0) + 1,
        policy=ensure_policies(project_id=project_id, now=now).training,
        requested_by=requested_by.name,
        reasons=reasons,
        message="Waiting for a worker.",
        created_at=now,
    )
