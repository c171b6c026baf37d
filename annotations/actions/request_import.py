from __future__ import annotations

from datetime import datetime

from annotations.errors import UnknownManifest
from annotations.media import imports
from annotations.models import Project
from reviewhub.common.actor import Actor
from reviewhub.common.jobs import request_job
from reviewhub.common.models import Job

KIND = "import_predictions"
MANIFEST = "predictions.ndjson"


def request_import(*, project: Project, prefix: str, actor: Actor, now: datetime) -> Job:
    """Have what lies under `prefix` of the project's import folder taken in, as a job.

    Raises ImportPathInvalid, and UnknownManifest where `predictions.ndjson` is not there.
    """
    manifest = manifest_of(project, prefix)
    if not imports.exists(manifest):
        raise UnknownManifest(expected=manifest)
    return request_job(
        project_id=project.pk, kind=KIND, params={"prefix": prefix}, actor=actor, now=now
    )


def manifest_of(project: Project, prefix: str) -> str:
    """Where the manifest lies; raises ImportPathInvalid."""
    return imports.path_of(project.slug, prefix, MANIFEST)
