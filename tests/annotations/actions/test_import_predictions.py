"""A manifest and its images are taken in by a job: once, whatever happens to the worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from annotations.actions import import_predictions as importing
from annotations.errors import ImportPathInvalid
from annotations.formats.documents import MOST_ITEM_BYTES
from annotations.media import imports
from annotations.models import Item, Prediction, StoredImage, Verb
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.models import Job
from tests import factories
from tests.factories import bearer, image_bytes

pytestmark = pytest.mark.django_db
API = "/api/v1/projects/cells"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    """What an operator has laid out, for all projects."""
    alias = {**settings.STORAGES["imports"], "OPTIONS": {"location": str(tmp_path / "imports")}}
    settings.STORAGES = {**settings.STORAGES, "imports": alias}
    return tmp_path / "imports"


def lay(name: str, content: bytes) -> None:
    storages["imports"].save(name, ContentFile(content))


def line(name: str, **fields) -> str:
    return json.dumps(
        {
            "external_id": name,
            "predictor": {"name": "camera", "version": "3"},
            "probabilities": {"good": 0.2, "defect": 0.8},
            "image": {"object": "photos/1.png"},
            **fields,
        }
    )


def lay_out(*lines: str, under: str = "cells/2026-11") -> None:
    lay(f"{under}/photos/1.png", image_bytes(1))
    lay(f"{under}/predictions.ndjson", "\n".join(lines).encode())


def ask(client, headers, prefix: str = "2026-11/"):
    body = json.dumps({"prefix": prefix})
    return client.post(f"{API}/imports", body, content_type="application/json", headers=headers)


def run(client, headers, prefix: str = "2026-11/") -> dict:
    """Ask and do; the job as the API tells it."""
    answer = ask(client, headers, prefix)
    assert answer.status_code == 202, answer.content
    jobs.run_job(job_id=Job.objects.latest("pk").pk, clock=database_now)
    return client.get(answer["Location"], headers=headers).json()


def test_a_manifest_is_taken_in(client, headers) -> None:
    lay_out(line("a"), "", line("b", slices={"line": "4"}, image={"object": "photos/2.png"}), " ")
    lay("cells/2026-11/photos/2.png", image_bytes(2))
    told = run(client, headers)
    assert (told["state"], told["done"], told["total"]) == ("succeeded", 3, 4)
    assert told["result"] == {
        "created": 2,
        "unchanged": 0,
        "refused": 0,
        "queued": 2,
        "errors": [],
    }
    assert StoredImage.objects.count() == 2
    again = run(client, headers)
    assert (again["result"]["created"], again["result"]["unchanged"]) == (0, 2)
    assert Prediction.objects.count() == 2


def test_a_bad_line_is_told_by_number_and_spoils_no_other(client, headers, cells) -> None:
    upload = str(factories.image(cells, 1).uid)
    lay_out(
        line("a"),
        "{",
        "",
        line("b", image={"object": "photos/none.png"}),
        line("c", image={"object": "../../other/photos/1.png"}),
        line("d", image={"object": "predictions.ndjson"}),
        line("e", metadata={"x": "y" * (2 * MOST_ITEM_BYTES)}),
        line("f", image={"url": "https://images.example/"}),
        line("g", image={"object": "photos/1.png", "upload": upload}),
        line("h", probabilities={"dent": 1}),
        line("i", image={"upload": upload}),
        "[" * 100_000,
        line("j"),
    )
    told = run(client, headers)
    assert told["state"] == "succeeded"
    assert [
        (each["line"], each["external_id"], each["code"]) for each in told["result"]["errors"]
    ] == [
        (2, None, "malformed"),
        (4, "b", "image_missing"),
        (5, "c", "import_path_invalid"),
        (6, "d", "unsupported_image"),
        (7, None, "too_large"),
        (8, "f", "invalid_input"),
        (9, "g", "invalid_input"),
        (10, "h", "invalid_answer"),
        (12, None, "json_too_deep"),
    ]
    assert told["result"]["refused"] == 9
    assert set(Item.objects.values_list("external_id", flat=True)) == {"a", "i", "j"}


def test_only_the_first_errors_are_told_and_all_are_counted(client, headers, monkeypatch) -> None:
    monkeypatch.setattr(importing, "MOST_ERRORS_TOLD", 2)
    lay_out(*["{"] * 5, line("a"))
    result = run(client, headers)["result"]
    assert (result["refused"], len(result["errors"]), result["created"]) == (5, 2, 1)


@pytest.mark.parametrize("prefix", ["", "/", "a/b/c/", "2026-11"])
def test_the_prefix_may_be_any_folder_of_the_project(client, headers, prefix) -> None:
    lay_out(line("a"), under=f"cells/{prefix}".rstrip("/"))
    answer = ask(client, headers, prefix)
    if prefix == "/":
        assert (answer.status_code, answer.json()["code"]) == (422, "import_path_invalid")
        return
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "prefix",
    ["../other", "a/../../other", "..", "a//b", "./a", "a\\b", "a\nb", "/etc", "x" * 299],
)
def test_nothing_beside_the_projects_folder_is_read(client, headers, prefix) -> None:
    lay_out(line("a"), under="other")
    answer = ask(client, headers, prefix)
    assert answer.status_code in (404, 422)
    assert answer.json()["code"] in ("import_path_invalid", "unknown_manifest")
    assert not Job.objects.exists()


def test_paths_lead_down_only() -> None:
    assert imports.path_of("cells", "a/", "b.png") == "cells/a/b.png"
    for bad in ("..", "a/..", "/a", "a/../..", "a\0", "a//b", "x" * 900):
        with pytest.raises(ImportPathInvalid):
            imports.path_of("cells", "", bad)


def test_without_a_manifest_there_is_no_job(client, headers) -> None:
    answer = ask(client, headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_manifest")
    assert answer.json()["expected"] == "cells/2026-11/predictions.ndjson"


def test_the_same_call_again_is_the_same_job(client, headers) -> None:
    lay_out(line("a"))
    headers = {**headers, "Idempotency-Key": "one"}
    first, again = ask(client, headers), ask(client, headers)
    assert first["Location"] == again["Location"]
    assert Job.objects.count() == 1


def before_batch(monkeypatch, number: int, do: Callable[[], None]) -> None:
    """`do` happens when that many batches are through."""
    take_in, seen = importing._take_in, []

    def and_then(*asked):
        if len(seen) == number:
            do()
        seen.append(1)
        take_in(*asked)

    monkeypatch.setattr(importing, "_take_in", and_then)


def test_it_is_cancelled_between_batches_and_what_is_done_stays(
    client, headers, monkeypatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    lay_out(*[line(f"cell-{n}") for n in range(7)])

    def cancel() -> None:
        job = Job.objects.get()
        client.post(f"{API}/jobs/{job.uid}:cancel", headers=headers)

    before_batch(monkeypatch, 2, cancel)
    told = run(client, headers)
    assert (told["state"], told["done"]) == ("cancelled", 4)
    assert Prediction.objects.count() == 4


def test_a_worker_that_lost_the_job_leaves_nothing_behind(client, headers, monkeypatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    lay_out(*[line(f"cell-{n}") for n in range(7)])

    def lose() -> None:
        Job.objects.update(lease_until=database_now() - timedelta(seconds=1), fence=99)

    before_batch(monkeypatch, 1, lose)
    told = run(client, headers)
    assert (told["state"], told["done"], Prediction.objects.count()) == ("running", 2, 2)
    monkeypatch.undo()
    jobs.run_job(job_id=Job.objects.get().pk, clock=database_now)
    told = client.get(f"{API}/jobs/{Job.objects.get().uid}", headers=headers).json()
    assert (told["state"], told["done"], told["attempt"]) == ("succeeded", 7, 2)
    assert (told["result"]["created"], told["result"]["unchanged"]) == (7, 0)
    assert Prediction.objects.count() == 7


def test_a_storage_that_is_down_ends_the_job_and_the_next_one_goes_on(
    client, headers, settings, tmp_path
) -> None:
    lay_out(line("a"))
    whole = settings.STORAGES
    (tmp_path / "file").write_text("")
    broken = {**whole["originals"], "OPTIONS": {"location": str(tmp_path / "file")}}
    settings.STORAGES = {**whole, "originals": broken}
    told = run(client, headers)
    assert (told["state"], told["error"]["code"]) == ("failed", "storage_unavailable")
    assert not Item.objects.exists()
    settings.STORAGES = whole
    assert run(client, headers)["result"]["created"] == 1


def test_a_long_batch_shows_signs_of_life(client, headers, monkeypatch) -> None:
    monkeypatch.setattr(importing, "SIGN_OF_LIFE", timedelta(0))
    beats: list[int] = []
    advance = jobs.HeldJob.advance

    def noting(self, done, **more):
        beats.append(done)
        advance(self, done, **more)

    monkeypatch.setattr(jobs.HeldJob, "advance", noting)
    lay_out(*[line(f"cell-{n}") for n in range(3)])
    assert run(client, headers)["state"] == "succeeded"
    assert beats[-1] == 3
    assert len(beats) > 1
