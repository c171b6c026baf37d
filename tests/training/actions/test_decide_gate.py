from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from annotations.queries.learning import approved_annotations, taxonomy_in_force
from reviewhub.common.models import OutboxEvent
from tests.factories import DEFECT, GOOD, TESTER, present, project
from tests.training.builders import (
    approved,
    brightness_onnx,
    first_champion,
    held_run,
    model,
)
from training.actions.decide_gate import decide_gate
from training.actions.evaluate_candidate import evaluate_candidate
from training.actions.promote_model import promote_model
from training.actions.revise_gate_policy import revise_gate_policy
from training.domain.exams import left_out, set_exams
from training.domain.gate import GateMargins
from training.models import GateDecision, ModelRole, Verdict
from training.queries.champion import champion_of

pytestmark = pytest.mark.django_db
BRIGHT_IS_DEFECT, ALL_DEFECT = brightness_onnx(threshold=125), brightness_onnx(threshold=0)


@pytest.fixture
def cells():
    made = project()
    for number in range(24):
        approved(made, label=DEFECT if number % 2 else GOOD, fold="evaluate")
    return made


def gate_policy(cells, *, automatic: bool) -> None:
    revise_gate_policy(
        project_id=cells.pk,
        margins=GateMargins(overall=0.1, min_source=1, min_target=5),
        automatic_promotion=automatic,
        actor=TESTER,
        now=present(),
    )


def decide(
    cells, candidate, champion=None, *, meanwhile=lambda: None, audited=True
) -> GateDecision:
    """As a run does it; all that is recent was drawn for audit, or nothing was."""
    held, taxonomy = held_run(cells), taxonomy_in_force(cells.pk)
    known = approved_annotations(cells.pk, taxonomy.id)
    frozen_at = champion.snapshot.created_at if champion else None
    odds = {one.annotation_id: 0.5 for one in known if audited}
    exams = set_exams(
        known,
        readable={one.item_id for one in known},
        champion_frozen_at=frozen_at,
        odds=odds,
    )
    models = [candidate, champion] if champion else [candidate]
    sittings = evaluate_candidate(held=held, models=models, exams=exams, taxonomy=taxonomy)
    meanwhile()
    return decide_gate(
        held=held,
        candidate=candidate,
        champion=champion,
        sittings=sittings,
        left_out=left_out(known, known, champion_frozen_at=frozen_at, odds=odds),
        taxonomy=taxonomy,
    )


def test_a_first_model_that_sees_something_is_promoted_by_itself(cells) -> None:
    gate_policy(cells, automatic=True)
    candidate = model(cells, onnx_file=BRIGHT_IS_DEFECT)
    decision = decide(cells, candidate)
    assert decision.verdict == Verdict.PROMOTE, decision.reasons
    assert champion_of(cells.pk) == candidate
    assert decision.promotions.get().actor == "gate policy 1"
    assert OutboxEvent.objects.get(type="gate.decided").data["verdict"] == "promote"


def test_without_automatic_promotion_it_waits_for_a_lead(cells) -> None:
    gate_policy(cells, automatic=False)
    candidate = model(cells, onnx_file=BRIGHT_IS_DEFECT)
    assert decide(cells, candidate).verdict == Verdict.PROMOTE
    candidate.refresh_from_db()
    assert candidate.role == ModelRole.CANDIDATE


def test_a_model_that_calls_everything_a_defect_is_not_promoted(cells) -> None:
    gate_policy(cells, automatic=True)
    decision = decide(cells, model(cells, onnx_file=ALL_DEFECT))
    assert decision.verdict != Verdict.PROMOTE
    assert champion_of(cells.pk) is None
    assert decision.reasons


def test_a_champion_without_recent_exams_keeps_its_place(cells) -> None:
    gate_policy(cells, automatic=True)
    champion = first_champion(cells, onnx_file=ALL_DEFECT, frozen_at=present())
    decision = decide(cells, model(cells, onnx_file=BRIGHT_IS_DEFECT), champion)
    assert decision.verdict == Verdict.NOT_ENOUGH_EVIDENCE
    assert champion_of(cells.pk) == champion


def test_a_challenger_that_wins_on_recent_traffic_takes_the_place(cells) -> None:
    gate_policy(cells, automatic=True)
    champion = first_champion(cells, onnx_file=ALL_DEFECT, frozen_at=present())
    for number in range(12):
        approved(cells, label=DEFECT if number % 2 else GOOD, fold="evaluate")
    candidate = model(cells, onnx_file=BRIGHT_IS_DEFECT)
    decision = decide(cells, candidate, champion)
    assert decision.verdict == Verdict.PROMOTE, decision.reasons
    names = decision.evaluation_sets.order_by("kind").values_list("name", flat=True)
    assert [name.partition(",")[0] for name in names] == [
        "Evaluate fold of older traffic",
        "Audited items of recent traffic",
    ]
    assert champion_of(cells.pk) == candidate


def test_a_challenger_that_wins_where_no_audit_drew_asks_for_audits(cells) -> None:
    gate_policy(cells, automatic=True)
    champion = first_champion(cells, onnx_file=ALL_DEFECT, frozen_at=present())
    for number in range(12):
        approved(cells, label=DEFECT if number % 2 else GOOD, fold="evaluate")
    decision = decide(cells, model(cells, onnx_file=BRIGHT_IS_DEFECT), champion, audited=False)
    assert decision.verdict == Verdict.NOT_ENOUGH_EVIDENCE
    (reason,) = decision.reasons
    assert reason.startswith("0 audited items of recent traffic are labelled for evaluation; 5")
    assert "Left out: 12 judged without being drawn for audit" in reason
    assert champion_of(cells.pk) == champion


def test_a_verdict_on_a_champion_that_is_gone_promotes_nobody(cells) -> None:
    gate_policy(cells, automatic=True)
    champion = first_champion(cells, onnx_file=ALL_DEFECT, frozen_at=present())
    for number in range(12):
        approved(cells, label=DEFECT if number % 2 else GOOD, fold="evaluate")
    rival = model(cells)

    def a_lead_was_faster() -> None:
        promote_model(
            project_id=cells.pk,
            model_version=rival,
            actor=TESTER,
            reasons=["I know better"],
            now=present(),
        )

    candidate = model(cells, onnx_file=BRIGHT_IS_DEFECT)
    decision = decide(cells, candidate, champion, meanwhile=a_lead_was_faster)
    assert decision.verdict == Verdict.PROMOTE
    assert champion_of(cells.pk) == rival
    candidate.refresh_from_db()
    assert candidate.role == ModelRole.CANDIDATE


@pytest.mark.both_databases
def test_a_verdict_is_never_rewritten(cells) -> None:
    gate_policy(cells, automatic=False)
    decision = decide(cells, model(cells, onnx_file=ALL_DEFECT))
    with pytest.raises(IntegrityError), transaction.atomic():
        GateDecision.objects.filter(pk=decision.pk).update(verdict=Verdict.PROMOTE)
