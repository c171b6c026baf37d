"""Numbered policies of a project as forms: what a lead may set, and what setting does.

Routing is not among them: it has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from annotations.actions.revise_review_policy import revise_review_policy
from annotations.queries.admission import Admission
from annotations.queries.policies import ReviewSpec
from training.actions.revise_gate_policy import revise_gate_policy
from training.actions.revise_training_policy import revise_training_policy
from training.domain.gate import GateMargins

Values = Mapping[str, Any]


class ReviewForm(forms.Form):
    answers_wanted = forms.IntegerField(min_value=1, max_value=9)
    agreement_needed = forms.IntegerField(min_value=1, max_value=9)
    skips_allowed = forms.IntegerField(min_value=0, max_value=20)
    approval = forms.ChoiceField(
        choices=[("lead", "A lead approves"), ("automatic", "Approved after a grace period")]
    )
    grace_seconds = forms.IntegerField(min_value=0, label="Grace period in seconds")
    lease_seconds = forms.IntegerField(min_value=10, label="Lease in seconds")
    blind_share = forms.FloatField(
        min_value=0, max_value=1, label="Share of other entries shown blind"
    )
    grid_labels = forms.CharField(
        required=False,
        max_length=2000,
        label="Labels that are judged many at once",
        help_text="Keys, with commas between. None for what is rare: one look at a time finds it.",
    )
    grid_size = forms.TypedChoiceField(
        coerce=int, choices=[(12, "12"), (24, "24")], label="Pictures on one screen"
    )
    grid_precision = forms.FloatField(
        min_value=0.5,
        max_value=0.999,
        label="How often the model must be right about such a label",
    )
    grid_seconds = forms.FloatField(
        min_value=0, max_value=300, label="Least seconds that they are looked at"
    )
    grid_gold_share = forms.FloatField(
        min_value=0, max_value=0.5, label="Share of them whose answer is known"
    )

    def clean_grid_labels(self) -> tuple[str, ...]:
        keys = (key.strip() for key in self.cleaned_data["grid_labels"].split(","))
        return tuple(dict.fromkeys(key for key in keys if key))


class TrainingForm(forms.Form):
    automatic = forms.BooleanField(required=False, label="Start runs without being asked")
    approvals_needed = forms.IntegerField(min_value=1, label="New approvals that start a run")
    cooldown_seconds = forms.IntegerField(min_value=0, label="Least seconds between two runs")


class GateForm(forms.Form):
    overall = forms.FloatField(
        min_value=0, max_value=1, label="Accuracy that may be lost on older items"
    )
    alpha = forms.FloatField(
        min_value=0, max_value=1, label="Error probability of “better on recent traffic”"
    )
    cost = forms.FloatField(min_value=0, label="Cost that may be added per item")
    target_share = forms.FloatField(
        min_value=0, max_value=1, label="Share of coming items expected to look like recent ones"
    )
    max_miss_rate = forms.FloatField(
        required=False, min_value=0, max_value=1, label="Hard limit on the share of misses"
    )
    min_source = forms.IntegerField(min_value=1, label="Least older items")
    min_target = forms.IntegerField(min_value=1, label="Least audited recent items")
    automatic_promotion = forms.BooleanField(
        required=False, label="Promote without asking when the gate says so"
    )


@dataclass(frozen=True)
class Policy:
    """One policy: its form, and the action behind it, which returns the new number."""

    title: str
    form: type[forms.Form]
    revise: Callable[[Admission, Values, datetime], int]


def _review(admission: Admission, values: Values, now: datetime) -> int:
    review = ReviewSpec(**values)
    return revise_review_policy(
        project=admission.project, review=review, actor=admission.actor, now=now
    ).number


def _training(admission: Admission, values: Values, now: datetime) -> int:
    return revise_training_policy(
        project_id=admission.project.pk, actor=admission.actor, now=now, **values
    ).number


def _gate(admission: Admission, values: Values, now: datetime) -> int:
    margins = {name: value for name, value in values.items() if name != "automatic_promotion"}
    return revise_gate_policy(
        project_id=admission.project.pk,
        margins=GateMargins(**margins),
        automatic_promotion=values["automatic_promotion"],
        actor=admission.actor,
        now=now,
    ).number


POLICIES: Mapping[str, Policy] = {
    "review": Policy("Review policy", ReviewForm, _review),
    "training": Policy("Training policy", TrainingForm, _training),
    "gate": Policy("Gate policy", GateForm, _gate),
}
