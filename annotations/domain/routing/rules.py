"""A routing policy's document as values: what is off, what is on, and for which items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple, Self

from annotations.domain.routing import reasons
from annotations.domain.routing.documents import LEAST_AUDIT_RATE, OVERRIDABLE, check
from annotations.domain.routing.facts import Facts
from annotations.domain.routing.parts import (
    NEVER_DUE,
    USUAL_EFFORT,
    AuditBudget,
    Due,
    Learning,
    NamedRule,
    Novelty,
    Override,
    ReviewEffort,
    When,
    said,
    word,
)
from annotations.domain.routing.reasons import Doubts, Reason
from reviewhub.common.errors import JsonDict

__all__ = ["LEAST_AUDIT_RATE", "Limits", "Rules"]

USUAL_AUDIT_RATE = 0.05
MOST_KEPT = 4096
"""Combinations of class and slices whose limits are remembered; a slice may have any value."""


class Limits(NamedTuple):
    """The checks that apply to one item, each with its parameter, and its fixed audit rate."""

    checks: tuple[tuple[Callable[[Facts, Any], Reason | None], Any], ...]
    audit_rate: float


@dataclass(frozen=True)
class Rules:
    """A routing policy's document; an invalid one cannot be made (PolicyInvalid with `errors`).

    Reasons, each switched off by None or False:
    `low_confidence`, `small_margin` in (0, 1]: queue what is below it; `high_entropy` in [0, 1]:
    what is above it; `disagreement`: what another predictor labels differently, `divergence` in
    (0, 1]: whose distribution lies that far off, `unmatched_boxes`: that many boxes without a
    partner of at least `box_iou`; `dissent` in (0, 1]: at least that share of sampled answers says
    otherwise; `client_flag`: what the client flags; `rules`: what a named rule of the lead matches.
    A claimed label that the taxonomy no longer has always queues.

    Audits: `audit_rate` in [1e-6, 1] is the same chance for all, `audit_budget` spends a number a
    day where labels tell most; exactly one of them, by default a rate of 5 %.

    `overrides` change parameters by class, slice and metadata. `daily_cap` bounds what the other
    reasons may queue a day; audits are never capped. `review` prices a review; `learning` and
    `novelty` are what workers may add afterwards. `due_minutes` say by reason in what time an
    answer is wanted; a named rule may have a time of its own.
    """

    low_confidence: float | None = None
    small_margin: float | None = None
    high_entropy: float | None = None
    disagreement: bool = False
    divergence: float | None = None
    unmatched_boxes: int | None = None
    box_iou: float = 0.5
    dissent: float | None = None
    client_flag: bool = True
    rules: tuple[NamedRule, ...] = ()
    audit_rate: float | None = None
    audit_budget: AuditBudget | None = None
    overrides: tuple[Override, ...] = ()
    daily_cap: int | None = None
    review: ReviewEffort = USUAL_EFFORT
    learning: Learning | None = None
    novelty: Novelty | None = None
    due_minutes: Due = NEVER_DUE

    def __post_init__(self) -> None:
        if self.audit_rate is None and self.audit_budget is None:
            object.__setattr__(self, "audit_rate", USUAL_AUDIT_RATE)
        check(self.as_json())

    @classmethod
    def default(cls) -> Self:
        """What a new project starts with: a budget of two halves, by chance and of small margin.

        On measured drifts that mixture beat random review or tied with it every time, while
        asking only for what the model doubts failed together with the model. The reasons beside
        it are no budget: they keep doubtful answers from passing unseen (ADR 0012).
        """
        return cls(
            low_confidence=0.6,
            disagreement=True,
            audit_budget=AuditBudget(per_day=100, expected_per_day=1000),
            daily_cap=1000,
            learning=Learning(budget_per_day=100),
            novelty=Novelty(p_value=0.01, per_day=50),
        )

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Read a document; the audits must be said, and a field that no rule knows is refused."""
        document = check(raw)
        return cls(**{name: _READ.get(name, _same)(value) for name, value in document.items()})

    def as_json(self) -> JsonDict:
        """The document: the first two rules and the audits always, of the rest what differs."""
        document = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _ALWAYS or value != each.default:
                document[each.name] = _plain(value)
        return document

    @property
    def labels(self) -> frozenset[str]:
        """Every label that a rule or an override names."""
        whens = [each.when for each in self.rules] + [each.when for each in self.overrides]
        return frozenset(key for when in whens for key in when.labels)

    def due(self, reasons: Iterable[Reason]) -> timedelta | None:
        """In what time an answer is wanted: the shortest that one of these reasons asks for.

        An audit asks for none: how long it may wait is the same for all, or answers would not stand
        for those that nobody gave.
        """
        if not self._has_due:
            return None
        asked = [minutes for each in reasons for minutes in self._minutes(each)]
        return timedelta(minutes=min(asked)) if asked else None

    @cached_property
    def _has_due(self) -> bool:
        return bool(self.due_minutes.minutes) or any(each.due_minutes for each in self.rules)

    def _minutes(self, reason: Reason) -> Iterator[int]:
        if reason.name == "audit":
            return
        usual = self.due_minutes.of(reason.name)
        own = {each.name: each.due_minutes for each in self.rules if each.due_minutes}
        fired: Sequence[Any] = reason.detail["rules"] if reason.name == "rule" else [None]
        for name in fired:
            minutes = own.get(name, usual)
            if minutes is not None:
                yield minutes

    @cached_property
    def reads_metadata(self) -> bool:
        """Whether a rule or an override asks for them: they lie apart, and may be large."""
        whens = [each.when for each in self.rules] + [each.when for each in self.overrides]
        return any(when.metadata for when in whens)

    @cached_property
    def compares(self) -> bool:
        """Whether some rule asks what other predictors say of the same item."""
        sets: list[Mapping[str, Any]] = [each.set for each in self.overrides]
        sets.append({name: getattr(self, name) for name in _COMPARING})
        return any(each.get(name) for each in sets for name in _COMPARING)

    def at_share(self, share: float) -> Self:
        """The same rules for a share of the traffic: the audit budget shrinks with it."""
        budget = self.audit_budget
        if budget is None:
            return self
        per_day = max(1, round(budget.per_day * share))
        expected = max(1, round(budget.expected_per_day * share))
        return replace(
            self, audit_budget=replace(budget, per_day=per_day, expected_per_day=expected)
        )

    @property
    def first_audit_rate(self) -> float:
        """The chance of every prediction while there is no plan of the day."""
        if self.audit_budget is None:
            return self._base.audit_rate
        rate = self.audit_budget.per_day / self.audit_budget.expected_per_day
        return min(1.0, max(rate, LEAST_AUDIT_RATE))

    @cached_property
    def prior_miss_rate(self) -> float:
        """The guess that influence is weighed with, under a fixed rate too."""
        return (self.audit_budget or AuditBudget(1, 1)).prior_miss_rate

    def limits(self, facts: Facts) -> Limits:
        """What applies to an item of this class, these slices and these metadata."""
        if not self.overrides:
            return self._base
        slices = facts.slices
        key = (
            facts.claimed or facts.predicted,
            *[word(slices.get(name)) for name in self._slices],
            *[said(facts.metadata.get(name)) for name in self._metadata],
        )
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            known = self._kept[key] = self._limits(facts)
        return known

    @cached_property
    def _base(self) -> Limits:
        return _compiled({name: getattr(self, name) for name in OVERRIDABLE}, self)

    @cached_property
    def _slices(self) -> tuple[str, ...]:
        return tuple(sorted({name for each in self.overrides for name in each.when.slices}))

    @cached_property
    def _metadata(self) -> tuple[str, ...]:
        return tuple(sorted({name for each in self.overrides for name in each.when.metadata}))

    @cached_property
    def _kept(self) -> dict[tuple[object, ...], Limits]:
        return {}

    def _limits(self, facts: Facts) -> Limits:
        values = {name: getattr(self, name) for name in OVERRIDABLE}
        for override in reversed(self.overrides):
            if override.when.matches(facts):
                values.update(override.set)
        return _compiled(values, self)


