"""The parts of a routing document: what a rule is about, and what budgets hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from annotations.domain.routing.facts import Facts
from reviewhub.common.errors import JsonDict, JsonScalar


@dataclass(frozen=True)
class When:
    """For which items: one of `labels` is claimed, and each slice and each field of the metadata
    has one of its values.

    Values are compared as words, so that 3 and "3" are one line: a form knows only words. Metadata
    may hold anything; lists and objects in them are no value of a rule's.
    """

    labels: tuple[str, ...] = ()
    slices: Mapping[str, tuple[JsonScalar, ...]] = field(default_factory=dict)
    metadata: Mapping[str, tuple[JsonScalar, ...]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        return cls(
            labels=tuple(raw.get("labels", ())),
            slices=_tuples(raw.get("slices", {})),
            metadata=_tuples(raw.get("metadata", {})),
        )

    def as_json(self) -> JsonDict:
        document = {
            "labels": list(self.labels),
            "slices": _lists(self.slices),
            "metadata": _lists(self.metadata),
        }
        return {name: value for name, value in document.items() if value}

    def matches(self, facts: Facts) -> bool:
        if self.labels and not self._labels.intersection(facts.claimed or (facts.predicted,)):
            return False
        slices, metadata = facts.slices, facts.metadata
        return all(word(slices.get(name)) in words for name, words in self._words.items()) and (
            not self.metadata
            or all(said(metadata.get(name)) in words for name, words in self._metadata.items())
        )

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(self.labels)

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return _words(self.slices)

    @cached_property
    def _metadata(self) -> dict[str, frozenset[str]]:
        return _words(self.metadata)


@dataclass(frozen=True)
class NamedRule:
    """Items that a lead wants seen whatever the predictor thinks of them, perhaps in a time."""

    name: str
    when: When
    due_minutes: int | None = None

    def matches(self, facts: Facts) -> bool:
        return self.when.matches(facts)

    def as_json(self) -> JsonDict:
        due = {} if self.due_minutes is None else {"due_minutes": self.due_minutes}
        return {"name": self.name, "when": self.when.as_json(), **due}


@dataclass(frozen=True)
class Override:
    """Parameters that differ for some items; of several that match, the first one wins, each
    parameter by itself."""

    when: When
    set: Mapping[str, Any]

    def as_json(self) -> JsonDict:
        return {"when": self.when.as_json(), "set": dict(self.set)}


@dataclass(frozen=True)
class AuditBudget:
    """About `per_day` audits instead of a fixed rate; `expected_per_day` serves the first week.

    `floor` is the share of the budget spread evenly over all items, so that what is surest of
    itself is audited too; the rest goes where labels tell most, `prior_miss_rate` being the guess.
    """

    per_day: int
    expected_per_day: int
    floor: float = 0.2
    prior_miss_rate: float = 0.1


@dataclass(frozen=True)
class ReviewEffort:
    """What one answer is reckoned to take and an hour of it to cost, in the project's money."""

    seconds: float = 12.0
    hourly_cost: float = 30.0


@dataclass(frozen=True)
class Due:
    """In how many minutes an answer is wanted, by reason; `any` for those that are not named."""

    minutes: Mapping[str, int] = field(default_factory=dict)

    def of(self, reason: str) -> int | None:
        return self.minutes.get(reason, self.minutes.get(ANY_REASON))


ANY_REASON = "any"
NEVER_DUE = Due()
USUAL_EFFORT = ReviewEffort()


@dataclass(frozen=True)
class Learning:
    """How many items a worker may add a day because they teach: of small margin, and unlike each
    other. The other half of what a day may teach is the audits."""

    budget_per_day: int


@dataclass(frozen=True)
class Novelty:
    """From which p-value on a worker adds what resembles nothing learned, and how many a day."""

    p_value: float = 0.01
    per_day: int | None = None


def _words(values: Mapping[str, tuple[JsonScalar, ...]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(map(word, wanted)) for name, wanted in values.items()}


def _tuples(raw: Mapping[str, Any]) -> dict[str, tuple[JsonScalar, ...]]:
    return {name: tuple(values) for name, values in raw.items()}


def _lists(values: Mapping[str, tuple[JsonScalar, ...]]) -> JsonDict:
    return {name: list(wanted) for name, wanted in values.items()}


def said(value: object) -> str | None:
    """What a field of the metadata says, as `word`; None of what is no single value."""
    if value is None or isinstance(value, str | int | float):
        return word(value)
    return None


def word(value: JsonScalar) -> str:
    """A slice's value as somebody would type it: 3, 3.0 and "3" are the same line."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: ""}[value]
    return str(int(value)) if value == value // 1 else repr(value)
