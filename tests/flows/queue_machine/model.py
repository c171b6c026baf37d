"""What ought to be true, in plain Python: a second opinion that shares no code with the product."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from annotations.domain.labels import TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules

REVIEW, CAPACITY = "awaiting_review", "awaiting_capacity"
DISPUTE, APPROVAL = "awaiting_adjudication", "awaiting_approval"
APPROVED, WITHDRAWN, EXPIRED = "approved", "withdrawn", "expired"
AUDIT_DUE = timedelta(days=3)
UNUSABLE = "(unusable)"
SKIP = "(skip)"


@dataclass
class Said:
    """One acknowledged answer: a label, UNUSABLE or SKIP, and which button said so."""

    uid: UUID
    token: UUID
    entry: Entry
    reviewer: str
    judged: str
    how: str
    blind: bool
    effective: bool = True
    undone_by: UUID | None = None


@dataclass
class Lease:
    order: int
    until: datetime


@dataclass
class Prediction:
    """One predictor's word about one item, and what was logged when it came."""

    item: str
    predictor: tuple[str, str]
    label: str
    confidence: float
    spoken: int
    uid: UUID | None = None
    first: tuple[object, ...] = ()
    verdict: tuple[object, ...] = ()
    reasons: set[str] = field(default_factory=set)
    appended: int = 0
    withdrawn: bool = False


@dataclass(eq=False)
class Entry:
    item: str
    taxonomy: int
    review: ReviewSpec
    shown: Prediction
    predicted: str
    audited: bool
    only_audit: bool
    blind: bool
    state: str
    changed_at: datetime
    due_at: datetime | None = None
    uid: UUID | None = None
    lapsed: bool = False
    seen_open: bool = False
    taken_back: bool = False
    held: dict[str, Lease] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    approved: list[int] = field(default_factory=list)
    decided: bool = False
    referred: tuple[str, str] | None = None
    answers: list[Said] = field(default_factory=list)

    @property
    def effective(self) -> dict[str, str]:
        return {said.reviewer: said.judged for said in self.answers if said.effective}

    @property
    def voices(self) -> list[str]:
        return [judged for judged in self.effective.values() if judged != SKIP]

    @property
    def was_answered(self) -> bool:
        """Whether anybody judged it, be it that they took it back."""
        return any(said.judged != SKIP for said in self.answers)

    @property
    def slots_open(self) -> int:
        if self.state != REVIEW:
            return 0
        return max(0, self.review.answers_wanted - len(self.voices) - len(self.held))

    @property
    def answers_audits(self) -> bool:
        """Whether a draw of its item is answered by it, or may still be."""
        return self.audited and not self.lapsed and self.state != WITHDRAWN

    def move(self, to: str, now: datetime) -> None:
        if self.state == DISPUTE or to == WITHDRAWN:
            self.referred = None
        self.state, self.changed_at = to, now
        if to != REVIEW:
            self.held.clear()
        if to == APPROVED:
            self.approved.append(len(self.settled))

    def stands_without(self, said: Said) -> bool:
        """Whether nothing needs to be asked again when this answer is taken back."""
        if said.judged == SKIP:
            return len(self.voices) >= self.review.answers_wanted
        return self.state == APPROVED and self.decided

    def settle(self, now: datetime) -> None:
        """Settle, go on asking, or hand over to a lead."""
        counts = Counter(self.voices).most_common()
        most = counts[0][1] if counts else 0
        missing = max(0, self.review.answers_wanted - len(self.voices))
        alone = len(counts) == 1 or (len(counts) > 1 and counts[1][1] < most)
        if not missing and alone and most >= self.review.agreement_needed:
            self.settled.append(counts[0][0])
            self.decided = False
            self.move(APPROVAL, now)
            if self.review.approval == "automatic" and self.review.grace_seconds == 0:
                self.move(APPROVED, now)
        elif (
            not missing
            or most + missing < self.review.agreement_needed
            or len(self.effective) - len(self.voices) > self.review.skips_allowed
        ):
            self.move(DISPUTE, now)


