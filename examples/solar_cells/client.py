"""The API of one project, over plain HTTP: a key, a few calls, patience. Standard library only."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

Json = dict[str, Any]

ATTEMPTS = 6
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What the server said; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        document: Json = json.loads(self.body)
        return document


class Refused(Exception):
    """The server will not do this, however often it is asked; the message is its own."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body[:500].decode(errors='replace')}")
        self.status = answer.status


class Api:
    """Calls below /api/v1/projects/<project>; each is tried again while trying can help.

    That is safe for every call here: what writes carries an Idempotency-Key, so that a call whose
    answer was lost takes effect once. 429, 5xx and whatever else comes with a Retry-After are
    waited out, as long as it says: so is 409 while the first call of a key is still being served,
    and a batch with items that are refused only while storage is away.
    """

    def __init__(
        self, site: str, project: str, key: str, *, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self.root = f"{site.rstrip('/')}/api/v1/projects/{project}"
        self._key = key
        self._pause = pause

    def get(self, path: str, *, etag: str = "") -> Answer:
        """With the ETag of an earlier answer, 304 when nothing has changed."""
        return self._call("GET", path, {"If-None-Match": etag} if etag else {}, None)

    def post(self, path: str, document: Json) -> Answer:
        return self._write(path, "application/json", json.dumps(document).encode())

    def post_parts(
        self, path: str, name: str, document: Json, files: Mapping[str, bytes]
    ) -> Answer:
        """One multipart form: the document as field `name`, and the files it names."""
        boundary = uuid.uuid4().hex
        body = encode_form(boundary, {name: json.dumps(document)}, files)
        return self._write(path, f"multipart/form-data; boundary={boundary}", body)

    def _write(self, path: str, kind: str, body: bytes) -> Answer:
        headers = {"Content-Type": kind, "Idempotency-Key": str(uuid.uuid4())}
        return self._call("POST", path, headers, body)

    def _call(self, method: str, path: str, headers: Json, body: bytes | None) -> Answer:
        for attempt in range(ATTEMPTS):
            try:
                answer = self._once(method, path, headers, body)
            except (OSError, HTTPException):
                if attempt == ATTEMPTS - 1:
                    raise
                self._pause(_wait(attempt, ""))
                continue
            may_pass = _may_pass(answer) and attempt < ATTEMPTS - 1
            if answer.status < 400 and not may_pass:
                return answer
            if not may_pass:
                break
            asked = answer.headers.get("retry-after") or _seconds_of_items(answer)
            self._pause(_wait(attempt, asked))
        raise Refused(answer)

    def _once(self, method: str, path: str, headers: Json, body: bytes | None) -> Answer:
        sent = {"Authorization": f"Bearer {self._key}", **headers}
        request = Request(self.root + path, data=body, headers=sent, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 (a site we were given)
                return Answer(response.status, _lower(response.headers), response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read())


def encode_form(boundary: str, fields: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """multipart/form-data (RFC 7578); part names must be plain ASCII without quotes."""
    mark = f"--{boundary}\r\n".encode()
    parts = [
        mark + f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    parts += [
        mark
        + f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'.encode()
        + b"Content-Type: application/octet-stream\r\n\r\n"
        + content
        + b"\r\n"
        for name, content in files.items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def _may_pass(answer: Answer) -> bool:
    waits = answer.status == 429 or answer.status >= 500 or "retry-after" in answer.headers
    return waits or bool(_seconds_of_items(answer))


def _seconds_of_items(answer: Answer) -> str:
    """For how long items of a batch are refused that will be taken later; empty if none are."""
    if answer.headers.get("content-type") != "application/json":
        return ""
    errors = [each.get("error", {}) for each in answer.json().get("results", ())]
    waits = [error.get("retry_after", 1) for error in errors if error.get("status") == 503]
    return str(max(waits, default=""))


def _wait(attempt: int, retry_after: str) -> float:
    asked = float(retry_after) if retry_after.isdigit() else 0.0
    return min(LONGEST_PAUSE, max(asked, FIRST_PAUSE * 2.0**attempt))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
