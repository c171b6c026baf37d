"""One prediction: `POST …/predictions`."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.models import Item, Prediction, QueueEntry, Route, Verb
from tests import factories
from tests.factories import bearer, image_bytes

pytestmark = pytest.mark.django_db
PREDICTOR = {"name": "camera", "version": "3"}


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


def item(external_id: str = "cell-1", **fields) -> dict:
    return {
        "external_id": external_id,
        "predictor": PREDICTOR,
        "probabilities": {"good": 0.2, "defect": 0.8},
        **fields,
    }


def post(client, headers, body: dict, path: str = "predictions", **more):
    return client.post(
        f"/api/v1/projects/cells/{path}",
        body,
        content_type="application/json",
        headers={**headers, **more},
    )


def post_form(
    client, headers, document: dict | str, path="predictions", name="prediction", **parts
):
    text = document if isinstance(document, str) else json.dumps(document)
    files = {key: SimpleUploadedFile(f"{key}.jpg", data) for key, data in parts.items()}
    return client.post(f"/api/v1/projects/cells/{path}", {name: text, **files}, headers=headers)


def test_a_new_prediction_is_stored_and_routed(client, cells, headers) -> None:
    uploaded = factories.image(cells, 1)
    answer = post(client, headers, item(image={"upload": str(uploaded.uid)}, metadata={"line": 4}))
    assert answer.status_code == 201
    told = answer.json()
    assert told["external_id"] == "cell-1"
    assert (told["status"], told["outcome"], told["policy"]) == ("created", "queued", 1)
    assert [reason["name"] for reason in told["reasons"]] == ["low_confidence"]
    assert told["inclusion_probability"] == 1e-6
    stored = Prediction.objects.get(uid=told["prediction"])
    assert (stored.label_key, stored.confidence) == ("defect", 0.8)
    assert stored.item.content.metadata == {"line": 4}
    assert Route.objects.count() == QueueEntry.objects.count() == 1


def test_the_image_may_come_along(client, cells, headers) -> None:
    sent = item(image={"part": "photo"})
    assert post_form(client, headers, sent, photo=image_bytes(1)).status_code == 201
    assert cells.images.count() == 1


def test_sending_again_changes_nothing_and_answers_the_same(client, cells, headers) -> None:
    first = post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(1))
    again = post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(1))
    without = post(client, headers, item())
    assert (again.status_code, without.status_code) == (200, 200)
    assert again.json() == without.json() == {**first.json(), "status": "unchanged"}
    assert Prediction.objects.count() == Route.objects.count() == 1


def test_other_content_under_the_same_name_is_a_conflict(client, headers) -> None:
    post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(1))
    other_image = post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(2))
    other_answer = post(client, headers, item(probabilities={"good": 0.3, "defect": 0.7}))
    assert (other_image.status_code, other_image.json()["code"]) == (409, "item_content_conflict")
    assert (other_answer.status_code, other_answer.json()["code"]) == (409, "prediction_conflict")
    assert Item.objects.count() == Prediction.objects.count() == 1


def test_an_idempotency_key_answers_as_the_first_time(client, cells, headers) -> None:
    sent = item(image={"upload": str(factories.image(cells, 1).uid)})
    first = post(client, headers, sent, **{"Idempotency-Key": "k1"})
    again = post(client, headers, sent, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    other = post(client, headers, item("cell-2"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_an_idempotency_key_covers_the_parts_too(client, headers) -> None:
    headers = {**headers, "Idempotency-Key": "k1"}
    post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(1))
    other = post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(2))
    assert other.json()["code"] == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"external_id": 7}, "external_id"),
        ({"predictor": {"name": "camera"}}, "predictor.version"),
        ({"predictor": {"name": "camera", "version": ""}}, "predictor.version"),
        ({"surprise": 1}, "surprise"),
        ({"predictor": {**PREDICTOR, "surprise": 1}}, "predictor.surprise"),
        ({"probabilities": []}, "probabilities"),
        ({"probabilities": {"dent": 1.0}}, "probabilities.dent"),
        ({"probabilities": {"good": 0.9, "defect": 0.9}}, "probabilities"),
        ({"probabilities": {"good": "high"}}, "probabilities.good"),
        ({"taxonomy": "1"}, "taxonomy"),
        ({"taxonomy": 0}, "taxonomy"),
        ({"image": {}}, "image"),
        ({"image": {"part": "nowhere"}}, "image.part"),
        ({"image": {"upload": "7"}}, "image.upload"),
        ({"metadata": {"text": "a\x00b"}}, ""),
        ({"metadata": "text"}, "metadata"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(client, headers, fields, field) -> None:
    answer = post(client, headers, {**item(), **fields})
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "item_content_missing"),
        ({"taxonomy": 9}, 404, "unknown_taxonomy"),
        ({"image": {"upload": "0190a5f2-7c4e-7000-8000-000000000000"}}, 404, "unknown_image"),
    ],
)
def test_what_does_not_exist_is_named(client, headers, fields, status, code) -> None:
    answer = post(client, headers, item(**fields))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Item.objects.exists()


def test_an_upload_of_another_project_does_not_exist_here(client, headers) -> None:
    foreign = factories.image(factories.project(), 1)
    answer = post(client, headers, item(image={"upload": str(foreign.uid)}))
    assert answer.json()["code"] == "unknown_image"


@pytest.mark.parametrize(
    ("photo", "status", "code"),
    [
        (b"a text file named .jpg", 415, "unsupported_image"),
        (image_bytes(1)[:200], 422, "broken_image"),
        (b"", 415, "unsupported_image"),
    ],
)
def test_what_is_no_image_is_refused(client, headers, photo, status, code) -> None:
    answer = post_form(client, headers, item(image={"part": "photo"}), photo=photo)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Item.objects.exists()


def test_an_image_beyond_the_limit_is_refused_before_it_is_read(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 1000
    answer = post_form(client, headers, item(image={"part": "photo"}), photo=image_bytes(1))
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"probabilities": {"good": NaN}}', "\xff"])
def test_what_is_not_json_is_malformed(client, headers, text) -> None:
    path = "/api/v1/projects/cells/predictions"
    answer = client.post(
        path, text.encode("latin-1"), content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert post_form(client, headers, text).status_code == 400


def test_deep_json_is_refused_in_a_body_and_in_a_form(client, headers) -> None:
    deep = '{"metadata": ' + "[" * 5000 + "]" * 5000 + "}"
    path = "/api/v1/projects/cells/predictions"
    answer = client.post(path, deep, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "json_too_deep")
    assert post_form(client, headers, deep).json()["code"] == "json_too_deep"


def test_a_body_beyond_the_limit_is_refused(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_BODY_BYTES = 1000
    answer = post(client, headers, item(metadata={"text": "x" * 2000}))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
