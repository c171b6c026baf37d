"""Items whose label is known come in: the data a project starts with."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.actions.import_annotations import (
    ImportVerdict,
    IncomingAnnotation,
    import_annotations,
)
from annotations.api.bodies import AnnotationBatch, AnnotationBody, decode_each, open_batch
from annotations.api.door import Access, ProjectView
from annotations.api.parsers import JsonBytes, Parts
from annotations.api.sent import Sent
from annotations.api.verdicts import in_order, refused
from annotations.formats.predictions import bounded, bounded_text
from annotations.models import Verb
from reviewhub.common.errors import JsonDict, ReviewHubError


class AnnotationImports(ProjectView):
    """POST up to 1,000 annotated items: always 200, with one verdict per item in the order sent."""

    access = {"post": Access((Verb.LABEL,))}
    parser_classes = [JsonBytes, Parts]

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "batch")
        items = open_batch(sent.json, AnnotationBatch).annotations
        bodies = decode_each(items, AnnotationBody)
        kept = self.keep_images(sent, bodies)

        def run() -> tuple[int, JsonDict]:
            read = [_read(body, kept) for body in bodies]
            return 200, {"results": in_order(read, self._import, _told, request)}

        return self.once(request, kept, run)

    def _import(self, batch: list[IncomingAnnotation]) -> list[ImportVerdict]:
        return import_annotations(project=self.project, actor=self.actor, batch=batch, now=self.now)


def _read(body: AnnotationBody | ReviewHubError, sent: Sent) -> IncomingAnnotation | ReviewHubError:
    if isinstance(body, ReviewHubError):
        return body
    try:
        image = sent.image(body.image)
        metadata, text = bounded(body.metadata), bounded_text(body.text)
    except ReviewHubError as error:
        return error
    return IncomingAnnotation(
        external_id=body.external_id,
        label_key=body.label or "",
        boxes=body.boxes,
        image=image,
        text=text,
        source_group=body.source_group,
        metadata=metadata,
    )


def _told(verdict: ImportVerdict, request: Request) -> JsonDict:
    if verdict.error is not None:
        return refused(verdict.error, request, verdict.external_id)
    return {
        "external_id": verdict.external_id,
        "status": verdict.status,
        "item": str(verdict.item_uid),
        "fold": verdict.fold,
    }
