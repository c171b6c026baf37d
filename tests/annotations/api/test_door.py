"""What holds for every endpoint: who enters, in which form, and how a refusal looks."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Verb
from tests import factories
from tests.factories import bearer

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT, Verb.WEBHOOKS)[1])


def problem(answer, status: int, code: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.json()["request_id"] == answer["X-Request-ID"]


def test_nobody_enters_without_saying_who(client, cells) -> None:
    answer = client.get(PATH)
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem(client.get(PATH, headers=bearer("rh_nonsense")), 401, "wrong_key")


def test_a_wrong_key_does_not_fall_back_on_a_login(client, cells) -> None:
    client.force_login(factories.lead(cells))
    problem(client.get(PATH, headers=bearer("rh_nonsense")), 401, "wrong_key")


def test_a_key_of_another_project_learns_nothing(client, cells) -> None:
    theirs = bearer(factories.api_key(factories.project())[1])
    one = client.get(PATH, headers=theirs)
    other = client.get("/api/v1/projects/there-is-none", headers=theirs)
    problem(one, 404, "unknown_project")
    problem(other, 404, "unknown_project")
    assert {**one.json(), "instance": "", "request_id": ""} == {
        **other.json(),
        "instance": "",
        "request_id": "",
    }


def test_a_key_without_the_verb_is_refused(client, headers) -> None:
    answer = client.post(
        f"{PATH}/annotations:import", {}, content_type="application/json", headers=headers
    )
    problem(answer, 403, "verb_not_allowed")


def test_people_may_read_by_their_login_and_submit_nothing(cells) -> None:
    client = Client(enforce_csrf_checks=True)
    lena = factories.lead(cells)
    client.force_login(lena, "reviewhub.common.authentication.Accounts")
    assert client.get(PATH).status_code == 200
    answer = client.post(f"{PATH}/predictions", {}, content_type="application/json")
    problem(answer, 403, "forbidden")
    client = Client()
    client.force_login(lena)
    answer = client.post(f"{PATH}/predictions", {}, content_type="application/json")
    problem(answer, 403, "programs_only")


def test_a_wrong_method_type_or_accept_is_told_as_a_problem(client, headers) -> None:
    refused = client.put(PATH, headers=headers)
    problem(refused, 405, "method_not_allowed")
    assert refused["Allow"] == "GET, HEAD"
    assert client.get(f"{PATH}/predictions:batch", headers=headers)["Allow"] == "POST"
    problem(client.options(PATH, headers=headers), 405, "method_not_allowed")
    for path in ("predictions", "images", "webhooks"):
        answer = client.post(f"{PATH}/{path}", "a=1", content_type="text/plain", headers=headers)
        problem(answer, 415, "unsupported_media_type")
    answer = client.get(PATH, headers={**headers, "Accept": "text/csv"})
    problem(answer, 406, "not_acceptable")


def test_a_head_asks_as_a_get_does(client, headers) -> None:
    assert client.head(PATH, headers=headers).status_code == 200


def test_an_address_that_is_not_there_is_a_problem_too(client, headers) -> None:
    problem(client.get(f"{PATH}/nonsense", headers=headers), 404, "not_found")


def test_a_broken_form_is_malformed(client, headers) -> None:
    answer = client.post(
        f"{PATH}/predictions",
        b"no boundary in here",
        content_type="multipart/form-data",
        headers=headers,
    )
    problem(answer, 400, "malformed")


def test_more_files_than_a_form_may_have_are_too_many(client, headers, settings) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    files = {f"p{n}": SimpleUploadedFile("x", b"x") for n in range(4)}
    answer = client.post(f"{PATH}/predictions:batch", {"batch": "{}", **files}, headers=headers)
    problem(answer, 413, "too_large")
