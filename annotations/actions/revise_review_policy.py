from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from django.db import transaction

from annotations.actions.next_number import next_number
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Label, Project, ReviewPolicy
from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.errors import JsonDict


def revise_review_policy(
    *, project: Project, review: ReviewSpec, actor: Actor, now: datetime
) -> ReviewPolicy:
    """Put a new review policy in force; entries queued before keep the policy they came under.

    Raises PolicyInvalid naming every fault. Locks the project.
    """
    with transaction.atomic():
        number = next_number(project=project, rows=project.review_policies.all())
        review.check(labels=_keys_in_use(project))
        before = project.review_policies.filter(number=number - 1).first()
        policy = ReviewPolicy.objects.create(
            project=project,
            number=number,
            created_by_id=actor.user_id,
            created_at=now,
            **asdict(review),
        )
        audit.record(
            actor=actor,
            action="review_policy.revise",
            subject=policy,
            project_id=project.pk,
            before=_told(before) if before else None,
            after=_told(policy),
            now=now,
        )
    return policy


def _keys_in_use(project: Project) -> list[str]:
    newest = project.taxonomies.order_by("-number").values("pk")[:1]
    return list(Label.objects.filter(taxonomy__in=newest).values_list("key", flat=True))


def _told(policy: ReviewPolicy) -> JsonDict:
    return {field.name: getattr(policy, field.name) for field in fields(ReviewSpec)}
