"""A receiver of signed messages (Standard Webhooks), in the standard library alone."""

from __future__ import annotations

import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

TOLERANCE = 300
"""Seconds that a message may be old, or early: a recorded one must not work tomorrow."""
LARGEST = 1024 * 1024

Message = dict[str, Any]


class NotGenuine(Exception):
    """Not signed with the shared secret, or too old."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> Message:
    """The message, if one of its signatures is ours; `now` is in epoch seconds. Raises NotGenuine.

    HMAC-SHA256 over "id.timestamp.body", compared in constant time.
    """
    name, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (name and sent.isdigit() and abs(now - int(sent)) <= TOLERANCE):
        raise NotGenuine("no id, no time, or not of this hour")
    key = b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{name}.{sent}.".encode() + body, sha256).digest()
    ours = "v1," + b64encode(digest).decode()
    signatures = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(ours.encode(), theirs.encode()) for theirs in signatures):
        raise NotGenuine("no signature is right")
    message: Message = json.loads(body)
    return message


class Receiver:
    """Listens on a free port of this machine; genuine messages wait in `take`, each once.

    The server may send a message twice (it repeats what was not acknowledged), so that the ids
    seen are remembered. Until `secret` is set nothing is genuine.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.secret = ""
        self._clock = clock
        self._seen: set[str] = set()
        self._waiting: SimpleQueue[Message] = SimpleQueue()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/reviewhub"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, *, wait: float = 0.0) -> Message | None:
        """The next message, or None when none has come within `wait` seconds."""
        try:
            return self._waiting.get(timeout=wait) if wait else self._waiting.get_nowait()
        except Empty:
            return None

    def accept(self, headers: Mapping[str, str], body: bytes) -> int:
        """The status to answer with: 204, or 401 for what is not genuine."""
        try:
            if not self.secret:
                raise NotGenuine("not registered yet")
            message = verify(self.secret, headers, body, now=self._clock())
        except (NotGenuine, ValueError):
            return 401
        with self._lock:
            if headers["webhook-id"] not in self._seen:
                self._seen.add(headers["webhook-id"])
                self._waiting.put(message)
        return 204


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            if length > LARGEST:
                self.send_error(413)
                return
            sent = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.accept(sent, self.rfile.read(length)))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """The line's terminal belongs to the line."""

    return Handler
