"""Lists of what was sent: newest first, filtered, in pages that never shift."""

from __future__ import annotations

import pytest

from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.models import Verb
from tests import factories
from tests.factories import DEFECT, GOOD, TESTER, bearer, image_bytes, present
from tests.kinds import box, boxes_project, drawn
from tests.pages import queries_of

pytestmark = pytest.mark.django_db
API = "/api/v1/projects/cells"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def sent(cells):
    factories.prediction(cells, external_id="a", label=GOOD, confidence=1.0)
    factories.prediction(cells, external_id="b", label=DEFECT, confidence=0.7)
    factories.prediction(
        cells, external_id="a", label=GOOD, confidence=1.0, version="2", image=None
    )
    factories.prediction(cells, external_id="c", label=DEFECT, confidence=1.0, predictor="other")
    factories.prediction(factories.project("other"), external_id="a")


def names(answer) -> list[str]:
    return [each["external_id"] for each in answer.json()["predictions"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["c", "a", "b", "a"]),
        ({"external_id": "a"}, ["a", "a"]),
        ({"external_id": "A"}, []),
        ({"label": "defect"}, ["c", "b"]),
        ({"outcome": "queued"}, ["b"]),
        ({"outcome": "accepted"}, ["c", "a", "a"]),
        ({"predictor": "other"}, ["c"]),
        ({"predictor": "line-camera", "label": "defect"}, ["b"]),
        ({"label": "nothing"}, []),
    ],
)
def test_predictions_are_found(client, headers, sent, query, found) -> None:
    assert names(client.get(f"{API}/predictions", query, headers=headers)) == found


def test_a_listed_prediction_tells_what_became_of_it(client, headers, sent) -> None:
    asked = {"external_id": "b"}
    (told,) = client.get(f"{API}/predictions", asked, headers=headers).json()["predictions"]
    assert told["predictor"] == {"name": "line-camera", "version": "1"}
    assert (told["label"], told["confidence"], told["outcome"]) == ("defect", 0.7, "queued")
    assert [reason["name"] for reason in told["reasons"]] == ["low_confidence"]
    assert 0 < told["inclusion_probability"] <= 1
    assert (told["policy"], told["withdrawal"]) == (1, None)
    story = client.get(f"{API}/predictions/{told['prediction']}", headers=headers).json()
    assert story["external_id"] == "b"


def test_pages_keep_their_filters_and_do_not_shift(client, cells, headers, sent) -> None:
    asked = {"label": "good", "limit": 1}
    first = client.get(f"{API}/predictions", asked, headers=headers).json()
    factories.prediction(cells, external_id="z", label=GOOD, confidence=1.0)
    second = client.get(first["older"], headers=headers).json()
    versions = [
        each["predictor"]["version"] for each in (*first["predictions"], *second["predictions"])
    ]
    assert versions == ["2", "1"]
    assert second["older"] is None
    newest = client.get(
        client.get(second["newer"], headers=headers).json()["newer"], headers=headers
    )
    assert names(newest) == ["z"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("predictions", {"outcome": "lost"}),
        ("predictions", {"colour": "red"}),
        ("predictions", {"limit": "201"}),
        ("predictions", {"label": "a\0b"}),
        ("items", {"limit": "²"}),
        ("items", {"limit": "0000000019999999"}),
        ("predictions", {"limit": "9" * 5_000}),
        ("items", {"label": "good"}),
    ],
)
def test_a_wrong_question_is_told(client, headers, path, query) -> None:
    answer = client.get(f"{API}/{path}", query, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(query)))


def test_items_tell_where_they_stand(client, cells, headers, sent) -> None:
    factories.annotated(cells, "known", label=GOOD)
    told = client.get(f"{API}/items", headers=headers).json()["items"]
    assert [each["external_id"] for each in told] == ["known", "c", "b", "a"]
    known, _, waiting, accepted = told
    assert (known["label"], known["outcome"], known["approved"]) == ("good", "label", True)
    assert (waiting["state"], waiting["label"], waiting["approved"]) == (
        "awaiting_review",
        None,
        False,
    )
    assert accepted["state"] is None
    found = client.get(f"{API}/items", {"external_id": "kn"}, headers=headers).json()["items"]
    assert found == [known]


def test_an_item_tells_the_boxes_that_are_settled(client) -> None:
    parts, found = boxes_project(), drawn(box())
    sent = [
        IncomingAnnotation("cracked", "", image_bytes(1), boxes=found),
        IncomingAnnotation("sound", "", image_bytes(2), boxes=[]),
    ]
    import_annotations(project=parts, actor=TESTER, batch=sent, now=present())
    headers = bearer(factories.api_key(parts, Verb.PREDICT)[1])
    told = client.get(f"/api/v1/projects/{parts.slug}/items", headers=headers).json()["items"]
    assert [(each["label"], each["boxes"]) for each in told] == [(None, []), (None, found)]


@pytest.mark.parametrize("path", ["predictions", "items"])
def test_a_longer_list_needs_no_more_queries(client, cells, path) -> None:
    client.force_login(factories.lead(cells))
    for _ in range(3):
        factories.queued(cells)
    few = queries_of(client, f"{API}/{path}")
    for _ in range(10):
        factories.queued(cells)
    assert queries_of(client, f"{API}/{path}") == few
