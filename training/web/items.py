from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations.queries.drawings import drawing_of_item
from annotations.queries.items import item_with_story
from annotations.queries.label_examples import Pins, pins_of
from annotations.queries.marks import full_url, labels_of, media_url, state_badge, text_of
from annotations.queries.story import story_of
from annotations.queries.uses import Returnable, returnable
from reviewhub.common.pages import Badge, Confirm, Drawing, Event, Fact, Link
from training.queries.learning_of_item import LearnedIn, LearningOfItem, learning_of_item
from training.web.door import LeadRequest, lead


@dataclass(frozen=True)
class Examples:
    """Of which labels the item is an example, and how that is changed."""

    pins: Pins
    pin_url: str
    unpin_url: str


@dataclass(frozen=True)
class ItemContext:
    title: str
    crumbs: Sequence[Link]
    badge: Badge | None
    actions: Sequence[Confirm]
    external_id: str
    image_url: str
    full_url: str
    width: int
    height: int
    text: str
    drawing: Drawing | None
    facts: Sequence[Fact]
    story: Sequence[Event]
    examples: Examples


@require_GET
@lead
def item(request: LeadRequest, item_uid: UUID) -> HttpResponseBase:
    """The item's whole story, from prediction to the models that learned from it."""
    project = request.admission.project
    found = item_with_story(project.pk, item_uid)
    image = found.content.image
    entries = list(found.queue_entries.all())
    learned = learning_of_item(found.pk)
    events = [
        *story_of(found, labels_of(project.pk), project.kind, now=request.now),
        *_learning(learned, project.slug),
    ]
    page = ItemContext(
        title=found.external_id,
        crumbs=[Link("Items", reverse("annotations:items", args=[project.slug]))],
        badge=state_badge(entries[-1].state) if entries else None,
        actions=[
            *(_return(project.slug, each) for each in returnable(found)),
            *(
                _withdraw(project.slug, entry.uid)
                for entry in entries
                if entry.state.startswith("awaiting")
            ),
        ],
        external_id=found.external_id,
        image_url=media_url(project, found, "display"),
        full_url=full_url(project, found),
        width=image.width if image else 1,
        height=image.height if image else 1,
        text=text_of(found),
        drawing=drawing_of_item(found, project.kind),
        facts=[
            Fact("Fold", found.fold),
            Fact("Source group", found.source_group or "none: the item itself"),
            *(Fact(name.capitalize(), value) for name, value in found.slices.items()),
            Fact("Content", f"SHA-256 {found.content_digest[:16]}…"),
            *(Fact(str(key), value) for key, value in found.content.metadata.items()),
        ],
        story=sorted(events, key=lambda event: event.at),
        examples=Examples(
            pins_of(project, found.pk),
            reverse("annotations:pin-example", args=[project.slug, found.uid]),
            reverse("annotations:unpin-example", args=[project.slug, found.uid]),
        ),
    )
    return render(request, "annotations/item.html", {"page": page})


def _learning(learned: LearningOfItem, slug: str) -> list[Event]:
    asked = [
        Event(
            "system", "Held out for a test", row.created_at, text=f"{row.name}: never trained on."
        )
        for row in learned.asked_in
    ]
    return [*(_learned(row, slug) for row in learned.learned_in), *asked]


def _learned(row: LearnedIn, slug: str) -> Event:
    return Event(
        "system",
        f"Frozen into data set {row.snapshot_digest[:12]}",
        row.frozen_at,
        text=f"For the {row.fold} part.",
        links=tuple(
            Link(
                f"v{model.number} learned from it",
                reverse("training:model", args=[slug, model.number]),
            )
            for model in row.models
        ),
    )


def _return(slug: str, answer: Returnable) -> Confirm:
    return Confirm(
        id=f"return-{answer.review_uid}",
        opener=f"Return to {answer.reviewer}",
        title="Ask for this answer anew?",
        text="The answer no longer counts, and the item is next on its reviewer's bench.",
        action=reverse("annotations:return", args=[slug]),
        label="Return it",
        kind="",
        ask_reason=True,
        fields=(("review", str(answer.review_uid)), ("queue", "1")),
    )


def _withdraw(slug: str, entry_uid: UUID) -> Confirm:
    return Confirm(
        id="withdraw",
        opener="Take out of the queue",
        title="Take this item out of the queue?",
        text="Nobody will be asked about it any more. Answers given so far are kept.",
        action=reverse("annotations:withdraw", args=[slug, entry_uid]),
        label="Take out",
        kind="danger",
        ask_reason=True,
    )
