"""Images by address: off unless listed, fetched before any transaction, each its item's affair."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from annotations.actions import fetch_images as fetching
from annotations.actions.fetch_images import MOST_ADDRESSES
from annotations.models import Item, StoredImage, Verb
from tests import factories
from tests.factories import bearer, image_bytes
from tests.reviewhub.common.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells/predictions:batch"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def shelf(settings):
    """A server with one picture at every address."""
    with Receiver(answer=image_bytes(1)) as receiver:
        settings.REVIEWHUB_FETCH_ALLOWED_HOSTS = [receiver.url.rpartition("/")[0]]
        yield receiver


def post(client, headers, urls: list[str], **more: str):
    items = [
        {
            "external_id": f"cell-{number}",
            "predictor": {"name": "camera", "version": "3"},
            "probabilities": {"good": 0.2, "defect": 0.8},
            "image": {"url": url},
        }
        for number, url in enumerate(urls)
    ]
    body = json.dumps({"predictions": items})
    return client.post(PATH, body, content_type="application/json", headers={**headers, **more})


def codes(answer) -> list[str]:
    return [result.get("error", {}).get("code", "") for result in answer.json()["results"]]


def test_an_image_is_fetched_once_for_all_that_name_it(client, headers, shelf) -> None:
    answer = post(client, headers, [shelf.url, shelf.url, f"{shelf.url}?2"])
    assert codes(answer) == ["", "", ""]
    assert StoredImage.objects.count() == 1
    assert len(shelf.received) == 2


def test_without_a_list_nothing_is_fetched(client, headers, shelf, settings) -> None:
    settings.REVIEWHUB_FETCH_ALLOWED_HOSTS = []
    assert codes(post(client, headers, [shelf.url])) == ["target_refused"]
    assert shelf.received == []


def test_what_fails_is_its_items_affair(client, headers, shelf, settings) -> None:
    with Receiver(status=404) as gone, Receiver(answer=b"<html>") as page:
        settings.REVIEWHUB_FETCH_ALLOWED_HOSTS += [
            each.url.rpartition("/")[0] for each in (gone, page)
        ]
        urls = [shelf.url, gone.url, page.url, "http://169.254.169.254/latest/meta-data", "x"]
        answer = post(client, headers, urls)
    assert codes(answer) == [
        "",
        "fetch_failed",
        "unsupported_image",
        "target_refused",
        "target_refused",
    ]
    assert "html" not in answer.content.decode()


def test_too_large_is_told_as_for_any_image(client, headers, shelf, settings) -> None:
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 100
    answer = post(client, headers, [shelf.url])
    assert codes(answer) == ["image_too_large"]


def test_too_many_addresses_are_refused_before_the_first_is_called(client, headers, shelf) -> None:
    answer = post(client, headers, [f"{shelf.url}?{n}" for n in range(MOST_ADDRESSES + 1)])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_addresses")
    assert answer.json()["limit"] == MOST_ADDRESSES
    assert shelf.received == []


def test_slow_servers_share_the_time_of_one_call(client, headers, shelf, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS_TOGETHER", 0.5)
    shelf.delay = 1.0
    told = codes(post(client, headers, [f"{shelf.url}?{n}" for n in range(12)]))
    assert told == ["fetch_failed"] * 12
    assert len(shelf.received) <= 5


@pytest.mark.django_db(transaction=True)
def test_others_servers_are_waited_for_outside_any_transaction(
    client, headers, shelf, monkeypatch
) -> None:
    inside: list[bool] = []
    fetch = fetching.fetch_target

    def noting(*args, **kwargs):
        return fetch(*args, **kwargs)

    monkeypatch.setattr(fetching, "fetch_target", noting)
    kept = fetching.upload_image

    def keep(**kwargs):
        inside.append(connection.in_atomic_block)
        return kept(**kwargs)

    monkeypatch.setattr(fetching, "upload_image", keep)
    assert codes(post(client, headers, [shelf.url], **{"Idempotency-Key": "one"})) == [""]
    assert inside == [False]
    assert Item.objects.count() == 1


def test_one_way_per_image(client, headers, cells, shelf) -> None:
    upload = str(factories.image(cells, 1).uid)

    def send(image: dict) -> str:
        body = {
            "external_id": "a",
            "predictor": {"name": "camera", "version": "3"},
            "probabilities": {"good": 0.2, "defect": 0.8},
            "image": image,
        }
        path = PATH.removesuffix(":batch")
        answer = client.post(path, body, content_type="application/json", headers=headers)
        return answer.json()["errors"][0]["field"]

    assert send({"url": shelf.url, "upload": upload}) == "image"
    assert send({}) == "image"
    assert send({"object": "a.png"}) == "image.object"
    assert send({"url": ""}) == "image.url"
