from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from reviewhub.common.clock import Moment
from reviewhub.common.errors import JsonDict
from training.errors import UnknownModel
from training.models import (
    Evaluation,
    EvaluationKind,
    GateDecision,
    ModelRole,
    ModelVersion,
    Promotion,
    PromotionKind,
    Verdict,
)
from training.queries.models_page import ModelRow, rows_of, with_decision


@dataclass(frozen=True)
class TestFacts:
    """One test of the gate: `passed` is None where the items are too few to tell."""

    name: str
    figures: JsonDict
    passed: bool | None
    sentence: str


@dataclass(frozen=True)
class DecisionFacts:
    verdict: str
    verdict_label: str
    champion_number: int | None
    policy_number: int
    tests: tuple[TestFacts, ...]
    reasons: tuple[str, ...]
    decided_at: Moment


@dataclass(frozen=True)
class EvaluationFacts:
    """Challenger and champion on one evaluation set; `champion` is empty for a first model."""

    name: str
    kind: str
    kind_label: str
    challenger: JsonDict
    champion: JsonDict


@dataclass(frozen=True)
class PromotionFacts:
    number: int
    kind: str
    kind_label: str
    previous_number: int | None
    actor: str
    reasons: tuple[str, ...]
    at: Moment


@dataclass(frozen=True)
class ModelReport:
    """Everything the page of one model shows, the sentence first."""

    sentence: str
    row: ModelRow
    decision: DecisionFacts | None
    evaluations: tuple[EvaluationFacts, ...]
    promotions: tuple[PromotionFacts, ...]
    snapshot_digest: str
    snapshot_counts: JsonDict
    card: JsonDict
    can_be_promoted: bool
    needs_reason: bool
    """Promoting it now takes a person's words, since the gate did not say "promote" to it."""


def model_report(project_id: int, number: int) -> ModelReport:
    """The model with this number and what the gate said of it; raises UnknownModel.

    The same number of queries however many evaluations and promotions there are.
    """
    models = with_decision(ModelVersion.objects.filter(project_id=project_id, number=number))
    model = models.prefetch_related(_promotions(), _evaluations()).first()
    if model is None:
        raise UnknownModel(f"There is no model {number}.")
    decision = _newest_decision(model)
    (row,) = rows_of([model])
    return ModelReport(
        sentence=_sentence(row, decision),
        row=row,
        decision=_decision_facts(decision) if decision else None,
        evaluations=_compared(model.evaluations.all(), decision),
        promotions=tuple(_promotion_facts(one) for one in model.promotions.all()),
        snapshot_digest=model.snapshot.digest,
        snapshot_counts=model.snapshot.counts,
        card=model.card,
        can_be_promoted=model.role != ModelRole.CHAMPION,
        needs_reason=not _still_says_promote(project_id, decision),
    )


def _promotions() -> Prefetch[str, QuerySet[Promotion], str]:
    return Prefetch("promotions", Promotion.objects.select_related("previous").order_by("-number"))


def _evaluations() -> Prefetch[str, QuerySet[Evaluation], str]:
    return Prefetch(
        "evaluations", Evaluation.objects.select_related("evaluation_set").order_by("-pk")
    )


def _newest_decision(model: ModelVersion) -> GateDecision | None:
    decisions = model.gate_decisions.select_related("champion", "policy").order_by("-pk")
    return decisions.prefetch_related("evaluation_sets").first()


def _sentence(row: ModelRow, decision: GateDecision | None) -> str:
    if decision is None:
        return f"Model {row.number} has not been judged yet."
    rival = f"v{decision.champion.number}" if decision.champion else "no champion"
    said = {
        Verdict.PROMOTE: "The gate recommends it",
        Verdict.REFUSE: "The gate refuses it",
        Verdict.NOT_ENOUGH_EVIDENCE: "The gate cannot tell yet",
    }[Verdict(decision.verdict)]
    return f"{said}, compared with {rival}."


def _decision_facts(decision: GateDecision) -> DecisionFacts:
    return DecisionFacts(
        verdict=decision.verdict,
        verdict_label=Verdict(decision.verdict).label,
        champion_number=decision.champion.number if decision.champion else None,
        policy_number=decision.policy.number,
        tests=tuple(TestFacts(**test) for test in decision.tests),
        reasons=tuple(decision.reasons),
        decided_at=decision.created_at,
    )


def _compared(
    evaluations: Iterable[Evaluation], decision: GateDecision | None
) -> tuple[EvaluationFacts, ...]:
    """The sets the gate looked at, or before its verdict all that the model has sat."""
    mine = {one.evaluation_set_id: one for one in evaluations}
    if decision is not None:
        asked = {one.pk for one in decision.evaluation_sets.all()}
        mine = {key: one for key, one in mine.items() if key in asked}
    rivals = Evaluation.objects.filter(
        evaluation_set__in=mine, model_version=decision.champion_id if decision else None
    )
    theirs = {one.evaluation_set_id: one.metrics for one in rivals}
    return tuple(
        EvaluationFacts(
            name=one.evaluation_set.name,
            kind=one.evaluation_set.kind,
            kind_label=EvaluationKind(one.evaluation_set.kind).label,
            challenger=one.metrics,
            champion=theirs.get(key, {}),
        )
        for key, one in sorted(mine.items(), key=lambda pair: pair[1].evaluation_set.kind)
    )


def _promotion_facts(promotion: Promotion) -> PromotionFacts:
    return PromotionFacts(
        number=promotion.number,
        kind=promotion.kind,
        kind_label=PromotionKind(promotion.kind).label,
        previous_number=promotion.previous.number if promotion.previous else None,
        actor=promotion.actor,
        reasons=tuple(promotion.reasons),
        at=promotion.created_at,
    )


def _still_says_promote(project_id: int, decision: GateDecision | None) -> bool:
    if decision is None or decision.verdict != Verdict.PROMOTE:
        return False
    champion = ModelVersion.objects.filter(project_id=project_id, role=ModelRole.CHAMPION)
    return champion.values_list("pk", flat=True).first() == decision.champion_id
