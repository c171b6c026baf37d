"""Which items the rules tried in a simulation would have sent the other way: all of them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from annotations.domain.simulation import KIND
from annotations.models import SideChange
from annotations.queries.jobs import job_of
from reviewhub.common.cursor import PAGE_SIZE, Cursor, Slice, slice_by_id
from reviewhub.common.jobs import UnknownJob
from reviewhub.common.models import Job, JobState

CHUNK = 1000


def simulation_of(project_id: int, uid: UUID) -> Job:
    """The job of a simulation; UnknownJob, also for one of another kind."""
    job = job_of(project_id, uid)
    if job.kind != KIND:
        raise UnknownJob(job=str(uid))
    return job


def changed_sides(
    job: Job, cursor: Cursor, size: int = PAGE_SIZE, *, side: str = ""
) -> Slice[SideChange]:
    """One page, what was predicted last first; none before the simulation has succeeded.

    Two queries at any length.
    """
    rows = SideChange.objects.filter(job=job if job.state == JobState.SUCCEEDED else None)
    if side:
        rows = rows.filter(side=side)
    return slice_by_id(rows.select_related("item"), cursor, size)


def every_changed_side(job: Job) -> Iterator[SideChange]:
    """All of them, what was predicted first first, read in chunks."""
    rows = SideChange.objects.filter(job=job).select_related("item").order_by("pk")
    last = 0
    while job.state == JobState.SUCCEEDED and (part := list(rows.filter(pk__gt=last)[:CHUNK])):
        yield from part
        last = part[-1].pk


def are_listed(job: Job) -> bool:
    """Whether the list of this simulation is still kept, and not empty."""
    return SideChange.objects.filter(job=job).exists()
