from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from annotations.actions.check_predictions import (
    CheckedPrediction,
    KnownPredictor,
    PredictorName,
    check_predictions,
)
from annotations.actions.enter_items import EnteredItem, enter_items, item_for
from annotations.actions.register_predictor import register_predictor
from annotations.actions.route_predictions import Routed, StoredPrediction, route_predictions
from annotations.domain.intake import IncomingPrediction, SubmissionVerdict
from annotations.errors import PredictionConflict
from annotations.models import Origin, Prediction, Project, Route, Taxonomy
from annotations.queries.vocabularies import Vocabularies, vocabularies_of
from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.bulk import insert
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.ids import uuid7s
from reviewhub.common.statements import Statement

__all__ = ["IncomingPrediction", "SubmissionVerdict", "submit_predictions"]

Pair = tuple[int, int]
"""Item and predictor: there is one prediction of each."""

Judged = SubmissionVerdict | ReviewHubError


class _Known(NamedTuple):
    name: str
    version: str
    id: int
    number: int


_PREDICTOR = """
    SELECT predictor.name, predictor.version, predictor.id, taxonomy.number
    FROM annotations_predictor predictor
    JOIN annotations_taxonomy taxonomy ON taxonomy.id = predictor.taxonomy_id
    WHERE predictor.project_id = %(project)s AND predictor.name IN
"""
_PREDICTORS = {
    "postgresql": Statement(
        f"{_PREDICTOR} (SELECT json_array_elements_text(%(names)s::json))", _Known
    ),
    "sqlite": Statement(
        f"{_PREDICTOR} (SELECT value FROM json_each(%(names)s))",  # noqa: S608 (our own text)
        _Known,
    ),
}


class _Checked(NamedTuple):
    """A batch after the checks, and what they went by."""

    vocabularies: Vocabularies
    known: dict[PredictorName, KnownPredictor]
    parts: Sequence[CheckedPrediction | ReviewHubError]

    @property
    def good(self) -> list[CheckedPrediction]:
        return [part for part in self.parts if isinstance(part, CheckedPrediction)]


class _Ready(NamedTuple):
    checked: CheckedPrediction
    item: EnteredItem
    predictor_id: int

    @property
    def pair(self) -> Pair:
        return self.item.id, self.predictor_id


def submit_predictions(
    *, project: Project, actor: Actor, batch: Sequence[IncomingPrediction], now: datetime
) -> list[SubmissionVerdict]:
    """Store and route every prediction of the batch; one verdict each, in the order sent.

    A bad prediction is refused by name and spoils no other. Sending a batch again changes
    nothing and answers the same: what is stored wins, and anything else said under the same
    external id and predictor is refused as a conflict.
    """

    def check() -> _Checked:
        vocabularies, known = vocabularies_of(project), _known_predictors(project, batch)
        parts = check_predictions(
            project=project,
            actor=actor,
            batch=batch,
            vocabularies=vocabularies,
            known=known,
            now=now,
        )
        return _Checked(vocabularies, known, parts)

    checked = check()
    # Whoever has opened a transaction around this gives up all of it, or nothing.
    with transaction.atomic(savepoint=False):
        if not _introduce(project, checked, now):
            checked = check()
        judged = _Intake(project, checked, now).take()
        verdicts = [_named(sent, verdict) for sent, verdict in zip(batch, judged, strict=True)]
        audit.record(
            actor=actor,
            action="predictions.submit",
            subject=project,
            project_id=project.pk,
            after={
                "sent": len(batch),
                "created": sum(verdict.status == "created" for verdict in verdicts),
                "refused": sum(verdict.status == "refused" for verdict in verdicts),
            },
            now=now,
        )
    return verdicts


def _named(sent: IncomingPrediction, judged: Judged) -> SubmissionVerdict:
    if isinstance(judged, ReviewHubError):
        return SubmissionVerdict(sent.external_id, "refused", error=judged)
    return judged


def _known_predictors(
    project: Project, batch: Sequence[IncomingPrediction]
) -> dict[PredictorName, KnownPredictor]:
    names = json.dumps(sorted({sent.predictor_name for sent in batch}))
    found = _PREDICTORS[connection.vendor].all(project=project.pk, names=names)
    return {(each.name, each.version): KnownPredictor(each.id, each.number) for each in found}


def _introduce(project: Project, checked: _Checked, now: datetime) -> bool:
    """Whether every predictor that is new here speaks the taxonomy it was judged by.

    A call at the same time may have made it first, and bound it to another.
    """
    speaks = {part.predictor_name: part.predictor_speaks for part in checked.good}
    as_judged = True
    for name in sorted(speaks.keys() - checked.known.keys()):
        predictor = register_predictor(
            project=project,
            name=name[0],
            version=name[1],
            origin=Origin.CLIENT,
            taxonomy=Taxonomy(pk=speaks[name].taxonomy_id),
            now=now,
        )
        as_judged &= predictor.taxonomy_id == speaks[name].taxonomy_id
        checked.known[name] = KnownPredictor(predictor.pk, speaks[name].number)
    return as_judged


