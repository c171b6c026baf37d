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


@dataclass
class Reviewer:
    """One person with a browser's connection, cookies and form."""

    spec: dict[str, Any]
    session: str
    milliseconds: list[float] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    bytes_read: int = 0

    def __post_init__(self) -> None:
        self._http = HTTPConnection(urlsplit(self.spec["address"]).netloc, timeout=60)
        self._path = f"/p/{self.spec['slug']}/review"
        self._cookie = f"{self.spec['cookie']}={self.session}"
        self._csrf = ""
        self._page = ""
        self._dice = random.Random(self.session)

    def look(self) -> None:
        """The first item: a claim without an answer."""
        self._page = self._ask("GET", self._path)

    def answer(self) -> bool:
        """Answer what is shown and be shown the next; False when nothing is left."""
        form = dict(_FIELD.findall(self._page))
        if "entry" not in form:
            return False
        labels = _LABEL.findall(self._page)
        body = urlencode({**form, "verdict": "label", "label": self._dice.choice(labels)})
        began = time.perf_counter()
        self._page = self._ask("POST", f"{self._path}/answer", body)
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        if 'role="alert"' in self._page:
            self.failures.append(self._page[:500])
        else:
            self.entries.append(form["entry"])
        return True

    def work(self, until: float) -> None:
        pace = self.spec["pace"]
        while time.monotonic() < until and self.answer():
            if pace:
                time.sleep(pace * self._dice.uniform(0.5, 1.5))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        headers = {"Cookie": self._cookie, "HX-Request": "true", "Accept": "text/html"}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self._csrf,
                "Cookie": f"{self._cookie}; csrftoken={self._csrf}",
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
                self._csrf = header.partition("=")[2].partition(";")[0]
        return text.decode()

    def _reconnect_if_closed(self) -> None:
        """As browsers do: the server has closed a connection on which nothing came for a while."""
        if self._http.sock is not None and select.select([self._http.sock], [], [], 0)[0]:
            self._http.close()


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
        "failures": [told for person in people for told in person.failures][:3],
        "bytes_a_review": sum(person.bytes_read for person in people) / max(1, len(entries)),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
