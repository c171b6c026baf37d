"""One POST to a checked address: no second resolution, no redirect, no proxy, a bounded wait."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer

from reviewhub.common.webhooks.target import Target

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
    connection = _Pinned(target, timeout=seconds)
    timer = Timer(seconds, connection.cut)
    timer.start()
    try:
        status, retry_after, answer = _exchange(connection, target, headers, body)
        error = ""
    except (OSError, HTTPException) as failure:
        status, retry_after, answer = None, "", ""
        error = f"{type(failure).__name__}: {failure}"[:300]
    finally:
        timer.cancel()
        connection.close()
    return Outcome(status, error, answer, retry_after, int((time.monotonic() - began) * 1000))


class _Pinned(HTTPConnection):
    """Connects to the address that was checked, and shows and checks the host's name in TLS."""

    def __init__(self, target: Target, *, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        address = (self._target.address, self._target.port)
        self._raw = self.sock = socket.create_connection(address, self.timeout)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """End a slow exchange from outside: what blocks on the socket wakes with an error."""
        for end in (self.sock, self._raw):
            try:
                if end is not None:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself


def _exchange(
    connection: _Pinned, target: Target, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, str]:
    sent = {"Host": target.host_header, "Connection": "close", **headers}
    connection.request("POST", target.path, body=body, headers=sent)
    response: HTTPResponse = connection.getresponse()
    answer = response.read(MOST_OF_AN_ANSWER).decode("utf-8", "replace").replace("\0", "")
    return response.status, response.headers.get("Retry-After", ""), answer
