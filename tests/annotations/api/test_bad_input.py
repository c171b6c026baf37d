"""What a client, or somebody else, may send: a clear answer each time, nothing half-written."""

from __future__ import annotations

import gzip
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from annotations.models import Item, ItemContent, Prediction, StoredImage, Verb
from tests import factories
from tests.factories import bearer, image_bytes

pytestmark = pytest.mark.django_db
API = "/api/v1/projects/cells"
BATCH = f"{API}/predictions:batch"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def texts():
    """Headers of a project of messages."""
    made = factories.project("texts", kind="text_classification")
    return bearer(factories.api_key(made, Verb.PREDICT)[1])


@pytest.fixture
def files(settings, tmp_path: Path) -> Path:
    """Storage in a folder of this test alone, and uploads in memory until they go there."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20
    settings.STORAGES = {
        **settings.STORAGES,
        **{
            alias: {
                "BACKEND": settings.STORAGES[alias]["BACKEND"],
                "OPTIONS": {"location": str(tmp_path / alias)},
            }
            for alias in ("originals", "derivatives", "incoming")
        },
    }
    return tmp_path


def item(external_id: str, **fields) -> dict:
    return {
        "external_id": external_id,
        "predictor": {"name": "camera", "version": "3"},
        "probabilities": {"good": 0.2, "defect": 0.8},
        **fields,
    }


def message(external_id: str, text: str) -> dict:
    return {
        "external_id": external_id,
        "predictor": {"name": "triage", "version": "1"},
        "label": "good",
        "text": text,
    }


def large_picture() -> bytes:
    """Noise of some 12 MB, which no format makes smaller."""
    buffer = BytesIO()
    Image.effect_noise((4000, 3000), 100).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@contextmanager
def files_end_at(most: int) -> Iterator[None]:
    """No file of this process grows beyond this: what a full disk does to a write."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


# --- storage ----------------------------------------------------------------------------------


def send_both(client, headers, large: bytes):
    """What a batch of two is told, of which a disk that is nearly full takes the second picture."""
    batch = [item("a", image={"part": "large"}), item("b", image={"part": "small"})]
    form = {
        "batch": json.dumps({"predictions": batch}),
        "large": SimpleUploadedFile("x", large),
        "small": SimpleUploadedFile("x", image_bytes(1)),
    }
    return client.post(BATCH, form, headers=headers).json()["results"]


