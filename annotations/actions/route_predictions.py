from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection

from annotations.actions.check_predictions import CheckedPrediction
from annotations.actions.enter_items import EnteredItem
from annotations.actions.plan_day_audits import plan_day_audits
from annotations.actions.queue_items import queue_items
from annotations.domain.kinds import KINDS, Answer, Kind
from annotations.domain.queueing import QueueCandidate
from annotations.domain.routing import (
    INFLUENCE_UNIT,
    AuditPlan,
    Decision,
    Facts,
    Opinion,
    Rules,
    facts_of,
    route,
)
from annotations.models import SPOKEN, Item, ItemContent, Prediction, Project, Route, RoutingPolicy
from annotations.queries.versions import newest_routing_policy
from annotations.queries.vocabularies import Vocabularies
from annotations.signals import prediction_routed
from reviewhub.common import outbox, tally
from reviewhub.common.bulk import insert
from reviewhub.common.errors import JsonDict
from reviewhub.statistics.sampling import led, led_uniform

EVENT_SIZE = 100
"""Predictions named in one event: webhook bodies are to stay below about 20 kB."""


class StoredPrediction(NamedTuple):
    """A prediction that this transaction has stored."""

    id: int
    uid: UUID
    item: EnteredItem
    checked: CheckedPrediction


class Routed(NamedTuple):
    """The first routes by prediction, and the policy that made them."""

    decisions: Mapping[int, Decision]
    policy_number: int


def route_predictions(
    *,
    project: Project,
    vocabularies: Vocabularies,
    predictions: Sequence[StoredPrediction],
    counted: Mapping[str, int],
    now: datetime,
) -> Routed:
    """Give every prediction its first route, in the transaction that stored it.

    What the caller has `counted` of today is added to the counters together with what is routed.

    The audit draw is a keyed hash of project, item, predictor and policy version: made for every
    prediction, independent of all other reasons, and the same whenever it is made again.
    """
    policy = newest_routing_policy(project)
    day = tally.day_of(now, project.site_time_zone)
    if not predictions:
        tally.add(project.pk, day, counted)
        return Routed({}, policy.number)
    decide = _Decider(project, policy, vocabularies, predictions, now)
    decisions = {each.id: decide(each) for each in predictions}
    insert(
        Route,
        [_row(pk, decision) for pk, decision in decisions.items()],
        constants={
            "sequence": 1,
            "policy_id": policy.pk,
            "created_at": now,
        },
    )
    queued = [each for each in predictions if decisions[each.id].outcome == "queued"]
    entered = queue_items(
        project=project,
        taxonomy_id=vocabularies.in_force.taxonomy_id,
        rules=decide.rules,
        candidates=[_candidate(each, decisions[each.id], decide.rules) for each in queued],
        now=now,
    )
    tally.add(project.pk, day, {**counted, **entered, **_counted(predictions, decisions)})
    _tell(project, predictions, decisions, now)
    return Routed(decisions, policy.number)


class _Decider:
    """What all predictions of one batch are routed by."""

    def __init__(
        self,
        project: Project,
        policy: RoutingPolicy,
        vocabularies: Vocabularies,
        predictions: Sequence[StoredPrediction],
        now: datetime,
    ) -> None:
        self.rules = _compiled(msgspec.json.encode(policy.rules))
        self.plan: AuditPlan | None = plan_day_audits(
            project=project, policy=policy, rules=self.rules, now=now
        )
        self.vocabulary = vocabularies.in_force
        self.before = led("audit", str(project.uid))
        names = {each.checked.predictor_name for each in predictions}
        self.after = {name: led(*name, str(policy.number)) for name in names}
        self.opinions = _opinions(project, predictions, vocabularies, self.rules)
        self.metadata = _metadata(predictions) if self.rules.reads_metadata else {}

    def __call__(self, each: StoredPrediction) -> Decision:
        message = self.before + led(each.item.external_id) + self.after[each.checked.predictor_name]
        return route(
            facts=self.facts(each),
            rules=self.rules,
            draw=led_uniform(settings.REVIEWHUB_DRAW_KEY, message),
            audit=self.plan,
            costs=self.vocabulary.costs,
        )

    def facts(self, each: StoredPrediction) -> Facts:
        checked = each.checked
        return facts_of(
            checked.answer,
            carried=checked.carried,
            gone=checked.gone,
            positives=self.vocabulary.positives,
            differences=self.opinions.get(each.id, ()),
            flag=checked.flag,
            slices=each.item.slices,
            metadata=self.metadata.get(each.item.id, each.item.metadata),
        )


@lru_cache(maxsize=64)
def _compiled(document: bytes) -> Rules:
    """Rules by their text, so that a policy is read and checked once and not once a batch."""
    return Rules.from_json(msgspec.json.decode(document))


def _metadata(predictions: Sequence[StoredPrediction]) -> dict[int, JsonDict]:
    """Those that items known before are kept with; none of what has been erased."""
    known = {each.item.id for each in predictions if not each.item.is_new}
    rows = ItemContent.objects.filter(item__in=known)
    return dict(rows.values_list("item_id", "metadata")) if known else {}


