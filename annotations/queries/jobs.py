"""Long work of a project, as those see it who wait for it."""

from __future__ import annotations

from uuid import UUID

from reviewhub.common.cursor import PAGE_SIZE, Cursor, Slice, slice_by_id
from reviewhub.common.jobs import UnknownJob
from reviewhub.common.models import Job


def jobs_of(project_id: int, cursor: Cursor, size: int = PAGE_SIZE) -> Slice[Job]:
    """Newest first; one query."""
    return slice_by_id(Job.objects.filter(project_id=project_id), cursor, size)


def job_of(project_id: int, uid: UUID) -> Job:
    """One job; UnknownJob."""
    job = Job.objects.filter(project_id=project_id, uid=uid).first()
    if job is None:
        raise UnknownJob(job=str(uid))
    return job
