"""The Celery application; `celery -A reviewhub.celery worker -Q fast,infer,train`."""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import setup_logging, worker_ready
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewhub.settings.production")

app = Celery("reviewhub")
app.set_default()  # in every thread, not only in the one that imports this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Connected, so that Celery leaves the logging that Django has set up alone."""


@receiver(bind_extra_task_metadata)
def name_the_task(task: Task[Any, Any], **_: Any) -> None:
    """Every line that a task logs names it."""
    structlog.contextvars.bind_contextvars(task=task.name)


@worker_ready.connect
def reconcile_at_start(**_: Any) -> None:
    """What was lost while no worker ran is found now, not one round later."""
    from django.conf import settings  # noqa: PLC0415 (settings need the environment set above)

    from reviewhub.common.wake import wake  # noqa: PLC0415

    for name in settings.RECONCILERS:
        wake(name)
