"""Projects in which many may be judged at once.

cells = grid_project()
grid = shown(cells, rita)
sent(cells, grid, rita, odd=[3])
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from annotations.actions.answer_grid import GridAnswer, answer_grid
from annotations.actions.show_grid import show_grid
from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from annotations.models import (
    Grid,
    GridCell,
    Item,
    Prediction,
    Predictor,
    Project,
    QueueEntry,
    User,
)
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import GOOD

LEAST = 6.0


def grid_policy(**fields: Any) -> ReviewSpec:
    """One answer settles, a lead approves later; `good` is named, and 9 answers are enough."""
    return ReviewSpec(
        **{
            "grace_seconds": 3600,
            "blind_share": 0.0,
            "grid_labels": (GOOD,),
            "grid_precision": 0.7,
            "grid_seconds": LEAST,
            **fields,
        }
    )


def grid_project(slug: str = "", *, proven: int = 10, **fields: Any) -> Project:
    """A project whose model was right about `good` in `proven` blind answers."""
    review = fields.pop("review", None) or grid_policy()
    cells = factories.project(slug, review=review, **fields)
    prove(cells, right=proven)
    return cells


def prove(
    of: Project,
    *,
    right: int = 0,
    wrong: int = 0,
    by: User | None = None,
    now: datetime | None = None,
) -> None:
    """So many items that the model called good were judged blind, by somebody of the past."""
    if not right + wrong:
        return
    judge = by or factories.reviewer(of)
    now = now or factories.present()
    batch = [
        factories.incoming(label=GOOD, confidence=0.6, seed=10_000 + number % 4)
        for number in range(right + wrong)
    ]
    verdicts = factories.submit(of, *batch, now=now)
    items = [verdict.external_id for verdict in verdicts]
    entries = QueueEntry.objects.filter(item__external_id__in=items, project=of)
    entries.update(blind=True)
    for number, entry in enumerate(entries.order_by("pk")):
        submit_review(
            project=of,
            entry_uid=entry.uid,
            reviewer=judge,
            verdict="label",
            label_key=GOOD if number < right else "defect",
            token=uuid7(),
            seconds=3.0,
            now=now,
        )


def waiting(of: Project, number: int, *, label: str = GOOD, **fields: Any) -> list[QueueEntry]:
    """So many entries of one predicted label, in the order of the queue."""
    batch = [
        factories.incoming(label=label, confidence=0.6, seed=20_000 + each % 6, **fields)
        for each in range(number)
    ]
    factories.submit(of, *batch)
    names = [each.external_id for each in batch]
    found = QueueEntry.objects.filter(project=of, item__external_id__in=names)
    return list(found.order_by("sort_key", "pk"))


def gold(
    of: Project,
    *truths: str,
    predicted: str = GOOD,
    fold: str = "evaluate",
    speaks: int = 1,
    named: int | None = None,
) -> list[Item]:
    """Imported items with their truth, of which a model had said `predicted`: in the words of the
    label set `speaks`, or of the one that it `named`."""
    items = []
    for truth in truths:
        known = factories.annotated(of, label=truth)
        Item.objects.filter(pk=known.pk).update(fold=fold)
        items.append(known)
        if truth != predicted:
            _predict(of, known, predicted, speaks, named)
    return items


def _predict(of: Project, item: Item, label: str, speaks: int, named: int | None) -> None:
    """The item had been sent by a model too, which was so sure that nobody looked."""
    predictor, _ = Predictor.objects.get_or_create(
        project=of,
        name="earlier",
        version="1",
        defaults={
            "taxonomy": of.taxonomies.get(number=speaks),
            "origin": "client",
            "created_at": factories.present(),
        },
    )
    Prediction.objects.create(
        project=of,
        item=item,
        predictor=predictor,
        answer={"probabilities": {label: 1.0}},
        label_key=label,
        confidence=1.0,
        taxonomy_number=named,
        received_at=factories.present(),
    )


def shown(
    of: Project, to: User, *, label: str = GOOD, seed: int = 1, now: datetime | None = None
) -> Grid:
    grid = show_grid(
        project=of, reviewer=to, label=label, seed=seed, now=now or factories.present()
    )
    assert grid is not None
    return grid


def sent(
    of: Project,
    grid: Grid,
    by: User,
    *,
    odd: Collection[int] = (),
    token: UUID | None = None,
    after: float = 12.0,
) -> GridAnswer:
    """The answer to a grid, `after` seconds of looking at it."""
    return answer_grid(
        project=of,
        grid_uid=grid.uid,
        reviewer=by,
        odd=odd,
        token=token or uuid7(),
        now=grid.shown_at + timedelta(seconds=after),
    )


def places(grid: Grid, entries: Iterable[QueueEntry]) -> list[int]:
    """At which numbers of the grid these entries lie."""
    found = grid.cells.filter(entry__in=list(entries))
    return list(found.order_by("position").values_list("position", flat=True))


def gold_cells(grid: Grid) -> list[GridCell]:
    return list(grid.cells.filter(entry__isnull=True).order_by("position"))
