"""Idempotency-Key: a call that is sent again answers the same and does nothing twice."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

import msgspec
from django.db import connection, transaction

from reviewhub.common.actor import Actor
from reviewhub.common.errors import Conflict, InvalidInput, JsonDict, Malformed
from reviewhub.common.models import IdempotencyRecord
from reviewhub.common.statements import Statement, insert

KEPT_FOR = timedelta(hours=48)
_KEY = re.compile(r"[\x21-\x7e]{1,120}")

Answer = tuple[int, JsonDict]


class _Stored(NamedTuple):
    id: int
    body_digest: str
    status: int
    packed: bytes
    expires_at: datetime


_STORED = Statement(
    """
    SELECT id, body_digest, status, packed, expires_at FROM common_idempotencyrecord
    WHERE actor = %(actor)s AND route = %(route)s AND key = %(key)s
    """,
    _Stored,
)


class _Taken(NamedTuple):
    taken: bool


_TAKE = Statement("SELECT pg_try_advisory_xact_lock(%(lock)s::bigint)", _Taken)


class IdempotencyMismatch(InvalidInput):
    code: ClassVar[str] = "idempotency_mismatch"
    title: ClassVar[str] = "This Idempotency-Key was used with another body"


class IdempotencyInProgress(Conflict):
    """`retry_after` counts seconds."""

    code: ClassVar[str] = "idempotency_in_progress"
    title: ClassVar[str] = "The first call with this Idempotency-Key is still being served"


class IdempotencyKeyInvalid(Malformed):
    code: ClassVar[str] = "idempotency_key_invalid"
    title: ClassVar[str] = "An Idempotency-Key has 1 to 120 visible ASCII characters"


def replay_or_run(
    *,
    actor: Actor,
    route: str,
    key: str | None,
    body_digest: str,
    now: datetime,
    run: Callable[[], Answer],
    final: bool = True,
) -> Answer:
    """The stored answer to this key, or that of `run()`, stored in the transaction of its effect.

    Errors are not stored: nothing happened, so the same call may try again. Nor is an answer that
    is not `final`, such as that of a batch whose images could not be kept at the moment: what `run`
    does must then be safe to do again. Without a key, `run()`.
    Of two calls at once, the second is refused on PostgreSQL (IdempotencyInProgress), and waits
    for the first on SQLite, where there is one writer at a time.
    Raises IdempotencyMismatch, IdempotencyInProgress, IdempotencyKeyInvalid.
    """
    if key is None:
        return run()
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalid
    with transaction.atomic():
        _hold(actor, route, key)
        stored = _stored(actor, route, key, now)
        if stored is not None:
            return _replayed(stored, body_digest)
        status, body = run()
        if not final:
            return status, body
        insert(
            IdempotencyRecord(
                actor=actor.key,
                route=route,
                key=key,
                body_digest=body_digest,
                status=status,
                packed=zlib.compress(msgspec.json.encode(body), 1),
                created_at=now,
                expires_at=now + KEPT_FOR,
            )
        )
        return status, body


def digest(body: bytes) -> str:
    """SHA-256 of a request body, as `body_digest` wants it."""
    return hashlib.sha256(body).hexdigest()


def forget_expired(*, now: datetime) -> int:
    """Delete records past their time; how many."""
    return IdempotencyRecord.objects.filter(expires_at__lte=now).delete()[0]


def _hold(actor: Actor, route: str, key: str) -> None:
    """Until the transaction ends, this key is ours; SQLite's transactions exclude one another."""
    if connection.vendor != "postgresql":
        return
    name = hashlib.sha256(f"{actor.key}\0{route}\0{key}".encode()).digest()
    if _TAKE.all(lock=int.from_bytes(name[:8], signed=True)) == [_Taken(taken=False)]:
        raise IdempotencyInProgress(retry_after=1)


def _stored(actor: Actor, route: str, key: str, now: datetime) -> _Stored | None:
    stored = _STORED.first(actor=actor.key, route=route, key=key)
    if stored is not None and stored.expires_at <= now:
        IdempotencyRecord.objects.filter(pk=stored.id).delete()
        return None
    return stored


def _replayed(stored: _Stored, body_digest: str) -> Answer:
    if stored.body_digest != body_digest:
        raise IdempotencyMismatch
    return stored.status, msgspec.json.decode(zlib.decompress(stored.packed))
