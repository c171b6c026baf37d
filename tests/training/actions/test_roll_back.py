from __future__ import annotations

import pytest

from reviewhub.common.models import OutboxEvent
from tests.factories import TESTER, present, project
from tests.races import at_once
from tests.training.builders import first_champion, model
from training.actions.promote_model import promote_model
from training.actions.roll_back import roll_back
from training.errors import ChampionChanged, NothingToRollBack, PromotionNeedsReason
from training.models import Promotion, PromotionKind
from training.queries.champion import champion_of

pytestmark = pytest.mark.django_db


def two_champions(cells):
    first, second = first_champion(cells), model(cells)
    promote_model(
        project_id=cells.pk,
        model_version=second,
        actor=TESTER,
        reasons=["better"],
        now=present(),
    )
    return first, second


def back(cells, reasons=("it was worse",), **more):
    return roll_back(project_id=cells.pk, actor=TESTER, reasons=reasons, now=present(), **more)


def test_one_call_restores_the_predecessor() -> None:
    cells = project()
    first, second = two_champions(cells)
    change = back(cells)
    assert (change.kind, change.previous) == (PromotionKind.ROLLBACK, second)
    assert champion_of(cells.pk) == first
    event = OutboxEvent.objects.get(project_id=cells.pk, type="model.rolled_back")
    assert (event.data["model"]["number"], event.data["previous"]) == (1, 2)


def test_a_rollback_can_be_rolled_back() -> None:
    cells = project()
    _, second = two_champions(cells)
    back(cells)
    back(cells, reasons=["it was not the model"])
    assert champion_of(cells.pk) == second


def test_the_first_champion_has_no_predecessor() -> None:
    cells = project()
    with pytest.raises(NothingToRollBack):
        back(cells)
    first_champion(cells)
    with pytest.raises(NothingToRollBack):
        back(cells)


def test_it_takes_a_reason() -> None:
    cells = project()
    two_champions(cells)
    with pytest.raises(PromotionNeedsReason):
        back(cells, reasons=[])


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_who_roll_back_at_once_roll_back_once() -> None:
    cells = project()
    first, second = two_champions(cells)
    told = at_once(*[lambda: back(cells, expected_champion=second.number)] * 3)
    assert sum(isinstance(one, Promotion) for one in told) == 1
    assert sum(isinstance(one, ChampionChanged) for one in told) == 2
    assert champion_of(cells.pk) == first
