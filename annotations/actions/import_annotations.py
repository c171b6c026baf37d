from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from annotations.actions.enter_items import (
    EnteredItem,
    ItemSpec,
    digest_of,
    enter_items,
    item_for,
)
from annotations.actions.read_judgement import judge as read
from annotations.actions.resolve_image import (
    refuse_other_content,
    resolve_image,
    uploaded_images,
)
from annotations.domain import counters
from annotations.domain.intake import ImportVerdict, IncomingAnnotation
from annotations.domain.judgements import carried, columns_of, judgement_in
from annotations.domain.kinds import Judgement
from annotations.errors import AnnotationConflict
from annotations.models import (
    SPEAKS_FIRST,
    Annotation,
    Approval,
    How,
    Outcome,
    Project,
    QueueEntry,
    Taxonomy,
)
from annotations.queries.vocabularies import Carrier, Vocabularies, vocabularies_of
from annotations.signals import annotation_approved
from reviewhub.common import audit, tally
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError

__all__ = ["ImportVerdict", "IncomingAnnotation", "import_annotations"]

Checked = tuple[ItemSpec, Judgement]


class _Standing(NamedTuple):
    """An annotation in the labels in force.

    `said` is None where they have no word for it, and where the item could not be judged.
    """

    uid: UUID
    said: Judgement | None
    gives_way: bool


def import_annotations(
    *, project: Project, actor: Actor, batch: Sequence[IncomingAnnotation], now: datetime
) -> list[ImportVerdict]:
    """Store items that are judged already, each with an approved annotation; one verdict each.

    For the data set a project starts with. An item that is annotated already is unchanged if it
    says the same in the labels in force, and refused otherwise: an import never overrules what
    people settled, under whatever labels. Only an earlier import whose label is gone, which says
    nothing any more, gives way to a new one.

    Locks the entries of items that were there before, in the order of their ids.
    """
    taxonomy = project.taxonomies.order_by("-number").prefetch_related("labels")[:1].get()
    checked = _check(project, actor, taxonomy, batch, now)
    with transaction.atomic():
        verdicts = _store(project, taxonomy, batch, checked, now)
        audit.record(
            actor=actor,
            action="annotations.import",
            subject=project,
            project_id=project.pk,
            after={
                "sent": len(batch),
                "created": sum(verdict.status == "created" for verdict in verdicts),
            },
            now=now,
        )
    return verdicts


def _check(
    project: Project,
    actor: Actor,
    taxonomy: Taxonomy,
    batch: Sequence[IncomingAnnotation],
    now: datetime,
) -> list[Checked | ReviewHubError]:
    labels = [label.key for label in taxonomy.labels.all()]
    uploaded = uploaded_images(project, (sent.image for sent in batch))

    def judge(sent: IncomingAnnotation) -> Checked | ReviewHubError:
        try:
            refuse_other_content(project, image=sent.image, text=sent.text)
            image = resolve_image(project, actor, sent.image, uploaded, now)
            size = (image.width, image.height) if image else None
            said = read(project, labels, label_key=sent.label_key, boxes=sent.boxes, size=size)
        except ReviewHubError as error:
            return error
        spec = ItemSpec(
            sent.external_id,
            digest_of(image, sent.text),
            image,
            sent.text,
            source_group=sent.source_group,
            metadata=sent.metadata,
        )
        return spec, said

    return [judge(sent) for sent in batch]


def _store(
    project: Project,
    taxonomy: Taxonomy,
    batch: Sequence[IncomingAnnotation],
    checked: Sequence[Checked | ReviewHubError],
    now: datetime,
) -> list[ImportVerdict]:
    specs = [part[0] for part in checked if not isinstance(part, ReviewHubError)]
    items = enter_items(project=project, specs=specs, now=now)
    vocabularies = vocabularies_of(project)
    _lock_entries(items)
    settled = {pk for pk, each in _current(vocabularies, items).items() if not each.gives_way}
    new = _annotate(taxonomy, checked, items, settled, now)
    _count(project, items, len(new), now)
    current = _current(vocabularies, items)

    def judge(sent: IncomingAnnotation, part: Checked | ReviewHubError) -> ImportVerdict:
        if isinstance(part, ReviewHubError):
            return ImportVerdict(sent.external_id, "refused", error=part)
        item = item_for(part[0], items)
        if isinstance(item, ReviewHubError):
            return ImportVerdict(sent.external_id, "refused", error=item)
        standing = current[item.id]
        if standing.said != part[1]:
            error = AnnotationConflict(external_id=sent.external_id)
            return ImportVerdict(sent.external_id, "refused", error=error)
        was_new = standing.uid in new
        new.discard(standing.uid)
        return ImportVerdict(
            sent.external_id,
            "created" if was_new else "unchanged",
            item_uid=item.uid,
            fold=item.fold,
        )

    return [judge(sent, part) for sent, part in zip(batch, checked, strict=True)]


