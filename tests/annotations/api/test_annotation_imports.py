"""Items whose label is known: `POST …/annotations:import`."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.models import Annotation, Approval, QueueEntry, Verb
from tests import factories
from tests.factories import bearer, image_bytes
from tests.kinds import box, boxes_project, drawn, texts_project

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells/annotations:import"


@pytest.fixture
def headers():
    return bearer(factories.api_key(factories.project("cells"), Verb.LABEL)[1])


def known(external_id: str, **fields) -> dict:
    return {"external_id": external_id, "label": "good", "image": {"part": "a"}, **fields}


def post(client, headers, items: list):
    part = SimpleUploadedFile("a", image_bytes(1))
    form = {"batch": json.dumps({"annotations": items}), "a": part}
    return client.post(PATH, form, headers=headers)


def test_items_come_in_annotated_and_approved_and_wait_for_nobody(client, headers) -> None:
    answer = post(client, headers, [known("a"), known("b", label="defect")])
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status"] for result in results] == ["created", "created"]
    assert {result["fold"] for result in results} <= {"learn", "validate", "evaluate"}
    assert Annotation.objects.count() == Approval.objects.count() == 2
    assert not QueueEntry.objects.exists()


def test_items_of_one_source_group_share_their_fold(client, headers) -> None:
    items = [known(f"cell-{n}", source_group="module 7") for n in range(12)]
    results = post(client, headers, items).json()["results"]
    assert len({result["fold"] for result in results}) == 1


def test_sending_again_changes_nothing(client, headers) -> None:
    first = post(client, headers, [known("a")]).json()["results"]
    again = post(client, headers, [known("a")]).json()["results"]
    assert again == [{**first[0], "status": "unchanged"}]
    assert Annotation.objects.count() == 1


def test_one_bad_item_spoils_no_other(client, headers) -> None:
    items = [
        known("a"),
        known("b", label="dent"),
        known("c", surprise=1),
        known("d", image={"part": "z"}),
        known("e"),
    ]
    results = post(client, headers, items).json()["results"]
    assert [result["status"] for result in results] == [
        "created",
        "refused",
        "refused",
        "refused",
        "created",
    ]
    assert results[1]["error"]["code"] == "unknown_label"
    assert results[2]["error"]["errors"][0]["field"] == "surprise"
    assert (results[3]["index"], results[3]["external_id"]) == (3, None)


def test_an_import_never_overrules_what_is_settled(client, headers) -> None:
    post(client, headers, [known("a")])
    (result,) = post(client, headers, [known("a", label="defect")]).json()["results"]
    assert (result["status"], result["error"]["code"]) == ("refused", "annotation_conflict")
    assert Annotation.objects.get().label_key == "good"


def test_boxes_and_texts_come_with_their_truth(client) -> None:
    boxes = drawn(box())
    for of, item, expected in (
        (boxes_project("cells"), {"image": {"part": "a"}, "boxes": boxes}, ("", {"boxes": boxes})),
        (texts_project("mail"), {"text": "Thank you!", "label": "good"}, ("good", None)),
    ):
        headers = bearer(factories.api_key(of, Verb.LABEL)[1])
        form = {
            "batch": json.dumps({"annotations": [{"external_id": "one", **item}]}),
            "a": SimpleUploadedFile("a", image_bytes(1)),
        }
        answer = client.post(PATH.replace("cells", of.slug), form, headers=headers)
        assert [each["status"] for each in answer.json()["results"]] == ["created"]
        truth = Annotation.objects.get(item__project=of)
        assert (truth.label_key, truth.answer) == expected


def test_a_text_of_ten_megabytes_is_refused_by_itself(client) -> None:
    mail = texts_project("mail")
    headers = bearer(factories.api_key(mail, Verb.LABEL)[1])
    items = [
        {"external_id": "long", "text": "x" * 10_000_000, "label": "good"},
        {"external_id": "short", "text": "x", "label": "good"},
    ]
    answer = client.post(
        PATH.replace("cells", "mail"),
        json.dumps({"annotations": items}),
        content_type="application/json",
        headers=headers,
    )
    told = answer.json()["results"]
    assert [each["status"] for each in told] == ["refused", "created"]
    assert told[0]["error"]["status"] == 413