def _compiled(values: Mapping[str, Any], rules: Rules) -> Limits:
    doubts = Doubts(values["disagreement"], values["divergence"], values["unmatched_boxes"])
    checks: list[tuple[Callable[[Facts, Any], Reason | None], Any]] = [
        (reasons.low_confidence, values["low_confidence"]),
        (reasons.small_margin, values["small_margin"]),
        (reasons.high_entropy, values["high_entropy"]),
        (reasons.disagreement, doubts if doubts != _NO_DOUBTS else None),
        (reasons.dissent, values["dissent"]),
        (reasons.client_flag, values["client_flag"] or None),
        (reasons.taxonomy_changed, True),
        (reasons.rule, rules.rules or None),
    ]
    active = tuple((each, parameter) for each, parameter in checks if parameter is not None)
    return Limits(active, values["audit_rate"] or rules.first_audit_rate)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [each.as_json() for each in value]
    if isinstance(value, Due):
        return dict(value.minutes)
    if isinstance(value, AuditBudget | ReviewEffort | Learning | Novelty):
        return asdict(value)
    return value


def _same(value: Any) -> Any:
    return value


def _named(raw: Sequence[Mapping[str, Any]]) -> tuple[NamedRule, ...]:
    return tuple(
        NamedRule(each["name"], When.from_json(each["when"]), each.get("due_minutes"))
        for each in raw
    )


def _overrides(raw: Sequence[Mapping[str, Any]]) -> tuple[Override, ...]:
    return tuple(Override(When.from_json(each["when"]), dict(each["set"])) for each in raw)


_NO_DOUBTS = Doubts(labels=False, divergence=None, unmatched=None)
_COMPARING = ("disagreement", "divergence", "unmatched_boxes")
_ALWAYS = ("low_confidence", "disagreement")
_READ: Mapping[str, Callable[[Any], Any]] = {
    "rules": _named,
    "overrides": _overrides,
    "audit_budget": lambda raw: None if raw is None else AuditBudget(**raw),
    "review": lambda raw: ReviewEffort(**raw),
    "learning": lambda raw: None if raw is None else Learning(**raw),
    "due_minutes": lambda raw: Due(dict(raw)),
    "novelty": lambda raw: None if raw is None else Novelty(**raw),
}
