"""Answers that are none, sent to the door beside a good one: each told by field, none stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotations.models import Item, Prediction, Project, Verb
from tests import factories
from tests.factories import DEFECT, GOOD, bearer, image_bytes
from tests.kinds import box, boxes_project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
EVEN = {GOOD: 0.5, DEFECT: 0.5}
GIANT = 10**400
"""JSON has room for it, and no float has."""


def sent(client: Client, to: Project, **wrong: Any) -> dict[str, Any]:
    """The result of a wrong item between two good ones, which must both be stored."""
    good = {"boxes": []} if to.kind == "object_detection" else {"probabilities": EVEN}
    items = [
        {
            "external_id": name,
            "predictor": {"name": "camera", "version": "1"},
            "image": {"part": "photo"},
            **said,
        }
        for name, said in (("before", good), ("wrong", wrong), ("after", good))
    ]
    photo = SimpleUploadedFile("photo.png", image_bytes(1))
    answer = client.post(
        f"/api/v1/projects/{to.slug}/predictions:batch",
        {"batch": json.dumps({"predictions": items}), "photo": photo},
        headers=bearer(factories.api_key(to, Verb.PREDICT)[1]),
    )
    assert answer.status_code == 200, answer.content
    before, told, after = answer.json()["results"]
    assert (before["status"], after["status"]) == ("created", "created")
    assert set(Item.objects.values_list("external_id", flat=True)) == {"before", "after"}
    assert Prediction.objects.count() == 2
    assert told["status"] == "refused"
    error: dict[str, Any] = told["error"]
    return error


@pytest.mark.parametrize(
    ("probabilities", "field"),
    [
        ({GOOD: -0.1, DEFECT: 1.1}, "probabilities.defect"),
        ({GOOD: 1.5}, "probabilities.good"),
        ({GOOD: 0.9, DEFECT: 0.9}, "probabilities"),
        ({GOOD: 0.2, DEFECT: 0.2}, "probabilities"),
        ({GOOD: 0.0, DEFECT: 0.0}, "probabilities"),
        ({"dent": 1.0}, "probabilities.dent"),
        ({GOOD: "0.9"}, "probabilities"),
        ({GOOD: 0.5, DEFECT: GIANT}, "probabilities.defect"),
        ({}, "probabilities"),
    ],
)
def test_what_are_no_probabilities(client, probabilities, field) -> None:
    error = sent(client, factories.project("cells"), probabilities=probabilities)
    assert error["code"] in ("invalid_answer", "invalid_input")
    assert any(each["field"].startswith(field) for each in error["errors"]), error


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_no_json(client, number) -> None:
    """A document that is no JSON is refused whole; of NDJSON, the line alone, as is what is JSON
    but beyond every number."""
    cells = factories.project("cells")
    headers = bearer(factories.api_key(cells, Verb.PREDICT)[1])
    uploaded = {"upload": str(factories.image(cells).uid)}
    wrong, good = (
        json.dumps(
            {
                "external_id": name,
                "predictor": {"name": "camera", "version": "1"},
                "image": uploaded,
                "probabilities": {GOOD: said, DEFECT: 0.5},
            }
        )
        for name, said in (("wrong", 0.125), ("good", 0.5))
    )
    wrong = wrong.replace("0.125", number)
    path = "/api/v1/projects/cells/predictions:batch"
    whole = f'{{"predictions": [{wrong}, {good}]}}'
    answer = client.post(path, whole, content_type="application/json", headers=headers)
    if number == "1e999":
        assert [each["status"] for each in answer.json()["results"]] == ["refused", "created"]
        return
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not Item.objects.exists()
    lines = f"{wrong}\n{good}"
    answer = client.post(path, lines, content_type="application/x-ndjson", headers=headers)
    assert [each["status"] for each in answer.json()["results"]] == ["refused", "created"]
    assert Prediction.objects.count() == 1


@pytest.mark.parametrize(
    ("boxes", "field"),
    [
        ([box(x=-9)], "boxes[0]"),
        ([box(x=40)], "boxes[0]"),
        ([box(width=1_000)], "boxes[0]"),
        ([box(width=-10)], "boxes[0].width"),
        ([box(height=0)], "boxes[0].height"),
        ([box(), box(score=1.5)], "boxes[1].score"),
        ([box(score=-0.5)], "boxes[0].score"),
        ([box("dent")], "boxes[0].label"),
        ([box(x=GIANT, width=0.5)], "boxes[0].x"),
        ([box(y=0.5, height=GIANT)], "boxes[0].height"),
        ([box(x=-GIANT, width=GIANT)], "boxes[0].x"),
        ([box(score=GIANT)], "boxes[0].score"),
        ([box()] * 1_001, "boxes"),
    ],
)
def test_what_are_no_boxes(client, boxes, field) -> None:
    """Outside the picture of 32 x 24 pixels, turned inside out, far too many."""
    error = sent(client, boxes_project(), boxes=boxes)
    assert error["code"] == "invalid_answer"
    assert any(each["field"].startswith(field) for each in error["errors"]), error


@pytest.mark.parametrize("number", [GIANT, -GIANT, 10**4299], ids=["giant", "minus", "longest"])
def test_a_giant_number_beside_the_answer_is_kept_as_it_was_said(client, number) -> None:
    cells = factories.project("cells")
    headers = bearer(factories.api_key(cells, Verb.PREDICT)[1])
    said = {"line": number}
    item = {
        "external_id": "giant",
        "predictor": {"name": "camera", "version": "1"},
        "image": {"upload": str(factories.image(cells).uid)},
        "probabilities": EVEN,
        "metadata": {**said, "deep": [said]},
        "slices": said,
    }
    path = "/api/v1/projects/cells/predictions:batch"
    for wrong in ({"taxonomy": number}, {"confidence": number}):
        body = json.dumps({"predictions": [{**item, **wrong}]})
        (told,) = client.post(path, body, "application/json", headers=headers).json()["results"]
        assert told["error"]["errors"][0]["field"] in wrong
    body = json.dumps({"predictions": [item]})
    (told,) = client.post(path, body, "application/json", headers=headers).json()["results"]
    assert told["status"] == "created", told
    (kept,) = Item.objects.values("content__metadata", "slices")
    assert kept == {"content__metadata": item["metadata"], "slices": said}
    listed = client.get("/api/v1/projects/cells/items", headers=headers)
    assert listed.status_code == 200
    client.force_login(factories.lead(cells))
    assert client.get("/p/cells/review").status_code == 200


def test_fifty_thousand_boxes_are_more_than_an_item_may_weigh(client) -> None:
    assert sent(client, boxes_project(), boxes=[box()] * 50_000)["code"] == "too_large"
