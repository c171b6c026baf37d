from __future__ import annotations

from itertools import product

import pytest

from annotations.domain import states
from annotations.domain.states import (
    TRANSITIONS,
    EntryState,
    check_transition,
    published,
    targets_of,
)
from annotations.errors import InvalidTransition
from annotations.models.queue import STATES

DONE = {EntryState.APPROVED, EntryState.WITHDRAWN}
"""Nobody needs to do anything more; by whom they are left again, the machine says."""


def test_the_way_of_an_undisputed_entry():
    check_transition(EntryState.AWAITING_REVIEW, EntryState.AWAITING_APPROVAL)
    check_transition(EntryState.AWAITING_APPROVAL, EntryState.APPROVED)


def test_the_database_knows_the_same_states():
    assert set(STATES) == set(EntryState)


def test_every_state_can_be_reached_and_what_is_done_only_begins_anew():
    reached, frontier = set(), {None}
    while frontier:
        frontier = {target for state in frontier for target in targets_of(state)} - reached
        reached |= frontier
    assert reached == set(EntryState)
    for state in DONE:
        assert targets_of(state) == {EntryState.AWAITING_REVIEW}


def test_every_open_state_can_still_end():
    for state in set(EntryState) - DONE:
        assert EntryState.WITHDRAWN in targets_of(state)


def test_the_published_machine_is_in_the_docstring():
    rows = list(published())
    assert len(rows) == len(TRANSITIONS) == len(set(rows))
    lines = [line.split() for line in (states.__doc__ or "").splitlines()]
    for row in rows:
        assert " ".join(row).split() in lines


def test_no_other_step_is_taken():
    allowed = {(step.source, step.target) for step in TRANSITIONS}
    for source, target in set(product(EntryState, EntryState)) - allowed:
        with pytest.raises(InvalidTransition) as caught:
            check_transition(source, target)
        assert caught.value.data == {
            "source": source,
            "target": target,
            "allowed": sorted(targets_of(source)),
        }
