"""The kinds of work, as the machine speaks them: one label a prediction, one label a judgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import AuditBudget, Rules


class Trade(NamedTuple):
    """How one kind says what the machine means."""

    kind: str
    answer: Callable[[str, float], dict[str, Any]]
    judgement: Callable[[str], dict[str, Any]]
    unknown_label: str
    """The code that refuses a judgement by a label of another world."""
    gone_confidence: float
    """What is left of a prediction's confidence when its label has no successor."""


def _box(label: str, **score: float) -> list[dict[str, Any]]:
    return [{"label": label, **score, "x": 4.0, "y": 3.0, "width": 9.0, "height": 8.0}]


TRADES = (
    Trade(
        "image_classification",
        lambda label, confidence: {label: confidence},
        lambda label: {"verdict": "label", "label_key": label},
        "unknown_label",
        0.0,
    ),
    Trade(
        "text_classification",
        lambda label, confidence: {"label": label, "confidence": confidence},
        lambda label: {"verdict": "label", "label_key": label},
        "unknown_label",
        0.0,
    ),
    Trade(
        "object_detection",
        lambda label, confidence: {"boxes": _box(label, score=confidence)},
        lambda label: {"verdict": "boxes", "boxes": _box(label)},
        "invalid_answer",
        1.0,
    ),
)

TAXONOMIES = (
    TaxonomySpec((LabelSpec("good", "Good"), LabelSpec("defect", "Defect", is_positive=True))),
    TaxonomySpec(
        (
            LabelSpec("good", "Good"),
            LabelSpec("crack", "Crack", is_positive=True, cost_of_miss=5.0),
            LabelSpec("scratch", "Scratch", is_positive=True),
        ),
        mapping={"defect": "crack"},
    ),
    TaxonomySpec((LabelSpec("fine", "Fine"), LabelSpec("crack", "Crack", is_positive=True))),
)
"""Renamed with a mapping, then `good` and `scratch` gone without one."""

LABELS = ("good", "defect", "crack", "scratch", "fine", "of-another-world")

ROUTING = (
    Rules(low_confidence=1.0, disagreement=True, audit_rate=1e-6),
    Rules(low_confidence=0.7, disagreement=True, audit_rate=0.5),
    Rules(low_confidence=None, disagreement=False, audit_rate=1.0),
    Rules(low_confidence=None, disagreement=True, audit_rate=1e-6),
    Rules(low_confidence=1.0, audit_rate=0.3, daily_cap=2),
    Rules(low_confidence=0.7, audit_budget=AuditBudget(per_day=3, expected_per_day=6)),
)

REVIEWING = (
    ReviewSpec(grace_seconds=0, lease_seconds=60, blind_share=0.0),
    ReviewSpec(grace_seconds=300, lease_seconds=60, blind_share=1.0),
    ReviewSpec(
        answers_wanted=2, agreement_needed=2, skips_allowed=0, approval="lead", blind_share=0.0
    ),
    ReviewSpec(answers_wanted=3, agreement_needed=2, grace_seconds=60, blind_share=0.0),
)
