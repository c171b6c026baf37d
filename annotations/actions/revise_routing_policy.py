from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.actions.next_number import next_number
from annotations.domain.routing import Rules
from annotations.errors import PolicyInvalid
from annotations.models import Label, Project, RoutingPolicy
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def revise_routing_policy(
    *, project: Project, rules: Rules, actor: Actor, now: datetime
) -> RoutingPolicy:
    """Put new routing rules in force for predictions that arrive from now on.

    Routes made before keep naming the policy, and so the probabilities, they were made under.
    A rule about a label that the project never had would wait for ever: PolicyInvalid.
    Locks the project.
    """
    check_labels(project=project, rules=rules)
    with transaction.atomic():
        number = next_number(project=project, rows=project.routing_policies.all())
        before = project.routing_policies.filter(number=number - 1).first()
        policy = RoutingPolicy.objects.create(
            project=project,
            number=number,
            rules=rules.as_json(),
            created_by_id=actor.user_id,
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="routing_policy.revise",
            subject=policy,
            project_id=project.pk,
            before=before.rules if before else None,
            after=policy.rules,
            now=now,
        )
    return policy


def check_labels(*, project: Project, rules: Rules) -> None:
    """Raise PolicyInvalid for labels that no version of the taxonomy knows; "" is no finding."""
    named = rules.labels - {""}
    if not named:
        return
    known = Label.objects.filter(taxonomy__project=project, key__in=named)
    for key in sorted(named - set(known.values_list("key", flat=True))):
        message = f"The project has no label {key}."
        raise PolicyInvalid(errors=[{"field": "rules", "message": message}])
