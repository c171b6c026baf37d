from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from annotations.access import NewSecret
from annotations.errors import ApiKeyInvalid
from annotations.models import ApiKey, Project, Verb
from reviewhub.common import audit
from reviewhub.common.actor import Actor

CALLS_PER_MINUTE, PREDICTIONS_PER_MINUTE = 1_200, 600_000
MOST_A_MINUTE = 1_000_000_000


def issue_api_key(
    *,
    project: Project,
    name: str,
    verbs: Sequence[str],
    expires_at: datetime,
    calls_per_minute: int = CALLS_PER_MINUTE,
    predictions_per_minute: int = PREDICTIONS_PER_MINUTE,
    actor: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key of the project and its secret, which is shown this once and never stored.

    Raises ApiKeyInvalid naming every fault.
    """
    limits = {
        "calls_per_minute": calls_per_minute,
        "predictions_per_minute": predictions_per_minute,
    }
    _check(name, verbs, expires_at, now, limits)
    drawn = NewSecret.draw()
    with transaction.atomic():
        key = ApiKey.objects.create(
            project=project,
            name=name,
            prefix=drawn.prefix,
            digest=drawn.digest,
            verbs=sorted({str(verb) for verb in verbs}),
            created_by_id=actor.user_id,
            created_at=now,
            expires_at=expires_at,
            **limits,
        )
        audit.record(
            actor=actor,
            action="api_key.issue",
            subject=key,
            project_id=project.pk,
            after={
                "name": name,
                "verbs": key.verbs,
                "expires_at": expires_at.isoformat(),
                **limits,
            },
            now=now,
        )
    return key, drawn.secret


def _check(
    name: str,
    verbs: Sequence[str],
    expires_at: datetime,
    now: datetime,
    limits: Mapping[str, int],
) -> None:
    rules = {
        "name": (len(name.strip()) >= 1 and len(name) <= 80, "1 to 80 characters"),
        "verbs": (verbs and set(verbs) <= set(Verb.values), f"of {', '.join(Verb.values)}"),
        "expires_at": (expires_at > now, "a time to come"),
        **{
            at: (1 <= most <= MOST_A_MINUTE, f"from 1 to {MOST_A_MINUTE}")
            for at, most in limits.items()
        },
    }
    faults = [{"field": at, "message": told} for at, (holds, told) in rules.items() if not holds]
    if faults:
        raise ApiKeyInvalid(errors=faults)
