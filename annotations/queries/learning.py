"""What the learning side may know: approved truth, its fold, and the picture it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from PIL import Image

from annotations.domain import counters
from annotations.domain.labels import carry
from annotations.domain.states import EntryState
from annotations.errors import ImageMissing
from annotations.media import open_original
from annotations.models import SPEAKS_FIRST, Annotation, Item, ItemContent, Taxonomy
from reviewhub.common import tally

Carrier = Callable[[str], str | None]
"""What a label of one taxonomy is called in another; None where it has no successor there."""

CHUNK = 500
"""Short enough for the bound parameters of any database."""

STANDS = Q(entry__isnull=True) | Q(entry__state=EntryState.APPROVED)
"""An approval stands while its entry does: an answer taken back after it takes the entry away."""


@dataclass(frozen=True)
class ApprovedAnnotation:
    annotation_id: int
    annotation_uid: UUID
    item_id: int
    external_id: str
    fold: str
    source_group: str
    outcome: str
    label_key: str
    corrects: bool
    how: str
    approved_at: datetime
    image_sha256: str


@dataclass(frozen=True)
class LabelFacts:
    key: str
    name: str
    is_positive: bool
    cost_of_miss: float
    cost_of_false_alarm: float
    colour: int


@dataclass(frozen=True)
class TaxonomyFacts:
    id: int
    number: int
    labels: tuple[LabelFacts, ...]


def approved_annotations(
    project_id: int, taxonomy_id: int, *, upto: datetime | None = None
) -> list[ApprovedAnnotation]:
    """The current annotation of every item, if approved, in the words of one taxonomy, by item.

    Current means the highest number under its taxonomy: an item whose newest annotation there still
    awaits approval is left out, and so is one whose answer was taken back after it. Approved under
    several taxonomies, the newest of them speaks, and what people settled before what was imported.
    Older labels are carried over by the mappings between the versions; one without a successor is
    left out. `upto` keeps approvals made at or before that time. Two queries.
    """
    carriers = label_carriers(project_id, taxonomy_id)
    rows = _approved(project_id).filter(taxonomy__in=carriers)
    if upto is not None:
        rows = rows.filter(approval__created_at__lte=upto)
    rows = rows.select_related("item", "approval").order_by("item_id", *SPEAKS_FIRST)
    current: dict[int, Annotation] = {}
    for row in rows:
        current.setdefault(row.item_id, row)
    found = (_facts(row, carriers[row.taxonomy_id]) for row in current.values())
    return [facts for facts in found if facts is not None]


def label_carriers(project_id: int, taxonomy_id: int) -> dict[int, Carrier]:
    """For each taxonomy up to this one: what its labels are called in this one; two queries."""
    versions = Taxonomy.objects.filter(project=project_id).prefetch_related("labels")
    ordered = sorted(versions, key=lambda version: version.number)
    position = next(at for at, version in enumerate(ordered) if version.pk == taxonomy_id)
    known = {label.key for label in ordered[position].labels.all()}
    return {
        version.pk: partial(
            carry,
            mappings=[later.mapping for later in ordered[at + 1 : position + 1]],
            known=known,
        )
        for at, version in enumerate(ordered[: position + 1])
    }


def new_approvals(project_id: int) -> int:
    """How many more labels of people stand approved than when a training run began last.

    From counters that are kept: it costs the same however many there are. An item that is judged
    anew after a run has learned from it is not a new one.
    """
    approved, offered = approved_and_offered(project_id)
    return max(0, approved - offered)


def approved_and_offered(project_id: int) -> tuple[int, int]:
    """Labels of people that stand approved, now and when a training run began last; one query."""
    kept = tally.totals(project_id, prefix="level:")
    return kept.get(counters.APPROVED_LABELS, 0), kept.get(counters.OFFERED_LABELS, 0)


def held_out_images(project_id: int, digests: Sequence[str]) -> set[str]:
    """Those of the images that items of the evaluate fold show, approved or not.

    One query for every CHUNK digests, each by index: items themselves are not searched.
    """
    held_out = ItemContent.objects.filter(
        item__project=project_id, item__fold="evaluate", image__project=project_id
    )
    return {
        digest
        for start in range(0, len(digests), CHUNK)
        for digest in held_out.filter(image__sha256__in=digests[start : start + CHUNK]).values_list(
            "image__sha256", flat=True
        )
    }


def open_item_image(item_id: int) -> Image.Image:
    """The original of an item as 8-bit RGB, EXIF orientation applied; raises what media raises."""
    item = Item.objects.select_related("content__image").get(pk=item_id)
    if item.content.image is None:
        raise ImageMissing("The item's image was erased.")
    return open_original(item.content.image)


def item_texts(item_ids: Collection[int]) -> dict[int, str]:
    """The texts of items, as they came; what was erased, or is an image, is left out."""
    found = ItemContent.objects.filter(item__in=item_ids, text__isnull=False)
    return {item_id: text or "" for item_id, text in found.values_list("item_id", "text")}


def taxonomy_in_force(project_id: int) -> TaxonomyFacts:
    taxonomy = Taxonomy.objects.filter(project=project_id).order_by("-number")[:1].get()
    labels = tuple(
        LabelFacts(
            key=label.key,
            name=label.name,
            is_positive=label.is_positive,
            cost_of_miss=label.cost_of_miss,
            cost_of_false_alarm=label.cost_of_false_alarm,
            colour=label.colour,
        )
        for label in taxonomy.labels.all()
    )
    return TaxonomyFacts(id=taxonomy.pk, number=taxonomy.number, labels=labels)


def _approved(project_id: int) -> QuerySet[Annotation]:
    newest = (
        Annotation.objects.filter(item=OuterRef("item"), taxonomy=OuterRef("taxonomy"))
        .order_by("-number")
        .values("number")[:1]
    )
    return Annotation.objects.filter(
        STANDS, item__project=project_id, approval__isnull=False, number=Subquery(newest)
    )


def _facts(row: Annotation, carried: Carrier) -> ApprovedAnnotation | None:
    label = carried(row.label_key) if row.label_key else ""
    if label is None:
        return None
    return ApprovedAnnotation(
        annotation_id=row.pk,
        annotation_uid=row.uid,
        item_id=row.item_id,
        external_id=row.item.external_id,
        fold=row.item.fold,
        source_group=row.item.source_group,
        outcome=row.outcome,
        label_key=label,
        corrects=row.corrects,
        how=row.how,
        approved_at=row.approval.created_at,
        image_sha256=row.item.content_digest,
    )
