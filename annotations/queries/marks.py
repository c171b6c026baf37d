"""How states, labels and pictures of this app are drawn, for pages of both apps."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from annotations.domain.words import STATES
from annotations.models import Item, Label, Project
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
    return Badge(tone=TONES[state], word=STATES[state])


def label_mark(labels: Mapping[str, Label], key: str) -> LabelMark:
    """A label as it is drawn; a key that no version knows any more keeps its name."""
    label = labels.get(key)
    return LabelMark(label.name, label.colour) if label else LabelMark(key, 12)


def labels_of(project_id: int) -> dict[str, Label]:
    """Every label the project ever had by key, the newest version of each."""
    labels = Label.objects.filter(taxonomy__project=project_id).order_by("taxonomy__number")
    return {label.key: label for label in labels}


def label_name(project_id: int, key: str) -> str:
    """A label's newest name; one query."""
    names = Label.objects.filter(taxonomy__project=project_id, key=key)
    return names.order_by("-taxonomy__number").values_list("name", flat=True).first() or key


def media_url(project: Project, item: Item, variant: str) -> str:
    """Where a member fetches a derivative; empty when the content has been erased."""
    image = item.content.image
    if image is None:
        return ""
    return reverse("annotations:media", args=[project.slug, image.uid, variant])
