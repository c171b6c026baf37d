"""Predictions on record as a simulation reads them, and those that would go the other way."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from annotations.domain.responses import Response
from annotations.domain.routing import Facts, Opinion, Rules
from reviewhub.common.errors import JsonDict

SHOWN = 25
"""The dearest of those that would change sides, told with the figures; all are listed apart."""


class Judgement(NamedTuple):
    """What an answered audit found: drawn with this probability, and whether it was a mistake.

    A mistake is a missed finding; where the taxonomy has no positive label, any wrong label.
    """

    probability: float
    wrong: bool


class Recorded(NamedTuple):
    """One prediction as it is on record, in the words of the taxonomy in force.

    `differences` to what other predictors say of the item, by the IoU from which two boxes are one:
    each set of rules has its own. Empty where nobody else said anything. `response` is what came of
    the audit it was drawn for; None where it was not drawn.
    """

    day: date
    item_id: int
    item_uid: str
    external_id: str
    facts: Facts
    judgement: Judgement | None = None
    response: Response | None = None
    differences: Mapping[float, tuple[Opinion, ...]] = MappingProxyType({})

    def facts_for(self, rules: Rules) -> Facts:
        if not self.differences:
            return self.facts
        return self.facts._replace(differences=self.differences[rules.box_iou])


class SideChanged(NamedTuple):
    """An item that would go the other way, found for the first time, and what is told of it."""

    side: str
    item_id: int
    told: JsonDict


class ChangedSides:
    """Items that would go the other way: all counted, the dearest ones named."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.items: set[int] = set()
        self.dearest: list[tuple[float, int, JsonDict]] = []

    def add(self, recorded: Recorded, cost: float, reasons: list[JsonDict]) -> SideChanged | None:
        """None where the item is among them already."""
        if recorded.item_id in self.items:
            return None
        self.items.add(recorded.item_id)
        told: JsonDict = {
            "item": recorded.item_uid,
            "external_id": recorded.external_id,
            "label": recorded.facts.predicted,
            "confidence": recorded.facts.confidence,
            "expected_cost": cost,
            "reasons": reasons,
        }
        place = (cost, -len(self.items))
        if len(self.dearest) < SHOWN:
            heapq.heappush(self.dearest, (*place, told))
        elif place > self.dearest[0][:2]:
            heapq.heapreplace(self.dearest, (*place, told))
        return SideChanged(self.side, recorded.item_id, told)

    def as_json(self, share: float) -> JsonDict:
        named = sorted(self.dearest, key=lambda each: each[:2], reverse=True)
        return {
            "count": round(len(self.items) / share),
            "items": [told for _, _, told in named],
        }
