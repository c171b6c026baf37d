"""A client takes a prediction back."""

from __future__ import annotations

import json
from threading import Event
from time import sleep
from uuid import uuid4

import pytest
from django.db import transaction

from annotations.actions.append_route import append_route
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.routing import Rules, novelty
from annotations.errors import ReasonMissing, UnknownPrediction
from annotations.models import Assignment, Item, Prediction, QueueEntry, Verb, Withdrawal
from annotations.queries.accounting import queue_accounting
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import NOTHING_QUEUED, TESTER, bearer, present
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return factories.project("cells")


def withdraw(of, prediction: Prediction, reason: str = "wrong camera") -> Withdrawal:
    return withdraw_prediction(
        project=of,
        prediction_uid=prediction.uid,
        reason=reason,
        actor=TESTER,
        now=present(),
    )


def state(entry: QueueEntry) -> str:
    entry.refresh_from_db()
    return entry.state


def test_people_are_spared_what_nobody_asks_any_more(cells) -> None:
    entry = factories.queued(cells)
    claim_next(project=cells, reviewer=factories.reviewer(cells), now=present())
    withdrawal = withdraw(cells, entry.prediction)
    assert (withdrawal.reason, withdrawal.actor_name) == ("wrong camera", "tests")
    assert state(entry) == "withdrawn"
    assert not Assignment.objects.filter(state="held").exists()
    recorded = AuditEntry.objects.get(action="prediction.withdraw")
    assert recorded.after == {"reason": "wrong camera", "entries_withdrawn": 1}


def test_again_changes_nothing(cells) -> None:
    entry = factories.queued(cells)
    first = withdraw(cells, entry.prediction)
    again = withdraw(cells, entry.prediction, "another reason")
    assert again == first
    assert again.reason == "wrong camera"
    assert AuditEntry.objects.filter(action="prediction.withdraw").count() == 1


def test_another_prediction_that_asked_for_people_keeps_the_item_waiting(cells) -> None:
    entry = factories.queued(cells, external_id="a")
    second = factories.prediction(cells, external_id="a", version="2", confidence=0.6, image=None)
    withdraw(cells, entry.prediction)
    assert state(entry) == "awaiting_review"
    withdraw(cells, second)
    assert state(entry) == "withdrawn"


def test_the_other_prediction_is_the_one_that_is_shown(cells) -> None:
    entry = factories.queued(cells, external_id="a", label="defect")
    second = factories.prediction(
        cells, external_id="a", version="2", label="good", confidence=0.6, image=None
    )
    withdraw(cells, entry.prediction)
    entry.refresh_from_db()
    assert (entry.prediction, entry.predicted_key) == (second, "good")


def test_whoever_looks_at_it_now_confirms_what_they_see(cells) -> None:
    entry = factories.queued(cells, external_id="a", label="defect")
    factories.prediction(
        cells, external_id="a", version="2", label="good", confidence=0.6, image=None
    )
    claim_next(project=cells, reviewer=factories.reviewer(cells), now=present())
    withdraw(cells, entry.prediction)
    entry.refresh_from_db()
    assert entry.predicted_key == "defect"


@pytest.mark.both_databases
def test_a_prediction_that_comes_afterwards_asks_people_again(cells) -> None:
    entry = factories.queued(cells, external_id="a", label="defect")
    withdraw(cells, entry.prediction)
    accepted = factories.prediction(
        cells, external_id="a", version="2", label="good", confidence=1.0, image=None
    )
    assert state(entry) == "withdrawn"
    later = factories.prediction(
        cells, external_id="a", version="3", label="good", confidence=0.6, image=None
    )
    assert state(entry) == "awaiting_review"
    assert (entry.prediction, entry.predicted_key) == (later, "good")
    assert entry.slots_open == entry.answers_wanted
    assert queue_accounting(cells.pk).balanced
    assert accepted.pk != later.pk


def test_what_a_lead_took_out_stays_out(cells) -> None:
    entry = factories.queued(cells, external_id="a")
    withdraw_entry(
        project=cells, entry_uid=entry.uid, actor=TESTER, reason="a test card", now=present()
    )
    withdraw(cells, entry.prediction)
    factories.prediction(cells, external_id="a", version="2", confidence=0.6, image=None)
    assert state(entry) == "withdrawn"


def test_another_prediction_that_was_accepted_does_not(cells) -> None:
    entry = factories.queued(cells, external_id="a", label="defect")
    factories.prediction(
        cells, external_id="a", version="2", label="defect", confidence=1.0, image=None
    )
    withdraw(cells, entry.prediction)
    assert state(entry) == "withdrawn"


