"""A project of each kind to send to, made by the ordinary actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from annotations.actions.create_project import create_project
from annotations.actions.issue_api_key import issue_api_key
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Project, Verb
from reviewhub.common.actor import Actor

LASTS = timedelta(days=1)
LABELS: dict[str, tuple[str, str, Sequence[str]]] = {
    "load-parts": ("Load: parts", "image_classification", ("good", "crack", "scratch")),
    "load-boxes": ("Load: boxes", "object_detection", ("crack", "scratch", "inclusion")),
    "load-messages": (
        "Load: messages",
        "text_classification",
        ("question", "refund", "complaint", "praise"),
    ),
}
FINDINGS = {"crack", "scratch", "inclusion", "complaint"}


def open_projects(*, actor: Actor, now: datetime) -> dict[str, str]:
    """Secrets by slug, each good for a day; projects of an earlier run are used again."""
    secrets = {}
    for slug in LABELS:
        project = Project.objects.filter(slug=slug).first() or _create(slug, actor, now)
        _, secrets[slug] = issue_api_key(
            project=project,
            name="generate_load",
            verbs=[Verb.PREDICT],
            expires_at=now + LASTS,
            actor=actor,
            now=now,
        )
    return secrets


def _create(slug: str, actor: Actor, now: datetime) -> Project:
    name, kind, labels = LABELS[slug]
    return create_project(
        slug=slug,
        name=name,
        kind=kind,
        labels=[
            LabelSpec(key, key.title(), is_positive=key in FINDINGS, cost_of_miss=5.0)
            for key in labels
        ],
        rules=Rules.default(),
        review=ReviewSpec(),
        note="Made by generate_load",
        actor=actor,
        now=now,
    )
