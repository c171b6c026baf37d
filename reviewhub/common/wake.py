"""Wake a task after the commit: one short attempt, and a failure costs seconds, never data.

The row is the job; a message is only a wake-up with an id. What is lost here, the reconcilers find.
"""

from __future__ import annotations

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from kombu.pools import producers

logger = structlog.get_logger(__name__)

# Seconds. Workers may wait longer for the broker; a person's request may not.
_PATIENCE = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 0,
}


def wake(task: str, *, queue: str = "fast", **ids: int | str) -> None:
    """Publish `task` with `ids` once this transaction has committed; at once outside of one."""
    # Robust: a broker that is down must not stop the callbacks after this one.
    transaction.on_commit(partial(_publish, task, queue, ids), robust=True)


def _publish(task: str, queue: str, ids: dict[str, int | str]) -> None:
    options = {**current_app.conf.broker_transport_options, **_PATIENCE}
    connection = current_app.connection_for_write(transport_options=options)
    try:
        with producers[connection].acquire(block=True, timeout=1) as producer:
            current_app.send_task(task, kwargs=ids, queue=queue, producer=producer, retry=False)
    except (OperationalError, OSError) as failure:
        logger.warning("wake_failed", task=task, queue=queue, ids=ids, error=repr(failure))
