"""What a worker finds later is one more route; the first, with its odds, stays as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.append_route import append_route
from annotations.actions.claim_next import claim_next
from annotations.domain.routing import Reason, Rules, informative, novelty
from annotations.models import Prediction, QueueEntry, Route, Withdrawal
from reviewhub.common import tally
from reviewhub.common.models import OutboxEvent, WebhookEndpoint
from tests import factories
from tests.factories import NOTHING_QUEUED, present
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
STRANGE = novelty(p_value=0.004, threshold=0.01, distance=0.7)
TEACHES = informative(margin=0.02, uncertainty=0.98)


def accepted(**fields: object) -> Prediction:
    cells = factories.project(rules=NOTHING_QUEUED)
    return factories.prediction(cells, confidence=0.97, **fields)


def append(prediction: Prediction, reason: Reason = STRANGE) -> Route | None:
    return append_route(
        project_id=prediction.project_id, prediction_id=prediction.pk, reason=reason, now=present()
    )


def test_an_accepted_prediction_is_queued_for_what_was_found_later():
    prediction = accepted()
    route = append(prediction)
    first = prediction.routes.get(sequence=1)
    assert (first.outcome, first.reasons) == ("accepted", [])
    assert (route.sequence, route.outcome, route.reasons) == (2, "queued", [STRANGE.as_json()])
    assert (route.inclusion_probability, route.draw, route.audited) == (
        first.inclusion_probability,
        first.draw,
        first.audited,
    )
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.predicted_key, entry.audited) == ("awaiting_review", "defect", False)
    rita = factories.reviewer(prediction.project)
    assert claim_next(project=prediction.project, reviewer=rita, now=present()).entry == entry


def test_the_counters_know_of_it():
    prediction = accepted()
    append(prediction)
    counted = tally.totals(prediction.project_id)
    assert counted["entered"] == counted["state:awaiting_review"] == counted["appended"] == 1
    assert counted["reason:novelty"] == 1
    assert counted["accepted"] == counted["predictions"] == 1


def test_another_finding_is_another_route_and_no_second_entry():
    prediction = accepted()
    append(prediction)
    assert append(prediction, TEACHES).sequence == 3
    assert QueueEntry.objects.count() == 1


def test_the_same_finding_again_changes_nothing():
    prediction = accepted()
    append(prediction)
    assert append(prediction) is None
    assert prediction.routes.count() == 2


def test_what_the_client_has_taken_back_is_not_queued():
    prediction = accepted()
    Withdrawal.objects.create(
        prediction=prediction, reason="wrong camera", actor_name="line", created_at=present()
    )
    assert append(prediction) is None
    assert not QueueEntry.objects.exists()


def test_a_prediction_of_another_project_is_not_found():
    prediction, other = accepted(), factories.project()
    assert (
        append_route(
            project_id=other.pk, prediction_id=prediction.pk, reason=STRANGE, now=present()
        )
        is None
    )


def test_an_audit_that_expired_waits_again():
    cells = factories.project(rules=factories.EVERYTHING_AUDITED)
    prediction = factories.prediction(cells)
    QueueEntry.objects.update(state="expired", slots_open=0, lapsed_at=present())
    append(prediction)
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.only_audit, entry.slots_open) == ("awaiting_review", False, 1)
    assert entry.lapsed_at is not None, "as an audit it stays a non-response"


def test_the_cap_of_the_day_holds_back_what_comes_later_too():
    cells = factories.project(rules=Rules(low_confidence=0.8, audit_rate=1e-6, daily_cap=1))
    factories.prediction(cells, confidence=0.6)
    append(factories.prediction(cells, confidence=0.97))
    states = QueueEntry.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["awaiting_review", "awaiting_capacity"]


def test_whoever_wants_to_know_is_told():
    prediction = accepted()
    WebhookEndpoint.objects.create(
        project_id=prediction.project_id,
        url="https://line.example/",
        events=["prediction.routed"],
        created_at=present() - timedelta(days=1),
    )
    append(prediction)
    (told,) = OutboxEvent.objects.get(type="prediction.routed").data["predictions"]
    assert told["prediction"] == str(prediction.uid)
    assert told["outcome"] == "queued"


@pytest.mark.django_db(transaction=True)
def test_two_findings_at_once_are_two_routes_and_one_entry():
    prediction = accepted()
    told = at_once(
        lambda: append(prediction),
        lambda: append(prediction, TEACHES),
        lambda: append(prediction),
        lambda: append(prediction, TEACHES),
    )
    assert not [each for each in told if isinstance(each, Exception)], told
    names = sorted(reason["name"] for route in prediction.routes.all() for reason in route.reasons)
    assert set(names) == {"informative", "novelty"}
    assert QueueEntry.objects.count() == 1
