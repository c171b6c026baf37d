"""Long work that somebody watches: asked for by a door, done by a worker, kept as a row.

An app says what it can do, once, in its receivers:

    jobs.register("import_bucket", import_bucket)

where `import_bucket(job: HeldJob) -> JsonDict` returns the result. It calls `job.advance` often:
that keeps the lease, shows the progress, and raises when the work is to stop. After a kill -9 the
next attempt finds what was put into `job.cursor`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import structlog
from django.db import transaction
from django.db.models import DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from reviewhub.common import audit, outbox
from reviewhub.common.actor import Actor
from reviewhub.common.clock import lapsed
from reviewhub.common.errors import Conflict, JsonDict, NotFound, ReviewHubError
from reviewhub.common.models import Job, JobState
from reviewhub.common.request_id import current_request_id
from reviewhub.common.wake import wake

TASK = "common.run_job"
QUEUE = "infer"
PATIENCE = timedelta(seconds=10)
"""How long a queued job may wait before its message is taken for lost."""

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
ACTIVE = [JobState.QUEUED, JobState.RUNNING]

logger = structlog.get_logger(__name__)


class UnknownJob(NotFound):
    code: ClassVar[str] = "unknown_job"
    title: ClassVar[str] = "No such job"


class JobEnded(Conflict):
    """`state` is how it ended."""

    code: ClassVar[str] = "job_ended"
    title: ClassVar[str] = "The job has ended already"


class JobInterrupted(Exception):
    """Not an error: the job was cancelled, or another worker has it. Let it rise."""


class HeldJob:
    """A job in the hands of one worker; every write holds only while the fence is still ours."""

    def __init__(self, row: Job, *, clock: Callable[[], datetime]) -> None:
        self.row = row
        self.clock = clock

    @property
    def actor(self) -> Actor:
        """Who asked for it, and in whose name it acts."""
        kinds: dict[str, str] = {"actor_kind": self.row.actor_kind}
        return Actor(kind=kinds["actor_kind"], id=self.row.actor_id, name=self.row.actor_name)  # type: ignore[arg-type]

    @property
    def params(self) -> JsonDict:
        params: JsonDict = self.row.params
        return params

    @property
    def cursor(self) -> JsonDict | None:
        """What an earlier attempt, or this one, has kept to go on from."""
        cursor: JsonDict | None = self.row.cursor
        return cursor

    def advance(
        self,
        done: int,
        *,
        total: int | None = None,
        message: str = "",
        cursor: JsonDict | None = None,
    ) -> None:
        """Keep progress, cursor and lease; inside a transaction, with its writes or not at all.

        Raises JobInterrupted when the job was cancelled or is no longer ours.
        """
        self.row.cursor = cursor if cursor is not None else self.row.cursor
        written = _mine(self.row).update(
            done=done,
            total=total,
            message=message[:300],
            cursor=self.row.cursor,
            lease_until=self.clock() + LEASE,
        )
        if not written:
            raise JobInterrupted
        if _mine(self.row).filter(cancel_requested_at__isnull=False).exists():
            raise JobInterrupted


Runner = Callable[[HeldJob], JsonDict]
_runners: dict[str, Runner] = {}


def register(kind: str, run: Runner) -> None:
    """Name who does jobs of this kind."""
    _runners[kind] = run


def request_job(
    *, project_id: int, kind: str, params: JsonDict, actor: Actor, now: datetime
) -> Job:
    """Put a job on record and wake a worker after the commit. An unknown kind is a bug."""
    if kind not in _runners:
        raise ValueError(f"{kind} is not one of {sorted(_runners)}")
    with transaction.atomic():
        job = Job.objects.create(
            project_id=project_id,
            kind=kind,
            params=params,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:200],
            request_id=current_request_id(),
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="job.request",
            subject=job,
            project_id=project_id,
            after={"kind": kind, "params": params},
            now=now,
        )
        wake(TASK, queue=QUEUE, job_id=job.pk)
    return job


def cancel_job(*, job: Job, actor: Actor, now: datetime) -> Job:
    """End a waiting job at once; ask a running one to stop at its next step. JobEnded otherwise."""
    with transaction.atomic():
        waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
        ended = _end(waiting, JobState.CANCELLED, now, message=f"Cancelled by {actor.name}.")
        running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if not ended and not running.update(cancel_requested_at=now):
            raise JobEnded(state=Job.objects.get(pk=job.pk).state)
        audit.record(
            actor=actor, action="job.cancel", subject=job, project_id=job.project_id, now=now
        )
    job.refresh_from_db()
    if ended:
        _tell(job, now)
    return job


def run_job(*, job_id: int, clock: Callable[[], datetime]) -> None:
    """Do the job, unless somebody else has it or it has ended. Whatever happens is on its row."""
    row = _claim(job_id, clock())
    if row is None:
        return
    try:
        result = _runners[row.kind](HeldJob(row, clock=clock))
    except JobInterrupted:
        _interrupted(row, clock())
    except ReviewHubError as error:
        _close(row, JobState.FAILED, clock(), error_code=error.code, error=error.detail)
    except Exception as error:
        # The row must say so, whatever it was; the log has the facts.
        logger.exception("job_failed", job=str(row.uid), kind=row.kind)
        told = f"{type(error).__name__} in attempt {row.attempt}; the log has the facts."
        _close(row, JobState.FAILED, clock(), error_code="unexpected", error=told)
    else:
        _close(row, JobState.SUCCEEDED, clock(), result=result)


def recover_jobs(*, now: datetime, limit: int = 100) -> int:
    """Wake workers for jobs whose message or worker was lost; give up after five attempts."""
    lost = Job.objects.filter(lapsed(now, LEASE), state=JobState.RUNNING)
    for row in lost.filter(attempt__gte=MOST_ATTEMPTS)[:limit]:
        told = f"The worker was lost {row.attempt} times."
        _close(row, JobState.FAILED, now, error_code="worker_lost", error=told)
    waiting = Job.objects.filter(
        Q(state=JobState.QUEUED, created_at__lt=now - PATIENCE)
        # Asked for before the clock went back.
        | Q(state=JobState.QUEUED, created_at__gt=now + PATIENCE)
        | Q(lapsed(now, LEASE), state=JobState.RUNNING)
    )
    found = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    for job_id in found:
        wake(TASK, queue=QUEUE, job_id=job_id)
    return len(found)


def _claim(job_id: int, now: datetime) -> Job | None:
    free = Q(state=JobState.QUEUED) | Q(lapsed(now, LEASE), state=JobState.RUNNING)
    taken = Job.objects.filter(free, pk=job_id, attempt__lt=MOST_ATTEMPTS).update(
        state=JobState.RUNNING,
        fence=F("fence") + 1,
        attempt=F("attempt") + 1,
        lease_until=now + LEASE,
        started_at=Coalesce("started_at", Value(now, output_field=DateTimeField())),
    )
    return Job.objects.get(pk=job_id) if taken else None


def _mine(row: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=row.pk, fence=row.fence, state=JobState.RUNNING)


def _interrupted(row: Job, now: datetime) -> None:
    """Cancelled, or lost to another worker, whose job it is now."""
    _close(row, JobState.CANCELLED, now, only=Q(cancel_requested_at__isnull=False))


def _close(
    row: Job, state: JobState, now: datetime, *, only: Q | None = None, **facts: object
) -> None:
    with transaction.atomic():
        if _end(_mine(row).filter(only or Q()), state, now, **facts):
            row.refresh_from_db()
            _tell(row, now)


def _end(rows: QuerySet[Job], state: JobState, now: datetime, **facts: object) -> int:
    return rows.update(state=state, ended_at=now, lease_until=None, fence=F("fence") + 1, **facts)


def _tell(job: Job, now: datetime) -> None:
    outbox.publish(
        project_id=job.project_id,
        type="job.finished",
        data={"job": str(job.uid), "kind": job.kind, "state": job.state, "error": job.error},
        now=now,
    )
