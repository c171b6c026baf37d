"""The option that issues an API key, for two commands."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management.base import CommandParser

from annotations.actions.issue_api_key import (
    CALLS_PER_MINUTE,
    PREDICTIONS_PER_MINUTE,
    issue_api_key,
)
from annotations.models import Project
from reviewhub.common.actor import Actor


def add_limits(parser: CommandParser) -> None:
    parser.add_argument(
        "--calls-per-minute", type=int, default=CALLS_PER_MINUTE, help="more are answered 429"
    )
    parser.add_argument(
        "--predictions-per-minute",
        type=int,
        default=PREDICTIONS_PER_MINUTE,
        help="of all calls together",
    )


def issued(
    *,
    project: Project,
    name: str,
    verbs: str,
    days: int,
    actor: Actor,
    now: datetime,
    calls_per_minute: int = CALLS_PER_MINUTE,
    predictions_per_minute: int = PREDICTIONS_PER_MINUTE,
) -> str:
    """The secret of a new key; `verbs` are separated by commas."""
    _, secret = issue_api_key(
        project=project,
        name=name,
        verbs=[verb.strip() for verb in verbs.split(",") if verb.strip()],
        expires_at=now + timedelta(days=days),
        calls_per_minute=calls_per_minute,
        predictions_per_minute=predictions_per_minute,
        actor=actor,
        now=now,
    )
    return secret
