"""The items on which challenger and champion part: what a gate's figures look like one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.models import Evaluation, EvaluationMember, GateDecision

SHOWN = 12


@dataclass(frozen=True)
class Example:
    """One item that one of two models has wrong: the truth, what was said, and how surely."""

    annotation_id: int
    truth: str
    said: str
    confidence: float


@dataclass(frozen=True)
class Examples:
    """`fixed` the champion has wrong, `broke` the challenger; the surest mistakes first.

    `fixed_total` and `broke_total` count all of them among `items`.
    """

    champion_number: int
    items: int
    fixed: Sequence[Example]
    fixed_total: int
    broke: Sequence[Example]
    broke_total: int


def examples_of(project_id: int, number: int, *, limit: int = SHOWN) -> Examples | None:
    """From the evaluation sets of the newest verdict on a model; None without a rival model.

    Three queries, however many items the sets hold.
    """
    decisions = GateDecision.objects.filter(project_id=project_id, challenger__number=number)
    decision = decisions.select_related("champion").order_by("-pk").first()
    if decision is None or decision.champion is None:
        return None
    pairs = list(_parted(decision, decision.champion.pk))
    fixed = [champion for right, champion in pairs if right.said == right.truth]
    broke = [challenger for challenger, right in pairs if right.said == right.truth]
    return Examples(
        champion_number=decision.champion.number,
        items=EvaluationMember.objects.filter(evaluation_set__decisions=decision).count(),
        fixed=_surest(fixed, limit),
        fixed_total=len(fixed),
        broke=_surest(broke, limit),
        broke_total=len(broke),
    )


def _parted(decision: GateDecision, rival: int) -> Iterator[tuple[Example, Example]]:
    """What challenger and champion said of each item on which exactly one of them is right."""
    models = [decision.challenger_id, rival]
    answers = {
        (set_id, model_id): given
        for set_id, model_id, given in Evaluation.objects.filter(
            evaluation_set__decisions=decision, model_version__in=models
        ).values_list("evaluation_set", "model_version", "answers")
    }
    members = EvaluationMember.objects.filter(evaluation_set__decisions=decision)
    asked = members.order_by("evaluation_set", "position").values_list(
        "evaluation_set", "position", "annotation", "annotation__label_key"
    )
    for set_id, position, annotation_id, truth in asked:
        given = [answers.get((set_id, model)) for model in models]
        if None in given:
            continue
        ours, theirs = (Example(annotation_id, truth, *each[position]) for each in given if each)
        if (ours.said == truth) != (theirs.said == truth):
            yield ours, theirs


def _surest(examples: list[Example], limit: int) -> list[Example]:
    return sorted(examples, key=lambda example: -example.confidence)[:limit]
