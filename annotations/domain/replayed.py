"""Predictions on record as a simulation reads them, and those that would go the other way."""

from __future__ import annotations

import heapq
from datetime import date
from typing import NamedTuple

from annotations.domain.routing import Facts
from reviewhub.common.errors import JsonDict

SHOWN = 25
"""Items told by name of those that would change sides; all of them are counted."""


class Judgement(NamedTuple):
    """What an answered audit found: drawn with this probability, and whether it was a mistake.

    A mistake is a missed finding; where the taxonomy has no positive label, any wrong label.
    """

    probability: float
    wrong: bool


class Recorded(NamedTuple):
    """One prediction as it is on record, in the words of the taxonomy in force."""

    day: date
    item_id: int
    item_uid: str
    external_id: str
    facts: Facts
    judgement: Judgement | None = None


class ChangedSides:
    """Items that would go the other way: all counted, the dearest ones named."""

    def __init__(self) -> None:
        self.items: set[int] = set()
        self.dearest: list[tuple[float, int, JsonDict]] = []

    def add(self, recorded: Recorded, cost: float, reasons: list[JsonDict]) -> None:
        if recorded.item_id in self.items:
            return
        self.items.add(recorded.item_id)
        place = (cost, -len(self.items))
        if len(self.dearest) == SHOWN and place <= self.dearest[0][:2]:
            return
        told: JsonDict = {
            "item": recorded.item_uid,
            "external_id": recorded.external_id,
            "label": recorded.facts.predicted,
            "confidence": recorded.facts.confidence,
            "expected_cost": cost,
            "reasons": reasons,
        }
        push = heapq.heappush if len(self.dearest) < SHOWN else heapq.heapreplace
        push(self.dearest, (*place, told))

    def as_json(self, share: float) -> JsonDict:
        named = sorted(self.dearest, key=lambda each: each[:2], reverse=True)
        return {
            "count": round(len(self.items) / share),
            "items": [told for _, _, told in named],
        }
