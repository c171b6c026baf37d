from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from reviewhub.file_storage import AtomicFileSystemStorage
from tests.races import at_once

LARGE = b"x" * 3_000_000


@pytest.fixture
def storage(tmp_path: Path) -> AtomicFileSystemStorage:
    return AtomicFileSystemStorage(location=tmp_path, file_permissions_mode=0o600)


def test_a_file_is_kept_under_its_own_name_and_replaced_by_the_next(storage, tmp_path) -> None:
    assert storage.save("a/b/one", ContentFile(b"first")) == "a/b/one"
    assert storage.save("a/b/one", ContentFile(b"second")) == "a/b/one"
    assert (tmp_path / "a/b/one").read_bytes() == b"second"
    assert stat.S_IMODE((tmp_path / "a/b/one").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["one"]


def test_a_write_that_breaks_leaves_what_was_there(storage, tmp_path) -> None:
    class Broken(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half of it"
            raise OSError("the disk is full")

    storage.save("one", ContentFile(b"whole"))
    with pytest.raises(OSError, match="full"):
        storage.save("one", Broken(b""))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


def test_a_name_outside_the_folder_is_refused(storage) -> None:
    with pytest.raises(Exception, match="path traversal"):
        storage.save("../elsewhere", ContentFile(b"x"))


@pytest.mark.django_db(transaction=True)  # only as threads that race are connected first
def test_eight_writers_and_a_reader_at_once_see_whole_files_only(storage, tmp_path) -> None:
    storage.save("one", ContentFile(LARGE))

    def sizes() -> set[int]:
        return {len((tmp_path / "one").read_bytes()) for _ in range(50)}

    write = [lambda: storage.save("one", ContentFile(LARGE))] * 8
    *_, seen = at_once(*write, sizes)
    assert seen == {len(LARGE)}
