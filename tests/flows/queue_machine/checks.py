"""The invariants of the house, read from the database and held against the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.conf import settings

from annotations.domain.states import EntryState, targets_of
from annotations.models import (
    Annotation,
    Assignment,
    Item,
    Prediction,
    Project,
    QueueEntry,
    Referral,
    Review,
    Route,
)
from annotations.queries.accounting import queue_accounting
from annotations.queries.learning import approved_annotations, taxonomy_in_force
from annotations.queries.recount import differences
from reviewhub.common import tally
from reviewhub.statistics.sampling import keyed_uniform
from tests.flows.queue_machine.model import APPROVED, REVIEW, SKIP, UNUSABLE, Model


class Watch:
    """Looks at one project after every step, and remembers what must never change."""

    def __init__(self, project: Project, model: Model) -> None:
        self.project = project
        self.model = model
        self.states: dict[int, str] = {}

    def look(self) -> None:
        self.items()
        self.predictions()
        self.routes()
        entries = self.entries()
        self.leases(entries)
        self.answers()
        self.annotations(entries)
        self.referrals(entries)
        self.learned()
        self.accounts()

    def items(self) -> None:
        rows = Item.objects.filter(project=self.project).values_list("external_id", "fold")
        stored = dict(rows)
        assert len(rows) == len(stored), "one item per external id"
        assert self.model.folds.items() <= stored.items(), "a fold is for ever"
        assert stored.keys() == self.model.contents.keys()
        self.model.folds = stored

    def predictions(self) -> None:
        rows = Prediction.objects.filter(project=self.project).values_list(
            "item__external_id", "predictor__name", "predictor__version", "uid", "withdrawal"
        )
        stored = [
            (item, (name, version), uid, gone is not None)
            for item, name, version, uid, gone in rows
        ]
        known = [
            (each.item, each.predictor, each.uid, each.withdrawn)
            for each in self.model.predictions.values()
        ]
        assert sorted(stored, key=repr) == sorted(known, key=repr)

    def routes(self) -> None:
        by_prediction: dict[Any, list[Any]] = defaultdict(list)
        fields = "sequence", "outcome", "inclusion_probability", "draw", "audited"
        rows = Route.objects.filter(prediction__project=self.project).order_by("sequence")
        for uid, policy, *route in rows.values_list("prediction__uid", "policy__number", *fields):
            by_prediction[uid].append((*route, policy))
        for each in self.model.predictions.values():
            first, *later = by_prediction.pop(each.uid)
            if not each.first:
                each.first = first
                self._first(each.item, each.predictor, first)
            assert first == each.first, "a first route never changes"
            assert len(later) == each.appended
            for number, route in enumerate(later, start=2):
                assert route == (number, "queued", *first[2:]), "later routes repeat the odds"
        assert not by_prediction

    def _first(self, item: str, predictor: tuple[str, str], route: tuple[Any, ...]) -> None:
        sequence, outcome, probability, draw, audited, policy = route
        again = keyed_uniform(
            settings.REVIEWHUB_DRAW_KEY,
            *("audit", str(self.project.uid), item, *predictor, str(policy)),
        )
        assert (sequence, draw) == (1, again)
        assert 0 < probability <= 1
        assert audited == (draw < probability)
        assert outcome == "queued" or not audited

    def entries(self) -> dict[int, Any]:
        rows = {
            entry.pk: entry
            for entry in QueueEntry.objects.filter(project=self.project).select_related(
                "item", "taxonomy"
            )
        }
        stored = {(entry.item.external_id, entry.taxonomy.number): entry for entry in rows.values()}
        assert len(stored) == len(rows), "an item waits once per taxonomy"
        assert stored.keys() == self.model.entries.keys()
        for key, entry in stored.items():
            known = self.model.entries[key]
            known.uid = known.uid or entry.uid
            assert entry.uid == known.uid
            assert entry.state == known.state, key
            assert entry.answers_wanted == known.review.answers_wanted
            assert entry.answers_given == len(known.voices), key
            assert entry.slots_open == known.slots_open, key
            assert entry.predicted_key == known.predicted, key
            assert (entry.audited, entry.blind) == (known.audited, known.blind), key
            assert entry.only_audit == known.only_audit, key
            assert (entry.lapsed_at is not None) == known.lapsed, key
            assert entry.blind or not entry.audited, "audits are blind"
            self._moved(entry)
        return rows

    def _moved(self, entry: QueueEntry) -> None:
        """From the state of the last look to this one leads a path of published steps."""
        before = self.states.get(entry.pk)
        self.states[entry.pk] = entry.state
        if before == entry.state:
            return
        near = targets_of(EntryState(before) if before else None)
        far = {target for step in near for target in targets_of(step)}
        further = {target for step in far for target in targets_of(step)}
        assert entry.state in near | far | further, f"{before} to {entry.state}"

    def leases(self, entries: dict[int, QueueEntry]) -> None:
        held: dict[int, dict[str, Any]] = defaultdict(dict)
        rows = Assignment.objects.filter(entry__project=self.project, state="held")
        for entry, reviewer, until in rows.values_list(
            "entry", "reviewer__username", "lease_until"
        ):
            held[entry][reviewer] = until
        assert held.keys() <= entries.keys()
        for pk, entry in entries.items():
            known = self.model.entries[entry.item.external_id, entry.taxonomy.number]
            assert held[pk] == {who: lease.until for who, lease in known.held.items()}
            assert len(held[pk]) + entry.answers_given <= entry.answers_wanted, "too many hold it"
            assert not held[pk] or entry.state == REVIEW

    def answers(self) -> None:
        rows = Review.objects.filter(entry__project=self.project)
        stored = {each.uid: each for each in rows.select_related("reviewer", "entry")}
        once = Counter((r.entry_id, r.reviewer_id) for r in stored.values() if r.effective)
        assert set(once.values()) <= {1}, "nobody answers twice"
        for said in self.model.said:
            review = stored.pop(said.uid)
            assert (review.entry.uid, review.reviewer.username) == (
                said.entry.uid,
                said.reviewer,
            )
            assert (review.token, review.effective) == (said.token, said.effective)
            assert _judged(review) == said.judged, "an acknowledged answer changed"
            assert review.blind or not said.entry.audited, "an audit was answered seeing"
            if said.undone_by is not None:
                undo = stored.pop(said.undone_by)
                assert (undo.verdict, undo.effective, undo.supersedes_id) == (
                    "undone",
                    False,
                    review.pk,
                )
        assert not stored, "an answer nobody gave"

    def annotations(self, entries: dict[int, QueueEntry]) -> None:
        rows = (
            Annotation.objects.filter(item__project=self.project)
            .order_by("number")
            .values_list("entry", "number", "label_key", "answer", "outcome", "approval")
        )
        found: dict[int, list[Any]] = defaultdict(list)
        for entry, *annotation in rows:
            found[entry].append(annotation)
        for pk, entry in entries.items():
            known = self.model.entries[entry.item.external_id, entry.taxonomy.number]
            mine = found.pop(pk, [])
            assert [number for number, *_ in mine] == list(range(1, len(mine) + 1))
            assert [_outcome(*each[1:4]) for each in mine] == known.settled
            approved = [number for number, *_, approval in mine if approval is not None]
            assert approved == known.approved, "an approval is for ever"
            assert (approved[-1:] == [len(mine)]) or entry.state != APPROVED
        assert not found

    def learned(self) -> None:
        """Nothing is learned of an item whose answer was taken back."""
        taxonomy = taxonomy_in_force(self.project.pk)
        learned = approved_annotations(self.project.pk, taxonomy.id)
        rows = Annotation.objects.filter(pk__in=[each.annotation_id for each in learned])
        assert {state for (state,) in rows.values_list("entry__state")} <= {APPROVED}

    def referrals(self, entries: dict[int, QueueEntry]) -> None:
        rows = Referral.objects.filter(entry__project=self.project, closed_at__isnull=True)
        found = {entry: (to, whom or "") for entry, to, whom in
                 rows.values_list("entry", "to", "reviewer__username")}  # fmt: skip
        for pk, entry in entries.items():
            known = self.model.entries[entry.item.external_id, entry.taxonomy.number]
            assert found.pop(pk, None) == known.referred
        assert not found

    def accounts(self) -> None:
        """What is kept is what is there, and what entered is in exactly one state."""
        assert differences(self.project) == []
        told = queue_accounting(self.project.pk)
        known = Counter(entry.state for entry in self.model.entries.values())
        assert told.balanced
        assert {state: n for state, n in told.by_state.items() if n} == known
        kept = tally.totals(self.project.pk, prefix="reason:")
        reasons = Counter(
            f"reason:{reason}"
            for each in self.model.predictions.values()
            for reason in each.reasons
        )
        assert kept == reasons
        lost = tally.totals(self.project.pk, prefix="lost_audits").get("lost_audits", 0)
        assert lost == self.model.lost_audits


def _judged(review: Review) -> str:
    if review.verdict == "skipped":
        return SKIP
    return UNUSABLE if review.verdict == "rejected" else _label(review.label_key, review.answer)


def _outcome(label_key: str, answer: Any, outcome: str) -> str:
    return UNUSABLE if outcome == "unusable" else _label(label_key, answer)


def _label(label_key: str, answer: Any) -> str:
    if answer is None:
        return label_key
    return answer["boxes"][0]["label"] if answer["boxes"] else ""
