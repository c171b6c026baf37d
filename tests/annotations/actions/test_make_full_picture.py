"""All pixels of a large picture are made by a worker while a person looks at the smaller one."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
import redis
from django.core.files.storage import storages
from django.urls import reverse
from PIL import Image

from annotations import media
from annotations.actions.make_full_picture import make_full_picture
from annotations.actions.upload_image import upload_image
from annotations.models import StoredImage
from annotations.tasks import make_full
from tests import factories
from tests.factories import TESTER, image_bytes, present

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = (2100, 40)


@pytest.fixture
def cells():
    return factories.project("cells")


def stored(cells, size=LARGE) -> StoredImage:
    return upload_image(
        project=cells, data=image_bytes(size[0], size=size), actor=TESTER, now=present()
    )


@pytest.fixture
def look(client, cells):
    """A reviewer's browser fetches a derivative."""
    client.force_login(factories.reviewer(cells))

    def look(image: StoredImage, variant: str = "display"):
        answer = client.get(reverse("annotations:media", args=["cells", image.uid, variant]))
        assert answer.status_code == 200
        return answer.content

    return look


def messages(broker) -> list[dict]:
    with redis.Redis.from_url(broker.url) as link:
        told = [json.loads(raw) for raw in link.lrange("infer", 0, -1)]
    return [each for each in told if each["headers"]["task"] == make_full.name]


def test_whoever_is_shown_a_large_picture_wakes_a_worker(cells, broker, look) -> None:
    image = stored(cells)
    look(image)
    (told,) = messages(broker)
    assert f"'image_id': {image.pk}" in told["headers"]["kwargsrepr"]


def test_thumbnails_and_pictures_that_are_shown_whole_wake_nobody(cells, broker, look) -> None:
    look(stored(cells), "thumbnail")
    look(stored(cells, (2048, 40)))
    assert messages(broker) == []


def test_what_the_worker_made_is_what_is_shown_and_nothing_is_decoded_again(cells, look) -> None:
    image = stored(cells)
    assert make_full.run(image_id=image.pk, unknown="argument of a newer version")
    storages["originals"].delete(image.original_key)
    assert Image.open(BytesIO(look(image, "full"))).size == LARGE


def test_a_message_that_comes_twice_does_the_work_once(cells) -> None:
    image = stored(cells)
    assert [make_full_picture(image_id=image.pk) for _ in range(2)] == [True, False]


def test_where_no_worker_came_whoever_looks_closer_makes_them(cells, look) -> None:
    image = stored(cells)
    assert Image.open(BytesIO(look(image, "full"))).size == LARGE
    assert not make_full_picture(image_id=image.pk)


def test_what_was_erased_or_is_small_is_nothing_to_do(cells) -> None:
    image, small = stored(cells), stored(cells, (64, 40))
    media.delete(image)
    assert not make_full_picture(image_id=image.pk)
    assert not make_full_picture(image_id=small.pk)
    assert not make_full_picture(image_id=0)


def test_a_broker_that_is_away_keeps_no_picture_from_anybody(cells, look) -> None:
    image = stored(cells)
    assert Image.open(BytesIO(look(image))).size == (2048, 39)
