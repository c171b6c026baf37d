"""Errors are nouns with a stable code, a status and data; doors turn them into answers.

Detail is for people and may change; programs rely on `code` and `data`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

JsonScalar = str | int | float | bool | None
# Read-only containers, so that a list of strings passes where a list of anything is expected.
JsonValue = JsonScalar | Sequence[Any] | Mapping[str, Any]
JsonDict = dict[str, Any]


class ReviewHubError(Exception):
    """Something expected went wrong; `detail` says it in words, `data` in facts."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be served"

    def __init__(self, detail: str = "", **data: JsonValue) -> None:
        self.detail = detail or self.title
        self.data: dict[str, JsonValue] = data
        super().__init__(self.detail)


class Malformed(ReviewHubError):
    """Not even readable: broken JSON, a bad header."""

    code = "malformed"
    title = "The request cannot be read"


class Unauthenticated(ReviewHubError):
    code = "unauthenticated"
    status = 401
    title = "Say who you are first"


class Forbidden(ReviewHubError):
    code = "forbidden"
    status = 403
    title = "You may not do this"


class NotFound(ReviewHubError):
    code = "not_found"
    status = 404
    title = "There is nothing here"


class MethodNotAllowed(ReviewHubError):
    code = "method_not_allowed"
    status = 405
    title = "This address does not take that method"


class NotAcceptable(ReviewHubError):
    code = "not_acceptable"
    status = 406
    title = "The answer cannot be given in the form that was asked for"


class Conflict(ReviewHubError):
    code = "conflict"
    status = 409
    title = "Somebody or something else was faster"


class LengthRequired(ReviewHubError):
    code = "length_required"
    status = 411
    title = "Send the length of the body"


class TooLarge(ReviewHubError):
    code = "too_large"
    status = 413
    title = "The request is too large"


class UnsupportedMedia(ReviewHubError):
    code = "unsupported_media_type"
    status = 415
    title = "Content of this type is not taken here"


class InvalidInput(ReviewHubError):
    """`errors`, where given, is a list of {"field", "message"}."""

    code = "invalid_input"
    status = 422
    title = "The input is not valid"


class RateLimited(ReviewHubError):
    """`retry_after` counts seconds."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"


class Unexpected(ReviewHubError):
    """Never raised: what the answer to a bug looks like. The log has the facts."""

    code = "unexpected"
    status = 500
    title = "Something went wrong on our side"


class Unavailable(ReviewHubError):
    """`retry_after`, where given, counts seconds."""

    code = "unavailable"
    status = 503
    title = "This does not work at the moment; try again"
