"""One item as it is put before a person, for review or to settle a dispute."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.core.signing import Signer
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from annotations.domain.boxes import Box
from annotations.domain.kinds import KINDS
from annotations.domain.words import Voice, reason_text
from annotations.media import is_larger_than_display
from annotations.models import Label, Project, ProjectKind, QueueEntry
from annotations.queries import workbench
from annotations.queries.drawings import drawing, drawn
from annotations.queries.label_examples import Example, Examples, examples_of
from annotations.queries.predicted import predicted_boxes
from annotations.web.box_forms import BoxRow, blank_rows, rows_of
from annotations.web.contexts.stage import ShownText, shown_text
from reviewhub.common.ids import uuid7
from reviewhub.common.pages import Drawing

VOICE = Voice(gettext, lambda figure: number_format(figure, 2))
STARTED = Signer(salt="annotations.workbench.started")


@dataclass(frozen=True)
class ShownExample:
    """An item that shows what a label means: a picture, or the beginning of a text."""

    thumb_url: str
    image_url: str
    text: str


@dataclass(frozen=True)
class LabelButton:
    key: str
    name: str
    hotkey: str
    colour_index: int
    is_positive: bool
    guideline: str
    examples: Sequence[ShownExample] = ()


@dataclass(frozen=True)
class Predicted:
    label_name: str
    key: str
    confidence: float
    note: str = ""


@dataclass(frozen=True)
class Reason:
    name: str
    text: str


@dataclass(frozen=True)
class BenchEntry:
    """The item to judge. A blind one carries neither the prediction nor why it is here."""

    uid: str
    external_id: str
    stage: str
    """The template that shows the item, by its kind."""
    judged_by: str
    image_url: str
    full_url: str
    """All pixels of an original that is larger than what is displayed; empty for others."""
    width: int
    height: int
    text: ShownText | None
    drawing: Drawing | None
    rows: Sequence[BoxRow]
    blind: bool
    predicted: Predicted | None
    labels: Sequence[LabelButton]
    reasons: Sequence[Reason]
    answer_token: str
    started_at: str
    guideline_url: str
    returned: str = ""
    """What a lead said who has returned it to whoever looks at it."""
    unread: bool = False
    """Whoever looks at it must read the guideline of its labels first."""

    @property
    def look(self) -> Hashable:
        """What decides how the parts look that many items have in common."""
        return (
            *(self.stage, bool(self.image_url), self.judged_by, self.labels, self.guideline_url),
            *(self.blind, self.unread),
            self.predicted and (self.predicted.key, self.predicted.label_name),
        )


_buttons: dict[tuple[UUID, str, int], tuple[Examples, tuple[LabelButton, ...]]] = {}


def bench_entry(
    project: Project, entry: QueueEntry, now: datetime, *, returned: str = "", unread: bool = False
) -> BenchEntry:
    """An entry with item, content, prediction and labels loaded, as it is shown for judging."""
    entry.project = project
    image = entry.item.content.image
    boxes = _boxes(entry)
    labels = _label_buttons(project, entry)
    return BenchEntry(
        uid=str(entry.uid),
        external_id=entry.item.external_id,
        stage=f"annotations/kinds/{project.kind}.html",
        judged_by=KINDS[project.kind].judged_by,
        image_url=image_url(project, image.uid, "display") if image else "",
        full_url=image_url(project, image.uid, "full")
        if image and is_larger_than_display(image)
        else "",
        width=image.width if image else 1,
        height=image.height if image else 1,
        text=shown_text(entry.item, _predicted_label(entry)),
        drawing=drawing(image, drawn(boxes, "model")),
        rows=[*rows_of(boxes, by="model"), *blank_rows()],
        blind=entry.blind,
        predicted=None if entry.blind else _predicted(entry, labels, boxes),
        labels=labels,
        reasons=[] if entry.blind else _reasons(entry),
        answer_token=str(uuid7()),
        started_at=STARTED.sign(now.isoformat()),
        guideline_url=address("guideline", project.slug),
        returned=returned,
        unread=unread,
    )


def _label_buttons(project: Project, entry: QueueEntry) -> tuple[LabelButton, ...]:
    """The same for every item of a label set, until somebody pins another example."""
    examples = examples_of(project)
    version = project.uid, project.slug, entry.taxonomy_id
    known = _buttons.get(version)
    if known is None or known[0] is not examples:
        buttons = tuple(
            LabelButton(
                key=label.key,
                name=label.name,
                hotkey=label.hotkey,
                colour_index=label.colour,
                is_positive=label.is_positive,
                guideline=label.guideline,
                examples=tuple(_example(project, each) for each in examples.get(label.key, ())),
            )
            for label in entry.taxonomy.labels.all()
        )
        known = _buttons[version] = examples, buttons
    return known[1]


def _example(project: Project, example: Example) -> ShownExample:
    uid = example.image_uid
    thumb, large = (image_url(project, uid, of) if uid else "" for of in ("thumbnail", "display"))
    return ShownExample(thumb, large, example.text)


def _boxes(entry: QueueEntry) -> Sequence[Box]:
    """What was predicted, for a person who may know it."""
    if entry.blind or entry.project.kind != ProjectKind.OBJECT_DETECTION:
        return ()
    boxes, _ = predicted_boxes(entry)
    return boxes


def _predicted_label(entry: QueueEntry) -> Label | None:
    """The label whose words may be marked; never on a blind entry."""
    if entry.blind:
        return None
    labels = entry.taxonomy.labels.all()
    return next((label for label in labels if label.key == entry.predicted_key), None)


def _predicted(
    entry: QueueEntry, labels: Sequence[LabelButton], boxes: Sequence[Box]
) -> Predicted | None:
    """None where the prediction cannot be said in the labels of the entry."""
    key = entry.predicted_key
    confidence = entry.prediction.confidence
    if entry.project.kind == ProjectKind.OBJECT_DETECTION:
        found = (
            ngettext("%(number)s box", "%(number)s boxes", len(boxes)) % {"number": len(boxes)}
            if boxes
            else gettext("nothing there")
        )
        return Predicted(label_name=found, key="", confidence=confidence)
    if not key:
        return None
    name = next((label.name for label in labels if label.key == key), key)
    return Predicted(label_name=name, key=key, confidence=confidence, note=_samples(entry))


def _samples(entry: QueueEntry) -> str:
    """How a model that was asked several times has answered."""
    if entry.project.kind != ProjectKind.TEXT_CLASSIFICATION:
        return ""
    samples = entry.prediction.answer.get("samples", ())
    if not samples:
        return ""
    times = samples.count(entry.prediction.label_key)
    return gettext("said %(times)s times of %(all)s") % {"times": times, "all": len(samples)}


def _reasons(entry: QueueEntry) -> list[Reason]:
    return [
        Reason(name=str(reason["name"]), text=reason_text(reason, VOICE))
        for reason in workbench.reasons_of(entry)
        # Naming an audit would tell which entries are audits; those are blind in any case.
        if reason["name"] != "audit"
    ]


def image_url(project: Project, image_uid: UUID, variant: str) -> str:
    return f"{_media(project.slug)}{image_uid}/{variant}"


@lru_cache(maxsize=1000)
def address(name: str, slug: str) -> str:
    """Of a page of this app; `reverse` takes longer than most queries of the bench."""
    return reverse(f"annotations:{name}", args=[slug])


@lru_cache(maxsize=1000)
def _media(slug: str) -> str:
    """What the addresses of a project's images begin with."""
    some = reverse("annotations:media", args=[slug, UUID(int=0), "display"])
    return some.removesuffix(f"{UUID(int=0)}/display")
