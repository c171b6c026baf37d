"""The promises about long work: watched, and ended early."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from annotations.api.jobs import JobCancellations, JobDetail, Jobs
from reviewhub.common.clock import Moment
from reviewhub.common.contract import PAGING, Answer, Contract, Operation
from reviewhub.common.errors import InvalidInput
from reviewhub.common.jobs import JobEnded, UnknownJob

JOBS = "Jobs"


class JobError(Struct):
    """`code` is stable, `detail` for people."""

    code: str
    detail: str


class JobCard(Struct):
    """`total` is null as long as nobody knows; `result` is there once it has succeeded."""

    uid: UUID
    kind: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    done: int
    total: int | None
    message: str
    attempt: int
    cancelling: bool
    result: dict[str, Any] | None
    error: JobError | None
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class JobList(Struct):
    """Newest first; `older` and `newer` are addresses of the neighbouring pages."""

    jobs: list[JobCard]
    older: str | None
    newer: str | None


JOB = {
    "uid": "01994f80-3b10-7c44-a6d2-8e1f0b5c7d39",
    "kind": "import_bucket",
    "state": "running",
    "done": 1200,
    "total": 5000,
    "message": "Reading manifest.jsonl",
    "attempt": 1,
    "cancelling": False,
    "result": None,
    "error": None,
    "created_at": "2026-11-02T10:00:00+00:00",
    "started_at": "2026-11-02T10:00:02+00:00",
    "ended_at": None,
}

CONTRACT: Contract = {
    Jobs: {
        "get": Operation(
            "listJobs",
            "Jobs, newest first",
            JOBS,
            {200: Answer("One page.", JobList, {"jobs": [JOB], "older": None, "newer": None})},
            parameters=PAGING,
            refusals=(InvalidInput,),
        )
    },
    JobDetail: {
        "get": Operation(
            "readJob",
            "One job",
            JOBS,
            {200: Answer("As it stands now.", JobCard, JOB)},
            refusals=(UnknownJob,),
        )
    },
    JobCancellations: {
        "post": Operation(
            "cancelJob",
            "End a job early",
            JOBS,
            {
                202: Answer(
                    "It ends at once when it waits, at its next step when it runs.",
                    JobCard,
                    JOB | {"cancelling": True},
                )
            },
            refusals=(UnknownJob, JobEnded),
        )
    },
}