def test_a_disk_that_is_full_during_an_upload_leaves_nothing_half_written(
    client, headers, files
) -> None:
    picture = large_picture()
    form = {"file": SimpleUploadedFile("x.png", picture)}
    with files_end_at(8 * 2**20):
        answer = client.post(f"{API}/images", form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer["Retry-After"] == "10"
    assert not StoredImage.objects.exists()
    assert left_in(files / "originals") == []
    form = {"file": SimpleUploadedFile("x.png", picture)}
    assert client.post(f"{API}/images", form, headers=headers).status_code == 201
    with storages["originals"].open(StoredImage.objects.get().original_key) as file:
        assert file.read() == picture


def test_a_disk_that_is_full_during_a_batch_refuses_the_items_of_that_image_alone(
    client, headers, files
) -> None:
    large = large_picture()
    with files_end_at(8 * 2**20):
        told = send_both(client, headers, large)
    assert [each["status"] for each in told] == ["refused", "created"]
    assert told[0]["error"]["code"] == "storage_unavailable"
    assert told[0]["error"]["status"] == 503
    assert list(Item.objects.values_list("external_id", flat=True)) == ["b"]
    again = send_both(client, headers, large)
    assert [each["status"] for each in again] == ["created", "unchanged"]
    assert not [name for name in left_in(files) if name.startswith(".")]


def test_storage_that_is_away_during_a_batch_is_told_and_a_retry_works(
    client, headers, files, settings
) -> None:
    whole = settings.STORAGES
    (files / "a-file").write_text("")
    away = {**whole["originals"], "OPTIONS": {"location": str(files / "a-file")}}
    settings.STORAGES = {**whole, "originals": away}

    def send():
        form = {
            "batch": json.dumps({"predictions": [item("a", image={"part": "p"})]}),
            "p": SimpleUploadedFile("x", image_bytes(1)),
        }
        return client.post(BATCH, form, headers={**headers, "Idempotency-Key": "one"})

    (told,) = send().json()["results"]
    assert (told["status"], told["error"]["code"]) == ("refused", "storage_unavailable")
    assert not Item.objects.exists()
    assert told["error"]["retry_after"] == 10
    settings.STORAGES = whole
    # What was refused for a while is no answer to keep under the key; what came of the call is.
    (created,) = send().json()["results"]
    assert created["status"] == "created"
    settings.STORAGES = {**whole, "originals": away}
    assert send().json()["results"] == [created]


def test_what_was_taken_beside_an_image_that_could_not_be_kept_is_unchanged_by_the_retry(
    client, headers, files
) -> None:
    large, once = large_picture(), {**headers, "Idempotency-Key": "one"}
    with files_end_at(8 * 2**20):
        first = send_both(client, once, large)
    second = send_both(client, once, large)
    assert [each["status"] for each in first] == ["refused", "created"]
    assert [each["status"] for each in second] == ["created", "unchanged"]
    assert second[1]["prediction"] == first[1]["prediction"]
    assert send_both(client, once, large) == second


def test_a_disk_that_cannot_buffer_an_upload_is_told(client, headers, settings, tmp_path) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    form = {"file": SimpleUploadedFile("x.png", image_bytes(1))}
    answer = client.post(f"{API}/images", form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "10"
    settings.FILE_UPLOAD_TEMP_DIR = None
    form = {"file": SimpleUploadedFile("x.png", image_bytes(1))}
    assert client.post(f"{API}/images", form, headers=headers).status_code == 201


# --- lies about the type --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("multipart/form-data", b"{}", 400),
        ("multipart/form-data; boundary=", b"{}", 400),
        ("multipart/form-data; boundary=x", b'{"predictions": []}', 400),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x", 415),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-da", 400),
        ("multipart/mixed; boundary=x", b"--x--", 415),
        ("application/json", b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--", 400),
        ("application/json", image_bytes(1), 400),
        ("application/json", gzip.compress(b"{}", mtime=0), 400),
        ("application/json; charset=utf-16", '{"predictions": []}'.encode("utf-16"), 415),
        ("application/json", b'\xef\xbb\xbf{"predictions": []}', 400),
        ("application/json", b'{"predictions": ["\xff"]}', 200),
        ("application/json", b'{"\xff": []}', 400),
        ("application/x-ndjson", image_bytes(1), 200),
        ("application/x-ndjson", b"[{}]", 200),
        ("image/png", image_bytes(1), 415),
        ("text/plain", b"{}", 415),
        ("", b"{}", 415),
    ],
)
def test_a_body_that_is_not_what_it_says(client, headers, content_type, body, expected) -> None:
    answer = client.generic("POST", BATCH, body, content_type=content_type, headers=headers)
    assert answer.status_code == expected, answer.content
    if expected == 200:
        assert {each["status"] for each in answer.json()["results"]} == {"refused"}
    else:
        assert answer["Content-Type"] == "application/problem+json"
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("name", "content_type", "data", "code"),
    [
        ("cell.png", "image/png", b"<html><script>alert(1)</script>", "unsupported_image"),
        ("cell.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(50), "broken_image"),
        ("cell.png", "image/png", b'<svg xmlns="http://www.w3.org/"/>', "unsupported_image"),
        ("cell.png", "image/png", b"PK\x03\x04" + bytes(50), "unsupported_image"),
        ("cell.exe", "application/x-msdownload", image_bytes(1), ""),
        ("../../etc/passwd", "text/html", image_bytes(1), ""),
        ("cell.png", "application/json", image_bytes(1, form="JPEG"), ""),
    ],
)
def test_a_part_is_judged_by_its_content(client, headers, name, content_type, *, data, code):
    form = {
        "batch": json.dumps({"predictions": [item("a", image={"part": "photo"})]}),
        "photo": SimpleUploadedFile(name, data, content_type=content_type),
    }
    (told,) = client.post(BATCH, form, headers=headers).json()["results"]
    assert told.get("error", {}).get("code", "") == code


