"""How an endpoint is promised to clients: told once, beside the doors, and never above a view.

Each app has a `Contract`: view class and method, and what may be sent and answered there. The
schema, its page and the tests of every answer are made from it by `reviewhub.openapi`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.views import APIView

from reviewhub.common.errors import JsonDict, ReviewHubError

JSON = "application/json"
NDJSON = "application/x-ndjson"
FORM = "multipart/form-data"

Share = Annotated[float, Meta(ge=0, le=1)]
Schema: TypeAlias = type[Any] | JsonDict
"""A struct, a dataclass, a serializer; or a schema as it is written, with such types in it."""


class FieldError(Struct):
    """What is wrong with one field; `field` is its path, such as `predictor.version`."""

    field: str
    message: str


class ProblemDocument(Struct):
    """RFC 9457. Rely on `code` and `status`; `detail` is for people and may change.

    Some codes bring facts of their own, such as `limit`, `retry_after` or `known`.
    """

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    code: Annotated[str, Meta(pattern="^[a-z_]+$")]
    instance: str
    request_id: str
    errors: list[FieldError] | UnsetType = UNSET


@dataclass(frozen=True)
class Body:
    """One form in which a body may be sent; its examples, the others by name, are valid."""

    schema: Schema
    example: Any
    media_type: str = JSON
    encoding: Mapping[str, JsonDict] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One answer that is no error; without a schema it has no body."""

    says: str
    schema: Schema | None = None
    example: Any = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameter:
    """Something optional in the query string, or among the headers."""

    name: str
    says: str
    schema: JsonDict
    where: str = "query"


@dataclass(frozen=True)
class Operation:
    """One method of one endpoint.

    `refusals` are the errors of its own; what every endpoint may answer (who asks, too much, too
    often, not in this form) is added for all. `optional_body`: it may be left out.
    """

    id: str
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    says: str = ""
    bodies: tuple[Body, ...] = ()
    optional_body: bool = False
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[type[ReviewHubError], ...] = ()


Contract: TypeAlias = Mapping[type[APIView], Mapping[str, Operation]]

BEFORE = Parameter(
    "before", "Where the page begins, as the page before it said.", {"type": "string"}
)
AFTER = Parameter(
    "after", "Where a newer page begins, as the page before it said.", {"type": "string"}
)
LIMIT = Parameter(
    "limit",
    "Rows of a page.",
    {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
)
PAGING = (BEFORE, AFTER, LIMIT)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "Kept for 48 hours: the same call under the same key is answered with the first answer.",
    {"type": "string", "pattern": "^[!-~]{1,120}$"},
    where="header",
)
IF_NONE_MATCH = Parameter(
    "If-None-Match", "The ETag you have: 304 if it is still true.", {"type": "string"}, "header"
)


def form(name: str, document: type[Struct], example: Any) -> Body:
    """A multipart form: the document as JSON in the field `name`, and images as parts it names."""
    return Body(
        schema={
            "type": "object",
            "properties": {name: document},
            "required": [name],
            "additionalProperties": {"type": "string", "format": "binary"},
        },
        example={name: example, "photo": "(bytes of a PNG, JPEG or WebP file)"},
        media_type=FORM,
        encoding={name: {"contentType": JSON}},
    )
