"""Clients that send predictions as fast as they are taken; a process of their own.

Reads one JSON document from standard input: address, slug, key, images, size (predictions a call),
count (predictions in all), clients, tag. Makes every body beforehand, says `ready`, begins when a
line comes, ends with one JSON document.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from typing import Any
from urllib.parse import urlsplit

LABELS = {
    "parts": ("good", "crack", "scratch", "dust"),
    "boxes": ("crack", "scratch", "inclusion", "dust"),
    "messages": ("refund", "delivery", "complaint", "question", "praise", "spam"),
}
SENTENCES = (
    "My parcel has not arrived.",
    "Nobody answers the telephone.",
    "Please send it again, or give back what I paid.",
    "The colour is not the one in the picture.",
    "Thank you for your quick help!",
)


@dataclass
class Sender:
    """One connection of one client, and the calls it will make."""

    spec: dict[str, Any]
    bodies: list[tuple[str, bytes]]
    milliseconds: list[float] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)

    def send(self) -> None:
        http = HTTPConnection(urlsplit(self.spec["address"]).netloc, timeout=120)
        path = f"/api/v1/projects/{self.spec['slug']}/predictions:batch"
        for name, body in self.bodies:
            headers = {
                "Authorization": f"Bearer {self.spec['key']}",
                "Content-Type": "application/json",
                "Idempotency-Key": name,
            }
            began = time.perf_counter()
            http.request("POST", path, body, headers)
            response = http.getresponse()
            text = response.read()
            self.milliseconds.append((time.perf_counter() - began) * 1000)
            if response.status != 200:
                raise SystemExit(f"{response.status}: {text[:500]!r}")
            self._count(text)

    def _count(self, text: bytes) -> None:
        for word in ('"status":"created"', '"outcome":"queued"'):
            spaced = word.replace(":", ": ").encode()
            found = text.count(word.encode()) + text.count(spaced)
            self.verdicts[word] = self.verdicts.get(word, 0) + found


def prediction(spec: dict[str, Any], number: int, dice: Random) -> dict[str, Any]:
    """What a client says of one item: three to four sure answers for each unsure one."""
    item: dict[str, Any] = {
        "external_id": f"{spec['tag']}-{number:07}",
        "predictor": {"name": "line-camera", "version": "1"},
        "slices": {"site": "graz", "line": str(number % 4)},
    }
    labels = LABELS[spec["slug"]]
    if spec["slug"] == "boxes":
        boxes = [_box(labels, dice) for _ in range(dice.choice((0, 1, 2, 4)))]
        return {**item, "boxes": boxes, "image": {"upload": dice.choice(spec["images"])}}
    told = {**item, "probabilities": _probabilities(labels, dice)}
    if spec["slug"] == "messages":
        text = " ".join(dice.choices(SENTENCES, k=dice.randint(2, 8)))
        return {**told, "text": f"{text} {number}", "slices": {"channel": "mail", "language": "en"}}
    return {**told, "image": {"upload": dice.choice(spec["images"])}}


def _probabilities(labels: tuple[str, ...], dice: Random) -> dict[str, float]:
    first = round(dice.betavariate(6, 1) * 0.6 + 0.4, 4)
    rest = round((1 - first) / (len(labels) - 1), 4)
    chosen = dice.choice(labels)
    return {label: first if label == chosen else rest for label in labels}


def _box(labels: tuple[str, ...], dice: Random) -> dict[str, Any]:
    x, y = dice.randint(0, 200), dice.randint(0, 150)
    return {
        "label": dice.choice(labels),
        "score": round(dice.uniform(0.5, 1.0), 4),
        **{"x": x, "y": y, "width": dice.randint(10, 100), "height": dice.randint(10, 80)},
    }


def main() -> None:
    spec = json.loads(sys.stdin.readline())
    dice = Random(spec["tag"])
    bodies = []
    for start in range(0, spec["count"], spec["size"]):
        batch = [prediction(spec, start + n, dice) for n in range(spec["size"])]
        bodies.append((f"{spec['tag']}-{start}", json.dumps({"predictions": batch}).encode()))
    senders = [Sender(spec, bodies[n :: spec["clients"]]) for n in range(spec["clients"])]
    print("ready", flush=True)
    sys.stdin.readline()
    used, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    threads = [threading.Thread(target=sender.send) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    counted = [sender.verdicts for sender in senders]
    told = {
        "seconds": seconds,
        "cpu_seconds": after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime,
        "sent": sum(len(sender.milliseconds) for sender in senders) * spec["size"],
        "created": sum(each.get('"status":"created"', 0) for each in counted),
        "queued": sum(each.get('"outcome":"queued"', 0) for each in counted),
        "milliseconds": sorted(ms for sender in senders for ms in sender.milliseconds),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
