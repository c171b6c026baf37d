"""Limits of a key: what is left is told, what is too much is refused before any work."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client

from annotations.actions.forget_minutes import forget_minutes
from annotations.actions.rotate_api_key import rotate_api_key
from annotations.actions.spend_allowance import AllowanceSpent, _spent, spend_allowance
from annotations.errors import ApiKeyInvalid, BatchTooLarge
from annotations.models import ApiKey, ApiKeyMinute, Item, Prediction, Verb
from annotations.tasks import sweep
from reviewhub.common.clock import database_now
from tests import factories
from tests.factories import TESTER, bearer, present
from tests.races import at_once

pytestmark = pytest.mark.django_db
API = "/api/v1/projects/cells"


@pytest.fixture(autouse=True)
def in_one_minute() -> None:
    """Each limit is that of a minute of the clock: none ends between two calls of a test."""
    if (second := present().second) >= 45:
        time.sleep(60.5 - second)


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def key(cells) -> ApiKey:
    return factories.api_key(cells, Verb.PREDICT)[0]


@pytest.fixture
def limited(cells):
    """Headers of a key with small limits."""

    def make(*, calls: int = 1000, predictions: int = 1000) -> dict[str, str]:
        key, secret = factories.api_key(cells, Verb.PREDICT, Verb.MODELS)
        key.calls_per_minute, key.predictions_per_minute = calls, predictions
        key.save()
        return bearer(secret)

    return make


def batch(client: Client, headers, names: list[str], upload: str):
    items = [
        {
            "external_id": name,
            "predictor": {"name": "camera", "version": "3"},
            "probabilities": {"good": 0.2, "defect": 0.8},
            "image": {"upload": upload},
        }
        for name in names
    ]
    body = json.dumps({"predictions": items})
    path = f"{API}/predictions:batch"
    return client.post(path, body, content_type="application/json", headers=headers)


def test_every_answer_tells_what_is_left(client, limited) -> None:
    headers = limited(calls=5, predictions=70)
    client.get(API, headers=headers)
    answer = client.get(API, headers=headers)
    assert answer["RateLimit-Policy"] == '"calls";q=5;w=60, "predictions";q=70;w=60'
    calls, predictions = answer["RateLimit"].split(", ")
    assert calls.startswith('"calls";r=3;t=')
    assert predictions.startswith('"predictions";r=70;t=')
    assert 1 <= int(calls.rpartition("=")[2]) <= 60


def test_one_call_too_many_is_refused_with_the_time_to_wait(client, limited) -> None:
    headers = limited(calls=2)
    answers = [client.get(API, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert int(refused["Retry-After"]) == refused.json()["retry_after"]
    assert refused["RateLimit"].startswith('"calls";r=0;t=')
    # Refused calls do not make the wait longer.
    assert ApiKeyMinute.objects.get().calls == 2


def test_a_batch_beyond_the_limit_stores_nothing_and_spends_nothing(client, cells, limited) -> None:
    headers = limited(predictions=5)
    upload = str(factories.image(cells, 1).uid)
    assert batch(client, headers, ["a", "b", "c"], upload).status_code == 200
    assert batch(client, headers, ["d", "e", "f"], upload).status_code == 429
    assert batch(client, headers, ["g", "h"], upload).status_code == 200
    assert Prediction.objects.count() == 5
    assert ApiKeyMinute.objects.get().predictions == 5


def test_a_batch_that_no_minute_allows_is_too_large(client, cells, limited) -> None:
    answer = batch(client, limited(predictions=2), ["a", "b", "c"], str(factories.image(cells).uid))
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (
        413,
        "batch_too_large",
        2,
    )


def test_calls_that_fail_count_too(client, limited) -> None:
    headers = limited(calls=2)
    paths = [f"{API}/predictions:batch", f"{API}/predictions", f"{API}/queue"]
    send = [
        client.post(path, "{", content_type="application/json", headers=headers) for path in paths
    ]
    assert [answer.status_code for answer in send] == [400, 400, 429]


def test_what_failed_is_not_given_back(client, cells, limited) -> None:
    headers = {**limited(calls=3), "Idempotency-Key": "one"}
    upload = str(factories.image(cells, 1).uid)
    assert batch(client, headers, ["a"], upload).status_code == 200
    assert batch(client, headers, ["b"], upload).status_code == 422  # the same key, another body
    assert batch(client, headers, ["a"], upload).status_code == 200
    assert batch(client, headers, ["a"], upload).status_code == 429
    assert list(Item.objects.values_list("external_id", flat=True)) == ["a"]


def test_models_are_fetched_under_the_same_limit(client, limited) -> None:
    headers = limited(calls=1)
    assert client.get(f"{API}/models", headers=headers).status_code == 200
    refused = client.get(f"{API}/models", headers=headers)
    assert refused.status_code == 429
    assert refused["RateLimit"].startswith('"calls";r=0;t=')


def test_people_have_no_limit(client, cells, limited) -> None:
    client.force_login(factories.lead(cells))
    answer = client.get(API)
    assert answer.status_code == 200
    assert not answer.has_header("RateLimit")


def test_a_new_minute_begins_with_nothing_spent(key) -> None:
    past = present() - timedelta(minutes=1)
    ApiKeyMinute.objects.create(
        key=key, minute=past.replace(second=0, microsecond=0), calls=10**6, predictions=0
    )
    assert spend_allowance(key=key).calls_left == key.calls_per_minute - 1


def test_the_sweep_forgets_minutes_long_past(key) -> None:
    spend_allowance(key=key)
    ApiKeyMinute.objects.create(key=key, minute=present() - timedelta(hours=2))
    assert sweep()["minutes"] == 1
    assert ApiKeyMinute.objects.count() == 1
    assert forget_minutes(now=present() + timedelta(hours=2)) == 1


def test_limits_are_checked_when_a_key_is_issued_and_stay_when_it_is_rotated(cells) -> None:
    asked = {"project": cells, "name": "n", "verbs": ["predict"], "actor": TESTER, "now": present()}
    from annotations.actions.issue_api_key import issue_api_key

    until = present() + timedelta(days=1)
    with pytest.raises(ApiKeyInvalid) as refused:
        issue_api_key(**asked, expires_at=until, calls_per_minute=0)
    assert [each["field"] for each in refused.value.data["errors"]] == ["calls_per_minute"]
    key, _ = issue_api_key(**asked, expires_at=until, calls_per_minute=7, predictions_per_minute=8)
    new, _ = rotate_api_key(key=key, expires_at=until, actor=TESTER, now=present())
    assert (new.calls_per_minute, new.predictions_per_minute) == (7, 8)


def test_more_than_a_minute_holds_is_no_question_of_waiting(key) -> None:
    key.predictions_per_minute = 3
    with pytest.raises(BatchTooLarge):
        spend_allowance(key=key, predictions=4)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_calls_at_once_never_exceed_the_limit(key) -> None:
    key.calls_per_minute = 5
    key.save()
    told = at_once(*[lambda: spend_allowance(key=key)] * 8)
    refused = [each for each in told if isinstance(each, AllowanceSpent)]
    # A minute may end between two of them.
    assert sum(row.calls for row in ApiKeyMinute.objects.all()) == 8 - len(refused)
    assert all(row.calls <= 5 for row in ApiKeyMinute.objects.all())


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_is_spent_waits_for_nobody_and_outlives_a_rollback(key) -> None:
    if connection.vendor == "sqlite":
        return  # one writer at a time there, whoever it is
    from threading import Event

    spent, rolled_back = Event(), Event()

    def work() -> None:
        spend_allowance(key=key)
        with transaction.atomic():
            factories.project("other")
            spent.set()
            assert rolled_back.wait(30)
            transaction.set_rollback(True)

    def rival() -> int:
        assert spent.wait(30)
        left = spend_allowance(key=key).calls_left
        rolled_back.set()
        return left

    _, left = at_once(work, rival)
    assert left == key.calls_per_minute - 2


def test_a_minute_after_the_clock_went_back_has_its_own_limits(key) -> None:
    """What was spent at a later time than it is now limits nothing, and is not told."""
    now = database_now()
    key.calls_per_minute = 2
    later = (now + timedelta(hours=3)).replace(second=0, microsecond=0)
    ApiKeyMinute.objects.create(key=key, minute=later, calls=2)
    for left in (1, 0):
        assert spend_allowance(key=key).calls_left == left
    with pytest.raises(AllowanceSpent) as spent:
        spend_allowance(key=key, predictions=5)
    assert spent.value.allowance.calls_left == 0
    ApiKeyMinute.objects.exclude(minute=later).update(calls=0)
    assert _spent(key)[0] == 0
