"""Many predictions: `POST …/predictions:batch`."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.api.bodies import MOST_BODY_BYTES, MOST_ITEM_BYTES
from annotations.formats.predictions import MOST_TEXT_BYTES
from annotations.models import Item, Prediction, StoredImage, Verb
from tests import factories
from tests.factories import bearer, image_bytes
from tests.races import at_once

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells/predictions:batch"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


def item(external_id: str, **fields) -> dict:
    return {
        "external_id": external_id,
        "predictor": {"name": "camera", "version": "3"},
        "probabilities": {"good": 0.2, "defect": 0.8},
        **fields,
    }


def post(client, headers, items: list, **parts: bytes):
    document = json.dumps({"predictions": items})
    files = {name: SimpleUploadedFile("x", data) for name, data in parts.items()}
    return client.post(PATH, {"batch": document, **files}, headers=headers)


def post_json(client, headers, body):
    return client.post(PATH, body, content_type="application/json", headers=headers)


def test_every_item_is_answered_in_the_order_sent(client, headers) -> None:
    items = [item(f"cell-{n}", image={"part": f"p{n}"}) for n in (2, 0, 1)]
    answer = post(client, headers, items, **{f"p{n}": image_bytes(n) for n in range(3)})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["external_id"] for result in results] == ["cell-2", "cell-0", "cell-1"]
    assert [result["index"] for result in results] == [0, 1, 2]
    assert {result["status"] for result in results} == {"created"}


def test_one_bad_item_spoils_no_other(client, headers) -> None:
    items = [
        item("good-1", image={"part": "a"}),
        {"external_id": "unreadable"},
        item("no-label", probabilities={"dent": 1}, image={"part": "a"}),
        item("no-part", image={"part": "z"}),
        item("broken", image={"part": "b"}),
        item("good-2", image={"part": "a"}),
        7,
    ]
    answer = post(client, headers, items, a=image_bytes(1), b=b"not an image")
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [
        "created",
        "refused",
        "refused",
        "refused",
        "refused",
        "created",
        "refused",
    ]
    assert [result["error"]["code"] for result in results if "error" in result] == [
        "invalid_input",
        "invalid_answer",
        "invalid_input",
        "unsupported_image",
        "invalid_input",
    ]
    assert results[1]["error"]["errors"][0]["field"] == "predictor"
    assert sorted(Item.objects.values_list("external_id", flat=True)) == ["good-1", "good-2"]


def test_the_whole_batch_again_changes_nothing(client, headers) -> None:
    items = [item(f"cell-{n}", image={"part": "a"}) for n in range(3)]
    first = post(client, headers, items, a=image_bytes(1)).json()["results"]
    again = post(client, headers, items, a=image_bytes(1)).json()["results"]
    assert again == [{**result, "status": "unchanged"} for result in first]
    assert Prediction.objects.count() == 3


def test_a_batch_beyond_the_limit_is_refused_whole(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_BATCH = 2
    answer = post_json(client, headers, {"predictions": [item(str(n)) for n in range(3)]})
    assert answer.status_code == 413
    assert (answer.json()["code"], answer.json()["limit"]) == ("batch_too_large", 2)


def test_json_beyond_its_own_limit_is_refused_in_a_body_and_in_a_form(client, headers) -> None:
    body = b" " * (MOST_BODY_BYTES + 1)
    form = {"batch": SimpleUploadedFile("batch.json", body)}
    for answer in (post_json(client, headers, body), client.post(PATH, form, headers=headers)):
        assert (answer.status_code, answer.json()["limit"]) == (413, MOST_BODY_BYTES)


def test_the_json_of_a_form_may_be_a_file(client, headers) -> None:
    document = json.dumps({"predictions": [item("a", image={"part": "p"})]}).encode()
    form = {
        "batch": SimpleUploadedFile("batch.json", document),
        "p": SimpleUploadedFile("p", image_bytes(1)),
    }
    (result,) = client.post(PATH, form, headers=headers).json()["results"]
    assert result["status"] == "created"


def test_an_item_beyond_the_limit_is_refused_alone(client, headers) -> None:
    items = [item("big", metadata={"text": "x" * 70_000}), item("small", image={"part": "a"})]
    results = post(client, headers, items, a=image_bytes(1)).json()["results"]
    assert [result["status"] for result in results] == ["refused", "created"]
    assert results[0]["error"]["code"] == "too_large"


def test_a_long_text_passes_and_one_of_ten_megabytes_is_refused_alone(client, headers) -> None:
    longest = "é" * (MOST_TEXT_BYTES // 2)
    items = [item("a", text=longest), item("b", text=longest + "x"), item("c", text="x" * 10**7)]
    results = post_json(client, headers, {"predictions": items}).json()["results"]
    told = [result["error"] for result in results]
    # The first came through to the project's own rules: images have no text.
    assert [error["code"] for error in told][1:] == ["too_large"] * 2
    assert told[0]["code"] != "too_large"
    assert [error["limit"] for error in told[1:]] == [MOST_TEXT_BYTES, MOST_ITEM_BYTES]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slices": {"Line": "a"}}, "slices"),
        ({"slices": {"line\n": "a"}}, "slices"),
        ({"slices": {"line": ["a"]}}, "slices[...]"),
        ({"slices": {"line": "x" * 201}}, "slices[...]"),
        ({"slices": {f"s{n}": n for n in range(21)}}, "slices"),
        ({"captured_at": "2026-11-25T10:00:00"}, "captured_at"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"captured_at": "0001-01-01T00:00:00+14:00"}, "captured_at"),
        ({"captured_at": "9999-12-31T23:59:59-14:00"}, "captured_at"),
        ({"flag": "x" * 201}, "flag"),
        ({"flag": "two\nlines"}, "flag"),
        ({"text": "NUL \0"}, ""),
        ({"external_id": "a\n"}, "external_id"),
        ({"boxes": []}, "boxes"),
        ({"label": "good"}, "label"),
        ({"confidence": "high"}, "confidence"),
        ({"probabilities": None}, "probabilities"),
    ],
)
def test_each_field_has_its_limits(client, headers, cells, wrong, field) -> None:
    upload = {"upload": str(factories.image(cells, 1).uid)}
    items = [item("wrong", image=upload) | wrong, item("right", image=upload)]
    results = post_json(client, headers, {"predictions": items}).json()["results"]
    assert [result["status"] for result in results] == ["refused", "created"]
    assert results[0]["error"]["errors"][0]["field"] == field


def test_ndjson_is_a_prediction_a_line(client, headers, cells) -> None:
    upload = {"upload": str(factories.image(cells, 1).uid)}
    lines = [
        json.dumps(item("a", image=upload)),
        "",
        '{"external_id": "b", "predictor": {"name": "ca',
        "   ",
        '"' + "[" * 50,
        "[" * 1_000_000,
        '{"a":' * 40 + "1" + "}" * 40,
        json.dumps(item("c", image=upload)) + "\r",
    ]
    answer = client.post(
        PATH, "\n".join(lines), content_type="application/x-ndjson", headers=headers
    )
    assert answer.status_code == 200
    results = answer.json()["results"]
    codes = [result["error"]["code"] if "error" in result else "" for result in results]
    assert codes == ["", "malformed", "malformed", "too_large", "json_too_deep", ""]
    assert [result["index"] for result in results] == list(range(6))
    assert Item.objects.count() == 2


def test_ndjson_may_come_as_gzip_and_under_an_idempotency_key(client, headers, cells) -> None:
    upload = {"upload": str(factories.image(cells, 1).uid)}
    body = "\n".join(json.dumps(item(f"cell-{n}", image=upload)) for n in range(3)).encode()

    def send(body: bytes, **more: str):
        headed = {**headers, "Idempotency-Key": "one", **more}
        return client.post(PATH, body, content_type="application/x-ndjson", headers=headed)

    first = send(gzip.compress(body), **{"Content-Encoding": "gzip"}).json()
    assert [result["status"] for result in first["results"]] == ["created"] * 3
    # The same bytes are meant, packed or not.
    assert send(body).json() == first
    assert (
        send(gzip.compress(body, compresslevel=1), **{"Content-Encoding": "gzip"}).json() == first
    )


def test_a_single_prediction_is_no_ndjson(client, headers) -> None:
    path = PATH.removesuffix(":batch")
    answer = client.post(path, "{}", content_type="application/x-ndjson", headers=headers)
    assert answer.status_code == 415


def test_too_many_lines_are_refused_whole(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_BATCH = 2
    answer = client.post(PATH, "{}\n{}\n{}\n", content_type="application/x-ndjson", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({}, "predictions"),
        ({"predictions": {}}, "predictions"),
        ({"predictions": [], "surprise": 1}, "surprise"),
    ],
)
def test_a_batch_of_the_wrong_shape_is_refused_whole(client, headers, body, field) -> None:
    answer = post_json(client, headers, json.dumps(body))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_an_empty_batch_is_answered(client, headers) -> None:
    assert post_json(client, headers, {"predictions": []}).json() == {"results": []}


def test_an_idempotency_key_replays_a_batch_that_was_partly_refused(client, headers) -> None:
    headers = {**headers, "Idempotency-Key": "batch-1"}
    items = [item("a", image={"part": "p"}), item("b", image={"part": "nowhere"})]
    first = post(client, headers, items, p=image_bytes(1))
    again = post(client, headers, items, p=image_bytes(1))
    assert again.json() == first.json()
    assert [result["status"] for result in again.json()["results"]] == ["created", "refused"]


def test_a_longer_batch_of_uploads_needs_no_more_queries(client, cells, headers) -> None:
    upload = {"upload": str(factories.image(cells, 1).uid)}

    def queries(name: str, length: int) -> int:
        items = [item(f"{name}-{n}", image=upload) for n in range(length)]
        with CaptureQueriesContext(connection) as captured:
            assert post_json(client, headers, {"predictions": items}).status_code == 200
        return len(captured)

    queries("warm", 1)
    assert queries("few", 10) == queries("many", 40)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_the_same_batch_twice_at_once_stores_each_prediction_once(headers) -> None:
    items = [item(f"cell-{n}", image={"part": "a"}) for n in range(5)]
    answers = at_once(*[lambda: post(Client(), headers, items, a=image_bytes(1))] * 2)
    assert [answer.status_code for answer in answers] == [200, 200]
    statuses = sorted(result["status"] for answer in answers for result in answer.json()["results"])
    assert statuses == ["created"] * 5 + ["unchanged"] * 5
    assert Prediction.objects.count() == 5


def test_a_batch_of_the_wrong_shape_costs_no_decoding(client, headers) -> None:
    picture = SimpleUploadedFile("x", image_bytes(1))
    wrong = {"batch": json.dumps({"predictions": "many"}), "p1": picture}
    assert client.post(PATH, wrong, headers=headers).status_code == 422
    assert not StoredImage.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_pictures_are_stored_before_the_transaction_that_may_fail(client, headers) -> None:
    again = {**headers, "Idempotency-Key": "one"}
    post(client, again, [item("cell-1", image={"part": "p1"})], p1=image_bytes(1))
    answer = post(client, again, [item("cell-2", image={"part": "p2"})], p2=image_bytes(2))
    assert answer.status_code == 422
    # Nothing of the second call took effect; its picture waits under its content's name.
    assert list(Item.objects.values_list("external_id", flat=True)) == ["cell-1"]
    assert StoredImage.objects.count() == 2
