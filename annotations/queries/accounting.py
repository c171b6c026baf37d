"""The queue's accounts: every entry in one state, and the states add up to what entered."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from annotations.models import Prediction, QueueEntry, RouteOutcome
from annotations.models.queue import STATES
from reviewhub.common.errors import JsonDict


@dataclass(frozen=True)
class Accounts:
    """`entered` is counted from the routes and `by_state` from the entries, gold apart."""

    entered: int
    by_state: dict[str, int]
    gold: int

    @property
    def balanced(self) -> bool:
        return self.entered == sum(self.by_state.values())

    def as_json(self) -> JsonDict:
        return {
            "entered": self.entered,
            "by_state": self.by_state,
            "gold": self.gold,
            "balanced": self.balanced,
        }


def queue_accounting(project_id: int) -> Accounts:
    """Two independent counts of the same thing; two queries.

    One transaction stores a route and its entry, but the two counts are two statements: while
    predictions stream in, a page may catch the moment between them.
    """
    entries = QueueEntry.objects.filter(project=project_id)
    rows = entries.values_list("state", "is_gold").annotate(entries=Count("pk"))
    counts = {(state, is_gold): number for state, is_gold, number in rows}
    return Accounts(
        entered=_entered(project_id),
        by_state={state: counts.get((state, False), 0) for state in STATES},
        gold=sum(number for (_, is_gold), number in counts.items() if is_gold),
    )


def _entered(project_id: int) -> int:
    """Items that a route sent to people, once per taxonomy."""
    queued = Prediction.objects.filter(
        item__project=project_id, routes__outcome=RouteOutcome.QUEUED
    )
    return queued.values("item", "predictor__taxonomy").distinct().count()