def _lock_entries(items: Mapping[str, EnteredItem | ReviewHubError]) -> None:
    """Whoever settles one of them now has done so before it is asked what is settled."""
    entered = [each for each in items.values() if isinstance(each, EnteredItem)]
    if known := [each.id for each in entered if not each.is_new]:
        entries = QueueEntry.objects.filter(item__in=known).order_by("pk")
        list(entries.select_for_update(no_key=True).values_list("pk", flat=True))


def _count(
    project: Project,
    items: Mapping[str, EnteredItem | ReviewHubError],
    imported: int,
    now: datetime,
) -> None:
    entered = sum(isinstance(item, EnteredItem) and item.is_new for item in items.values())
    day = tally.day_of(now, project.site_time_zone)
    tally.add(project.pk, day, {counters.ITEMS: entered, counters.IMPORTED: imported})


def _annotate(
    taxonomy: Taxonomy,
    checked: Sequence[Checked | ReviewHubError],
    items: dict[str, EnteredItem | ReviewHubError],
    settled: Collection[int],
    now: datetime,
) -> set[UUID]:
    """Insert annotation and approval of every item that is not settled; their uids."""
    rows: dict[int, Annotation] = {}
    for part in checked:
        if isinstance(part, ReviewHubError):
            continue
        spec, said = part
        item = item_for(spec, items)
        if isinstance(item, EnteredItem) and item.id not in settled:
            rows.setdefault(item.id, _annotation(item, taxonomy, said, now))
    # A batch that raced us inserted number 1 first; then ours is dropped and theirs is compared.
    Annotation.objects.bulk_create((rows[pk] for pk in sorted(rows)), ignore_conflicts=True)
    mine = list(Annotation.objects.filter(uid__in=[row.uid for row in rows.values()]))
    Approval.objects.bulk_create(
        Approval(annotation=annotation, policy="import", created_at=now) for annotation in mine
    )
    if mine:
        annotation_approved.send(
            sender=Annotation,
            project_id=taxonomy.project_id,
            annotation_ids=[annotation.pk for annotation in mine],
            now=now,
        )
    return {annotation.uid for annotation in mine}


def _annotation(
    item: EnteredItem, taxonomy: Taxonomy, said: Judgement, now: datetime
) -> Annotation:
    return Annotation(
        item_id=item.id,
        taxonomy=taxonomy,
        number=1,
        outcome=Outcome.LABEL,
        **columns_of(said),
        how=How.IMPORTED,
        created_at=now,
    )


def _current(
    vocabularies: Vocabularies, items: dict[str, EnteredItem | ReviewHubError]
) -> dict[int, _Standing]:
    """The current annotation of each item."""
    ids = [item.id for item in items.values() if isinstance(item, EnteredItem)]
    found: dict[int, Annotation] = {}
    for each in Annotation.objects.filter(item__in=ids).order_by(*SPEAKS_FIRST):
        found.setdefault(each.item_id, each)
    carriers = {
        each.taxonomy_id: vocabularies.carrier(each.number) for each in vocabularies.newest_first
    }
    return {pk: _standing(each, carriers.get(each.taxonomy_id)) for pk, each in found.items()}


def _standing(annotation: Annotation, carrier: Carrier | None) -> _Standing:
    said = judgement_in(annotation.label_key, annotation.answer)
    if said is None or carrier is None:
        return _Standing(annotation.uid, said, gives_way=False)
    says_now = carried(said, carrier)
    gives_way = says_now is None and annotation.how == How.IMPORTED
    return _Standing(annotation.uid, says_now, gives_way)
