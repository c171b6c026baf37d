from __future__ import annotations

from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from tests.factories import api_key, bearer, lead, project, reviewer, stranger
from tests.training.builders import decision, first_champion, model
from training.models import ModelRole, Verdict
from training.queries.champion import champion_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return project()


def url(of, path: str) -> str:
    return f"/api/v1/projects/{of.slug}/{path}"


def key(of, *verbs: str) -> dict[str, str]:
    return bearer(api_key(of, *verbs)[1])


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_client_fetches_the_champion_and_checks_it(client, cells) -> None:
    champion, headers = first_champion(cells), key(cells, "models")
    card = client.get(url(cells, "champion"), headers=headers).json()
    answer = client.get(card["onnx"]["path"], headers=headers)
    content = body_of(answer)
    assert sha256(content).hexdigest() == card["onnx"]["sha256"] == champion.onnx_sha256
    assert len(content) == card["onnx"]["bytes"] == int(answer["Content-Length"])
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Disposition"].startswith("attachment")
    direct = client.get(url(cells, "champion/model.onnx"), headers=headers)
    assert body_of(direct) == content


def test_who_knows_the_champion_is_not_sent_it_again(client, cells) -> None:
    first_champion(cells)
    headers = key(cells, "models")
    for path in ("champion", "champion/model.onnx", "models/1/model.onnx"):
        whole = client.get(url(cells, path), headers=headers)
        assert body_of(whole)
        tag = whole["ETag"]
        again = client.get(url(cells, path), headers={**headers, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_another_champion_has_another_tag(client, cells) -> None:
    first_champion(cells)
    headers = key(cells)
    tag = client.get(url(cells, "champion"), headers=headers)["ETag"]
    model(cells)
    body = {"reasons": ["better"]}
    client.post(url(cells, "models/2:promote"), body, "application/json", headers=headers)
    fresh = client.get(url(cells, "champion"), headers={**headers, "If-None-Match": tag})
    assert (fresh.status_code, fresh.json()["number"]) == (200, 2)


def test_without_a_champion_there_is_a_clear_404(client, cells) -> None:
    for path in ("champion", "champion/model.onnx"):
        answer = client.get(url(cells, path), headers=key(cells, "models"))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_champion")
        assert answer["Content-Type"].startswith("application/problem+json")


def test_a_file_that_was_changed_in_storage_is_not_sent(client, cells) -> None:
    champion = first_champion(cells)
    storages["models"].delete(champion.onnx_key)
    storages["models"].save(champion.onnx_key, ContentFile(b"something else"))
    answer = client.get(url(cells, "champion/model.onnx"), headers=key(cells, "models"))
    assert (answer.status_code, answer.json()["code"]) == (500, "artefact_refused")


def test_models_are_listed_and_one_tells_what_the_gate_said(client, cells) -> None:
    champion = first_champion(cells)
    decision(model(cells), champion=champion, verdict=Verdict.REFUSE)
    headers = key(cells, "models")
    listed = client.get(url(cells, "models"), headers=headers).json()
    assert [row["number"] for row in listed["models"]] == [2, 1]
    assert listed["next_before"] is None
    one = client.get(url(cells, "models/2"), headers=headers).json()
    assert one["decision"]["verdict"] == "refuse"
    assert one["sentence"].startswith("The gate refuses it")


def test_a_recommended_model_is_promoted_and_rolled_back(client, cells) -> None:
    champion = first_champion(cells)
    second, headers = model(cells), key(cells, "release")
    decision(second, champion=champion)
    told = client.post(url(cells, "models/2:promote"), {}, "application/json", headers=headers)
    assert (told.status_code, told.json()["previous"]) == (200, 1)
    assert champion_of(cells.pk) == second
    body = {"reasons": ["false alarms"], "expected_champion": 2}
    back = client.post(url(cells, "champion:rollback"), body, "application/json", headers=headers)
    assert (back.json()["kind"], back.json()["champion"]) == ("rollback", 1)
    again = client.post(url(cells, "champion:rollback"), body, "application/json", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "champion_changed")


def test_without_the_gate_s_word_promotion_takes_a_reason(client, cells) -> None:
    model(cells)
    path, headers = url(cells, "models/1:promote"), key(cells, "release")
    refused = client.post(path, {"reasons": []}, "application/json", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "promotion_needs_reason")
    odd = client.post(path, {"reasons": "because"}, "application/json", headers=headers)
    assert odd.status_code in (400, 422)
    assert champion_of(cells.pk) is None


@pytest.mark.parametrize("path", ["champion:rollback", "models/1:promote"])
def test_a_key_that_may_only_read_releases_nothing(client, cells, path) -> None:
    version = model(cells)
    answer = client.post(
        url(cells, path), {"reasons": ["x"]}, "application/json", headers=key(cells, "models")
    )
    assert answer.status_code == 403
    version.refresh_from_db()
    assert version.role == ModelRole.CANDIDATE


READS = ["champion", "champion/model.onnx", "models", "models/1", "models/1/model.onnx", "runs"]


@pytest.mark.parametrize("path", READS)
def test_only_leads_and_keys_of_the_project_read(client, cells, path) -> None:
    first_champion(cells)
    address = url(cells, path)
    assert client.get(address).status_code == 401
    assert client.get(address, headers=key(project(), "models")).status_code == 404
    assert client.get(address, headers=key(cells, "predict")).status_code == 403
    for person, status in ((stranger(), 404), (reviewer(cells), 403), (lead(cells), 200)):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == status, person
        assert body_of(answer)


def test_a_lead_s_browser_must_prove_that_it_meant_to_release(cells) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lead(cells))
    model(cells)
    answer = browser.post(url(cells, "models/1:promote"), {"reasons": ["x"]}, "application/json")
    assert answer.status_code == 403
    assert champion_of(cells.pk) is None


def test_a_model_of_another_project_is_not_there(client, cells) -> None:
    model(project())
    answer = client.get(url(cells, "models/1"), headers=key(cells, "models"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")
