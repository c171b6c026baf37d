"""Images by direct upload, where our own door stands in for a bucket's."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotations.actions.complete_upload import complete_upload
from annotations.actions.purge_uploads import GRACE, purge_uploads
from annotations.models import DirectUpload, StoredImage, Verb
from annotations.tasks import sweep
from tests import factories
from tests.factories import TESTER, bearer, image_bytes, present
from tests.races import at_once

pytestmark = pytest.mark.django_db
API = "/api/v1/projects/cells"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def promise(client, headers) -> dict:
    answer = client.post(f"{API}/uploads", headers=headers)
    assert answer.status_code == 201
    return answer.json()


def hand_in(promise: dict, data: bytes, **fields: str):
    """As a client does that knows nothing but the form; without a key."""
    file = SimpleUploadedFile("x.exe", data, content_type="text/html")
    return Client().post(
        urlsplit(promise["url"]).path, {**promise["fields"], **fields, "file": file}
    )


def complete(client, headers, promise: dict):
    return client.post(f"{API}/uploads/{promise['uid']}:complete", headers=headers)


def raw(promise: dict) -> bool:
    return storages["incoming"].exists(promise["fields"]["key"])


def test_a_form_is_asked_for_posted_and_completed(client, headers, promise, settings) -> None:
    assert promise["url"].startswith(settings.REVIEWHUB_SITE_URL + API)
    assert promise["max_bytes"] == settings.REVIEWHUB_MAX_IMAGE_BYTES
    data = image_bytes(1)
    assert hand_in(promise, data).status_code == 204
    assert raw(promise)
    answer = complete(client, headers, promise)
    assert answer.status_code == 200
    image = StoredImage.objects.get(uid=answer.json()["uid"])
    assert (image.byte_size, answer.json()["format"]) == (len(data), "PNG")
    assert not raw(promise)
    prediction = {
        "external_id": "a",
        "predictor": {"name": "camera", "version": "3"},
        "probabilities": {"good": 0.2, "defect": 0.8},
        "image": {"upload": answer.json()["uid"]},
    }
    sent = client.post(
        f"{API}/predictions", prediction, content_type="application/json", headers=headers
    )
    assert sent.status_code == 201


def test_completing_again_answers_the_same(client, headers, promise) -> None:
    hand_in(promise, image_bytes(1))
    first = complete(client, headers, promise)
    again = complete(client, headers, promise)
    assert (again.status_code, again.json()) == (200, first.json())
    assert StoredImage.objects.count() == 1


def test_the_form_is_good_for_one_file(client, headers, promise) -> None:
    assert hand_in(promise, image_bytes(1)).status_code == 204
    second = hand_in(promise, image_bytes(2))
    assert (second.status_code, second.json()["code"]) == (409, "upload_used")
    complete(client, headers, promise)
    third = hand_in(promise, image_bytes(2))
    assert (third.status_code, third.json()["code"]) == (409, "upload_used")
    assert not raw(promise)


def test_nothing_handed_in_is_nothing_to_complete(client, headers, promise) -> None:
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_missing")


def test_after_its_time_nothing_is_handed_in(client, headers, promise) -> None:
    past = present() - timedelta(minutes=1)
    DirectUpload.objects.update(created_at=past - timedelta(hours=1), expires_at=past)
    late = hand_in(promise, image_bytes(1))
    assert (late.status_code, late.json()["code"]) == (410, "upload_expired")
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (410, "upload_expired")


def test_what_came_in_time_is_completed_later(client, headers, promise) -> None:
    hand_in(promise, image_bytes(1))
    past = present() - timedelta(minutes=1)
    DirectUpload.objects.update(created_at=past - timedelta(hours=1), expires_at=past)
    assert complete(client, headers, promise).status_code == 200


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<script>alert(1)</script>", "unsupported_image"),
        (image_bytes(1)[:200], "broken_image"),
        (b"GIF89a" + bytes(100), "unsupported_image"),
        (b"", "unsupported_image"),
    ],
)
def test_what_is_no_image_is_told_when_it_is_completed(
    client, headers, promise, data, code
) -> None:
    assert hand_in(promise, data).status_code == 204
    answer = complete(client, headers, promise)
    assert answer.status_code in (415, 422)
    assert answer.json()["code"] == code
    assert not StoredImage.objects.exists()


def test_too_large_a_file_is_refused_at_the_door_and_unread(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 1000
    promise = client.post(f"{API}/uploads", headers=headers).json()
    for size in (1001, 200_000):
        answer = hand_in(promise, bytes(size))
        assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")
        assert answer.json()["limit"] == 1000
    assert not raw(promise)
    # A bucket that let it pass would not help either.
    storages["incoming"].save(promise["fields"]["key"], SimpleUploadedFile("x", bytes(1001)))
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")


def test_a_form_of_another_upload_opens_nothing(client, headers, promise) -> None:
    other = client.post(f"{API}/uploads", headers=headers).json()
    for fields in (
        {"policy": other["fields"]["policy"]},
        {"policy": promise["fields"]["policy"][:-1] + "x"},
        {"policy": ""},
        {"key": other["fields"]["key"]},
        {"key": other["fields"]["key"], "policy": other["fields"]["policy"]},
        {"key": "../../etc/passwd"},
    ):
        answer = hand_in(promise, image_bytes(1), **fields)
        assert (answer.status_code, answer.json()["code"]) == (403, "upload_refused")
    without = Client().post(urlsplit(promise["url"]).path, promise["fields"])
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "file")
    assert not raw(promise)
    assert not raw(other)


def test_projects_do_not_see_each_others_uploads(client, headers, promise) -> None:
    other = factories.project("other")
    stranger = bearer(factories.api_key(other)[1])
    path = f"/api/v1/projects/other/uploads/{promise['uid']}"
    answer = client.post(f"{path}:complete", headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_upload")
    assert Client().post(path, promise["fields"]).json()["code"] == "unknown_upload"


def test_the_sweep_deletes_what_nobody_completed(client, headers, promise) -> None:
    hand_in(promise, image_bytes(1))
    done = client.post(f"{API}/uploads", headers=headers).json()
    hand_in(done, image_bytes(2))
    complete(client, headers, done)
    late = present() + GRACE + timedelta(minutes=16)
    assert purge_uploads(now=late - timedelta(minutes=2)) == 0
    assert purge_uploads(now=late) == 2
    assert not raw(promise)
    assert StoredImage.objects.count() == 1
    assert complete(client, headers, promise).json()["code"] == "unknown_upload"
    assert sweep()["uploads"] == 0


def test_storage_that_is_down_is_told_and_a_retry_works(
    client, headers, promise, settings, tmp_path
) -> None:
    whole = settings.STORAGES
    file = tmp_path / "not-a-folder"
    file.write_text("")
    backend = whole["incoming"]["BACKEND"]
    broken = {"BACKEND": backend, "OPTIONS": {"location": str(file)}}
    settings.STORAGES = {**whole, "incoming": broken}
    answer = hand_in(promise, image_bytes(1))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    settings.STORAGES = whole
    assert hand_in(promise, image_bytes(1)).status_code == 204
    settings.STORAGES = {**whole, "originals": {**broken}}
    assert complete(client, headers, promise).status_code == 503
    settings.STORAGES = whole
    assert raw(promise)
    assert complete(client, headers, promise).status_code == 200


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_completed_twice_at_once_it_is_one_image(client, cells, headers) -> None:
    promise = client.post(f"{API}/uploads", headers=headers).json()
    hand_in(promise, image_bytes(1))

    def once():
        return complete_upload(
            project=cells, upload_uid=promise["uid"], actor=TESTER, now=present()
        )

    told = at_once(*[once] * 4)
    assert {image.pk for image in told} == {StoredImage.objects.get().pk}
    assert DirectUpload.objects.get().image == told[0]
    assert not raw(promise)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_handed_in_twice_at_once_one_is_taken(client, headers) -> None:
    promise = client.post(f"{API}/uploads", headers=headers).json()
    sent = [image_bytes(1), image_bytes(2)]
    told = at_once(*[lambda data=data: hand_in(promise, data) for data in sent])
    assert sorted(answer.status_code for answer in told) == [204, 409]
    with storages["incoming"].open(promise["fields"]["key"]) as file:
        assert file.read() == sent[[answer.status_code for answer in told].index(204)]


def test_the_form_is_no_page(client, promise) -> None:
    path = reverse("annotations:api-upload", args=["cells", promise["uid"]])
    assert client.get(path).status_code == 405
    answer = client.post(path, json.dumps({}), content_type="application/json")
    assert answer.status_code == 415
