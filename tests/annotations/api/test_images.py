"""Uploads: `POST …/images`."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.models import StoredImage, Verb
from tests import factories
from tests.factories import bearer, image_bytes

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells/images"


@pytest.fixture
def headers():
    return bearer(factories.api_key(factories.project("cells"), Verb.LABEL)[1])


def upload(client, headers, data: bytes, name: str = "file"):
    return client.post(PATH, {name: SimpleUploadedFile("cell.jpg", data)}, headers=headers)


def test_an_image_gets_a_uid_and_the_same_bytes_the_same_one(client, headers) -> None:
    first = upload(client, headers, image_bytes(1))
    assert first.status_code == 201
    assert (first.json()["width"], first.json()["height"]) == (32, 24)
    assert upload(client, headers, image_bytes(1)).json() == first.json()
    assert StoredImage.objects.count() == 1


def test_where_the_original_lies_is_told_to_nobody(client, headers) -> None:
    told = upload(client, headers, image_bytes(1)).json()
    assert set(told) == {"uid", "sha256", "format", "width", "height"}


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"plain text named .jpg", 415, "unsupported_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_image"),
        (image_bytes(2)[:300], 422, "broken_image"),
    ],
)
def test_what_is_no_image_is_refused(client, headers, data, status, code) -> None:
    answer = upload(client, headers, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not StoredImage.objects.exists()


def test_limits_hold(client, headers, settings) -> None:
    settings.REVIEWHUB_MAX_IMAGE_PIXELS = 100
    assert upload(client, headers, image_bytes(1)).json()["code"] == "image_too_large"
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 10
    answer = upload(client, headers, image_bytes(1))
    assert (answer.status_code, answer.json()["limit"]) == (413, 10)


def test_a_form_without_the_file_is_told_so(client, headers) -> None:
    answer = upload(client, headers, image_bytes(1), name="photo")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
