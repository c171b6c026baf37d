"""Schemathesis against the real application: no 5xx, and no answer that the schema leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from annotations.actions.request_upload import request_upload
from annotations.models import ApiKey
from reviewhub.common.models import Job
from reviewhub.common.webhooks import ping_endpoint, register_endpoint
from tests import factories
from tests.factories import TESTER, bearer, present
from tests.training.builders import first_champion, model, queued_run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOOK = "http://127.0.0.1:9/hook"
UPLOADED = UUID("01994f5e-6e1f-7c3a-9d0e-2f4b7c5a1e02")  # as the examples of the schema name it
EVEN = "02468ace"
# Not reviewhub.wsgi: what that does to a server process, it would do to this one.
application = get_wsgi_application()

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]


def whole(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The application, with each answer read to its end and closed, as a server does."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, text: Any) -> bytes:
    """The schema calls it a string, as it is sent."""
    return str(text).encode("utf-8", "surrogatepass")


API = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", whole)
DOORS = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", whole)
DOORS.config.phases.coverage.enabled = False  # every edge of a body is the same 401


def cases(most: int, *, elsewhere: bool = False) -> settings:
    """The same ones every time; `elsewhere` each time, but on CI.

    There Hypothesis' own profile takes the chance out: what a change breaks decides, not luck.
    """
    return settings(
        max_examples=most,
        deadline=None,
        derandomize=settings.default.derandomize if elsewhere else True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class World:
    """A project in which every address can name something that is there."""

    headers: dict[str, str]
    uids: dict[str, UUID] = field(default_factory=dict)

    def enter(self, case: Case) -> None:
        """Lead a call to this project and, every other time, to something in it."""
        case.path_parameters["slug"] = "cells"
        if len(case.headers.get("Idempotency-Key", "")) == 1:
            del case.headers["Idempotency-Key"]  # the same for every body, which is a 422
        for part, uid in self.uids.items():
            if f"/{part}/" in case.path and str(case.path_parameters["uid"])[-1:] in EVEN:
                case.path_parameters["uid"] = str(uid)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application keeps the test's own connection, as Django's test client lets it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db, one_connection, settings) -> World:
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1:9"]
    cells = factories.project("cells")
    factories.image(cells)
    cells.images.update(uid=UPLOADED)
    first_champion(cells)
    model(cells)
    endpoint = register_endpoint(project_id=cells.pk, url=HOOK, actor=TESTER, now=present())
    ping = ping_endpoint(endpoint=endpoint, actor=TESTER, now=present())
    job = Job.objects.create(
        project_id=cells.pk, kind="x", params={}, actor_kind="system", created_at=present()
    )
    upload, _ = request_upload(project=cells, our_door="/{}".format, now=present())
    key, secret = factories.api_key(cells)
    ApiKey.objects.filter(pk=key.pk).update(calls_per_minute=10**6, predictions_per_minute=10**8)
    return World(
        bearer(secret),
        {
            "predictions": factories.prediction(cells).uid,
            "webhooks": endpoint.uid,
            "deliveries": ping.uid,
            "runs": queued_run(cells).uid,
            "jobs": job.uid,
            "uploads": upload.uid,
        },
    )


@API.parametrize()
@cases(8)
def test_a_key_that_may_do_everything(case: Case, world: World) -> None:
    world.enter(case)
    case.call_and_validate(checks=CHECKS, headers=world.headers)


@DOORS.parametrize()
@cases(5)
def test_a_caller_without_a_key(case: Case, world: World) -> None:
    world.enter(case)
    case.call_and_validate(checks=CHECKS)


# The client that Schemathesis calls with leaves the file open in which it spools half a megabyte.
@pytest.mark.filterwarnings("ignore:.*_io.FileIO:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
@API.parametrize()
@cases(60, elsewhere=True)
def test_for_longer(case: Case, world: World) -> None:
    world.enter(case)
    case.call_and_validate(checks=CHECKS, headers=world.headers)
