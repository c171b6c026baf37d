"""What leads and policies do: take out, approve, decide, and change the rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from annotations.actions.adjudicate import adjudicate
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.approve_due import approve_due
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.release_capacity import release_capacity
from annotations.actions.return_to_reviewer import return_to_reviewer
from annotations.actions.revise_review_policy import revise_review_policy
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Annotation, Outcome, Review
from tests.factories import TESTER
from tests.flows.queue_machine.model import (
    APPROVAL,
    APPROVED,
    CAPACITY,
    DISPUTE,
    REVIEW,
    SKIP,
    UNUSABLE,
    WITHDRAWN,
    Entry,
)
from tests.flows.queue_machine.stage import Stage, any_of, person
from tests.flows.queue_machine.trades import LABELS, REVIEWING, ROUTING, TAXONOMIES

CLOSED = (APPROVED, WITHDRAWN)


class Leads(Stage):
    @precondition(lambda self: self.model.entries)
    @rule(which=any_of)
    def withdraw_item(self, which) -> None:
        entry = self.pick(list(self.model.entries.values()), which)
        self.tick()
        moved = self.expect(
            "invalid_transition" if entry.state in CLOSED else None,
            lambda: withdraw_entry(
                project=self.project,
                entry_uid=entry.uid,
                actor=TESTER,
                reason="sold",
                now=self.now,
            ),
        )
        if moved is not None:
            entry.move(WITHDRAWN, self.now)

    @precondition(lambda self: any(each.settled for each in self.model.entries.values()))
    @rule(which=any_of, who=person, older=st.booleans())
    def approve(self, which, who, older) -> None:
        settled = [each for each in self.model.entries.values() if each.settled]
        entry = self.pick(settled, which)
        annotations = Annotation.objects.filter(entry__uid=entry.uid).order_by("number")
        annotation = annotations.first() if older else annotations.last()
        assert annotation is not None
        is_current = annotation.number == len(entry.settled)
        expected = "stale_annotation"
        if is_current and entry.state == APPROVAL:
            expected = "own_answer" if _judged_by(entry, who) else None
        self.tick()
        done = self.expect(
            expected,
            lambda: approve_annotation(
                project=self.project,
                annotation_uid=annotation.uid,
                lead=self.people[who],
                now=self.now,
            ),
        )
        if done is not None:
            entry.move(APPROVED, self.now)

    @rule(which=any_of)
    def time_tells(self, which) -> None:
        """What policies do by themselves."""
        self.pick((self._approve_in_time, self._lapse, self._let_in), which)()

    def _approve_in_time(self) -> None:
        self.tick()
        due = [
            entry
            for entry in self.model.entries.values()
            if entry.state == APPROVAL
            and entry.review.approval == "automatic"
            and entry.changed_at <= self.now - timedelta(seconds=entry.review.grace_seconds)
        ]
        assert approve_due(now=self.now) == len(due)
        for entry in due:
            entry.move(APPROVED, self.now)

    def _lapse(self) -> None:
        self.tick()
        assert lapse_audits(now=self.now) == self.model.lapse(self.now)

    def _let_in(self) -> None:
        """What the cap of a day held back comes in while today has room."""
        self.tick()
        cap, today = self.model.rules[-1].daily_cap, self.now.date()
        waiting = [each for each in self.model.entries.values() if each.state == CAPACITY]
        room = len(waiting) if cap is None else max(0, cap - self.model.let_in[today])
        chosen = self.by_urgency(waiting)[:room]
        assert release_capacity(now=self.now) == len(chosen)
        self.model.let_in[today] += len(chosen)
        for entry in chosen:
            entry.move(REVIEW, self.now)

    @precondition(lambda self: self.model.entries)
    @rule(which=any_of, who=person, says=st.one_of(any_of, st.none()))
    def decide(self, which, who, says) -> None:
        """A lead decides a dispute, or overrules what awaits approval."""
        entries = list(self.model.entries.values())
        open_ones = [each for each in entries if each.state in (DISPUTE, APPROVAL)]
        entry = self.pick(open_ones or entries, which)
        said = UNUSABLE if says is None else self.label(says, entry.taxonomy)
        expected = None
        if entry.state not in (DISPUTE, APPROVAL):
            expected = "entry_closed"
        elif _judged_by(entry, who):
            expected = "own_answer"
        elif said in LABELS and said not in self.model.keys(entry.taxonomy):
            expected = self.trade.unknown_label
        judged = self.trade.judgement(said) if said in LABELS else {}
        self.tick()
        done = self.expect(
            expected,
            lambda: adjudicate(
                project=self.project,
                entry_uid=entry.uid,
                lead=self.people[who],
                outcome=Outcome.LABEL if said in LABELS else Outcome.UNUSABLE,
                now=self.now,
                **{name: value for name, value in judged.items() if name != "verdict"},
            ),
        )
        if done is not None:
            entry.settled.append(said)
            entry.decided = True
            entry.move(APPROVED, self.now)

    @precondition(lambda self: self.model.said)
    @rule(which=any_of, who=person)
    def return_answer(self, which, who) -> None:
        """A lead asks one reviewer again."""
        open_ones = [each for each in self.model.said if each.entry.state in (DISPUTE, APPROVAL)]
        said = self.pick(open_ones or self.model.said, which)
        entry = said.entry
        refusals = {
            "entry_closed": entry.state not in (DISPUTE, APPROVAL),
            "own_answer": who == said.reviewer,
            "return_impossible": not said.effective or entry.stands_without(said),
        }
        self.tick()
        done = self.expect(
            next((code for code, fires in refusals.items() if fires), None),
            lambda: return_to_reviewer(
                project=self.project,
                review_uid=said.uid,
                lead=self.people[who],
                text="look at the edge",
                now=self.now,
            ),
        )
        if done is not None:
            said.effective = False
            said.undone_by = Review.objects.get(supersedes__uid=said.uid).uid
            entry.move(REVIEW, self.now)
            entry.referred = ("reviewer", said.reviewer)
            self.model.lease(entry, said.reviewer, self.now + timedelta(days=1))

    @rule(to=st.one_of(st.sampled_from(ROUTING), st.sampled_from(REVIEWING), st.none()))
    def revise(self, to) -> None:
        """Other rules, other reviewing, or other labels: split, renamed, given up."""
        self.tick()
        told: dict[str, Any] = {"project": self.project, "actor": TESTER, "now": self.now}
        if isinstance(to, Rules):
            revise_routing_policy(rules=to, **told)
            self.model.rules.append(to)
        elif isinstance(to, ReviewSpec):
            revise_review_policy(review=to, **told)
            self.model.reviews.append(to)
        elif (number := len(self.model.taxonomies)) < len(TAXONOMIES):
            revise_taxonomy(spec=TAXONOMIES[number], **told)
            self.model.taxonomies.append(TAXONOMIES[number])


def _judged_by(entry: Entry, who: str) -> bool:
    return entry.effective.get(who, SKIP) != SKIP
