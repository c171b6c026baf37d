"""Direct upload and import where storage is a real bucket, which signs and enforces by itself."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from annotations.actions import request_upload as requesting
from annotations.actions.purge_uploads import GRACE, purge_uploads
from annotations.media import read_variant
from annotations.models import Prediction, StoredImage, Verb
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.models import Job
from tests import factories
from tests.factories import bearer, image_bytes, present
from tests.seaweed import BUCKET, SeaweedServer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
API = "/api/v1/projects/cells"
ALIASES = ("originals", "derivatives", "incoming", "imports")


@pytest.fixture(autouse=True)
def bucket(seaweed: SeaweedServer, settings) -> SeaweedServer:
    """Everything in a folder of this test alone."""
    prefix = f"test-{uuid4()}"
    settings.STORAGES = {**settings.STORAGES, **seaweed.storages(*ALIASES, prefix=prefix)}
    return seaweed


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def promise(client, headers) -> dict:
    answer = client.post(f"{API}/uploads", headers=headers)
    assert answer.status_code == 201, answer.content
    return answer.json()


def hand_in(promise: dict, data: bytes, **fields: str) -> int:
    """As any HTTP client would, straight to the bucket; the status it answers."""
    address = urlsplit(promise["url"])
    form = {**promise["fields"], **fields, "file": ContentFile(data, name="x.png")}
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        body = encode_multipart(BOUNDARY, form)
        connection.request("POST", address.path, body, {"Content-Type": MULTIPART_CONTENT})
        return connection.getresponse().status
    finally:
        connection.close()


def complete(client, headers, promise: dict):
    return client.post(f"{API}/uploads/{promise['uid']}:complete", headers=headers)


def keys(bucket: SeaweedServer, part: str) -> list[str]:
    listed = bucket.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    here = storages["incoming"].location.rpartition("/")[0]
    return [each["Key"] for each in listed if each["Key"].startswith(f"{here}/{part}/")]


def test_a_form_is_posted_to_the_bucket_and_completed(client, headers, promise, bucket) -> None:
    assert promise["url"].startswith(bucket.url)
    data = image_bytes(1)
    assert hand_in(promise, data) in (200, 201, 204)
    assert len(keys(bucket, "incoming")) == 1
    answer = complete(client, headers, promise)
    assert answer.status_code == 200, answer.content
    image = StoredImage.objects.get(uid=answer.json()["uid"])
    assert image.byte_size == len(data)
    assert read_variant(image, "thumbnail")[1] == "image/webp"
    assert keys(bucket, "incoming") == []
    assert complete(client, headers, promise).json() == answer.json()


def test_the_bucket_itself_refuses_what_the_form_does_not_allow(
    client, headers, settings, bucket
) -> None:
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 5_000
    promise = client.post(f"{API}/uploads", headers=headers).json()
    assert hand_in(promise, bytes(5_001)) >= 400
    assert hand_in(promise, b"x", key=promise["fields"]["key"] + "-other") >= 400
    assert hand_in(promise, b"x", **{"x-amz-signature": "0" * 64}) >= 400
    assert keys(bucket, "incoming") == []
    assert hand_in(promise, image_bytes(1)) < 300
    # What somebody with other rights puts there is no image of ours either.
    name = promise["fields"]["key"]
    bucket.client.put_object(Bucket=BUCKET, Key=name, Body=bytes(6_000))
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")


def test_after_its_time_the_bucket_takes_nothing(client, headers, monkeypatch, bucket) -> None:
    from datetime import timedelta

    monkeypatch.setattr(requesting, "OPEN_FOR", timedelta(seconds=1))
    promise = client.post(f"{API}/uploads", headers=headers).json()
    time.sleep(2.5)
    assert hand_in(promise, image_bytes(1)) >= 400
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (410, "upload_expired")


def test_nothing_handed_in_and_what_is_no_image_are_told(client, headers, promise) -> None:
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_missing")
    assert hand_in(promise, b"<html>") < 300
    assert complete(client, headers, promise).json()["code"] == "unsupported_image"


def test_the_sweep_empties_the_bucket(client, headers, promise, bucket) -> None:
    assert hand_in(promise, image_bytes(1)) < 300
    assert purge_uploads(now=present() + 2 * GRACE) == 1
    assert keys(bucket, "incoming") == []


def test_a_bucket_that_is_down_is_told(client, headers, promise, settings, seaweed) -> None:
    whole = settings.STORAGES
    nowhere = {**whole["incoming"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**whole, "incoming": {**whole["incoming"], "OPTIONS": nowhere}}
    answer = complete(client, headers, promise)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    settings.STORAGES = whole
    hand_in(promise, image_bytes(1))
    assert complete(client, headers, promise).status_code == 200


def test_a_manifest_is_read_from_the_bucket(client, headers) -> None:
    lines = [
        json.dumps(
            {
                "external_id": f"cell-{number}",
                "predictor": {"name": "camera", "version": "3"},
                "probabilities": {"good": 0.2, "defect": 0.8},
                "image": {"object": f"photos/{number % 3}.png"},
            }
        )
        for number in range(5)
    ]
    for number in (0, 1):
        storages["imports"].save(f"cells/a/photos/{number}.png", ContentFile(image_bytes(number)))
    storages["imports"].save("cells/a/predictions.ndjson", ContentFile("\n".join(lines).encode()))
    answer = client.post(
        f"{API}/imports", {"prefix": "a/"}, content_type="application/json", headers=headers
    )
    assert answer.status_code == 202, answer.content
    jobs.run_job(job_id=Job.objects.get().pk, clock=database_now)
    told = client.get(answer["Location"], headers=headers).json()
    assert told["state"] == "succeeded", told
    assert [(each["line"], each["code"]) for each in told["result"]["errors"]] == [
        (3, "image_missing")
    ]
    assert Prediction.objects.count() == 4
