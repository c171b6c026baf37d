"""The option that issues an API key, for two commands."""

from __future__ import annotations

from datetime import datetime, timedelta

from annotations.actions.issue_api_key import issue_api_key
from annotations.models import Project
from reviewhub.common.actor import Actor


def issued(
    *, project: Project, name: str, verbs: str, days: int, actor: Actor, now: datetime
) -> str:
    """The secret of a new key; `verbs` are separated by commas."""
    _, secret = issue_api_key(
        project=project,
        name=name,
        verbs=[verb.strip() for verb in verbs.split(",") if verb.strip()],
        expires_at=now + timedelta(days=days),
        actor=actor,
        now=now,
    )
    return secret
