"""One POST to a checked address: no second resolution, no redirect, no proxy, a bounded wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

from reviewhub.common.outgoing.pinned import Pinned, connected
from reviewhub.common.outgoing.target import Target

MOST_OF_AN_ANSWER = 1000


@dataclass(frozen=True)
class Outcome:
    """What came of it: a status, or the error that came instead; never both empty."""

    status: int | None
    error: str
    answer: str
    retry_after: str
    milliseconds: int

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


def post(target: Target, *, headers: Mapping[str, str], body: bytes, seconds: float) -> Outcome:
    """Send once and read the beginning of the answer; `seconds` bounds all of it together."""
    began = time.monotonic()
    try:
        with connected(target, seconds=seconds) as connection:
            status, retry_after, answer = _exchange(connection, target, headers, body)
        error = ""
    except (OSError, HTTPException) as failure:
        status, retry_after, answer = None, "", ""
        error = f"{type(failure).__name__}: {failure}"[:300]
    return Outcome(status, error, answer, retry_after, int((time.monotonic() - began) * 1000))


def _exchange(
    connection: Pinned, target: Target, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, str]:
    sent = {"Host": target.host_header, "Connection": "close", **headers}
    connection.request("POST", target.path, body=body, headers=sent)
    response: HTTPResponse = connection.getresponse()
    answer = response.read(MOST_OF_AN_ANSWER).decode("utf-8", "replace").replace("\0", "")
    return response.status, response.headers.get("Retry-After", ""), answer
