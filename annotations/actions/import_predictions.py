from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from annotations.actions.request_import import manifest_of
from annotations.actions.submit_predictions import (
    IncomingPrediction,
    SubmissionVerdict,
    submit_predictions,
)
from annotations.actions.upload_image import upload_image
from annotations.errors import StorageUnavailable
from annotations.formats.documents import invalid
from annotations.formats.manifest import Line, count_lines, lines_from
from annotations.formats.predictions import ImageBody, incoming
from annotations.media import imports
from annotations.models import Project
from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.jobs import HeldJob

BATCH = 500
MOST_ERRORS_TOLD = 1000
SIGN_OF_LIFE = timedelta(seconds=15)


@dataclass
class Progress:
    """What the job has done so far; the whole of it is the cursor, so that nothing counts twice."""

    total: int
    line: int = 0
    offset: int = 0
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    queued: int = 0
    errors: list[JsonDict] = field(default_factory=list)

    def count(self, line: Line, told: SubmissionVerdict | ReviewHubError) -> None:
        error = told if isinstance(told, ReviewHubError) else told.error
        if error is not None:
            self._refuse(line, error)
            return
        assert isinstance(told, SubmissionVerdict)
        self.created += told.status == "created"
        self.unchanged += told.status == "unchanged"
        self.queued += told.status == "created" and told.outcome == "queued"

    def _refuse(self, line: Line, error: ReviewHubError) -> None:
        self.refused += 1
        if len(self.errors) < MOST_ERRORS_TOLD:
            name = None if isinstance(line.body, ReviewHubError) else line.body.external_id
            fields: Any = error.data.get("errors", [])
            told = "; ".join(f"{each['field']}: {each['message']}" for each in fields[:3])
            self.errors.append(
                {
                    "line": line.number,
                    "external_id": name,
                    "code": error.code,
                    "detail": (told or error.detail)[:300],
                }
            )


def import_predictions(job: HeldJob) -> JsonDict:
    """Take in a manifest and the images it names, in batches of 500; for `jobs.register`.

    Each batch and the cursor behind it are one transaction, so that a worker that is killed, or
    has lost the job to another, leaves no batch half done or counted twice. Images are decoded
    before it; they are named by content, and found again. A bad line is refused by number and
    spoils no other. Raises ImageMissing when the manifest is gone, StorageUnavailable.
    """
    project = Project.objects.get(pk=job.row.project_id)
    with imports.opened(manifest_of(project, job.params["prefix"])) as file:
        progress = Progress(**(job.cursor or {"total": count_lines(file)}))
        lines = lines_from(file, number=progress.line, start=progress.offset)
        while batch := list(islice(lines, BATCH)):
            _take_in(project, batch, progress, job)
    result = asdict(progress)
    return {name: result[name] for name in ("created", "unchanged", "refused", "queued", "errors")}


def _take_in(project: Project, batch: Sequence[Line], progress: Progress, job: HeldJob) -> None:
    read = list(_with_images(project, batch, progress, job))
    good = [part for part in read if isinstance(part, IncomingPrediction)]
    with transaction.atomic():
        verdicts = iter(
            submit_predictions(project=project, actor=job.actor, batch=good, now=job.clock())
        )
        for line, part in zip(batch, read, strict=True):
            progress.count(line, part if isinstance(part, ReviewHubError) else next(verdicts))
        progress.line, progress.offset = batch[-1].number, batch[-1].end
        job.advance(
            progress.line,
            total=progress.total,
            message=f"{progress.refused:,} refused" if progress.refused else "",
            cursor=asdict(progress),
        )


def _with_images(
    project: Project, batch: Iterable[Line], progress: Progress, job: HeldJob
) -> Iterator[IncomingPrediction | ReviewHubError]:
    """Each line with its image in place. Large images take long: the lease is kept meanwhile."""
    seen: dict[str, UUID] = {}
    alive = job.clock()
    for line in batch:
        if job.clock() - alive > SIGN_OF_LIFE:
            alive = job.clock()
            job.advance(progress.line, total=progress.total)
        try:
            yield _incoming(project, line, seen, job)
        except StorageUnavailable:
            raise
        except ReviewHubError as error:
            yield error


def _incoming(
    project: Project, line: Line, seen: dict[str, UUID], job: HeldJob
) -> IncomingPrediction:
    if isinstance(line.body, ReviewHubError):
        raise line.body
    image = _image(project, line.body.image, seen, job)
    return incoming(line.body, kind=project.kind, image=image)


def _image(
    project: Project, wanted: ImageBody | None, seen: dict[str, UUID], job: HeldJob
) -> UUID | None:
    if wanted is None:
        return None
    if wanted.part is not None or wanted.url is not None:
        raise invalid("image", "a manifest names images by `object` or `upload`")
    if (wanted.object is None) == (wanted.upload is None):
        raise invalid("image", "give either `object` or `upload`")
    if wanted.object is None:
        return wanted.upload
    path = imports.path_of(project.slug, job.params["prefix"], wanted.object)
    if path not in seen:
        seen[path] = _kept(project, path, job, job.clock())
    return seen[path]


def _kept(project: Project, path: str, job: HeldJob, now: datetime) -> UUID:
    data = imports.read(path, most_bytes=settings.REVIEWHUB_MAX_IMAGE_BYTES)
    return upload_image(project=project, data=data, actor=job.actor, now=now).uid
