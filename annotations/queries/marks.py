"""How states, labels and pictures of this app are drawn, for pages of both apps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from annotations.domain.texts import excerpt, visible
from annotations.domain.words import STATES
from annotations.media import is_larger_than_display
from annotations.models import Item, Label, Prediction, Project, ProjectKind
from reviewhub.common.pages import Badge, LabelMark

TONES = {
    "awaiting_capacity": "",
    "awaiting_review": "active",
    "awaiting_adjudication": "caution",
    "awaiting_approval": "active",
    "approved": "positive",
    "expired": "caution",
    "withdrawn": "",
}


def state_badge(state: str) -> Badge:
    return Badge(tone=TONES[state], word=gettext(STATES[state]))


def label_mark(labels: Mapping[str, Label], key: str) -> LabelMark:
    """A label as it is drawn; a key that no version knows any more keeps its name."""
    label = labels.get(key)
    return LabelMark(label.name, label.colour) if label else LabelMark(key, 12)


def labels_of(project_id: int) -> dict[str, Label]:
    """Every label the project ever had by key, the newest version of each."""
    labels = Label.objects.filter(taxonomy__project=project_id).order_by("taxonomy__number")
    return {label.key: label for label in labels}


@dataclass(frozen=True)
class Said:
    """What a model or a person says, as it is drawn: a label, or in words."""

    label: LabelMark | None
    text: str = ""

    @property
    def name(self) -> str:
        return self.label.name if self.label else self.text


def predicted_mark(labels: Mapping[str, Label], prediction: Prediction, kind: str) -> Said:
    if kind != ProjectKind.OBJECT_DETECTION:
        return Said(label_mark(labels, prediction.label_key))
    return said_mark(labels, "", prediction.answer)


def said_mark(labels: Mapping[str, Label], key: str, answer: Mapping[str, Any] | None) -> Said:
    """Of a row with a label or boxes; one with neither has judged nothing."""
    if answer is None:
        return Said(label_mark(labels, key) if key else None)
    counted = Counter(label_mark(labels, box["label"]).name for box in answer["boxes"])
    each = (name if number == 1 else f"{name} ×{number}" for name, number in counted.items())
    if not counted:
        return Said(None, gettext("nothing there"))
    number = ngettext("%(number)s box", "%(number)s boxes", counted.total())
    return Said(None, f"{number % {'number': counted.total()}}: {', '.join(each)}")


def label_name(project_id: int, key: str) -> str:
    """A label's newest name; one query."""
    names = Label.objects.filter(taxonomy__project=project_id, key=key)
    return names.order_by("-taxonomy__number").values_list("name", flat=True).first() or key


def text_of(item: Item) -> str:
    """An item's text, fit to be looked at; empty for an image and an erased text."""
    return visible(item.content.text or "")


def text_excerpt(item: Item) -> str:
    """The beginning of an item's text in one line; empty for an image and an erased text."""
    return excerpt(item.content.text or "")


def media_url(project: Project, item: Item, variant: str) -> str:
    """Where a member fetches a derivative; empty when the content has been erased."""
    image = item.content.image
    if image is None:
        return ""
    return reverse("annotations:media", args=[project.slug, image.uid, variant])


def full_url(project: Project, item: Item) -> str:
    """Where all pixels are, if the display has fewer; else empty."""
    image = item.content.image
    more = image is not None and is_larger_than_display(image)
    return media_url(project, item, "full") if more else ""
