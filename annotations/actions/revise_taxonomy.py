from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.actions.next_number import next_number
from annotations.domain.labels import TaxonomySpec, check_mapping, completed
from annotations.models import Label, Project, Taxonomy
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def revise_taxonomy(
    *, project: Project, spec: TaxonomySpec, actor: Actor, now: datetime
) -> Taxonomy:
    """Put a new numbered label set in force; what was judged under an older one stays as it was.

    Labels keep their meaning by key; `spec.mapping` says what became of keys that are gone.
    Raises TaxonomyInvalid naming every fault. Locks the project.
    """
    labels = completed(spec.labels)
    with transaction.atomic():
        number = next_number(project=project, rows=project.taxonomies.all())
        check_mapping(
            spec.mapping,
            before=_keys_of(project, number - 1),
            after=[label.key for label in labels],
        )
        taxonomy = Taxonomy.objects.create(
            project=project,
            number=number,
            guidelines=spec.guidelines,
            mapping=dict(spec.mapping),
            created_by_id=actor.user_id,
            created_at=now,
        )
        Label.objects.bulk_create(
            Label(
                taxonomy=taxonomy,
                position=position,
                **{**vars(label), "phrases": [phrase.strip() for phrase in label.phrases]},
            )
            for position, label in enumerate(labels)
        )
        audit.record(
            actor=actor,
            action="taxonomy.revise",
            subject=taxonomy,
            project_id=project.pk,
            after={"number": number, "labels": [label.key for label in labels]},
            now=now,
        )
    return taxonomy


def _keys_of(project: Project, number: int) -> list[str]:
    rows = Label.objects.filter(taxonomy__project=project, taxonomy__number=number)
    return list(rows.values_list("key", flat=True))
