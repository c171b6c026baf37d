"""What an endpoint may refuse with: the errors of its own, and those of every endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotations import errors as review
from reviewhub.common import errors
from reviewhub.common.contract import Operation
from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.idempotency import IdempotencyInProgress
from reviewhub.common.json_depth import JsonTooDeep
from reviewhub.common.problems import CONTENT_TYPE

EVERYWHERE: tuple[type[ReviewHubError], ...] = (
    errors.Malformed,
    errors.Unauthenticated,
    review.WrongKey,
    review.KeyExpired,
    errors.Forbidden,
    review.VerbNotAllowed,
    review.RoleNotAllowed,
    review.UnknownProject,
    errors.NotFound,
    errors.NotAcceptable,
    errors.RateLimited,
    errors.Unavailable,
)
PROGRAMS_ONLY = (review.ProgramsOnly,)
OPEN = (errors.Malformed, errors.NotFound, errors.NotAcceptable, errors.Unavailable)
WITH_A_BODY: tuple[type[ReviewHubError], ...] = (
    JsonTooDeep,
    errors.LengthRequired,
    errors.TooLarge,
    errors.UnsupportedMedia,
    errors.InvalidInput,
)
HEADERS_OF_STATUS = {
    401: {"WWW-Authenticate": "How to say who you are."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait, where known."},
}
HEADERS_OF_CODE = {
    IdempotencyInProgress.code: {"Retry-After": "Seconds to wait, where waiting helps."},
}
PROBLEM = {
    "type": "/problems/key_expired",
    "title": "The API key has expired or was revoked",
    "status": 401,
    "detail": "The API key has expired or was revoked",
    "code": "key_expired",
    "instance": "/api/v1/projects/solar-cells/predictions",
    "request_id": "01994f5e-6e21-7d40-b2a8-0c9e4f6a7d15",
}
_NAMES = {
    400: "Malformed",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    411: "LengthRequired",
    413: "TooLarge",
    415: "UnsupportedMedia",
    422: "InvalidInput",
    429: "RateLimited",
    503: "Unavailable",
}


def refusals(told: Operation, access: Any) -> JsonDict:
    """Problem documents by status, with the codes that may come under it."""
    may = OPEN if access is None else EVERYWHERE if access.role else (*EVERYWHERE, *PROGRAMS_ONLY)
    codes = _codes((*may, *(WITH_A_BODY if told.bodies else ()), *told.refusals))
    shared = {given: name for name, given in shared_answers().items()}
    return {
        str(status): {"$ref": f"#/components/responses/{shared[status, said]}"}
        if (status, said) in shared
        else problem_answer(status, said)
        for status, said in codes.items()
    }


def shared_answers() -> dict[str, tuple[int, tuple[str, ...]]]:
    """Answers that many endpoints give with the same codes, by name."""
    return {
        _NAMES[status]: (status, codes)
        for status, codes in _codes((*EVERYWHERE, *WITH_A_BODY)).items()
    } | {"Unreadable": (400, (errors.Malformed.code,))}


def _codes(may: Iterable[type[ReviewHubError]]) -> dict[int, tuple[str, ...]]:
    """By status, each code once."""
    codes: dict[int, dict[str, None]] = {}
    for error in may:
        codes.setdefault(error.status, {})[error.code] = None
    return {status: tuple(codes[status]) for status in sorted(codes)}


def problem_answer(status: int, codes: Iterable[str]) -> JsonDict:
    """One status as a response, its codes named."""
    codes = tuple(codes)
    told: JsonDict = {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    headers = dict(HEADERS_OF_STATUS.get(status, {}))
    for code in codes:
        headers |= HEADERS_OF_CODE.get(code, {})
    if headers:
        told["headers"] = headers_of(headers)
    return told


def headers_of(told: Mapping[str, str]) -> JsonDict:
    """Headers by name, with what each says."""
    return {
        name: {"description": says, "schema": {"type": "string"}} for name, says in told.items()
    }
