from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.errors import ExamplesFull, UnknownItem, UnknownLabel
from annotations.models import Item, LabelExample, Project, User
from annotations.queries.label_examples import forget_examples
from annotations.queries.versions import labels_in, newest_taxonomy_id
from reviewhub.common import audit

MOST = 6
"""Examples of one label: more would push the labels off the screen."""


def pin_example(
    *, project: Project, item_uid: UUID, label_key: str, lead: User, now: datetime
) -> LabelExample:
    """Show an item beside the guideline of a label from now on; pinned twice it is pinned once.

    Locks the project, so that two leads cannot both pin the last one. Raises UnknownItem,
    UnknownLabel and ExamplesFull.
    """
    if label_key not in labels_in(project, newest_taxonomy_id(project)):
        raise UnknownLabel(label=label_key)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        item = item_of(project, item_uid)
        pinned = LabelExample.objects.filter(project=project, label_key=label_key)
        known = pinned.filter(item=item).first()
        if known is not None:
            return known
        if pinned.count() >= MOST:
            raise ExamplesFull(most=MOST)
        example = LabelExample.objects.create(
            project=project, label_key=label_key, item=item, created_by=lead, created_at=now
        )
        record_pin(
            project=project,
            item=item,
            label_key=label_key,
            lead=lead,
            action="example.pin",
            now=now,
        )
    return example


def item_of(project: Project, item_uid: UUID) -> Item:
    item = Item.objects.filter(project=project, uid=item_uid).first()
    if item is None:
        raise UnknownItem()
    return item


def record_pin(
    *, project: Project, item: Item, label_key: str, lead: User, action: str, now: datetime
) -> None:
    audit.record(
        actor=actor_of(lead),
        action=action,
        subject=item,
        project_id=project.pk,
        after={"label": label_key},
        now=now,
    )
    transaction.on_commit(lambda: forget_examples(project))
