"""What clients and workers of ours do: predictions in, predictions back, later findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from annotations.actions.append_route import append_route
from annotations.actions.submit_predictions import (
    IncomingPrediction,
    SubmissionVerdict,
    submit_predictions,
)
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.routing import informative, novelty
from annotations.models import Prediction as StoredPrediction
from tests.factories import TESTER
from tests.flows.queue_machine.model import CAPACITY, REVIEW, WITHDRAWN, Entry, Prediction
from tests.flows.queue_machine.stage import Stage, any_of

CAMERAS = ("camera", "1"), ("camera", "2"), ("rival", "1")
ITEMS = tuple(f"item-{number}" for number in range(4))
FINDINGS = (
    novelty(p_value=0.001, threshold=0.01, distance=0.7),
    informative(margin=0.05, uncertainty=0.95),
)

said_of = st.tuples(
    st.sampled_from(ITEMS),
    st.sampled_from(CAMERAS),
    any_of,
    st.sampled_from((0.55, 0.8, 1.0)),
    st.sampled_from((0,) * 10 + (1, None)),
)
"""Item, predictor, a label, confidence, and which of two contents; None names none."""


class Sent(NamedTuple):
    item: str
    predictor: tuple[str, str]
    label: str
    confidence: float
    content: int | None


class Clients(Stage):
    @rule(
        batch=st.lists(said_of, min_size=1, max_size=4), number=st.sampled_from((None, None, 1, 2))
    )
    def submit(self, batch, number) -> None:
        """Anything goes: new items, second predictors, the same again, contradictions."""
        self.tick()
        batch = [Sent(item, who, self.label(which), *rest) for item, who, which, *rest in batch]
        verdicts = submit_predictions(
            project=self.project,
            actor=TESTER,
            batch=[self._incoming(each, number) for each in batch],
            now=self.now,
        )
        foretold = self._foretell_verdicts(batch, number)
        fresh = [each for status, each in foretold if each is not None and status == "created"]
        for each in fresh:
            each.reasons = self.model.reasons(each)
        for verdict, (wanted, known) in zip(verdicts, foretold, strict=True):
            told = verdict.error.code if verdict.error else verdict.status
            assert told == wanted, f"{told} instead of {wanted}"
            if known is not None:
                self._told(known, verdict)
        asked = [(each, each.reasons) for each in fresh if each.reasons]
        self.settle_in(self.model.queue(asked, self.now))

    @precondition(lambda self: self.model.predictions)
    @rule(which=any_of, other=st.booleans())
    def send_again(self, which, other) -> None:
        """The very same again, or the same under another answer: a retry never changes a thing."""
        known = self.pick(list(self.model.predictions.values()), which)
        confidence = 0.65 if other else known.confidence
        self.tick()
        (verdict,) = submit_predictions(
            project=self.project,
            actor=TESTER,
            batch=[
                self._incoming(
                    Sent(
                        known.item,
                        known.predictor,
                        known.label,
                        confidence,
                        self.model.contents[known.item],
                    ),
                    None,
                )
            ],
            now=self.now,
        )
        if other:
            assert verdict.error is not None
            assert verdict.error.code == "prediction_conflict"
        else:
            assert verdict.status == "unchanged"
            self._told(known, verdict)

    @precondition(lambda self: self.model.predictions)
    @rule(which=any_of)
    def take_back(self, which) -> None:
        """The client takes a prediction back; people are spared what nobody else asked for."""
        known = self.pick(list(self.model.predictions.values()), which)
        self.tick()
        withdraw_prediction(
            project=self.project,
            prediction_uid=known.uid,
            reason="wrong lens",
            actor=TESTER,
            now=self.now,
        )
        if known.withdrawn:
            return
        known.withdrawn = True
        mates = [each for each in self.model.predictions.values() if each.item == known.item]
        others = [each for each in mates if each.reasons and not each.withdrawn]
        for entry in self.model.entries.values():
            if entry.item != known.item or entry.state not in (REVIEW, CAPACITY) or entry.voices:
                continue
            if not others:
                entry.move(WITHDRAWN, self.now)
                entry.taken_back = True
            elif entry.shown is known and not entry.held:
                self._show_another(entry, others)

    def _show_another(self, entry: Entry, others: Sequence[Prediction]) -> None:
        """The one that came first of those in the entry's own words."""
        able = {each.uid: each for each in others if each.spoken == entry.taxonomy}
        first = StoredPrediction.objects.filter(uid__in=able).order_by("pk").first()
        if first is not None:
            entry.shown = able[first.uid]
            entry.predicted = entry.shown.label

    @precondition(lambda self: self.model.predictions)
    @rule(which=any_of, finding=st.sampled_from(FINDINGS))
    def find_later(self, which, finding) -> None:
        """A worker comes back with a finding about what was routed long ago."""
        known = self.pick(list(self.model.predictions.values()), which)
        pk = StoredPrediction.objects.values_list("pk", flat=True).get(uid=known.uid)
        self.tick()
        appended = append_route(
            project_id=self.project.pk, prediction_id=pk, reason=finding, now=self.now
        )
        if known.withdrawn or finding.name in known.reasons:
            assert appended is None
            return
        assert appended is not None
        known.appended += 1
        known.reasons.add(finding.name)
        self.settle_in(self.model.queue([(known, {finding.name})], self.now))

    # --- foretelling -----------------------------------------------------------------------------

    def _incoming(self, sent: Sent, number: int | None) -> IncomingPrediction:
        named = "text" if self.trade.kind == "text_classification" else "image"
        shown = {} if sent.content is None else {named: self.contents[sent.content]}
        answer = self.trade.answer(sent.label, sent.confidence)
        return IncomingPrediction(sent.item, *sent.predictor, number, answer, **shown)

    def _foretell_verdicts(
        self, batch: Sequence[Sent], number: int | None
    ) -> list[tuple[str, Prediction | None]]:
        """Status or code of each, and the prediction that stands under its name."""
        model = self.model
        names = sorted({each.predictor for each in batch})
        spoken = {
            name: model.learn(
                name, number, [each.label for each in batch if each.predictor == name]
            )
            for name in names
        }
        refused = [model.refusal(spoken[each.predictor], number, each.label) for each in batch]
        for each, code in zip(batch, refused, strict=True):
            if code is None and each.content is not None:
                model.contents.setdefault(each.item, each.content)
        return [
            (code, None) if code else self._foretell_one(each, number or spoken[each.predictor])
            for each, code in zip(batch, refused, strict=True)
        ]

    def _foretell_one(self, sent: Sent, at: int) -> tuple[str, Prediction | None]:
        stands = self.model.contents.get(sent.item)
        if stands is None:
            return "item_content_missing", None
        if sent.content not in (None, stands):
            return "item_content_conflict", None
        known = self.model.predictions.get((sent.item, sent.predictor))
        if known is None:
            known = Prediction(sent.item, sent.predictor, sent.label, sent.confidence, at)
            self.model.predictions[sent.item, sent.predictor] = known
            return "created", known
        same = (known.label, known.confidence) == (sent.label, sent.confidence)
        return ("unchanged", known) if same else ("prediction_conflict", None)

    def _told(self, known: Prediction, verdict: SubmissionVerdict) -> None:
        """The first answer says why; every later one says the very same."""
        told = (
            verdict.prediction_uid,
            verdict.outcome,
            tuple(reason["name"] for reason in verdict.reasons),
            verdict.inclusion_probability,
            verdict.policy_number,
        )
        if known.uid is None:
            known.uid, known.verdict = verdict.prediction_uid, told
            why = {reason["name"] for reason in verdict.reasons}
            assert why - {"audit"} == known.reasons
            assert verdict.outcome == ("queued" if why else "accepted")
            known.reasons |= why
        assert told == known.verdict
