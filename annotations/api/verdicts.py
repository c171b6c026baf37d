"""How a batch is answered: one result per item, in the order sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from rest_framework.request import Request

from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.problems import problem


class Verdict(Protocol):
    @property
    def external_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def error(self) -> ReviewHubError | None: ...


Incoming = TypeVar("Incoming")
Judged = TypeVar("Judged", bound=Verdict)


def in_order(
    read: Sequence[Incoming | ReviewHubError],
    act: Callable[[list[Incoming]], Sequence[Judged]],
    tell: Callable[[Judged, Request], JsonDict],
    request: Request,
) -> list[JsonDict]:
    """Act on what could be read, and put every result where its item stood.

    `index` counts from 0; it is the only name of an item whose `external_id` could not be read.
    """
    good = [part for part in read if not isinstance(part, ReviewHubError)]
    verdicts = iter(act(good) if good else ())
    return [
        {"index": index}
        | (
            refused(part, request)
            if isinstance(part, ReviewHubError)
            else tell(next(verdicts), request)
        )
        for index, part in enumerate(read)
    ]


def refused(error: ReviewHubError, request: Request, external_id: str | None = None) -> JsonDict:
    return {"external_id": external_id, "status": "refused", "error": problem(error, request)}
