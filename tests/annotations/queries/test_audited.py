from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.priority import AUDIT_DUE
from annotations.domain.routing import Rules
from annotations.models import Annotation, Item, Route
from annotations.queries.audited import audit_odds
from tests.factories import (
    EVERYTHING_AUDITED,
    EVERYTHING_QUEUED,
    GOOD,
    TESTER,
    annotated,
    incoming,
    prediction,
    present,
    project,
    reviewer,
    submit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HALF = Rules(low_confidence=1.0, disagreement=True, audit_rate=0.5)
LATER = AUDIT_DUE + timedelta(hours=1)


def answer(cells, rita, *, now=None) -> Annotation:
    held = claim_next(project=cells, reviewer=rita, now=now or present())
    submit_review(
        project=cells,
        entry_uid=held.entry.uid,
        reviewer=rita,
        verdict="label",
        label_key=GOOD,
        seconds=4.0,
        token=uuid4(),
        now=now or present(),
    )
    return Annotation.objects.get(entry=held.entry)


def odds(cells) -> dict[int, float]:
    Item.objects.filter(project=cells).update(fold="evaluate")
    return audit_odds(cells.pk, fold="evaluate")


def revise(cells, rules: Rules) -> None:
    revise_routing_policy(project=cells, rules=rules, actor=TESTER, now=present())


def test_only_what_an_audit_drew_has_odds_and_they_are_those_of_its_draw():
    cells = project(rules=HALF)
    rita = reviewer(cells)
    submit(cells, *[incoming(f"cell-{number}", confidence=0.6) for number in range(20)])
    drawn = set(Route.objects.filter(audited=True).values_list("prediction__item", flat=True))
    made = [answer(cells, rita) for _ in range(20)]
    assert 0 < len(drawn) < 20
    assert odds(cells) == {one.pk: 0.5 for one in made if one.item_id in drawn}


def test_another_fold_and_what_was_imported_have_none():
    cells = project(rules=EVERYTHING_AUDITED)
    annotated(cells)
    prediction(cells)
    answer(cells, reviewer(cells))
    assert len(odds(cells)) == 1
    assert audit_odds(cells.pk, fold="learn") == {}


def test_an_audit_that_had_lapsed_before_its_answer_is_none():
    """Who answers late answers other items than who answered in time would have."""
    cells = project(rules=Rules(low_confidence=1.0, audit_rate=1.0))
    prediction(cells, confidence=0.6)
    assert lapse_audits(now=present() + LATER) == 1
    answer(cells, reviewer(cells), now=present() + LATER)
    assert odds(cells) == {}


def test_a_draw_that_gave_a_lapsed_audit_new_time_is_not_that_of_the_first_prediction():
    """It is answered among those whom the first draw did not reach."""
    cells = project(rules=Rules(low_confidence=1.0, audit_rate=1.0))
    prediction(cells, external_id="cell", confidence=0.6, seed=1)
    assert lapse_audits(now=present() + LATER) == 1
    prediction(
        cells, external_id="cell", confidence=0.6, seed=1, version="2", now=present() + LATER
    )
    made = answer(cells, reviewer(cells), now=present() + LATER)
    assert made.entry.audited
    assert made.entry.lapsed_at is None
    assert odds(cells) == {}


def test_an_audit_of_a_later_predictor_is_none_of_the_item_s():
    """Whether people could judge it blind depended on whether the first one doubted."""
    cells = project(rules=EVERYTHING_QUEUED)
    prediction(cells, external_id="cell", confidence=0.6, seed=1)
    revise(cells, EVERYTHING_AUDITED)
    prediction(cells, external_id="cell", confidence=0.6, seed=1, version="2")
    made = answer(cells, reviewer(cells))
    assert made.entry.audited
    assert odds(cells) == {}


def test_a_withdrawn_prediction_s_draw_counts_no_more():
    cells = project(rules=EVERYTHING_AUDITED)
    first = prediction(cells)
    answer(cells, reviewer(cells))
    assert len(odds(cells)) == 1
    withdraw_prediction(
        project=cells, prediction_uid=first.uid, reason="sent twice", actor=TESTER, now=present()
    )
    assert odds(cells) == {}


def test_it_costs_one_query(django_assert_num_queries):
    cells = project(rules=EVERYTHING_AUDITED)
    rita = reviewer(cells)
    for _ in range(3):
        prediction(cells)
        answer(cells, rita)
    Item.objects.filter(project=cells).update(fold="evaluate")
    with django_assert_num_queries(1):
        assert len(audit_odds(cells.pk, fold="evaluate")) == 3
