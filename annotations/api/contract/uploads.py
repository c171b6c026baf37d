"""The promises of the other ways in: straight into storage, and from a bucket by a job."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from annotations import errors
from annotations.api.bodies import ImportBody
from annotations.api.contract.examples import UPLOADED
from annotations.api.contract.intake import IMAGE_ERRORS, IMAGES, ONCE_ERRORS, UploadedImage
from annotations.api.contract.jobs import JOB, JOBS, JobCard
from annotations.api.imports import Imports
from annotations.api.uploads import UploadCompletions, UploadDoor, Uploads
from reviewhub.common.clock import Moment
from reviewhub.common.contract import FORM, IDEMPOTENCY_KEY, Answer, Body, Contract, Operation


class UploadForm(Struct):
    """Post `fields` and then the image as `file` to `url`, as a multipart form."""

    uid: UUID
    url: str
    fields: dict[str, str]
    expires_at: Moment
    max_bytes: Annotated[int, Meta(ge=1)]


UPLOAD_FORM = {
    "uid": "01994f90-5d20-7e31-9c4b-3a6f8e1d2b70",
    "url": "https://reviewhub.example/api/v1/projects/solar-cells/uploads/"
    "01994f90-5d20-7e31-9c4b-3a6f8e1d2b70",
    "fields": {"key": "uploads/01994f90", "policy": "(signed)"},
    "expires_at": "2026-11-02T08:20:00+00:00",
    "max_bytes": 20_971_520,
}

CONTRACT: Contract = {
    Uploads: {
        "post": Operation(
            "requestUpload",
            "Ask for a form that takes an image straight into storage",
            IMAGES,
            {201: Answer("Where to post it, and what along with it.", UploadForm, UPLOAD_FORM)},
            "Any number of clients may hold such forms; each takes one image, until it expires.",
            refusals=(errors.StorageUnavailable,),
        )
    },
    UploadDoor: {
        "post": Operation(
            "postUpload",
            "Post an image by its form",
            IMAGES,
            {204: Answer("It lies in storage, unread: say now that it is complete.")},
            "For whoever has the form, without a key; only where the form's `url` leads here and "
            "not to a bucket.",
            bodies=(
                Body(
                    {
                        "type": "object",
                        "properties": {
                            "key": {"type": "string"},
                            "policy": {"type": "string"},
                            "file": {"type": "string", "format": "binary"},
                        },
                        "required": ["key", "policy", "file"],
                    },
                    {
                        "key": "uploads/01994f90",
                        "policy": "(signed)",
                        "file": "(bytes of a PNG, JPEG or WebP file)",
                    },
                    FORM,
                ),
            ),
            refusals=(
                errors.UnknownUpload,
                errors.UploadRefused,
                errors.UploadExpired,
                errors.UploadUsed,
                errors.ImageTooLarge,
                errors.StorageUnavailable,
            ),
        )
    },
    UploadCompletions: {
        "post": Operation(
            "completeUpload",
            "Say that an upload is complete",
            IMAGES,
            {200: Answer("The image; again, and it is the same.", UploadedImage, UPLOADED)},
            refusals=(
                errors.UnknownUpload,
                errors.UploadMissing,
                errors.UploadExpired,
                *IMAGE_ERRORS,
            ),
        )
    },
    Imports: {
        "post": Operation(
            "importPredictions",
            "Take in predictions that lie in the project's import folder",
            JOBS,
            {
                202: Answer(
                    "The job that does it.",
                    JobCard,
                    JOB | {"state": "queued", "attempt": 0, "done": 0, "started_at": None},
                    headers={"Location": "The job to watch."},
                )
            },
            "`predictions.ndjson` below the prefix has a PredictionBody a line; an image is named "
            'as an object below the prefix, such as `{"object": "photos/1.png"}`.',
            bodies=(Body(ImportBody, {"prefix": "2026-11/line-4"}),),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(
                errors.ImportPathInvalid,
                errors.UnknownManifest,
                *ONCE_ERRORS,
                errors.StorageUnavailable,
            ),
        )
    },
}
