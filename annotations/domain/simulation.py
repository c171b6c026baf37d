"""What other rules would have made of predictions that are on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import nextafter
from typing import Final

from annotations.domain.replayed import ChangedSides, Recorded, SideChanged
from annotations.domain.responses import LEAST_RESPONSE, Response, response_rate
from annotations.domain.routing import (
    WEEK,
    Costs,
    DayOfTraffic,
    Decision,
    Rules,
    plan_audits,
    route,
)
from reviewhub.common.errors import JsonDict
from reviewhub.statistics.estimation import ENOUGH_CASES, ratio

KIND = "simulate_policy"
"""What a simulation is called among the jobs."""

NOT_DRAWN: Final = nextafter(1.0, 0.0)
"""Audits are counted as expected: drawn anew they would differ from run to run, for no reason."""


@dataclass
class _Day:
    """What one site day brings under one set of rules."""

    predictions: int = 0
    influence: float = 0.0
    accepted: int = 0
    audits: float = 0.0
    only_audits: float = 0.0
    entries: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)


class _Side:
    """One set of rules at work, day after day, each with the audit plan it would have had."""

    def __init__(self, rules: Rules, costs: Costs, history: Sequence[DayOfTraffic]) -> None:
        self.rules = rules
        self.costs = costs
        self.history = list(history)
        self.days: dict[date, _Day] = {}
        self.entered: set[int] = set()
        self.judged: list[tuple[float, float]] = []
        self.responses: Counter[Response] = Counter()
        self.plan = plan_audits(rules, days=self.history)

    def add(self, recorded: Recorded) -> Decision:
        day = self.days.get(recorded.day) or self._next_day(recorded.day)
        decision = route(
            facts=recorded.facts_for(self.rules),
            rules=self.rules,
            draw=NOT_DRAWN,
            audit=self.plan,
            costs=self.costs,
        )
        names = [reason.name for reason in decision.reasons if reason.name != "audit"]
        chance = decision.inclusion_probability
        day.predictions += 1
        day.influence += decision.influence
        day.audits += chance
        day.fired.update(names)
        if not names:
            day.accepted += 1
            day.only_audits += chance if recorded.item_id not in self.entered else 0.0
            self._judge(recorded, chance)
        elif recorded.item_id not in self.entered:
            self.entered.add(recorded.item_id)
            day.entries[names[0]] += 1
        return decision

    def _next_day(self, day: date) -> _Day:
        past = [DayOfTraffic(each.predictions, each.influence) for each in self.days.values()]
        self.plan = plan_audits(self.rules, days=[*self.history, *past][-WEEK:])
        self.days[day] = _Day()
        return self.days[day]

    def _judge(self, recorded: Recorded, chance: float) -> None:
        """Of what is accepted, a mistake stays unless a new audit would find it."""
        if recorded.response is not None:
            self.responses[recorded.response] += 1
        if recorded.judgement is not None:
            left = (1 - chance) if recorded.judgement.wrong else 0.0
            self.judged.append((left, recorded.judgement.probability))


@dataclass(frozen=True)
class _Figures:
    """One day under one set of rules, all items again."""

    predictions: float
    accepted: float
    audits: float
    by_reason: Mapping[str, float]
    fired: Mapping[str, float]
    held_back: float

    @property
    def entries(self) -> float:
        return sum(self.by_reason.values()) - self.held_back


class Simulation:
    """Rules in force and changed rules, side by side over the same predictions, in their order.

    `share` of the items was replayed: what is counted is scaled up by it. `history` is the traffic
    of the days before, which the first day's audits are planned from, as `now` weighs it.
    """

    def __init__(
        self,
        *,
        now: Rules,
        new: Rules,
        costs: Costs,
        days: Sequence[date],
        answers_wanted: int,
        history: Sequence[DayOfTraffic] = (),
        share: float = 1.0,
    ) -> None:
        self.days = days
        self.share = share
        self.answers_wanted = answers_wanted
        self.sides = {
            name: _Side(_scaled(rules, share), costs, _past(history, share, weighed=alike))
            for name, rules, alike in (
                ("now", now, True),
                ("new", new, new.prior_miss_rate == now.prior_miss_rate),
            )
        }
        self.rules = {"now": now, "new": new}
        self.to_people = ChangedSides("to_people")
        self.to_accepted = ChangedSides("to_accepted")

    def add(self, recorded: Recorded) -> SideChanged | None:
        """Count one prediction on both sides; the item, if it is found to change sides by it."""
        before = self.sides["now"].add(recorded)
        after = self.sides["new"].add(recorded)
        was, will = _by_rule(before), _by_rule(after)
        if will and not was:
            return self.to_people.add(recorded, after.expected_cost, will)
        if was and not will:
            return self.to_accepted.add(recorded, after.expected_cost, was)
        return None

    def as_json(self) -> JsonDict:
        """All figures: `now` and `new` per day on average, each day, and what changes sides."""
        return {
            "days": len(self.days),
            "first_day": self.days[0].isoformat(),
            "last_day": self.days[-1].isoformat(),
            "share": self.share,
            "predictions": sum(day.predictions for day in self.sides["now"].days.values()),
            "now": self._side("now"),
            "new": self._side("new"),
            "by_day": [self._day(day) for day in self.days],
            "to_people": self.to_people.as_json(self.share),
            "to_accepted": self.to_accepted.as_json(self.share),
        }

    def _side(self, name: str) -> JsonDict:
        days = [self._figures(name, day) for day in self.days]
        length = len(days)
        entries: Counter[str] = Counter()
        fired: Counter[str] = Counter()
        for each in days:
            entries.update(each.by_reason)
            fired.update(each.fired)
        a_day = sum(each.entries for each in days) / length
        hours = a_day * self.answers_wanted * self.rules[name].review.seconds / 3600
        return {
            "predictions": sum(each.predictions for each in days) / length,
            "accepted": sum(each.accepted for each in days) / length,
            "entries": a_day,
            "by_reason": {reason: number / length for reason, number in entries.items()},
            "fired": {reason: number / length for reason, number in fired.items()},
            "audits": sum(each.audits for each in days) / length,
            "held_back": sum(each.held_back for each in days) / length,
            "hours": hours,
            "money": hours * self.rules[name].review.hourly_cost,
            "misses": self._misses(name, sum(each.accepted for each in days) / length),
        }

    def _day(self, day: date) -> JsonDict:
        now, new = self._figures("now", day), self._figures("new", day)
        return {
            "day": day.isoformat(),
            "predictions": now.predictions,
            "now": now.entries,
            "new": new.entries,
        }

    def _figures(self, name: str, day: date) -> _Figures:
        counted = self.sides[name].days.get(day) or _Day()
        return _figures(counted, self.rules[name], self.share)

    def _misses(self, name: str, accepted: float) -> JsonDict:
        """Mistakes a day among what is accepted, from answered audits and their probabilities.

        With how many of the audits drawn were answered: where too few were, the rest may differ.
        """
        side = self.sides[name]
        left, probabilities = [each for each, _ in side.judged], [pi for _, pi in side.judged]
        estimate = ratio(left, [1.0] * len(left), probabilities, of="process")
        answered, still_open = side.responses[Response.ANSWERED], side.responses[Response.OPEN]
        drawn = side.responses.total()
        rate = response_rate(drawn=drawn, answered=answered, still_open=still_open)
        return {
            "value": None if estimate.value is None else estimate.value * accepted,
            "lower": estimate.interval.lower * accepted,
            "upper": estimate.interval.upper * accepted,
            "labels": estimate.cases,
            "hits": estimate.hits,
            "enough": estimate.enough and rate is not None and rate >= LEAST_RESPONSE,
            "labels_missing": 0 if estimate.enough else ENOUGH_CASES - estimate.cases,
            "drawn": drawn,
            "answered": answered,
            "open": still_open,
            "response_rate": rate,
        }


def _by_rule(decision: Decision) -> list[JsonDict]:
    return [reason.as_json() for reason in decision.reasons if reason.name != "audit"]


def _scaled(rules: Rules, share: float) -> Rules:
    """A share of the traffic is audited as all of it would be: by the same share of the budget."""
    return rules if share == 1.0 else rules.at_share(share)


def _past(history: Sequence[DayOfTraffic], share: float, *, weighed: bool) -> list[DayOfTraffic]:
    """The days before, as a share of the items; their influence only if these rules weigh alike."""
    return [
        DayOfTraffic(
            round(day.predictions * share),
            day.influence * share if weighed and day.influence is not None else None,
        )
        for day in history
    ]


def _figures(day: _Day, rules: Rules, share: float) -> _Figures:
    """Scaled up to all items; what workers would add is their budget, as far as there are items."""
    entries: dict[str, float] = {name: count / share for name, count in day.entries.items()}
    accepted = day.accepted / share
    for name, wanted in _by_workers(rules, day.predictions / share).items():
        entries[name] = min(wanted, accepted)
    held_back = max(0.0, sum(entries.values()) - (rules.daily_cap or float("inf")))
    return _Figures(
        predictions=day.predictions / share,
        accepted=accepted,
        audits=day.audits / share,
        by_reason={**entries, "audit": day.only_audits / share},
        fired={name: count / share for name, count in day.fired.items()},
        held_back=held_back,
    )


def _by_workers(rules: Rules, predictions: float) -> dict[str, float]:
    """Novelty fires for `p_value` of what is like the training data; learning takes its budget."""
    found: dict[str, float] = {}
    if rules.novelty:
        most = rules.novelty.per_day or float("inf")
        found["novelty"] = min(predictions * rules.novelty.p_value, most)
    if rules.learning:
        found["informative"] = float(rules.learning.budget_per_day)
    return found
