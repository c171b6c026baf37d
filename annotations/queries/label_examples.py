"""Items that leads have pinned as examples of labels, as they stand beside the guideline.

They are shown with every item, so each process reads them once a minute and not more often; a pin
of its own it sees at once.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from annotations.domain.states import EntryState
from annotations.domain.texts import excerpt
from annotations.models import Label, LabelExample, Project
from annotations.queries.versions import labels_in, newest_taxonomy_id

SECONDS = 60.0
LONGEST = 200


@dataclass(frozen=True)
class Example:
    """A picture by its uid, or the beginning of a text."""

    image_uid: UUID | None
    text: str


Examples = Mapping[str, tuple[Example, ...]]

_known: dict[UUID, tuple[float, Examples]] = {}


def examples_of(project: Project) -> Examples:
    """By label key, in the order in which they were pinned; usually without any query."""
    until, examples = _known.get(project.uid, (0.0, {}))
    moment = time.monotonic()
    if moment >= until:
        examples = _read(project)
        _known[project.uid] = (moment + SECONDS, examples)
    return examples


def forget_examples(project: Project) -> None:
    """What this process remembers of a project, because somebody changed it here."""
    _known.pop(project.uid, None)


@dataclass(frozen=True)
class Pins:
    """Labels in force for which an item is an example, and those for which it is not."""

    pinned: Sequence[Label]
    others: Sequence[Label]


def pins_of(project: Project, item_id: int) -> Pins:
    rows = LabelExample.objects.filter(project=project, item=item_id)
    keys = set(rows.values_list("label_key", flat=True))
    labels = labels_in(project, newest_taxonomy_id(project)).values()
    return Pins(
        pinned=[label for label in labels if label.key in keys],
        others=[label for label in labels if label.key not in keys],
    )


def _read(project: Project) -> Examples:
    """Of nothing whose answer is being asked for: the example would tell it.

    What is an example is never gold (`queries/grids.py`), so that need not be looked at.
    """
    rows = LabelExample.objects.filter(project=project).exclude(
        item__queue_entries__state=EntryState.AWAITING_REVIEW
    )
    found: dict[str, list[Example]] = defaultdict(list)
    for row in rows.select_related("item__content__image").order_by("pk"):
        content = row.item.content
        if content.image is not None:
            found[row.label_key].append(Example(content.image.uid, ""))
        elif content.text is not None:
            found[row.label_key].append(Example(None, excerpt(content.text, LONGEST)))
    return {key: tuple(examples) for key, examples in found.items()}
