"""Sends calls when they are due, as several clients would, and remembers what came back."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from annotations.management.load.traffic import Call
from reviewhub.common.idempotency import IdempotencyInProgress

PATIENCE = 60.0
TRIES = 4
LONGEST_WAIT = 30.0


@dataclass
class Told:
    """What the instance answered, counted."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    lost: int = 0
    late: float = 0.0

    def add(self, call: Call, status: int, document: Any, milliseconds: float) -> None:
        self.statuses[status] += 1
        self.milliseconds.append(milliseconds)
        if status >= 400:
            self.refusals[f"call: {document.get('code', status)}"] += 1
            return
        for result in document["results"]:
            self.verdicts[result["status"]] += 1
            if result["status"] == "refused":
                self.refusals[result["error"]["code"]] += 1
                continue
            self.verdicts[result["outcome"]] += 1
            self.reasons.update(reason["name"] for reason in result["reasons"])


class Sender:
    """Sends to one instance; `keys` holds the secret of each project by its slug."""

    def __init__(self, site: str, keys: Mapping[str, str], *, clients: int) -> None:
        self.site = urlsplit(site)
        self.keys = keys
        self.clients = clients
        self.told = Told()
        self._lock = threading.Lock()
        self._local = threading.local()

    def send(self, calls: Iterable[Call]) -> Told:
        """Every call at its time, or as soon as a client is free; returns when all are answered."""
        began = time.monotonic()
        slots = threading.Semaphore(self.clients * 2)
        with ThreadPoolExecutor(self.clients) as pool:
            for call in calls:
                time.sleep(max(0.0, call.at - (time.monotonic() - began)))
                slots.acquire()
                self.told.late = max(self.told.late, time.monotonic() - began - call.at)
                pool.submit(self._one, call).add_done_callback(lambda done: _end(slots, done))
        return self.told

    def read(self, path: str, slug: str) -> Any:
        """GET a document; raises OSError where the instance does not give it."""
        status, document = self._exchange("GET", path, {"Authorization": self._key(slug)}, None)
        if status != 200:
            raise OSError(f"GET {path} was answered {status}: {document}")
        return document

    def _one(self, call: Call) -> None:
        kind, body = encoded(call)
        headers = {
            "Authorization": self._key(call.slug),
            "Content-Type": kind,
            "Idempotency-Key": call.key,
        }
        path = f"/api/v1/projects/{call.slug}/predictions:batch"
        with self._lock:
            self.told.sent[call.sort] += 1
            self.told.sent["predictions"] += call.predictions
        for attempt in range(TRIES):
            began = time.perf_counter()
            try:
                status, document = self._exchange("POST", path, headers, body)
            except (OSError, HTTPException):
                # Nobody knows what became of it: the same key may safely be sent again.
                with self._lock:
                    self.told.lost += 1
                time.sleep(min(2.0**attempt, LONGEST_WAIT))
                continue
            with self._lock:
                self.told.add(call, status, document, (time.perf_counter() - began) * 1000)
            if not _may_pass(status, document):
                return
            time.sleep(min(LONGEST_WAIT, 1.0 + 2.0**attempt))

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Any]:
        line: HTTPConnection | None = getattr(self._local, "line", None)
        if line is None:
            secure = self.site.scheme == "https"
            line = (HTTPSConnection if secure else HTTPConnection)(
                self.site.netloc, timeout=PATIENCE
            )
            self._local.line = line
        try:
            line.request(method, path, body, dict(headers))
            answer = line.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            line.close()
            self._local.line = None
            raise
        return answer.status, json.loads(text) if text else {}

    def _key(self, slug: str) -> str:
        return f"Bearer {self.keys[slug]}"


def encoded(call: Call) -> tuple[str, bytes]:
    """Content type and body: JSON alone, or a form with the pictures that it names."""
    if not call.pictures:
        return "application/json", call.document
    boundary = uuid.uuid5(uuid.NAMESPACE_URL, call.key).hex
    parts = [("batch", call.document), *call.pictures.items()]
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in parts
    ]
    body = b"".join(lines) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _may_pass(status: int, document: Any) -> bool:
    """The instance was busy, or is still at work on the first sending of this call."""
    return status in (429, 503) or document.get("code") == IdempotencyInProgress.code


def _end(slots: threading.Semaphore, done: Any) -> None:
    slots.release()
    done.result()
