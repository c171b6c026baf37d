"""What a model puts right and what it breaks, as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from annotations.queries.admission import Project
from annotations.queries.marks import labels_of
from annotations.queries.pictures import Picture, pictures_of
from reviewhub.common.pages import many
from training.queries.examples import Example, examples_of


@dataclass(frozen=True)
class Shown:
    url: str
    thumb_url: str
    external_id: str
    text: str


@dataclass(frozen=True)
class Gallery:
    title: str
    items: Sequence[Shown]


def galleries_of(project: Project, number: int) -> list[Gallery]:
    """What the model has right and the champion wrong, and the reverse; empty without a rival."""
    found = examples_of(project.pk, number)
    if found is None:
        return []
    rival, asked = f"v{found.champion_number}", many(found.items, "held-out item")
    shown = [*found.fixed, *found.broke]
    pictures = pictures_of(project, [one.annotation_id for one in shown])
    names = {key: label.name for key, label in labels_of(project.pk).items()}
    return [
        Gallery(
            f"What {rival} gets wrong and it puts right: {found.fixed_total} of {asked}",
            _shown(project, found.fixed, pictures, names, by=rival),
        ),
        Gallery(
            f"What {rival} has right and it gets wrong: {found.broke_total} of {asked}",
            _shown(project, found.broke, pictures, names, by=f"v{number}"),
        ),
    ]


def _shown(
    project: Project,
    examples: Sequence[Example],
    pictures: Mapping[int, Picture],
    names: Mapping[str, str],
    *,
    by: str,
) -> list[Shown]:
    return [
        Shown(
            url=reverse("training:item", args=[project.slug, picture.item_uid]),
            thumb_url=picture.thumb_url,
            external_id=picture.external_id,
            text=f"{names.get(one.truth, one.truth)}; {by} said "
            f"{names.get(one.said, one.said)} ({one.confidence:.2f})",
        )
        for one in examples
        if (picture := pictures.get(one.annotation_id)) is not None
    ]
