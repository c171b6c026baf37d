"""Celery: a message is a wake-up with an id, the row is the job; so losing one costs seconds.

Times are seconds. The row's lease recovers long jobs, the visibility timeout only short tasks.
"""

from __future__ import annotations

from typing import Any

from reviewhub.settings.env import env

REVIEWHUB_REDIS_URL = env.url(
    "REDIS_URL",
    "The broker: redis://:password@host:port/0, or rediss://…?ssl_cert_reqs=required.",
    "redis://127.0.0.1:6379/0",
    schemes=("redis", "rediss", "unix"),
    secret=True,
)
REVIEWHUB_RECONCILE_SECONDS = env.real(
    "RECONCILE_SECONDS", "How often lost messages and expired leases are looked for.", 15, least=1
)

CELERY_BROKER_URL = REVIEWHUB_REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Without these a reset connection is waited for without end.
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "retry_on_timeout": True,
    "health_check_interval": 25,
    # More than twice the hard limit of a short task; looked at on every round, not on each tenth.
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 200
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

CELERY_TASK_DEFAULT_QUEUE = "fast"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "training.execute_run": {"queue": "train"},
    "training.embed*": {"queue": "infer"},
}

RECONCILERS = ("common.reconcile", "annotations.sweep", "training.reconcile", "training.watch")
HEARTBEAT_QUEUES = ("fast", "infer")


def _every(seconds: float, task: str, **kwargs: str) -> dict[str, Any]:
    # A message that nobody took in two rounds is stale: the next round says the same.
    options: dict[str, Any] = {"expires": 2 * seconds}
    if "queue" in kwargs:
        options["queue"] = kwargs["queue"]
    return {"task": task, "schedule": seconds, "kwargs": kwargs, "options": options}


CELERY_BEAT_SCHEDULER = "reviewhub.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    **{name: _every(REVIEWHUB_RECONCILE_SECONDS, name) for name in RECONCILERS},
    **{
        f"beat of {queue}": _every(REVIEWHUB_RECONCILE_SECONDS, "common.beat", queue=queue)
        for queue in HEARTBEAT_QUEUES
    },
}
