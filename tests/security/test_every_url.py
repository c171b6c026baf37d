"""Every address against everybody who might ask.

A new address needs one line in RULES; without one the first test fails and names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.contrib.admin import site
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, converters, get_resolver, resolve, reverse

from annotations.models import Project, Verb
from tests import factories
from tests.factories import bearer

pytestmark = pytest.mark.django_db

SLUG = "cells"
ARGUMENTS: dict[str, object] = {
    "slug": SLUG,
    "variant": "thumbnail",
    "policy": "training",
    "language": "en",
    "name": "image",
}
ANYTHING: dict[type, object] = {
    converters.UUIDConverter: UUID(int=7),
    converters.IntConverter: 7,
    converters.SlugConverter: "something",
    converters.StringConverter: "something",
}
METHODS = ("get", "post", "put", "patch", "delete")
CALLERS = ("anonymous", "stranger", "reviewer", "lead", "operator", "foreign key", "weak key")
PEOPLE = {"reviewer": 0, "lead": 1, "operator": 2}


@dataclass(frozen=True)
class Rule:
    """What each caller hears: in, login, who (401), no (403) or nothing (404, unknown project)."""

    method: str
    heard: tuple[str, ...]


def open_to_all(method: str) -> Rule:
    return Rule(method, ("in",) * len(CALLERS))


def for_people(method: str) -> Rule:
    """Pages outside any project: a login is enough, and a key is none."""
    return Rule(method, ("login", "in", "in", "in", "in", "login", "login"))


def page(method: str, least: str) -> Rule:
    """Pages of a project: a key opens none."""
    return Rule(method, ("login", "nothing", *_ranked(least), "login", "login"))


def api(method: str, least: str | None, *, any_key: bool = False) -> Rule:
    """Endpoints of a project; `least` None keeps people out, `any_key` asks for no verb."""
    weak = "in" if any_key else "no"
    return Rule(method, ("who", "nothing", *_ranked(least), "nothing", weak))


def _ranked(least: str | None) -> list[str]:
    bar = PEOPLE[least] if least else len(PEOPLE)
    return ["in" if rank >= bar else "no" for rank in PEOPLE.values()]


RULES: dict[str, list[Rule]] = {
    "livez": [open_to_all("get")],
    "readyz": [open_to_all("get")],
    "metrics": [open_to_all("get")],  # from this machine, where the test asks from
    "login": [open_to_all("get"), open_to_all("post")],
    "logout": [open_to_all("post")],
    "password_change": [for_people("get"), for_people("post")],
    "password_change_done": [for_people("get")],
    "guide": [open_to_all("get")],
    "guide_picture": [open_to_all("get")],
    "demo_report": [for_people("get")],
    "api_schema": [open_to_all("get")],
    "api_docs": [open_to_all("get")],
    "annotations:projects": [for_people("get")],
    "annotations:profile": [for_people("get"), for_people("post")],
    "annotations:keys": [for_people("get"), for_people("post")],
    "annotations:review": [page("get", "reviewer")],
    "annotations:answer": [page("post", "reviewer")],
    "annotations:undo": [page("post", "reviewer")],
    "annotations:ahead": [page("get", "reviewer")],
    "annotations:leave": [page("post", "reviewer")],
    "annotations:session": [open_to_all("get")],
    "annotations:grids": [page("get", "reviewer")],
    "annotations:grid": [page("get", "reviewer"), page("post", "reviewer")],
    "annotations:undo-grid": [page("post", "reviewer")],
    "annotations:leave-grid": [page("post", "reviewer")],
    "annotations:guideline": [page("get", "reviewer")],
    "annotations:acknowledge": [page("post", "reviewer")],
    "annotations:comment": [page("post", "reviewer")],
    "annotations:send-to-lead": [page("post", "reviewer")],
    "annotations:return": [page("post", "lead")],
    "annotations:reopen": [page("get", "reviewer"), page("post", "reviewer")],
    "annotations:mine": [page("get", "reviewer")],
    "annotations:take-returned": [page("post", "reviewer")],
    "annotations:media": [page("get", "reviewer")],
    "annotations:adjudicate": [page("get", "lead")],
    "annotations:settle": [page("post", "lead")],
    "annotations:queue": [page("get", "lead")],
    "annotations:approve": [page("post", "lead")],
    "annotations:withdraw": [page("post", "lead")],
    "annotations:items": [page("get", "lead")],
    "annotations:pin-example": [page("post", "lead")],
    "annotations:unpin-example": [page("post", "lead")],
    "annotations:routing": [page("get", "lead")],
    "annotations:simulate": [page("post", "lead")],
    "annotations:simulation-changes": [page("get", "lead")],
    "annotations:save-routing": [page("post", "lead")],
    "annotations:audit": [page("get", "lead")],
    "annotations:jobs": [page("get", "lead")],
    "annotations:cancel-job": [page("post", "lead")],
    "annotations:deliveries": [page("get", "lead")],
    "annotations:redeliver": [page("post", "lead")],
    "annotations:api-project": [api("get", "reviewer", any_key=True)],
    "annotations:api-images": [api("post", None)],
    "annotations:api-uploads": [api("post", None)],
    "annotations:api-upload": [open_to_all("post")],  # whoever has the signed form may post it
    "annotations:api-upload-complete": [api("post", None)],
    "annotations:api-predictions": [api("post", None), api("get", "lead")],
    "annotations:api-predictions-batch": [api("post", None)],
    "annotations:api-prediction": [api("get", "lead")],
    "annotations:api-withdrawal": [api("post", None)],
    "annotations:api-items": [api("get", "lead")],
    "annotations:api-imports": [api("post", "lead")],
    "annotations:api-jobs": [api("get", "lead", any_key=True)],
    "annotations:api-job": [api("get", "lead", any_key=True)],
    "annotations:api-job-cancel": [api("post", "lead")],
    "annotations:api-routing-policies": [
        api("get", "lead", any_key=True),
        api("post", "lead"),
    ],
    "annotations:api-routing-simulations": [api("post", "lead")],
    "annotations:api-simulation-changes": [api("get", "lead")],
    "annotations:api-annotations-import": [api("post", None)],
    "annotations:api-queue": [api("get", "reviewer", any_key=True)],
    "annotations:api-webhooks": [api("get", "lead"), api("post", None)],
    "annotations:api-webhook": [api("delete", None)],
    "annotations:api-webhook-ping": [api("post", None)],
    "annotations:api-deliveries": [api("get", "lead")],
    "annotations:api-redeliver": [api("post", None)],
    "training:api-champion": [api("get", "lead")],
    "training:api-champion-file": [api("get", "lead")],
    "training:api-champion-rollback": [api("post", "lead")],
    "training:api-models": [api("get", "lead")],
    "training:api-model": [api("get", "lead")],
    "training:api-model-file": [api("get", "lead")],
    "training:api-model-promote": [api("post", "lead")],
    "training:api-runs": [api("get", "lead"), api("post", "lead")],
    "training:api-run": [api("get", "lead")],
    "training:api-run-cancel": [api("post", "lead")],
    "training:overview": [page("get", "lead")],
    "training:item": [page("get", "lead")],
    "training:runs": [page("get", "lead")],
    "training:request_run": [page("post", "lead")],
    "training:run": [page("get", "lead")],
    "training:cancel_run": [page("post", "lead")],
    "training:models": [page("get", "lead")],
    "training:model": [page("get", "lead")],
    "training:promote_model": [page("post", "lead")],
    "training:roll_back": [page("post", "lead")],
    "training:settings": [page("get", "lead")],
    "training:revise_policy": [page("post", "lead")],
}


def addresses(
    resolver: URLResolver, namespace: str = "", taken: dict[str, object] | None = None
) -> Iterator[tuple[str, dict[str, object]]]:
    """Every address outside the admin with its arguments; an unnamed one is listed by its route."""
    for each in resolver.url_patterns:
        arguments = {**(taken or {}), **_arguments(each)}
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name or each.pattern}", arguments
        elif each.namespace != "admin":
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from addresses(each, inner, arguments)


def _arguments(part: URLPattern | URLResolver) -> dict[str, object]:
    """Values that name nothing, but for the project."""
    return {
        name: ARGUMENTS.get(name, ANYTHING[type(converter)])
        for name, converter in part.pattern.converters.items()
    }


ADDRESSES = dict(addresses(get_resolver()))


@pytest.fixture
def cells() -> Project:
    return factories.project(SLUG)


def knocking(caller: str, cells: Project, name: str) -> Client:
    """A client of this caller; the weak key has every verb that the address does not ask for."""
    client = Client(raise_request_exception=True)
    if caller == "foreign key":
        client.defaults["HTTP_AUTHORIZATION"] = authorization(factories.project())
    elif caller == "weak key":
        client.defaults["HTTP_AUTHORIZATION"] = authorization(cells, *unneeded_verbs(name))
    elif caller != "anonymous":
        people = {"reviewer": factories.reviewer, "lead": factories.lead}
        person = people[caller](cells) if caller in people else getattr(factories, caller)()
        client.force_login(person)
    return client


def authorization(project: Project, *verbs: str) -> str:
    return bearer(factories.api_key(project, *verbs)[1])["Authorization"]


def unneeded_verbs(name: str) -> list[str]:
    """Verbs that open none of the methods of an endpoint."""
    if ":api-" not in name:
        return [Verb.PREDICT]
    view = resolve(reverse(name, kwargs=ADDRESSES[name])).func.cls  # type: ignore[attr-defined]
    access = getattr(view, "access", {})
    needed = {verb for each in access.values() for verb in each.verbs}
    return sorted(set(Verb.values) - needed) or [Verb.PREDICT]


def ask(client: Client, method: str, name: str) -> HttpResponseBase:
    url = reverse(name, kwargs=ADDRESSES[name])
    json = {"content_type": "application/json"} if ":api-" in name and method != "get" else {}
    return getattr(client, method)(url, headers={"Accept": "application/json"}, **json)


def heard(answer: HttpResponseBase) -> str:
    """What the door said; everything that is said behind it, good or bad, is `in`."""
    assert answer.status_code < 500 or answer.status_code == 503, answer
    assert answer.status_code != 405, "the address does not take this method"
    if answer.status_code == 302 and answer["Location"].startswith(f"{reverse('login')}?next="):
        return "login"
    code = answer.json()["code"] if "problem" in answer["Content-Type"] else ""
    if answer.status_code == 404 and code == "unknown_project":
        return "nothing"
    return {401: "who", 403: "no"}.get(answer.status_code, "in")


def test_every_address_has_its_rule() -> None:
    assert set(ADDRESSES) - set(RULES) == set(), "write a line in RULES for these"
    assert set(RULES) - set(ADDRESSES) == set(), "these addresses are gone"


@pytest.mark.parametrize("name", RULES)
def test_everybody_hears_what_the_rule_says(cells: Project, name: str) -> None:
    told = {}
    for rule in RULES[name]:
        for caller in CALLERS:
            answer = ask(knocking(caller, cells, name), rule.method, name)
            told[rule.method, caller] = heard(answer)
    assert told == {
        (rule.method, caller): expected
        for rule in RULES[name]
        for caller, expected in zip(CALLERS, rule.heard, strict=True)
    }


@pytest.mark.parametrize("name", [name for name in RULES if "slug" in ADDRESSES.get(name, {})])
def test_no_other_method_is_taken(cells: Project, name: str) -> None:
    taken = {rule.method for rule in RULES[name]}
    client = knocking("operator", cells, name)
    for method in set(METHODS) - taken:
        assert ask(client, method, name).status_code == 405, method


@pytest.mark.parametrize("model", sorted(each._meta.label_lower for each in site._registry))
def test_the_admin_is_for_operators(cells: Project, model: str) -> None:
    told = {}
    for caller in CALLERS:
        url = reverse(f"admin:{model.replace('.', '_')}_changelist")
        told[caller] = knocking(caller, cells, "admin").get(url).status_code
    assert told == {caller: 200 if caller == "operator" else 302 for caller in CALLERS}
