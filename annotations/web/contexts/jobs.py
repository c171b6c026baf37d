from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from annotations.models import Project
from annotations.queries.jobs import jobs_of
from reviewhub.common.cursor import Cursor
from reviewhub.common.models import Job, JobState
from reviewhub.common.pages import Badge, Fact, Link, Pages, pages_of

STATES = {
    JobState.QUEUED: Badge("caution", "waiting"),
    JobState.RUNNING: Badge("active", "running"),
    JobState.SUCCEEDED: Badge("positive", "done"),
    JobState.FAILED: Badge("negative", "failed"),
    JobState.CANCELLED: Badge("", "cancelled"),
}


@dataclass(frozen=True)
class JobLine:
    """`progress` is 0 to 1, None where nobody knows how much there is to do."""

    name: str
    badge: Badge
    progress: float | None
    text: str
    facts: Sequence[Fact]
    by: str
    created_at: datetime
    ended_at: datetime | None
    cancel_url: str | None


@dataclass(frozen=True)
class JobsPage:
    """`live_url` is empty unless something on this page still moves."""

    rows: Sequence[JobLine]
    pages: Pages
    live_url: str
    crumbs: Sequence[Link]
    title: str = "Jobs"
    lede: str = "Long work that goes on while nobody waits: imports, exports, simulations."
    empty_text: str = "A job appears when a client, or a lead, asks for something that takes long."


def jobs_page(project: Project, cursor: Cursor, here: str) -> JobsPage:
    part = jobs_of(project.pk, cursor)
    path = reverse("annotations:jobs", args=[project.slug])
    return JobsPage(
        rows=[_line(project, job) for job in part.rows],
        pages=pages_of(part, path, {}),
        live_url=here if any(_active(job) for job in part.rows) else "",
        crumbs=[Link("Items", reverse("annotations:items", args=[project.slug]))],
    )


def _line(project: Project, job: Job) -> JobLine:
    cancellable = _active(job) and job.cancel_requested_at is None
    cancel = reverse("annotations:cancel-job", args=[project.slug, job.uid])
    return JobLine(
        name=job.kind.replace("_", " ").capitalize(),
        badge=STATES[JobState(job.state)],
        progress=min(1.0, job.done / job.total) if job.total and _active(job) else None,
        text=_text(job),
        facts=_facts(job.result or {}),
        by=job.actor_name,
        created_at=job.created_at,
        ended_at=job.ended_at,
        cancel_url=cancel if cancellable else None,
    )


def _text(job: Job) -> str:
    if job.error:
        return job.error
    if job.state == JobState.RUNNING and job.cancel_requested_at is not None:
        return "stops at its next step"
    of = f" of {job.total:,}" if job.total else ""
    return " ".join(part for part in (f"{job.done:,}{of}", job.message) if part)


def _facts(result: Mapping[str, Any]) -> Sequence[Fact]:
    """The plain figures of a result; what is longer is for the API."""
    return [
        Fact(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else value)
        for name, value in result.items()
        if isinstance(value, (int, str)) and value != ""
    ]


def _active(job: Job) -> bool:
    return job.state in (JobState.QUEUED, JobState.RUNNING)