def test_a_picture_in_place_of_the_json_is_told(client, headers) -> None:
    form = {"batch": SimpleUploadedFile("b.json", image_bytes(1), content_type="application/json")}
    answer = client.post(BATCH, form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


# --- depth and size -------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [b"[" * 1_000_000, b'{"a":' * 1_000_000])
@pytest.mark.parametrize("way", ["json", "gzip", "form field", "form file"])
def test_json_nested_a_million_deep_is_refused_whole(client, headers, deep, way) -> None:
    body = b'{"predictions": [' + deep
    if way == "form field":
        answer = client.post(BATCH, {"batch": body.decode()}, headers=headers)
    elif way == "form file":
        answer = client.post(BATCH, {"batch": SimpleUploadedFile("b", body)}, headers=headers)
    else:
        more = {"Content-Encoding": "gzip"} if way == "gzip" else {}
        answer = client.post(
            BATCH,
            gzip.compress(body) if way == "gzip" else body,
            content_type="application/json",
            headers={**headers, **more},
        )
    assert (answer.status_code, answer.json()["code"]) == (400, "json_too_deep")


def test_a_bomb_of_ndjson_is_refused(client, headers) -> None:
    bomb = gzip.compress(b"[" * 300_000_000, compresslevel=9)
    answer = client.post(
        BATCH,
        bomb,
        content_type="application/x-ndjson",
        headers={**headers, "Content-Encoding": "gzip"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


# --- texts ----------------------------------------------------------------------------------

STRANGE = [
    "שלום \u202eabc\u202c عالم",
    "zero\u200bwidth\u200d\ufeff joiners",
    "e\u0301 is not \u00e9",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 and \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "tab\tnew\nline\r\n\x01\x7f\x85\u2028",
    " ",
    "",
    '"\\u0000" is six characters',
]


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("escaped", [True, False])
def test_a_text_is_kept_character_for_character(client, texts, text, escaped) -> None:
    body = json.dumps(message("a", text), ensure_ascii=escaped)
    path = "/api/v1/projects/texts/predictions"
    answer = client.post(path, body, content_type="application/json", headers=texts)
    if not text.strip():
        assert answer.status_code in (201, 422)
        return
    assert answer.status_code == 201, answer.content
    assert ItemContent.objects.get().text == text
    again = client.post(path, body, content_type="application/json", headers=texts)
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    other = json.dumps(message("a", text + "\u200b"))
    told = client.post(path, other, content_type="application/json", headers=texts)
    assert (told.status_code, told.json()["code"]) == (409, "item_content_conflict")


def test_a_text_beyond_its_limit_spoils_no_other(client, texts) -> None:
    items = [message("a", "short"), message("b", "x" * 10_000_000), message("c", "é" * 32_768)]
    body = json.dumps({"predictions": items})
    answer = client.post(
        "/api/v1/projects/texts/predictions:batch",
        body,
        content_type="application/json",
        headers=texts,
    )
    told = answer.json()["results"]
    assert [each["status"] for each in told] == ["created", "refused", "created"]
    assert told[1]["error"]["status"] == 413
    assert Prediction.objects.count() == 2


@pytest.mark.parametrize("lone", ['"\\ud800"', '"\\udc00x"', '"\\ud83d"'])
def test_half_a_character_is_refused(client, texts, lone) -> None:
    body = json.dumps(message("a", "?")).replace('"?"', lone)
    answer = client.post(
        "/api/v1/projects/texts/predictions", body, content_type="application/json", headers=texts
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
