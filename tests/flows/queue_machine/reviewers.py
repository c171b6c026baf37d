"""What reviewers do, in time and too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from annotations.actions.claim_next import claim_next
from annotations.actions.leave_bench import leave_bench
from annotations.actions.send_to_lead import send_to_lead
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.undo_review import undo_review
from annotations.models import Review
from tests.flows.queue_machine.model import (
    DISPUTE,
    REVIEW,
    SKIP,
    UNUSABLE,
    WITHDRAWN,
    Entry,
    Said,
)
from tests.flows.queue_machine.stage import PEOPLE, Stage, any_of, person
from tests.flows.queue_machine.trades import LABELS

answer = st.one_of(any_of, any_of, st.sampled_from(("confirm", "reject", "skip", "lead")))
"""A label, mostly."""


class Reviewers(Stage):
    @rule(who=person)
    def claim(self, who) -> None:
        self.tick()
        mine = self.model.held_by(who)
        if not mine and not self.model.claimable(who):
            self.model.sweep(self.now)
        wanted = next(iter(mine or self.by_urgency(self.model.claimable(who))), None)
        lease = claim_next(project=self.project, reviewer=self.people[who], now=self.now)
        assert (lease.entry.uid if lease else None) == (wanted.uid if wanted else None)
        if wanted is None or lease is None:
            return
        until = self.now + timedelta(seconds=wanted.review.lease_seconds)
        assert lease.lease_until == until
        if mine:
            wanted.held[who].until = until
        else:
            self.model.lease(wanted, who, until)

    @rule(who=person, said=answer)
    def work(self, who, said) -> None:
        """An ordinary minute: take the next item and answer it."""
        self.claim(who)
        mine = self.model.held_by(who)
        if mine:
            self._answer(mine[0], who, said, uuid4())

    @rule(who=person, said=answer, again=answer)
    def regret(self, who, said, again) -> None:
        """A slip of the finger: answered, taken back, answered otherwise."""
        before = len(self.model.said)
        self.work(who, said)
        if len(self.model.said) > before:
            self.undo(len(self.model.said) - 1, who)
            self.work(who, again)

    @rule(who=person)
    def leave(self, who) -> None:
        self.tick()
        mine = self.model.held_by(who)
        assert leave_bench(reviewer=self.people[who], now=self.now) == len(mine)
        for entry in mine:
            del entry.held[who]

    @rule(seconds=st.sampled_from((30, 61, 301, 3_601, 86_400, 260_000)), sweeps=st.booleans())
    def wait(self, seconds, sweeps) -> None:
        """Time goes by; the sweeper may or may not have come meanwhile."""
        self.tick(seconds)
        if sweeps:
            assert sweep_leases(now=self.now) == self.model.sweep(self.now)

    @precondition(lambda self: any(self.model.held_by(who) for who in PEOPLE))
    @rule(which=any_of, said=answer, colleagues=st.lists(person, max_size=3))
    def outstay(self, which, said, colleagues) -> None:
        """Somebody went to lunch: the lease is swept, colleagues claim, then comes the answer."""
        who = self.pick([name for name in PEOPLE if self.model.held_by(name)], which)
        entry = self.model.held_by(who)[0]
        self.wait(entry.review.lease_seconds + 1, sweeps=True)
        for colleague in colleagues:
            if colleague != who:
                self.claim(colleague)
        self._answer(entry, who, said, uuid4())

    @precondition(lambda self: any(self.model.held_by(who) for who in PEOPLE))
    @rule(which=any_of, said=answer, again=any_of)
    def answer_held(self, which, said, again) -> None:
        """What is on somebody's screen is answered; now and then the browser sends it twice."""
        who = self.pick([name for name in PEOPLE if self.model.held_by(name)], which)
        self._answer(self.model.held_by(who)[0], who, said, uuid4(), times=1 + again % 2)

    @precondition(lambda self: self.model.entries)
    @rule(
        which=any_of,
        who=person,
        said=answer,
        token=st.one_of(st.none(), any_of),
    )
    def answer_any(self, which, who, said, token) -> None:
        """A late answer, one of somebody who holds nothing, one with the token of another."""
        entry = self.pick(list(self.model.entries.values()), which)
        mine = [each.token for each in self.model.said if each.reviewer == who]
        used = uuid4() if token is None or not mine else self.pick(mine, token)
        self._answer(entry, who, said, used)

    @precondition(lambda self: self.model.said)
    @rule(which=any_of, who=st.one_of(st.none(), person))
    def undo(self, which, who) -> None:
        said = self.pick(self.model.said, which)
        who = who or said.reviewer
        entry, own = said.entry, who == said.reviewer
        self.tick()
        expected = None if own else "unknown_entry"
        if own and said.undone_by is None and not self._undoable(said):
            expected = "undo_impossible"
        undone = self.expect(
            expected,
            lambda: undo_review(
                project=self.project,
                review_uid=said.uid,
                reviewer=self.people[who],
                now=self.now,
            ),
        )
        if undone is None:
            return
        if said.undone_by is not None:
            assert undone.uid == said.undone_by
            return
        stands_without = entry.stands_without(said)
        said.effective, said.undone_by = False, undone.uid
        if entry.state != REVIEW and not stands_without:
            entry.move(REVIEW, self.now)
        if entry.slots_open:
            until = self.now + timedelta(seconds=entry.review.lease_seconds)
            self.model.lease(entry, who, until)

    def _undoable(self, said: Said) -> bool:
        """No data set ever uses anything here, so only age and a withdrawal are in the way."""
        mine = [each for each in self.model.said if each.reviewer == said.reviewer]
        later = mine[mine.index(said) + 1 :]
        return (
            said.effective
            and said.entry.state != WITHDRAWN
            and sum(each.effective for each in later) < 10
        )

    # --- foretelling -----------------------------------------------------------------------------

    def _answer(
        self, entry: Entry, who: str, chosen: int | str, token: UUID, *, times: int = 1
    ) -> None:
        self.tick()
        said = chosen if isinstance(chosen, str) else self.label(chosen, entry.taxonomy)
        expected, judged = self._foretell_answer(entry, who, said, token)
        before = next((s for s in self.model.said if (s.reviewer, s.token) == (who, token)), None)
        for time in range(times):
            review = self.expect(expected, lambda: self._say(entry, who, said, token))
            if review is None:
                return
            if before is not None or time:
                known = before or self.model.said[-1]
                assert review.uid == known.uid, "a replay is answered with the first answer"
            else:
                given = Said(review.uid, token, entry, who, judged, how=said, blind=entry.blind)
                self._count(given, to_lead=said == "lead")

    def _foretell_again(self, entry: Entry, used: Said, said: str) -> str | None:
        """Only the same thing about the same entry is answered with what is stored."""
        if used.entry is not entry:
            return "token_reused"
        if said in LABELS and said not in self.model.keys(entry.taxonomy):
            return self.trade.unknown_label
        same = used.how == said
        if said in LABELS:
            same = used.judged == said
        elif said == "confirm":
            same = not used.blind and used.judged == entry.predicted
        return None if same else "answered_otherwise"

    def _say(self, entry: Entry, who: str, said: str, token: UUID) -> Review:
        told: dict[str, Any] = {
            "project": self.project,
            "entry_uid": entry.uid,
            "reviewer": self.people[who],
            "token": token,
            "seconds": 3.0,
            "now": self.now,
        }
        if said == "lead":
            return send_to_lead(text="crack or scratch?", **told)
        if said in LABELS:
            return submit_review(**self.trade.judgement(said), **told)
        return submit_review(verdict=said, reason="" if said == "confirm" else "too-dark", **told)

    def _count(self, said: Said, *, to_lead: bool) -> None:
        entry = said.entry
        entry.held.pop(said.reviewer, None)
        entry.answers.append(said)
        entry.seen_open = entry.seen_open or not entry.blind
        self.model.said.append(said)
        entry.settle(self.now)
        if entry.referred == ("reviewer", said.reviewer) or entry.state != REVIEW:
            entry.referred = None
        if to_lead:
            entry.move(DISPUTE, self.now)
            entry.referred = ("lead", "")

    def _foretell_answer(
        self, entry: Entry, who: str, said: str, token: UUID
    ) -> tuple[str | None, str]:
        """The code of the refusal, if any, and what would be stored."""
        used = next((s for s in self.model.said if (s.reviewer, s.token) == (who, token)), None)
        if used is not None:
            return self._foretell_again(entry, used, said), used.judged
        judged = {
            "confirm": entry.predicted,
            "reject": UNUSABLE,
            "skip": SKIP,
            "lead": SKIP,
        }.get(said, said)
        refusals = {
            "already_answered": who in entry.effective,
            "entry_closed": entry.state != REVIEW,
            "blind_confirmation": said == "confirm" and entry.blind,
            "nothing_to_confirm": said == "confirm" and not entry.predicted,
            self.trade.unknown_label: said in LABELS
            and said not in self.model.keys(entry.taxonomy),
            "lease_lost": who not in entry.held and entry.slots_open == 0,
        }
        return next((code for code, fires in refusals.items() if fires), None), judged