def test_what_people_have_said_stays(cells) -> None:
    entry = factories.queued(cells)
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=factories.reviewer(cells),
        verdict="label",
        label_key="good",
        token=uuid4(),
        seconds=3.0,
        now=present(),
    )
    before = state(entry)
    assert before == "approved"
    withdraw(cells, entry.prediction)
    assert state(entry) == before
    assert entry.item.annotations.count() == 1
    assert Withdrawal.objects.count() == 1


def test_a_prediction_that_nobody_had_to_see_is_withdrawn_too(cells) -> None:
    stored = factories.prediction(cells, confidence=1.0)
    withdraw(cells, stored)
    assert Withdrawal.objects.get().prediction == stored


def test_a_reason_and_a_prediction_are_needed(cells) -> None:
    entry = factories.queued(cells)
    with pytest.raises(ReasonMissing):
        withdraw(cells, entry.prediction, "  ")
    with pytest.raises(UnknownPrediction):
        withdraw(factories.project(), entry.prediction)
    assert state(entry) == "awaiting_review"


def test_by_the_api(client, cells) -> None:
    entry = factories.queued(cells)
    headers = bearer(factories.api_key(cells, Verb.PREDICT)[1])
    path = f"/api/v1/projects/cells/predictions/{entry.prediction.uid}:withdraw"

    def post(body: object, path: str = path):
        return client.post(path, json.dumps(body), content_type="application/json", headers=headers)

    answer = post({"reason": "wrong camera"})
    assert answer.status_code == 200
    assert answer.json()["withdrawal"]["reason"] == "wrong camera"
    assert answer.json()["entry"]["state"] == "withdrawn"
    assert post({"reason": "again"}).json() == answer.json()
    assert post({"reason": "x" * 301}).json()["errors"][0]["field"] == "reason"
    assert post({"reason": " "}).json()["code"] == "reason_missing"
    assert (
        post({"reason": "a"}, path.replace(str(entry.prediction.uid), str(uuid4()))).status_code
        == 404
    )


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_at_once_it_is_withdrawn_once(cells) -> None:
    entry = factories.queued(cells)
    told = at_once(*[lambda: withdraw(cells, entry.prediction)] * 4)
    assert len({each.pk for each in told}) == 1
    assert AuditEntry.objects.filter(action="prediction.withdraw").count() == 1
    assert state(entry) == "withdrawn"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["withdrawn", "found"])
def test_a_finding_at_the_same_time_asks_nobody_about_what_was_taken_back(first) -> None:
    """Of an accepted prediction, which has no entry that both could wait for."""
    of = factories.project(rules=NOTHING_QUEUED)
    stored = factories.prediction(of, confidence=0.97)
    calls = {
        "withdrawn": lambda: withdraw(of, stored),
        "found": lambda: append_route(
            project_id=of.pk,
            prediction_id=stored.pk,
            reason=novelty(p_value=0.004, threshold=0.01, distance=0.7),
            now=present(),
        ),
    }
    under_way = Event()

    def begin() -> object:
        with transaction.atomic():
            # The other one has read what there is when this commits, and waits.
            if first == "withdrawn":
                Item.objects.select_for_update(no_key=True).get()
                under_way.set()
                sleep(0.3)
                return calls[first]()
            told = calls[first]()
            under_way.set()
            sleep(0.3)
            return told

    def follow() -> object:
        assert under_way.wait(20)
        (other,) = calls.keys() - {first}
        return calls[other]()

    told = at_once(begin, follow)
    assert not [each for each in told if isinstance(each, Exception)], told
    assert Withdrawal.objects.count() == 1
    assert not QueueEntry.objects.exclude(state="withdrawn").exists()
    assert stored.routes.count() == (1 if first == "withdrawn" else 2)
    assert queue_accounting(of.pk).balanced


def test_an_entry_held_back_by_the_cap_names_another_prediction_too() -> None:
    held = factories.project(rules=Rules(low_confidence=1.0, audit_rate=1e-6, daily_cap=1))
    factories.submit(held, factories.incoming("first", confidence=0.6))
    factories.submit(held, factories.incoming("a", confidence=0.6, seed=1))
    factories.submit(held, factories.incoming("a", image=None, predictor="b", confidence=0.6))
    entry = QueueEntry.objects.get(state="awaiting_capacity")
    withdraw(held, entry.prediction)
    entry.refresh_from_db()
    assert entry.state == "awaiting_capacity"
    assert entry.prediction.predictor.name == "b"
