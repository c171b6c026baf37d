from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django import forms
from django.urls import reverse

from annotations.queries.admission import Project
from annotations.queries.policies import (
    ReviewSpec,
    Rules,
    review_in_force,
    rules_in_force,
    taxonomy_with_labels,
)
from reviewhub.common.pages import Link
from training.domain.gate import GateMargins
from training.queries.policies import gate_policy_of, training_policy_of
from training.web.contexts.tables import Table, keys, members, webhooks
from training.web.policies import POLICIES


@dataclass(frozen=True)
class PolicySection:
    """A policy as a form of its own, or told in a sentence with a link to its page."""

    id: str
    title: str
    sentence: str
    form: forms.Form | None = None
    action: str = ""
    label: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class LabelLine:
    name: str
    colour_index: int
    hotkey: str
    is_positive: bool
    cost_of_miss: float
    cost_of_false_alarm: float
    guideline: str


@dataclass(frozen=True)
class TaxonomySection:
    number: int
    labels: Sequence[LabelLine]


@dataclass(frozen=True)
class SettingsContext:
    policies: Sequence[PolicySection]
    taxonomy: TaxonomySection
    tables: Sequence[Table]
    title: str = "Settings"
    lede: str = (
        "Each change is a new number; what was decided before keeps the one it was made under."
    )


def settings_context(
    project: Project, *, faulty: Mapping[str, forms.Form] | None = None
) -> SettingsContext:
    """Policies, labels, members, keys and webhooks; `faulty` holds forms that came back."""
    faulty = faulty or {}
    return SettingsContext(
        policies=[
            _routing(project),
            *(
                _section(
                    project,
                    name,
                    sentence,
                    faulty.get(name) or POLICIES[name].form(initial=initial),
                )
                for name, sentence, initial in _in_force(project)
            ),
        ],
        taxonomy=_taxonomy(project),
        tables=[members(project), keys(project), webhooks(project)],
    )


def _in_force(project: Project) -> list[tuple[str, str, dict[str, object]]]:
    review_number, review = review_in_force(project)
    training, gate = training_policy_of(project.pk), gate_policy_of(project.pk)
    margins = GateMargins.from_json(gate.margins if gate else {})
    return [
        (
            "review",
            f"Number {review_number}: {review.agreement_needed} of {review.answers_wanted} "
            f"answers must agree; {review.approval} approval. {_grids(review)}",
            {**asdict(review), "grid_labels": ", ".join(review.grid_labels)},
        ),
        (
            "training",
            f"Number {training.number}: {training.approvals_needed} new approvals start a run."
            if training
            else "None yet: the defaults come into force with the first run.",
            {
                "automatic": training.automatic if training else False,
                "approvals_needed": training.approvals_needed if training else 200,
                "cooldown_seconds": training.cooldown_seconds if training else 86_400,
            },
        ),
        (
            "gate",
            f"Number {gate.number}: at most {margins.overall:.0%} may be lost on older items."
            if gate
            else "None yet: the defaults come into force with the first run.",
            margins.as_json()
            | {"automatic_promotion": gate.automatic_promotion if gate else False},
        ),
    ]


def _grids(review: ReviewSpec) -> str:
    if not review.grid_labels:
        return "No label is judged many at once."
    labels = ", ".join(review.grid_labels)
    return (
        f"Many at once where the model says {labels} and is right in {review.grid_precision:.1%}."
    )


def _routing(project: Project) -> PolicySection:
    """The one policy with a page of its own: its rules can be tried before they are in force."""
    number, rules = rules_in_force(project)
    below = rules.low_confidence
    return PolicySection(
        id="routing",
        title="Routing policy",
        sentence=(
            f"Number {number}: {f'below {below:g} is queued' if below else 'no threshold'}, "
            f"{_audited(rules)} drawn for audit."
        ),
        link=Link(
            "Change the rules, or try others", reverse("annotations:routing", args=[project.slug])
        ),
    )


def _audited(rules: Rules) -> str:
    if rules.audit_budget:
        return f"about {rules.audit_budget.per_day} predictions a day are"
    return f"{rules.first_audit_rate:.1%} of all predictions are"


def _section(project: Project, name: str, sentence: str, form: forms.Form) -> PolicySection:
    policy = POLICIES[name]
    return PolicySection(
        id=name,
        title=policy.title,
        sentence=sentence,
        form=form,
        action=reverse("training:revise_policy", args=[project.slug, name]),
        label=f"Put a new {policy.title.lower()} in force",
    )


def _taxonomy(project: Project) -> TaxonomySection:
    taxonomy = taxonomy_with_labels(project)
    return TaxonomySection(
        taxonomy.number,
        [
            LabelLine(
                name=label.name,
                colour_index=label.colour,
                hotkey=label.hotkey,
                is_positive=label.is_positive,
                cost_of_miss=label.cost_of_miss,
                cost_of_false_alarm=label.cost_of_false_alarm,
                guideline=label.guideline,
            )
            for label in taxonomy.labels.all()
        ],
    )
