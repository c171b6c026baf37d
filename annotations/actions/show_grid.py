from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.grid import Known, chosen_gold, gold_beside, gold_wanted, laid_out
from annotations.errors import GridNotAllowed, UnknownLabel
from annotations.models import Assignment, AssignmentState, Grid, GridCell, Project, User
from annotations.queries.grid_cells import held_grid, leases_of
from annotations.queries.grids import Offers, known_items, offers_in
from annotations.queries.workbench import NOT_HAD, OPEN
from reviewhub.common.statements import Statement, execute, insert

LEAST_LEASE = 600
"""Seconds for which a grid is leased at the least, whatever one item's lease is."""


class _Entry(NamedTuple):
    id: int
    item_id: int


_WAITING = f"""
    SELECT entry.id, entry.item_id FROM annotations_queueentry entry
    WHERE {OPEN} AND entry.predicted_key = %(label)s AND entry.taxonomy_id = %(taxonomy)s
        AND NOT entry.blind AND NOT entry.is_gold AND {NOT_HAD}
        AND EXISTS (
            SELECT 1 FROM annotations_itemcontent content
            WHERE content.item_id = entry.item_id AND content.image_id IS NOT NULL
        )
    ORDER BY entry.sort_key, entry.id LIMIT %(cells)s
"""  # noqa: S608 (made of nothing but our own text)
_FREE = {
    # Look past what somebody is claiming right now instead of waiting for it.
    "postgresql": Statement(f"{_WAITING} FOR UPDATE OF entry SKIP LOCKED", _Entry),
    "sqlite": Statement(_WAITING, _Entry),
}

_LEASE = """
    UPDATE annotations_queueentry SET slots_open = slots_open - 1
    WHERE id = %(entry)s AND state = 'awaiting_review' AND slots_open > 0
"""


def show_grid(
    *, project: Project, reviewer: User, label: str, seed: int, now: datetime
) -> Grid | None:
    """Put entries of one predicted label before a person, with gold among them; None if none wait.

    A grid that the person holds comes again, of whatever label, its leases renewed. Entries come
    in the order of the queue, each leased; blind ones never do, as a grid says what the model
    said. Raises UnknownLabel, and GridNotAllowed with why.

    Locks the person first, so that of two tabs the second finds the grid of the first.
    """
    asked = _Asked(project, reviewer, label, seed, now)
    return _show(asked) or (_show(asked) if sweep_leases(now=now) else None)


@dataclass(frozen=True)
class _Asked:
    project: Project
    reviewer: User
    label: str
    seed: int
    now: datetime


def _show(asked: _Asked) -> Grid | None:
    with transaction.atomic():
        # Reviews refer to people: their foreign keys must not wait for this lock.
        User.objects.select_for_update(no_key=True).get(pk=asked.reviewer.pk)
        offers = offers_in(asked.project, asked.reviewer, asked.now)
        held = held_grid(asked.project, asked.reviewer)
        if held is None:
            _check_allowed(offers, asked.label)
            return _lay(asked, offers)
        leases_of(held).update(lease_until=_until(offers, asked.now))
        return held


def _check_allowed(offers: Offers, label: str) -> None:
    offer = offers.of(label)
    if offer is None:
        raise UnknownLabel(label=label, known=[each.label.key for each in offers.labels])
    if not offer.allowance.allowed:
        raise GridNotAllowed(why=str(offer.allowance.why))


def _lay(asked: _Asked, offers: Offers) -> Grid | None:
    gold = _gold(asked, offers)
    entries = _take(asked, offers, cells=offers.policy.grid_size - len(gold))
    if not entries:
        return None
    gold = gold[: gold_beside(len(entries), share=offers.policy.grid_gold_share)]
    grid = Grid.objects.create(
        project=asked.project,
        taxonomy=offers.taxonomy,
        reviewer=asked.reviewer,
        label_key=asked.label,
        shown_at=asked.now,
    )
    cells = [
        *(GridCell(item_id=entry.item_id, entry_id=entry.id) for entry in entries),
        *(GridCell(item_id=each.item_id, gold_odd=each.odd) for each in gold),
    ]
    for position, cell in enumerate(laid_out(cells, seed=asked.seed), start=1):
        cell.grid, cell.position = grid, position
    GridCell.objects.bulk_create(cells)
    return grid


def _gold(asked: _Asked, offers: Offers) -> list[Known]:
    policy = offers.policy
    wanted = gold_wanted(policy.grid_size, share=policy.grid_gold_share)
    if not wanted:
        return []
    known = known_items(asked.project, offers.taxonomy, asked.label, asked.reviewer)
    return chosen_gold(known, wanted=wanted, seed=asked.seed)


def _take(asked: _Asked, offers: Offers, *, cells: int) -> list[_Entry]:
    free = _FREE[connection.vendor].all(
        project=asked.project.pk,
        reviewer=asked.reviewer.pk,
        taxonomy=offers.taxonomy.pk,
        label=asked.label,
        cells=cells,
    )
    until = _until(offers, asked.now)
    return [entry for entry in free if _lease(asked, entry.id, until)]


def _lease(asked: _Asked, entry_id: int, until: datetime) -> bool:
    """Whether a slot was open; of two people who want the last, the database lets one have it."""
    lease = Assignment(
        entry_id=entry_id,
        reviewer=asked.reviewer,
        state=AssignmentState.HELD,
        claimed_at=asked.now,
        lease_until=until,
    )
    try:
        with transaction.atomic():
            taken = execute(_LEASE, entry=entry_id)
            if taken:
                insert(lease)
    except IntegrityError:
        # The same person's bench, in another tab, has just been given this entry.
        return False
    return bool(taken)


def _until(offers: Offers, now: datetime) -> datetime:
    return now + timedelta(seconds=max(offers.policy.lease_seconds, LEAST_LEASE))
