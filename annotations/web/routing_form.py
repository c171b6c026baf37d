"""Routing rules as sentences with numbers in them, and the document that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from annotations.actions.request_simulation import MOST_DAYS
from annotations.domain.routing import Rules
from annotations.domain.routing.lines import (
    due_as_text,
    due_from_text,
    overrides_as_text,
    overrides_from_text,
    rules_as_text,
    rules_from_text,
)
from annotations.errors import PolicyInvalid
from annotations.web.routing_fields import Lines, number, percent, share
from reviewhub.common.errors import InvalidInput, JsonDict

USUAL_DAYS = 14


class RulesForm(forms.Form):
    """Empty numbers switch their rule off. `shown` is what makes sense for the kind of work."""

    low_confidence = share("Show people what is predicted with a confidence below")
    small_margin = share("or whose two best labels are less than", "apart")
    high_entropy = share("or that is spread over many labels by more than", "of 1")
    dissent = share("or that a model, asked several times, answers otherwise by a share of")
    disagreement = forms.BooleanField(
        required=False, label="Show what two models label differently"
    )
    divergence = share("or where their odds lie apart by", "of 1 or more")
    unmatched_boxes = number("or where boxes lack a partner:", "of them or more", most=1000)
    client_flag = forms.BooleanField(required=False, label="Show what the client itself flags")
    rules = Lines(
        rules_from_text,
        label="Always show, by class, slice and metadata",
        help_text=(
            "One a line, such as: at night: line = 3; class = crack, scratch; "
            "metadata.shift = night"
        ),
    )
    overrides = Lines(
        overrides_from_text,
        label="Differently, by class, slice and metadata",
        help_text=(
            "One a line, the first that matches wins, such as: class = crack: low_confidence = "
            "0.95, disagreement = off"
        ),
    )
    audits = forms.ChoiceField(
        label="Draw blind audits by chance",
        choices=[
            ("rate", "with the same chance for every prediction"),
            ("budget", "to a number a day, where labels tell most"),
        ],
        widget=forms.RadioSelect,
    )
    audit_percent = percent("The same chance:", "% of all predictions")
    per_day = number("To a number: about", "a day")
    expected_per_day = number("reckoned on", "predictions a day until a week of them is known")
    floor_percent = percent("of which", "% are spread evenly over everything")
    missed_percent = percent("guessing that", "% of all findings are missed")
    daily_cap = number("Let in at most", "a day besides audits; the rest is held back")
    seconds = forms.FloatField(
        min_value=0.1,
        max_value=86_400,
        label="Reckon with",
        help_text="seconds an answer",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    hourly_cost = forms.FloatField(
        min_value=0,
        max_value=100_000,
        label="and",
        help_text="of your money an hour",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    due_minutes = Lines(
        due_from_text,
        label="Answers are due within so many minutes",
        help_text=(
            "One reason a line, such as: client_flag = 60, and any = 1440 for all that are not "
            "named; a rule above may say its own: after maintenance: line = 3; due = 30"
        ),
    )
    learning_per_day = number("Add what teaches most: up to", "a day")
    novelty_percent = percent("Add what is rarer than", "% of what was learned from")
    novelty_per_day = number("up to", "a day")
    days = forms.IntegerField(
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        label="Try it on the last",
        help_text="closed days",
    )

    def __init__(self, *args: Any, base: Rules, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base
        for name in NOT_FOR[kind]:
            del self.fields[name]

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[forms.BoundField]]]:
        """The sentences by paragraph, in the order in which they are read."""
        return [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in GROUPS
        ]

    def document(self) -> JsonDict:
        """The routing document, not yet checked; what no sentence tells stays as it was."""
        said = self.cleaned_data
        document = self.base.as_json()
        document.pop("audit_rate", None)
        document.pop("audit_budget", None)
        document |= {name: said[name] for name in PLAIN if name in self.fields}
        document |= _audits(said)
        document["review"] = {"seconds": said["seconds"], "hourly_cost": said["hourly_cost"]}
        document["learning"] = _unless_empty(budget_per_day=said["learning_per_day"])
        document["novelty"] = _unless_empty(
            p_value=_of_percent(said["novelty_percent"]), per_day=said["novelty_per_day"]
        )
        return document

    def to_rules(self) -> Rules | None:
        """The rules, or None with every fault at the sentence that it belongs to."""
        if not self.is_valid():
            return None
        try:
            return Rules.from_json(self.document())
        except PolicyInvalid as error:
            self.blame(error)
            return None

    def blame(self, error: InvalidInput) -> None:
        """Put an action's errors at their sentences."""
        for fault in error.data["errors"]:  # type: ignore[union-attr]
            field, message = fault["field"], fault["message"]  # type: ignore[index]
            own = FIELD_OF.get(field, field.partition("[")[0])
            told = message if own == field else f"{field}: {message}"
            self.add_error(own if own in self.fields else None, told)

    @staticmethod
    def initial_of(rules: Rules, days: int = USUAL_DAYS) -> dict[str, object]:
        budget, novelty = rules.audit_budget, rules.novelty
        initial: dict[str, object] = {name: getattr(rules, name) for name in PLAIN}
        return initial | {
            "rules": rules_as_text(rules.rules),
            "overrides": overrides_as_text(rules.overrides),
            "due_minutes": due_as_text(rules.due_minutes),
            "audits": "budget" if budget else "rate",
            "audit_percent": _percent_of(rules.audit_rate),
            "per_day": budget.per_day if budget else None,
            "expected_per_day": budget.expected_per_day if budget else None,
            "floor_percent": _percent_of(budget.floor if budget else 0.2),
            "missed_percent": _percent_of(budget.prior_miss_rate if budget else 0.1),
            "seconds": _short(rules.review.seconds),
            "hourly_cost": _short(rules.review.hourly_cost),
            "learning_per_day": rules.learning.budget_per_day if rules.learning else None,
            "novelty_percent": _percent_of(novelty.p_value if novelty else None),
            "novelty_per_day": novelty.per_day if novelty else None,
            "days": days,
        }


