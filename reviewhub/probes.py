"""For machines that watch this one: does it live, can it work, and in figures how it fares."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address

import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from reviewhub.common.clock import database_now
from reviewhub.common.errors import Forbidden
from reviewhub.common.heartbeat import seconds_since_beat
from reviewhub.common.ids import uuid7
from reviewhub.common.metrics import exposition

Check = Callable[[], str]


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing."""
    return HttpResponse("live\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything a request needs is there, else 503; each check by name.

    The worker is told and not required: without one, people can still review.
    """
    told = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = all(outcome["ok"] for outcome in told.values())
    body = {
        "ready": ready,
        "checks": told,
        "workers": _workers() if told["migrations"]["ok"] else {},
    }
    return JsonResponse(body, status=200 if ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for whoever holds the token; without one, for this machine."""
    if not _may_scrape(request):
        raise Forbidden("Send the metrics token, or ask from this machine.")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    database_now()
    return "answers"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise LookupError(f"{len(missing)} not applied")
    return "all applied"


def _broker() -> str:
    with redis.Redis.from_url(
        settings.REVIEWHUB_REDIS_URL, socket_timeout=2, socket_connect_timeout=2
    ) as client:
        client.ping()
    return "answers"


def _storage() -> str:
    """Write and delete: a full disk and a lost permission read well and write badly."""
    storage = storages["originals"]
    name = storage.save(f"probe/{uuid7()}", ContentFile(b"probe"))
    storage.delete(name)
    return "writable"


CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "storage": _storage,
}


def _outcome(check: Check) -> dict[str, bool | str | float]:
    began = time.perf_counter()
    try:
        ok, note = True, check()
    except Exception as failure:  # noqa: BLE001 (whatever a check dies of is its outcome)
        # The kind only: addresses and paths in messages are nobody's business here.
        note = str(failure) if isinstance(failure, LookupError) else type(failure).__name__
        ok = False
    return {"ok": ok, "note": note, "seconds": round(time.perf_counter() - began, 4)}


def _workers() -> dict[str, dict[str, float | bool]]:
    """Per queue: seconds since a message last went all the way."""
    patience = 4 * settings.REVIEWHUB_RECONCILE_SECONDS
    return {
        queue: {"ok": age <= patience, "seconds_ago": round(age, 1)}
        for queue, age in seconds_since_beat(now=database_now()).items()
    }


def _may_scrape(request: HttpRequest) -> bool:
    token = settings.REVIEWHUB_METRICS_TOKEN
    if token:
        sent = request.headers.get("Authorization", "").encode()
        return secrets.compare_digest(sent, f"Bearer {token}".encode())
    # Behind a proxy on this machine, everybody's address is this machine's.
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    address = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 (stands for nobody)
    return not proxied and ip_address(address).is_loopback
