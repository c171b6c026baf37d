"""What clients send, and when: pure, and the same again for the same seed.

A run stands for one day of a plant and its office: quiet nights, a busy noon, and a few minutes
of rush, when somebody empties what had piled up. Of the calls, some are sent twice as they are,
some carry what was sent before under another key, and some cannot be read at all; of the
predictions, some are wrong in the ways in which clients are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi
from random import Random
from typing import Any, NamedTuple

from annotations.management.load.items import Teller, broken_picture

SIZES = (1, 1, 1, 1, 2, 5, 10, 25, 50, 100)
MEAN_SIZE = sum(SIZES) / len(SIZES)
RUSHES, RUSH_SHARE, RUSH_FACTOR = 3, 0.02, 5.0
RETRIED, REPEATED, UNREADABLE = 0.03, 0.04, 0.015
MOST_AT_ONCE = 1_000

REMEMBERED = 2_000
UNREADABLE_DOCUMENTS = (
    b'{"predictions": [{"external_id": "half',
    b'{"predictions": [{"external_id": "x", "probabilities": {"a": NaN}}]}',
    json.dumps({"predictions": [{}] * (MOST_AT_ONCE + 1)}).encode(),
    b"",
    b"[" * 200,
)

Json = dict[str, Any]


class Stream(NamedTuple):
    """One project that is sent to."""

    slug: str
    kind: str
    labels: Sequence[str]


class Call(NamedTuple):
    """One request: when, counted in seconds from the start, and everything it carries.

    `sort` says what is special about it: ordinary, retry, repeat or unreadable.
    """

    at: float
    slug: str
    key: str
    sort: str
    document: bytes
    pictures: Mapping[str, bytes]
    predictions: int


def traffic(*, streams: Sequence[Stream], seconds: float, rate: float, seed: int) -> Iterator[Call]:
    """The calls of a run in the order of their times; `rate` is predictions a second on average."""
    dice = Random(seed)  # noqa: S311 (traffic, no secret)
    arrivals = _arrivals(seconds, rate / MEAN_SIZE, dice)
    clients = [_Client(stream, dice) for stream in streams]
    waiting: list[Call] = []
    for number, at in enumerate(arrivals):
        waiting.sort(key=lambda call: call.at)
        while waiting and waiting[0].at <= at:
            yield waiting.pop(0)
        call = dice.choice(clients).call(f"{seed}-{number}", at)
        yield call
        if call.sort == "ordinary" and dice.random() < RETRIED:
            waiting.append(call._replace(at=at + dice.uniform(0.2, 5.0), sort="retry"))
    yield from sorted(waiting, key=lambda call: call.at)


def intensity(moment: float) -> float:
    """How busy the day is at a share of it, 1 on average: 0.3 at midnight, 1.7 at noon."""
    return 1.0 - 0.7 * cos(2 * pi * moment)


def _arrivals(seconds: float, calls_a_second: float, dice: Random) -> Iterator[float]:
    """A Poisson process whose rate follows the day, by thinning (Lewis and Shedler 1979)."""
    rushes = [dice.uniform(0.1, 0.9) for _ in range(RUSHES)]
    # what the rushes add is taken off everywhere, so that the mean is the one asked for
    base = calls_a_second / (1 + RUSHES * RUSH_SHARE * (RUSH_FACTOR - 1))
    most = base * 1.7 * RUSH_FACTOR
    at = 0.0
    while most > 0 and (at := at + dice.expovariate(most)) < seconds:
        moment = at / seconds
        rush = any(start <= moment < start + RUSH_SHARE for start in rushes)
        if dice.random() * most < base * intensity(moment) * (RUSH_FACTOR if rush else 1.0):
            yield at


class _Client:
    """One client of one project, who remembers what was sent."""

    def __init__(self, stream: Stream, dice: Random) -> None:
        self.stream = stream
        self.dice = dice
        self.teller = Teller(stream.kind, stream.labels, dice)
        self.earlier: list[Json] = []

    def call(self, key: str, at: float) -> Call:
        chance = self.dice.random()
        if chance < UNREADABLE:
            return self._unreadable(key, at)
        size = self.dice.choice(SIZES)
        if chance < UNREADABLE + REPEATED and self.earlier:
            again = [self.dice.choice(self.earlier) for _ in range(size)]
            return self._of(again, key=key, at=at, sort="repeat")
        sent = [self.teller.prediction(self.earlier) for _ in range(size)]
        self.earlier += [each for each in sent if not self.teller.is_bad(each)]
        del self.earlier[:-REMEMBERED]
        return self._of(sent, key=key, at=at, sort="ordinary")

    def _of(self, sent: Sequence[Json], *, key: str, at: float, sort: str) -> Call:
        document = json.dumps({"predictions": sent}).encode()
        pictures = self.teller.pictures(sent)
        return Call(at, self.stream.slug, key, sort, document, pictures, len(sent))

    def _unreadable(self, key: str, at: float) -> Call:
        """Cut in the middle, a number JSON does not know, too many at once, nothing, too deep."""
        document = self.dice.choice(UNREADABLE_DOCUMENTS)
        pictures = {"picture": broken_picture()} if self.dice.random() < 0.2 else {}
        return Call(at, self.stream.slug, key, "unreadable", document, pictures, 0)