def _opinions(
    project: Project,
    predictions: Sequence[StoredPrediction],
    vocabularies: Vocabularies,
    rules: Rules,
) -> dict[int, tuple[Opinion, ...]]:
    """What other predictors say of the same items, if any rule asks; of new items, no query.

    An item is new to the others only if it is named once in this batch. The others are read under
    a lock of the items that were there before: of two calls at once about one item, the second
    would miss what the first has not committed, and both be accepted though they disagree.
    """
    if not rules.compares:
        return {}
    times = Counter(each.item.id for each in predictions)
    shared = [each for each in predictions if not each.item.is_new or times[each.item.id] > 1]
    if not shared:
        return {}
    _lock({each.item.id for each in shared if not each.item.is_new})
    kind = KINDS[project.kind]
    said = _said(kind, {each.item.id for each in shared}, vocabularies)
    return {
        each.id: tuple(
            Opinion(name, answer.top, *_differing(kind, each, answer, rules))
            for pk, name, answer in said[each.item.id]
            if pk != each.id
        )
        for each in shared
    }


def _lock(items: set[int]) -> None:
    """In the order of their ids, so that two batches wait for each other and never in a circle."""
    if items and connection.features.has_select_for_update:
        rows = Item.objects.select_for_update(no_key=True).filter(pk__in=items).order_by("pk")
        list(rows.values_list("pk", flat=True))


def _said(
    kind: Kind, items: set[int], vocabularies: Vocabularies
) -> dict[int, list[tuple[int, str, Answer]]]:
    rows = (
        Prediction.objects.filter(item__in=items, withdrawal__isnull=True)
        .order_by("pk")
        .values_list(
            "item",
            "pk",
            "predictor__name",
            "predictor__version",
            SPOKEN,
            "answer",
        )
    )
    by_item: dict[int, list[tuple[int, str, Answer]]] = defaultdict(list)
    for item, pk, name, version, number, document in rows:
        answer, carrier = kind.restore(document), vocabularies.carrier(number)
        if carrier:
            answer, _ = kind.carry(answer, carrier)
        by_item[item].append((pk, f"{name} {version}", answer))
    return by_item


def _differing(
    kind: Kind, each: StoredPrediction, other: Answer, rules: Rules
) -> tuple[bool, float | None, int]:
    difference = kind.compare(each.checked.carried, other, iou=rules.box_iou)
    return difference.labels, difference.divergence, difference.unmatched


def _row(prediction_id: int, decision: Decision) -> JsonDict:
    return {
        "prediction_id": prediction_id,
        "outcome": decision.outcome,
        "reasons": [reason.as_json() for reason in decision.reasons],
        "inclusion_probability": decision.inclusion_probability,
        "draw": decision.draw,
        "audited": decision.audited,
    }


def _candidate(each: StoredPrediction, decision: Decision, rules: Rules) -> QueueCandidate:
    return QueueCandidate(
        prediction_id=each.id,
        item_id=each.item.id,
        external_id=each.item.external_id,
        predicted_key=each.checked.predicted,
        audited=decision.audited,
        only_audit=decision.audited and len(decision.reasons) == 1,
        expected_cost=decision.expected_cost,
        due=rules.due(decision.reasons),
    )


def _counted(
    predictions: Sequence[StoredPrediction], decisions: Mapping[int, Decision]
) -> Counter[str]:
    """What the predictions add to the counters: outcomes, reasons, and their influence."""
    made = decisions.values()
    counted: Counter[str] = Counter(decision.outcome for decision in made)
    counted["predictions"] = len(predictions)
    counted["audited"] = sum(decision.audited for decision in made)
    counted["influence"] = round(INFLUENCE_UNIT * sum(decision.influence for decision in made))
    counted.update(f"reason:{reason.name}" for decision in made for reason in decision.reasons)
    return counted


def _tell(
    project: Project,
    predictions: Sequence[StoredPrediction],
    decisions: Mapping[int, Decision],
    now: datetime,
) -> None:
    ids = [each.id for each in predictions]
    prediction_routed.send(sender=Project, project_id=project.pk, prediction_ids=ids, now=now)
    if not outbox.is_wanted(project_id=project.pk, type="prediction.routed"):
        # Told to nobody, one event for each hundred predictions would only fill the table.
        return
    for part in _chunks(predictions):
        told = [_told(each, decisions[each.id]) for each in part]
        data: JsonDict = {"predictions": told}
        outbox.publish(project_id=project.pk, type="prediction.routed", data=data, now=now)


def _chunks(predictions: Sequence[StoredPrediction]) -> Iterator[Sequence[StoredPrediction]]:
    for start in range(0, len(predictions), EVENT_SIZE):
        yield predictions[start : start + EVENT_SIZE]


def _told(each: StoredPrediction, decision: Decision) -> JsonDict:
    return {
        "prediction": str(each.uid),
        "external_id": each.item.external_id,
        "outcome": decision.outcome,
    }
