from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.submit_review import LONGEST_SECONDS, answer_entry
from annotations.actions.take_entry import take_again
from annotations.domain import counters
from annotations.domain.grid import seconds_left
from annotations.errors import GridAnswered, GridTooQuick, UnknownGrid
from annotations.models import (
    Assignment,
    AssignmentState,
    Grid,
    GridCell,
    Project,
    Review,
    ReviewPolicy,
    User,
)
from reviewhub.common import audit, tally
from reviewhub.common.errors import InvalidInput, ReviewHubError


@dataclass(frozen=True)
class GridAnswer:
    """What became of a grid: how many were confirmed, how many come one by one, and the numbers
    of those that colleagues or a lead had settled meanwhile."""

    grid: Grid
    confirmed: int
    to_judge: int
    skipped: Sequence[int]


def answer_grid(
    *,
    project: Project,
    grid_uid: UUID,
    reviewer: User,
    odd: Collection[int],
    token: UUID,
    now: datetime,
) -> GridAnswer:
    """Confirm every entry of a grid but the odd ones, which stay leased to come one by one.

    Each confirmation is a review of its own, settled as any other; its time is its share of the
    time that the grid was on the screen. An entry that was answered, closed or made blind
    meanwhile is skipped, and nothing else is lost. Of gold it is kept what was said. The same
    token and marks again answer the same; others raise GridAnswered. Raises UnknownGrid, and
    GridTooQuick when the policy asks for a longer look.

    Locks the grid, then its entries by id.
    """
    with transaction.atomic():
        grid = _locked(project, grid_uid, reviewer)
        cells = list(grid.cells.select_related("entry").order_by("entry_id", "position"))
        if grid.answered_at is not None:
            _check_token(grid, cells, token)
            _check_same(odd, cells)
            return _outcome(grid, cells)
        policy: ReviewPolicy = project.review_policies.order_by("-number")[:1].get()
        _check_odd(odd, cells)
        _check_seen(grid, policy, now)
        grid.answered_at = now
        grid.seconds = min((now - grid.shown_at).total_seconds(), LONGEST_SECONDS)
        sent = _Sent(grid, project, reviewer, token, grid.seconds / len(cells), now)
        until = now + timedelta(seconds=policy.lease_seconds * max(1, len(odd)))
        for cell in cells:
            cell.said_odd = cell.position in odd
            if cell.said_odd:
                _keep(cell, sent, until)
            else:
                _confirm(cell, sent)
        GridCell.objects.bulk_update(cells, ["said_odd"])
        _count_gold(cells, sent)
        grid.save(update_fields=["answered_at", "seconds"])
        outcome = _outcome(grid, cells)
        audit.record(
            actor=actor_of(reviewer),
            action="grid.answer",
            subject=grid,
            project_id=project.pk,
            after={
                "label": grid.label_key,
                "confirmed": outcome.confirmed,
                "odd": sorted(odd),
                "skipped": list(outcome.skipped),
                "seconds": grid.seconds,
            },
            now=now,
        )
    return outcome


@dataclass(frozen=True)
class _Sent:
    grid: Grid
    project: Project
    reviewer: User
    token: UUID
    seconds_each: float
    now: datetime


def _locked(project: Project, uid: UUID, reviewer: User) -> Grid:
    grids = Grid.objects.select_for_update(of=("self",))
    grid = grids.filter(uid=uid, project=project, reviewer=reviewer).first()
    if grid is None:
        raise UnknownGrid()
    return grid


def _check_token(grid: Grid, cells: Sequence[GridCell], token: UUID) -> None:
    """That what was stored came with this token; a grid of odd ones alone stored nothing."""
    ours = {_token_of(token, cell) for cell in cells}
    if any(stored not in ours for stored in grid.reviews.values_list("token", flat=True)):
        raise GridAnswered()


def _check_same(odd: Collection[int], cells: Sequence[GridCell]) -> None:
    """Whoever lost the receipt, and then marked another one, must not be told that it is odd."""
    if set(odd) != {cell.position for cell in cells if cell.said_odd}:
        raise GridAnswered()


def _check_odd(odd: Collection[int], cells: Sequence[GridCell]) -> None:
    unknown = set(odd) - {cell.position for cell in cells}
    if unknown:
        message = f"no such picture: {', '.join(map(str, sorted(unknown)))}"
        raise InvalidInput(errors=[{"field": "odd", "message": message}])


def _check_seen(grid: Grid, policy: ReviewPolicy, now: datetime) -> None:
    left = seconds_left((now - grid.shown_at).total_seconds(), least=policy.grid_seconds)
    if left:
        raise GridTooQuick(seconds=left)


def _confirm(cell: GridCell, sent: _Sent) -> None:
    if cell.entry is None or cell.entry.predicted_key != sent.grid.label_key:
        return
    # Answered, closed, taken over or made blind meanwhile: it is told by its number.
    with suppress(ReviewHubError):
        answer_entry(
            project=sent.project,
            entry_uid=cell.entry.uid,
            reviewer=sent.reviewer,
            verdict="confirm",
            token=_token_of(sent.token, cell),
            seconds=sent.seconds_each,
            grid=sent.grid,
            now=sent.now,
        )


def _count_gold(cells: Sequence[GridCell], sent: _Sent) -> None:
    """Apart from the entries: what is said of gold is no answer."""
    day = tally.day_of(sent.now, sent.project.site_time_zone)
    known = sum(cell.gold_odd is not None for cell in cells)
    tally.add(sent.project.pk, day, {counters.GOLD: known})


def _token_of(token: UUID, cell: GridCell) -> UUID:
    return uuid5(token, str(cell.position))


def _keep(cell: GridCell, sent: _Sent, until: datetime) -> None:
    """Hold an odd one for its person; where the lease had run out, take it again if it is free."""
    if cell.entry is None:
        return
    own = Assignment.objects.filter(
        entry=cell.entry, reviewer=sent.reviewer, state=AssignmentState.HELD
    )
    if not own.exists():
        take_again(
            project=sent.project,
            reviewer=sent.reviewer,
            entry_uid=cell.entry.uid,
            soft=False,
            now=sent.now,
        )
    own.update(lease_until=until, soft=False)


def _outcome(grid: Grid, cells: Sequence[GridCell]) -> GridAnswer:
    """From the rows alone, so that it is the same whenever it is asked."""
    entries = {cell.entry_id: cell for cell in cells if cell.entry_id}
    own = {"entry__in": entries, "reviewer": grid.reviewer_id}
    confirmed = set(grid.reviews.values_list("entry", flat=True))
    held = Assignment.objects.filter(**own, state=AssignmentState.HELD)
    to_judge = set(held.values_list("entry", flat=True))
    judged = set(Review.objects.filter(**own).values_list("entry", flat=True))
    return GridAnswer(
        grid,
        confirmed=len(confirmed),
        to_judge=sum(cell.said_odd is True and pk in to_judge for pk, cell in entries.items()),
        skipped=sorted(
            cell.position
            for pk, cell in entries.items()
            if pk not in (to_judge | judged if cell.said_odd else confirmed)
        ),
    )
