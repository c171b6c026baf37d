"""What a client reads: its project, its queue's accounts, a prediction's story."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.actions.approve_due import approve_due
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.models import QueueEntry
from reviewhub.common import tally
from tests import factories
from tests.factories import bearer, present

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells"


@pytest.fixture
def cells():
    return factories.project("cells", guidelines="Look twice.")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, "predict")[1])


def settle(project, entry: QueueEntry, label: str) -> None:
    rita = factories.reviewer(project)
    claim_next(project=project, reviewer=rita, now=present())
    submit_review(
        project=project,
        entry_uid=entry.uid,
        reviewer=rita,
        verdict="label",
        label_key=label,
        token=uuid4(),
        seconds=2.5,
        now=present(),
    )
    approve_due(now=present())


def test_a_project_tells_what_is_in_force(client, headers) -> None:
    told = client.get(PATH, headers=headers).json()
    assert (told["slug"], told["kind"]) == ("cells", "image_classification")
    assert told["taxonomy"]["number"] == 1
    assert told["taxonomy"]["guidelines"] == "Look twice."
    assert [label["key"] for label in told["taxonomy"]["labels"]] == ["good", "defect"]
    assert told["routing_policy"]["rules"]["audit_rate"] == 1e-6
    assert told["review_policy"]["answers_wanted"] == 1
    assert told["review_policy"]["grid_labels"] == []


def test_the_accounts_of_the_queue_balance(client, cells, headers) -> None:
    entries = [factories.queued(cells) for _ in range(3)]
    factories.prediction(cells, confidence=1.0)
    settle(cells, entries[0], "good")
    told = client.get(f"{PATH}/queue", headers=headers).json()
    assert told["entered"] == 3
    assert (told["by_state"]["awaiting_review"], told["by_state"]["approved"]) == (2, 1)
    assert sum(told["by_state"].values()) == 3
    assert told["balanced"] is True
    assert told["gold"] == 0


def test_an_item_that_two_predictors_queue_entered_once(client, cells, headers) -> None:
    factories.queued(cells, external_id="a", seed=1)
    factories.prediction(cells, external_id="a", seed=1, version="2", confidence=0.7)
    told = client.get(f"{PATH}/queue", headers=headers).json()
    assert (told["entered"], told["balanced"]) == (1, True)


def test_accounts_that_do_not_balance_are_told(client, cells, headers) -> None:
    factories.queued(cells)
    tally.add(cells.pk, factories.present().date(), {"entered": 1})
    told = client.get(f"{PATH}/queue", headers=headers).json()
    assert (told["entered"], told["balanced"]) == (2, False)


def test_a_prediction_tells_its_story_so_far(client, cells, headers) -> None:
    entry = factories.queued(cells, label="defect")
    path = f"{PATH}/predictions/{entry.prediction.uid}"
    told = client.get(path, headers=headers).json()
    assert (told["label"], told["confidence"]) == ("defect", 0.6)
    assert told["probabilities"] == {"defect": 0.6, "good": 0.4}
    assert [route["outcome"] for route in told["routes"]] == ["queued"]
    assert (told["entry"]["state"], told["annotation"]) == ("awaiting_review", None)
    settle(cells, entry, "good")
    told = client.get(path, headers=headers).json()
    assert told["entry"]["state"] == "approved"
    assert (told["annotation"]["label"], told["annotation"]["corrects"]) == ("good", True)
    assert told["annotation"]["approved"] is True


def test_what_is_not_here_is_not_found(client, cells, headers) -> None:
    foreign = factories.prediction(factories.project())
    for uid in (uuid4(), foreign.uid):
        answer = client.get(f"{PATH}/predictions/{uid}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_prediction")
    answer = client.get(f"{PATH}/predictions/7", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", [PATH, f"{PATH}/queue"])
def test_a_longer_queue_needs_no_more_queries(client, cells, headers, path) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, headers=headers).status_code == 200
        return len(captured)

    queries()
    for _ in range(5):
        factories.queued(cells)
    few = queries()
    for _ in range(15):
        factories.queued(cells)
    assert queries() == few