class _Intake:
    """One batch on its way into the tables, inside one transaction."""

    def __init__(self, project: Project, checked: _Checked, now: datetime) -> None:
        self.project = project
        self.checked = checked
        self.now = now

    def take(self) -> list[Judged]:
        specs = [part.item_spec for part in self.checked.good]
        items = enter_items(project=self.project, specs=specs, now=self.now)

        def at_its_item(part: CheckedPrediction | ReviewHubError) -> _Ready | ReviewHubError:
            if isinstance(part, ReviewHubError):
                return part
            item = item_for(part.item_spec, items)
            if isinstance(item, ReviewHubError):
                return item
            return _Ready(part, item, self.checked.known[part.predictor_name].id)

        named = [at_its_item(part) for part in self.checked.parts]
        entered = sum(isinstance(item, EnteredItem) and item.is_new for item in items.values())
        stored = self._store([each for each in named if isinstance(each, _Ready)], entered)
        return [stored.verdict(each) if isinstance(each, _Ready) else each for each in named]

    def _store(self, ready: Sequence[_Ready], entered: int) -> _Stored:
        fresh = self._insert(ready)
        routed = route_predictions(
            project=self.project,
            vocabularies=self.checked.vocabularies,
            predictions=list(fresh.values()),
            counted={"items": entered},
            now=self.now,
        )
        missing = {each.pair for each in ready} - fresh.keys()
        return _Stored(fresh, routed, _first_routes(missing))

    def _insert(self, ready: Sequence[_Ready]) -> dict[Pair, StoredPrediction]:
        """Insert what is new; the database decides, so two batches at once store each pair once."""
        by_pair = {each.pair: each for each in reversed(ready)}
        # One column more costs every row, and hardly a batch needs it.
        mixed = any(each.checked.is_in_other_words for each in ready)
        uids = dict(zip(by_pair, uuid7s(len(by_pair)), strict=True))
        rows = [
            {
                "uid": uids[pair],
                "item_id": pair[0],
                "predictor_id": pair[1],
                "answer": each.checked.answer.as_json(),
                "label_key": each.checked.answer.top,
                "confidence": each.checked.answer.confidence,
                "flag": each.checked.flag,
                **(_words_of(each.checked) if mixed else {}),
            }
            for pair, each in sorted(by_pair.items(), key=lambda one: one[0])
        ]
        inserted = insert(
            Prediction,
            rows,
            constants={"project_id": self.project.pk, "received_at": self.now},
            ignore_conflicts=True,
            returning=("id", "item_id", "predictor_id"),
        )
        return {
            (item, predictor): StoredPrediction(
                pk,
                uids[item, predictor],
                by_pair[item, predictor].item,
                by_pair[item, predictor].checked,
            )
            for pk, item, predictor in inserted
        }


def _words_of(checked: CheckedPrediction) -> dict[str, int | None]:
    return {"taxonomy_number": checked.vocabulary.number if checked.is_in_other_words else None}


class _Stored:
    """What stands now, for the verdicts: predictions of this call, and those of earlier ones."""

    def __init__(
        self,
        fresh: dict[Pair, StoredPrediction],
        routed: Routed,
        earlier: dict[Pair, Route],
    ) -> None:
        self.fresh = fresh
        self.routed = routed
        self.earlier = earlier
        self.told: set[Pair] = set()

    def verdict(self, each: _Ready) -> Judged:
        mine = self.fresh.get(each.pair)
        if mine is None:
            return self._of_earlier(each, self.earlier[each.pair])
        said, told = each.checked, mine.checked
        if told is not said and told.answer.as_json() != said.answer.as_json():
            return PredictionConflict(external_id=each.item.external_id)
        decision = self.routed.decisions[mine.id]
        # A batch may say the same thing twice: the first mention created it.
        again = each.pair in self.told
        self.told.add(each.pair)
        return SubmissionVerdict(
            external_id=each.item.external_id,
            status="unchanged" if again else "created",
            prediction_uid=mine.uid,
            outcome=decision.outcome,
            reasons=[reason.as_json() for reason in decision.reasons],
            inclusion_probability=decision.inclusion_probability,
            policy_number=self.routed.policy_number,
        )

    def _of_earlier(self, each: _Ready, route: Route) -> Judged:
        if route.prediction.answer != each.checked.answer.as_json():
            return PredictionConflict(external_id=each.item.external_id)
        return SubmissionVerdict(
            external_id=each.item.external_id,
            status="unchanged",
            prediction_uid=route.prediction.uid,
            outcome=route.outcome,
            reasons=route.reasons,
            inclusion_probability=route.inclusion_probability,
            policy_number=route.policy.number,
        )


def _first_routes(pairs: Collection[Pair]) -> dict[Pair, Route]:
    if not pairs:
        return {}
    found = Route.objects.filter(
        prediction__item__in={item for item, _ in pairs},
        prediction__predictor__in={predictor for _, predictor in pairs},
        sequence=1,
    ).select_related("prediction", "policy")
    return {(route.prediction.item_id, route.prediction.predictor_id): route for route in found}
