"""The schema of the API: complete, valid, with examples that hold, and the one of this code."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from reviewhub.openapi import CONTRACTS, methods_of
from tests.promises import document, operations, validator


def endpoints(resolver: URLResolver | None = None) -> set[type[APIView]]:
    """Every view of the API that has an address."""
    found: set[type[APIView]] = set()
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            view = getattr(each.callback, "cls", None)
            found |= {view} if view and issubclass(view, APIView) else set()
        else:
            found |= endpoints(each)
    return found


def test_every_endpoint_says_what_it_promises() -> None:
    there = {(view.__name__, method) for view in endpoints() for method in methods_of(view)}
    told = {(view.__name__, method) for view, methods in CONTRACTS.items() for method in methods}
    assert there - told == set(), "declare these in the contract of their app (…/api/contract)"
    assert told - there == set(), "these have no address any more"


def test_the_committed_schema_is_the_one_of_this_code() -> None:
    call_command("openapi", check=True)


def test_the_command_writes_and_finds_drift(settings, tmp_path) -> None:
    settings.REVIEWHUB_OPENAPI = tmp_path / "openapi.json"
    with pytest.raises(CommandError, match="out of date"):
        call_command("openapi", check=True)
    call_command("openapi", stdout=StringIO())
    call_command("openapi", check=True)
    settings.REVIEWHUB_OPENAPI.write_text("{}")
    with pytest.raises(CommandError, match="out of date"):
        call_command("openapi", check=True)


def test_it_is_openapi_3_1_and_names_each_operation_once() -> None:
    assert document()["openapi"] == "3.1.0"
    names = Counter(operation["operationId"] for _, _, operation in operations())
    assert max(names.values()) == 1


def test_every_body_and_every_good_answer_has_an_example_that_holds() -> None:
    for path, method, operation in operations():
        bodies = operation.get("requestBody", {}).get("content", {})
        contents = [("body", media, told) for media, told in bodies.items()]
        for status, answer in operation["responses"].items():
            if status < "3":
                contents += [(status, *each) for each in answer.get("content", {}).items()]
        for where, media_type, told in contents:
            at = f"{method} {path} {where} {media_type}"
            assert told["examples"], f"{at} has no example"
            for example in told["examples"].values():
                wrong = [
                    str(each) for each in validator(told["schema"]).iter_errors(example["value"])
                ]
                assert not wrong, f"{at}: {wrong}"


def test_every_component_is_used_and_every_one_that_is_named_is_there() -> None:
    named = set(re.findall(r"'#/components/(\w+)/(\w+)'", str(document())))
    parts = ("schemas", "responses")
    there = {(part, name) for part in parts for name in document()["components"][part]}
    assert named == there


def test_every_refusal_names_its_codes() -> None:
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            if status >= "4" and "$ref" not in answer:
                assert answer["description"].startswith("`"), (path, method, status)


def test_the_schema_is_served_as_it_is_committed(client, settings) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer["Content-Type"] == "application/json"
    assert answer.content == settings.REVIEWHUB_OPENAPI.read_bytes()


def test_the_page_shows_every_endpoint_and_every_component(client) -> None:
    text = client.get("/api/v1/docs").content.decode()
    for path, _, operation in operations():
        assert f'id="{operation["operationId"]}"' in text
        assert f"<code>{path}</code>" in text
    for name in document()["components"]["schemas"]:
        assert f'id="{name}"' in text
