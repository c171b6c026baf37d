from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from reviewhub.common.models import AuditEntry, OutboxEvent
from tests.factories import TESTER, present, project
from tests.races import at_once
from tests.training.builders import decision, first_champion, model
from training.actions.promote_model import promote_model
from training.errors import (
    AlreadyChampion,
    ChampionChanged,
    PromotionNeedsReason,
    UnknownModel,
)
from training.models import ModelRole, ModelVersion, Promotion, Verdict

pytestmark = pytest.mark.django_db


def promote(version, reasons=(), **more):
    return promote_model(
        project_id=version.project_id,
        model_version=version,
        actor=TESTER,
        reasons=reasons,
        now=present(),
        **more,
    )


def test_a_recommended_model_becomes_champion_with_the_gate_s_reasons() -> None:
    cells = project()
    first = first_champion(cells)
    second = model(cells)
    said = decision(second, champion=first)
    promotion = promote(second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.role, second.role) == (ModelRole.ARCHIVED, ModelRole.CHAMPION)
    assert (promotion.number, promotion.previous, promotion.decision) == (2, first, said)
    assert promotion.reasons == ["the gate says promote"]


def test_a_promotion_is_audited_and_told() -> None:
    cells = project()
    promote(model(cells), reasons=["start with something"])
    assert AuditEntry.objects.filter(project_id=cells.pk, action="model.promote").count() == 1
    event = OutboxEvent.objects.get(project_id=cells.pk, type="model.promoted")
    champion = ModelVersion.objects.get(project=cells)
    assert event.data["model"]["onnx_sha256"] == champion.onnx_sha256
    assert event.data["paths"]["onnx"] == f"/api/v1/projects/{cells.slug}/champion/model.onnx"


@pytest.mark.parametrize("verdict", [None, Verdict.REFUSE, Verdict.NOT_ENOUGH_EVIDENCE])
def test_without_the_gate_s_word_a_person_must_say_why(verdict) -> None:
    version = model(project())
    if verdict:
        decision(version, verdict=verdict)
    with pytest.raises(PromotionNeedsReason):
        promote(version, reasons=["  "])
    promotion = promote(version, reasons=["the customer's own test says otherwise"])
    assert promotion.reasons == ["the customer's own test says otherwise"]


def test_a_verdict_on_an_earlier_champion_is_not_the_gate_s_word() -> None:
    cells = project()
    version = model(cells)
    said = decision(version, champion=None)
    first_champion(cells)
    with pytest.raises(ChampionChanged):
        promote(version, decision=said)
    with pytest.raises(PromotionNeedsReason):
        promote(version)


def test_the_champion_cannot_be_promoted_again() -> None:
    with pytest.raises(AlreadyChampion):
        promote(first_champion(project()), reasons=["again"])


def test_a_model_of_another_project_is_unknown() -> None:
    version = model(project())
    with pytest.raises(UnknownModel):
        promote_model(
            project_id=project().pk,
            model_version=version,
            actor=TESTER,
            reasons=["why not"],
            now=present(),
        )


@pytest.mark.both_databases
def test_the_database_knows_no_second_champion() -> None:
    cells = project()
    first_champion(cells)
    with pytest.raises(IntegrityError), transaction.atomic():
        model(cells, role=ModelRole.CHAMPION)


@pytest.mark.both_databases
def test_a_promotion_says_why_and_is_never_rewritten() -> None:
    cells = project()
    promotion = promote(model(cells), reasons=["start"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.filter(pk=promotion.pk).update(reasons=["something else"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(
            project=cells,
            number=2,
            kind="promotion",
            model_version=promotion.model_version,
            actor="nobody",
            reasons=[],
            created_at=present(),
        )


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_promotions_at_once_each_knows_the_one_before() -> None:
    cells = project()
    first_champion(cells)
    candidates = [model(cells) for _ in range(4)]
    promoted = at_once(*(lambda m=m: promote(m, reasons=["race"]) for m in candidates))
    assert all(isinstance(one, Promotion) for one in promoted), promoted
    assert ModelVersion.objects.filter(project=cells, role=ModelRole.CHAMPION).count() == 1
    chain = list(Promotion.objects.filter(project=cells).order_by("number"))
    assert [one.number for one in chain] == [1, 2, 3, 4, 5]
    assert [one.previous_id for one in chain[1:]] == [one.model_version_id for one in chain[:-1]]