@dataclass
class Model:
    """One project as it ought to stand."""

    gone_confidence: float
    taxonomies: list[TaxonomySpec]
    rules: list[Rules]
    reviews: list[ReviewSpec]
    contents: dict[str, int] = field(default_factory=dict)
    folds: dict[str, str] = field(default_factory=dict)
    speaks: dict[tuple[str, str], int] = field(default_factory=dict)
    predictions: dict[tuple[str, tuple[str, str]], Prediction] = field(default_factory=dict)
    entries: dict[tuple[str, int], Entry] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    let_in: Counter[object] = field(default_factory=Counter)
    leases: int = 0
    lost_audits: int = 0

    def keys(self, number: int) -> list[str]:
        return [label.key for label in self.taxonomies[number - 1].labels]

    def carried(self, label: str, spoken: int) -> str:
        """What the label is called now; empty where nothing has taken its place."""
        for later in self.taxonomies[spoken:]:
            label = later.mapping.get(label, label)
        return label if label in self.keys(len(self.taxonomies)) else ""

    def learn(self, predictor: tuple[str, str], number: int | None, labels: list[str]) -> int:
        """The taxonomy that a predictor speaks, if what it says makes it known at all."""
        if predictor in self.speaks:
            return self.speaks[predictor]
        newest_first = range(len(self.taxonomies), 0, -1)
        at = number or max(
            newest_first, key=lambda n: sum(label in self.keys(n) for label in labels)
        )
        if at <= len(self.taxonomies) and any(label in self.keys(at) for label in labels):
            self.speaks[predictor] = at
        return at

    def refusal(self, at: int, number: int | None, label: str) -> str | None:
        """`at` is what the predictor speaks; who names another is read in that."""
        at = number or at
        if at > len(self.taxonomies):
            return "unknown_taxonomy"
        return None if label in self.keys(at) else "invalid_answer"

    def reasons(self, prediction: Prediction) -> set[str]:
        """Why people must see it, chance left out."""
        rules = self.rules[-1]
        now = self.carried(prediction.label, prediction.spoken)
        sure = prediction.confidence if now else self.gone_confidence
        found = set() if now else {"taxonomy_changed"}
        if rules.low_confidence is not None and sure < rules.low_confidence:
            found.add("low_confidence")
        if rules.disagreement and any(said != now for said in self._others_say(prediction)):
            found.add("disagreement")
        return found

    def _others_say(self, prediction: Prediction) -> list[str]:
        return [
            self.carried(other.label, other.spoken)
            for other in self.predictions.values()
            if other.item == prediction.item and other is not prediction and not other.withdrawn
        ]

    def claimable(self, reviewer: str) -> list[Entry]:
        return [
            entry
            for entry in self.entries.values()
            if entry.slots_open and reviewer not in entry.effective and reviewer not in entry.held
        ]

    def held_by(self, reviewer: str) -> list[Entry]:
        """What this person holds, the latest first."""
        mine = [entry for entry in self.entries.values() if reviewer in entry.held]
        return sorted(mine, key=lambda entry: -entry.held[reviewer].order)

    def lease(self, entry: Entry, reviewer: str, until: datetime) -> None:
        self.leases += 1
        entry.held[reviewer] = Lease(self.leases, until)
        entry.seen_open = entry.seen_open or not entry.blind

    def sweep(self, now: datetime) -> int:
        ended = [
            (entry, reviewer)
            for entry in self.entries.values()
            for reviewer, lease in entry.held.items()
            if lease.until < now
        ]
        for entry, reviewer in ended:
            del entry.held[reviewer]
        return len(ended)

    def queue(self, asked: list[tuple[Prediction, set[str]]], now: datetime) -> list[Entry]:
        """Entries that must be new after these reasons; the caller learns what the cap did."""
        new = []
        for item in dict.fromkeys(each.item for each, _ in asked):
            of_item = [(each, why) for each, why in asked if each.item == item]
            audited = any("audit" in why for _, why in of_item)
            only_audit = all(why == {"audit"} for _, why in of_item)
            entry = self.entries.get((item, len(self.taxonomies)))
            # the predictor that was known first speaks for the item
            first = min((each for each, _ in of_item), key=self._seniority)
            if entry is not None and entry.state == WITHDRAWN:
                self._begin_again(entry, first, audited=audited, only_audit=only_audit, now=now)
            elif entry is None:
                new.append(self._enter(first, audited=audited, only_audit=only_audit, now=now))
            else:
                join(entry, audited=audited, only_audit=only_audit, now=now)
            if audited and entry is not None and not entry.answers_audits:
                self.lost_audits += 1
        return new

    def _seniority(self, prediction: Prediction) -> int:
        return list(self.speaks).index(prediction.predictor)

    def _enter(self, first: Prediction, *, audited: bool, only_audit: bool, now: datetime) -> Entry:
        review = self.reviews[-1]
        entry = self.entries[first.item, len(self.taxonomies)] = Entry(
            item=first.item,
            taxonomy=len(self.taxonomies),
            review=review,
            shown=first,
            predicted=self.carried(first.label, first.spoken),
            audited=audited,
            only_audit=only_audit,
            blind=audited or review.blind_share == 1.0,
            state=REVIEW,
            changed_at=now,
            due_at=now + AUDIT_DUE if audited else None,
        )
        return entry

    def _begin_again(
        self, entry: Entry, first: Prediction, *, audited: bool, only_audit: bool, now: datetime
    ) -> None:
        """What a client took back unanswered is asked again; what a lead withdrew stays so."""
        if not entry.taken_back or entry.voices:
            return
        unseen = entry.blind or not entry.seen_open
        blind = unseen and (audited or self.reviews[-1].blind_share == 1.0)
        audited = audited and unseen
        entry.shown, entry.predicted = first, self.carried(first.label, first.spoken)
        entry.audited, entry.only_audit = audited, only_audit and audited
        entry.blind, entry.lapsed, entry.taken_back = blind, False, False
        entry.due_at = now + AUDIT_DUE if audited else None
        entry.move(REVIEW, now)

    def lapse(self, now: datetime) -> int:
        """Audits whose time is over and that nobody holds; those never answered expire."""
        over = [
            entry
            for entry in self.entries.values()
            if entry.state == REVIEW
            and entry.audited
            and not (entry.lapsed or entry.held)
            and entry.due_at is not None
            and entry.due_at <= now
        ]
        for entry in over:
            entry.lapsed = True
            if entry.only_audit and not entry.was_answered:
                entry.move(EXPIRED, now)
        return len(over)


def join(entry: Entry, *, audited: bool, only_audit: bool, now: datetime) -> None:
    """A later finding about an item that has an entry already."""
    if audited and entry.lapsed and entry.state in (REVIEW, EXPIRED) and not entry.voices:
        entry.due_at, entry.lapsed = now + AUDIT_DUE, False
    if audited and entry.state in (CAPACITY, EXPIRED):
        entry.move(REVIEW, now)
    untouched = entry.slots_open == entry.review.answers_wanted
    unseen = entry.blind or not entry.seen_open
    if audited and entry.state == REVIEW and untouched and unseen and not entry.audited:
        entry.audited = entry.blind = True
        entry.due_at = now + AUDIT_DUE
    if not only_audit:
        entry.only_audit = False
        if entry.state == EXPIRED:
            entry.move(REVIEW, now)
