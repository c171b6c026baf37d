from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.actions.revise_review_policy import revise_review_policy
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.errors import ProjectInvalid, SlugTaken
from annotations.models import Project, ProjectKind
from reviewhub.common import audit
from reviewhub.common.actor import Actor

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def create_project(
    *,
    slug: str,
    name: str,
    kind: str,
    labels: Sequence[LabelSpec],
    guidelines: str = "",
    site_time_zone: str = "UTC",
    rules: Rules,
    review: ReviewSpec,
    note: str = "",
    uid: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Project:
    """Open a project with the first version of its taxonomy and of both policies.

    Folds and audit draws hang on `uid` and the draw key: with those of another instance, the same
    items get the same ones here.
    Raises SlugTaken, or ProjectInvalid, TaxonomyInvalid, PolicyInvalid naming every fault.
    """
    _check(slug=slug, name=name, kind=kind, site_time_zone=site_time_zone, note=note, uid=uid)
    with transaction.atomic():
        project, is_new = Project.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "kind": kind,
                "site_time_zone": site_time_zone,
                "note": note,
                "created_at": now,
                **({"uid": uid} if uid else {}),
            },
        )
        if not is_new:
            raise SlugTaken(slug=slug)
        audit.record(
            actor=actor,
            action="project.create",
            subject=project,
            project_id=project.pk,
            after={"slug": slug, "name": name, "kind": kind, "site_time_zone": site_time_zone},
            now=now,
        )
        taxonomy = TaxonomySpec(labels, guidelines)
        revise_taxonomy(project=project, spec=taxonomy, actor=actor, now=now)
        revise_routing_policy(project=project, rules=rules, actor=actor, now=now)
        revise_review_policy(project=project, review=review, actor=actor, now=now)
    return project


def _check(
    *, slug: str, name: str, kind: str, site_time_zone: str, note: str, uid: UUID | None
) -> None:
    rules = {
        "slug": (SLUG.fullmatch(slug), "lower-case letters, digits and hyphens, at most 60"),
        "name": (len(name.strip()) >= 1 and len(name) <= 120, "1 to 120 characters"),
        "kind": (kind in ProjectKind.values, f"one of {', '.join(ProjectKind.values)}"),
        "site_time_zone": (_is_time_zone(site_time_zone), "an IANA name such as Europe/Vienna"),
        "note": (len(note) <= 300, "at most 300 characters"),
        "uid": (uid is None or not _is_anothers(uid, slug), "not that of another project"),
    }
    faults = [{"field": at, "message": told} for at, (holds, told) in rules.items() if not holds]
    if faults:
        raise ProjectInvalid(errors=faults)


def _is_anothers(uid: UUID, slug: str) -> bool:
    return Project.objects.filter(uid=uid).exclude(slug=slug).exists()


def _is_time_zone(name: str) -> bool:
    return name in zoneinfo.available_timezones()