PLAIN = (
    "low_confidence",
    "small_margin",
    "high_entropy",
    "dissent",
    "disagreement",
    "divergence",
    "unmatched_boxes",
    "client_flag",
    "rules",
    "overrides",
    "due_minutes",
    "daily_cap",
)

NOT_FOR: Mapping[str, Sequence[str]] = {
    "image_classification": ("dissent", "unmatched_boxes"),
    "object_detection": ("dissent", "small_margin", "high_entropy", "divergence"),
    "text_classification": ("unmatched_boxes",),
}

GROUPS = (
    ("When it doubts itself", ("low_confidence", "small_margin", "high_entropy", "dissent")),
    (
        "When others disagree",
        ("disagreement", "divergence", "unmatched_boxes", "client_flag"),
    ),
    ("By class, slice and metadata", ("rules", "overrides")),
    (
        "By chance, blind",
        (
            "audits",
            "audit_percent",
            "per_day",
            "expected_per_day",
            "floor_percent",
            "missed_percent",
        ),
    ),
    ("To learn from", ("learning_per_day", "novelty_percent", "novelty_per_day")),
    ("In time", ("due_minutes",)),
    ("How much", ("daily_cap", "seconds", "hourly_cost")),
)

FIELD_OF = {
    "audit_rate": "audit_percent",
    "audit_budget.per_day": "per_day",
    "audit_budget.expected_per_day": "expected_per_day",
    "audit_budget.floor": "floor_percent",
    "audit_budget.prior_miss_rate": "missed_percent",
    "review.seconds": "seconds",
    "review.hourly_cost": "hourly_cost",
    "learning.budget_per_day": "learning_per_day",
    "novelty.p_value": "novelty_percent",
    "novelty.per_day": "novelty_per_day",
}


def _audits(said: Mapping[str, Any]) -> JsonDict:
    if said["audits"] == "rate":
        return {"audit_rate": _of_percent(said["audit_percent"])}
    wanted = {
        "per_day": said["per_day"],
        "expected_per_day": said["expected_per_day"],
        "floor": _of_percent(said["floor_percent"]),
        "prior_miss_rate": _of_percent(said["missed_percent"]),
    }
    return {"audit_budget": {name: value for name, value in wanted.items() if value is not None}}


def _unless_empty(**values: object) -> JsonDict | None:
    """A part of the document, or None where none of its numbers was given."""
    given = {name: value for name, value in values.items() if value is not None}
    return given or None


def _of_percent(value: float | None) -> float | None:
    return None if value is None else round(value / 100, 10)


def _percent_of(value: float | None) -> float | None:
    return None if value is None else _short(value * 100)


def _short(value: float) -> float:
    """12 instead of 12.0, as people write numbers."""
    rounded = round(value, 8)
    return int(rounded) if rounded == int(rounded) else rounded
