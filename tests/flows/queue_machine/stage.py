"""One project, its people, its clock, and how a deed is compared with what was foretold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from annotations.models import QueueEntry
from annotations.queries import versions
from reviewhub.common.errors import ReviewHubError
from tests import factories
from tests.flows.queue_machine.checks import Watch
from tests.flows.queue_machine.model import CAPACITY, Entry, Model
from tests.flows.queue_machine.trades import LABELS, REVIEWING, ROUTING, TAXONOMIES, TRADES

T = TypeVar("T")
DAWN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PEOPLE = "rita", "ravi", "rosa", "lena"

any_of = st.integers(min_value=0, max_value=63)
person = st.sampled_from(PEOPLE)


def _forget_versions() -> None:
    """What is rolled back leaves its ids to others; a process remembers versions by their ids."""
    for value in vars(versions).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


class Stage(RuleBasedStateMachine):
    """All of an example happens in one transaction, rolled back at its end: none sees another."""

    def __init__(self) -> None:
        super().__init__()
        self.now = DAWN
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()

    @initialize(
        trade=st.sampled_from(TRADES),
        rules=st.sampled_from(ROUTING),
        review=st.sampled_from(REVIEWING),
        chance=st.integers(min_value=1, max_value=2**32),
    )
    def open_project(self, trade, rules, review, chance) -> None:
        """`chance` is all the chance there is: folds and draws hang on the project's uid."""
        _forget_versions()
        self.trade = trade
        self.project = factories.project(
            "machine",
            uid=UUID(int=chance),
            kind=trade.kind,
            labels=TAXONOMIES[0].labels,
            rules=rules,
            review=review,
            now=self.now,
        )
        self.people = {name: factories.lead(self.project, name, now=self.now) for name in PEOPLE}
        self.contents: Sequence[Any] = ("a text", "another text")
        if trade.kind != "text_classification":
            self.contents = [factories.image(self.project, n, now=self.now).uid for n in (1, 2)]
        self.model = Model(trade.gone_confidence, [TAXONOMIES[0]], [rules], [review])
        self.watch = Watch(self.project, self.model)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        self.watch.look()

    def teardown(self) -> None:
        try:
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    # --- for the rules ---------------------------------------------------------------------------

    def tick(self, seconds: int = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def pick(self, among: Sequence[T], which: int) -> T:
        return among[which % len(among)]

    def by_urgency(self, among: Sequence[Entry]) -> list[Entry]:
        """By the key that was given to each when it came, or became an audit."""
        by_uid = {entry.uid: entry for entry in among}
        rows = QueueEntry.objects.filter(uid__in=by_uid).order_by("sort_key", "id")
        return [by_uid[uid] for uid in rows.values_list("uid", flat=True)]

    def label(self, which: int, taxonomy: int | None = None) -> str:
        """Mostly one of the label set in force, or of the one named."""
        if which % 8 == 7:
            return self.pick(LABELS, which // 8)
        return self.pick(self.model.keys(taxonomy or len(self.model.taxonomies)), which)

    def expect(self, code: str | None, deed: Callable[[], T]) -> T | None:
        """What the deed returns, or None where it was refused; both only as foretold."""
        told, done = None, None
        try:
            done = deed()
        except ReviewHubError as error:
            told = error.code
        assert told == code
        return done

    def settle_in(self, new: Sequence[Entry]) -> None:
        """New entries learn whether today's cap let them in."""
        cap, today = self.model.rules[-1].daily_cap, self.now.date()
        asked = sum(not entry.audited for entry in new)
        for entry in new:
            stored = QueueEntry.objects.get(
                project=self.project,
                item__external_id=entry.item,
                taxonomy__number=entry.taxonomy,
            )
            if entry.audited:
                assert stored.state != CAPACITY, "audits are never capped"
            elif stored.state == CAPACITY:
                assert cap is not None
                assert self.model.let_in[today] + asked > cap, "held back though today had room"
                entry.state = CAPACITY
        let_in = sum(entry.state != CAPACITY and not entry.audited for entry in new)
        self.model.let_in[today] += let_in
        assert cap is None or not let_in or self.model.let_in[today] <= cap
