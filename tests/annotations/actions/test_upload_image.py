from __future__ import annotations

import pytest
from django.core.files.storage import storages

from annotations.actions.upload_image import upload_image
from annotations.errors import ImageTooLarge, UnsupportedImage
from annotations.models import StoredImage
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import TESTER, image_bytes, present
from tests.races import at_once

pytestmark = pytest.mark.django_db


def upload(project, data: bytes) -> StoredImage:
    return upload_image(project=project, data=data, actor=TESTER, now=present())


def test_an_image_is_kept_once() -> None:
    cells = factories.project()
    first = upload(cells, image_bytes(1))
    assert (first.format, first.width, first.height) == ("PNG", 32, 24)
    assert upload(cells, image_bytes(1)) == first
    assert upload(cells, image_bytes(2)) != first
    assert AuditEntry.objects.filter(action="image.upload").count() == 2


def test_two_projects_share_no_image() -> None:
    one, two = (upload(factories.project(), image_bytes(3)) for _ in range(2))
    assert one.pk != two.pk
    assert one.original_key != two.original_key


def test_a_file_that_storage_lost_is_written_again() -> None:
    cells = factories.project()
    first = upload(cells, image_bytes(4))
    storages["originals"].delete(first.original_key)
    upload(cells, image_bytes(4))
    assert storages["originals"].exists(first.original_key)


def test_what_is_no_image_leaves_no_row(settings) -> None:
    cells = factories.project()
    with pytest.raises(UnsupportedImage):
        upload(cells, b"this is not a photograph")
    settings.REVIEWHUB_MAX_IMAGE_BYTES = 100
    with pytest.raises(ImageTooLarge):
        upload(cells, image_bytes(5))
    assert not StoredImage.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_the_same_image_twice_at_once_is_one_row() -> None:
    cells = factories.project()
    images = at_once(*[lambda: upload(cells, image_bytes(6))] * 3)
    assert {image.pk for image in images} == {StoredImage.objects.get().pk}
