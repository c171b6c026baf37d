"""Reviewers who answer as fast as they are served, or at a pace; a process of its own.

Reads one JSON document from standard input: address, slug, people (session cookies), seconds, pace,
warm_up. Says `ready` after the warm-up, begins when a line comes, ends with one JSON document.
"""

from __future__ import annotations

import json
import random
import re
import resource
import select
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

_FIELD = re.compile(r'<input type="hidden" name="(entry|token|started)" value="([^"]*)"')
_LABEL = re.compile(r'name="label"\s+value="([^"]*)"')


@dataclass(frozen=True)
class Shown:
    """An item as the browser has it: on the screen, or ahead of its turn."""

    fields: dict[str, str]
    labels: list[str]


@dataclass
class Reviewer:
    """One person with a browser's connection and cookies, and what its script has fetched."""

    spec: dict[str, Any]
    session: str
    milliseconds: list[float] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    bytes_read: int = 0

    def __post_init__(self) -> None:
        self._http = HTTPConnection(urlsplit(self.spec["address"]).netloc, timeout=60)
        self._path = f"/p/{self.spec['slug']}/review"
        self._cookie = f"{self.spec['cookie']}={self.session}"
        self._secret = self._csrf = ""
        self._items: list[Shown] = []
        self._dice = random.Random(self.session)

    def look(self) -> None:
        """Sit down: fetch the first items, without the page around them."""
        self._csrf = json.loads(self._ask("GET", "/session"))["csrf"]
        self._take(json.loads(self._ask("GET", f"{self._path}/ahead")))

    def answer(self) -> bool:
        """Answer what is on the screen, and be told what was stored; False when nothing is left.

        The next item is on the screen before the answer is sent: what is timed here is how long an
        answer stands in the outbox, and no person waits for it.
        """
        if not self._items:
            return False
        item = self._items.pop(0)
        sent = {
            **item.fields,
            "verdict": "label",
            "label": self._dice.choice(item.labels),
            "have": self._have(),
            "seconds": "0.01",
        }
        began = time.perf_counter()
        told = json.loads(self._ask("POST", f"{self._path}/answer", urlencode(sent)))
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        self.entries.append(told["entry"])
        self._take(told)
        return True

    def _take(self, told: dict[str, Any]) -> None:
        gone = set(told["gone"])
        self._items = [item for item in self._items if item.fields["entry"] not in gone]
        self._items += [_read(item["html"]) for item in told["items"]]

    def _have(self) -> str:
        return ",".join(item.fields["entry"] for item in self._items)

    def work(self, until: float) -> None:
        pace = self.spec["pace"]
        while time.monotonic() < until and self.answer():
            if pace:
                time.sleep(pace * self._dice.uniform(0.5, 1.5))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        cookies = f"{self._cookie}; csrftoken={self._secret}"
        headers = {"Cookie": cookies, "Accept": "application/json", "X-Bench": "1"}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self._csrf,
            }
        self._reconnect_if_closed()
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        text = response.read()
        self.bytes_read += len(text)
        if response.status != 200:
            raise RuntimeError(f"{method} {path} answered {response.status}: {text[:500]!r}")
        for header in response.headers.get_all("Set-Cookie") or []:
            if header.startswith("csrftoken="):
                self._secret = header.partition("=")[2].partition(";")[0]
        return text.decode()

    def _reconnect_if_closed(self) -> None:
        """As browsers do: the server has closed a connection on which nothing came for a while."""
        if self._http.sock is not None and select.select([self._http.sock], [], [], 0)[0]:
            self._http.close()


def _read(html: str) -> Shown:
    """What each form of the item carries, and the labels of one of them."""
    return Shown(dict(_FIELD.findall(html)), _LABEL.findall(html))


def main() -> None:
    spec = json.loads(sys.stdin.readline())
    people = [Reviewer(spec, session) for session in spec["people"]]
    _together(people, lambda person: _warm_up(person, spec["warm_up"]))
    for person in people:
        person.milliseconds.clear()
        person.entries.clear()
        person.bytes_read = 0
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = _cpu()
    began = time.monotonic()
    _together(people, lambda person: person.work(began + spec["seconds"]))
    print(json.dumps(_report(people, time.monotonic() - began, _cpu() - cpu)), flush=True)


def _warm_up(person: Reviewer, answers: int) -> None:
    person.look()
    for _ in range(answers):
        person.answer()


def _together(people: list[Reviewer], do: Any) -> None:
    failed: list[BaseException] = []

    def run(person: Reviewer) -> None:
        try:
            do(person)
        except BaseException as error:  # noqa: BLE001 (told by the main thread)
            failed.append(error)

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _report(people: list[Reviewer], seconds: float, cpu: float) -> dict[str, Any]:
    entries = [entry for person in people for entry in person.entries]
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "milliseconds": sorted(took for person in people for took in person.milliseconds),
        "answers": len(entries),
        "given_twice": len(entries) - len(set(entries)),
        "bytes_a_review": sum(person.bytes_read for person in people) / max(1, len(entries)),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
