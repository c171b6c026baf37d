from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.urls import reverse

from annotations.domain.folds import Fold
from annotations.domain.words import STATES
from annotations.models import Item, Label, Prediction, Project
from annotations.queries.items import ItemFilter, items_page
from annotations.queries.marks import (
    labels_of,
    media_url,
    predicted_mark,
    said_mark,
    state_badge,
    text_excerpt,
)
from reviewhub.common.cursor import Cursor
from reviewhub.common.pages import Badge, LabelMark, Pages, pages_of


class ItemFilterForm(forms.Form):
    external_id = forms.CharField(label="Name begins with", required=False, max_length=200)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "any"), *STATES.items()])
    fold = forms.ChoiceField(
        label="Fold", required=False, choices=[("", "any"), *((fold, fold) for fold in Fold)]
    )


@dataclass(frozen=True)
class Predicted:
    label: LabelMark | None
    note: str
    text: str = ""


@dataclass(frozen=True)
class SettledAs:
    """A label, or in words: its boxes, or that the item cannot be judged."""

    label: LabelMark | None
    text: str = ""


@dataclass(frozen=True)
class ItemRow:
    url: str
    external_id: str
    thumb_url: str
    text: str
    group: str
    fold: str
    predicted: Predicted | None
    settled: SettledAs | None
    badge: Badge
    received_at: datetime


@dataclass(frozen=True)
class ItemsPage:
    form: ItemFilterForm
    rows: Sequence[ItemRow]
    pages: Pages
    jobs_url: str
    title: str = "Items"
    lede: str = "Everything that was ever sent, the newest first."
    empty_text: str = "Items appear when a client sends predictions, or imports labelled items."


def items_context(project: Project, query: Mapping[str, str], cursor: Cursor) -> ItemsPage:
    form = ItemFilterForm(query)
    wanted = ItemFilter(**form.cleaned_data) if form.is_valid() else ItemFilter()
    part = items_page(project.pk, wanted, cursor)
    labels = labels_of(project.pk)
    path = reverse("annotations:items", args=[project.slug])
    return ItemsPage(
        form=form,
        rows=[_row(project, item, labels) for item in part.rows],
        pages=pages_of(part, path, query),
        jobs_url=reverse("annotations:jobs", args=[project.slug]),
    )


def _row(project: Project, item: Item, labels: Mapping[str, Label]) -> ItemRow:
    predictions = list(item.predictions.all())
    return ItemRow(
        url=reverse("training:item", args=[project.slug, item.uid]),
        external_id=item.external_id,
        thumb_url=media_url(project, item, "thumbnail"),
        text=text_excerpt(item),
        group=item.source_group,
        fold=item.fold,
        predicted=_predicted(predictions[-1], labels, project.kind) if predictions else None,
        settled=_settled(item, labels),
        badge=_badge(item),
        received_at=item.received_at,
    )


def _predicted(prediction: Prediction, labels: Mapping[str, Label], kind: str) -> Predicted:
    said = predicted_mark(labels, prediction, kind)
    return Predicted(said.label, f"{prediction.confidence:.2f}", said.text)


def _settled(item: Item, labels: Mapping[str, Label]) -> SettledAs | None:
    """By the current annotation: the one of the highest number, which comes first."""
    current = next(iter(item.annotations.all()), None)
    if current is None:
        return None
    if current.outcome == "unusable":
        return SettledAs(None, "unusable")
    said = said_mark(labels, current.label_key, current.answer)
    return SettledAs(said.label, said.text)


def _badge(item: Item) -> Badge:
    entries = list(item.queue_entries.all())
    if entries:
        return state_badge(entries[-1].state)
    if item.annotations.all():
        return Badge("positive", "imported")
    return Badge("", "accepted")
