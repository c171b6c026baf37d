from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from annotations.actions.queue_items import queue_items
from annotations.domain.kinds import KINDS, predicted_of
from annotations.domain.queueing import QueueCandidate
from annotations.domain.routing import Facts, Reason, Rules
from annotations.models import Item, Prediction, Route, RouteOutcome, Withdrawal
from annotations.queries.vocabularies import vocabularies_of
from reviewhub.common import outbox, tally
from reviewhub.common.errors import JsonDict


def append_route(
    *, project_id: int, prediction_id: int, reason: Reason, now: datetime
) -> Route | None:
    """Queue a prediction that was routed before, for a finding that came later; safe to race.

    The new route repeats the odds of the first: what was known before any label stays known, and
    no later finding makes an audit. None when this reason has been given already or the client has
    withdrawn the prediction. Locks the item, then its entry, if there is one.
    """
    prediction = (
        Prediction.objects.filter(pk=prediction_id, project=project_id)
        .select_related("item", "project", "predictor__taxonomy")
        .first()
    )
    if prediction is None:
        return None
    with transaction.atomic():
        # Findings about one prediction queue up behind its item: each finds its number free.
        Item.objects.select_for_update(no_key=True).get(pk=prediction.item_id)
        # Asked behind the lock, where whoever withdraws it has committed or has not begun.
        if Withdrawal.objects.filter(prediction=prediction).exists():
            return None
        appended = _append(prediction, reason, now)
        if appended is not None:
            _queue(prediction, reason, now)
    return appended


def _append(prediction: Prediction, reason: Reason, now: datetime) -> Route | None:
    routes = prediction.routes.order_by("sequence")
    given: list[list[JsonDict]] = list(routes.values_list("reasons", flat=True))
    if any(each["name"] == reason.name for reasons in given for each in reasons):
        return None
    first = routes[0]
    last = routes.aggregate(last=Max("sequence"))["last"]
    return Route.objects.create(
        prediction=prediction,
        sequence=last + 1,
        policy_id=first.policy_id,
        outcome=RouteOutcome.QUEUED,
        reasons=[reason.as_json()],
        inclusion_probability=first.inclusion_probability,
        draw=first.draw,
        audited=first.audited,
        created_at=now,
    )


def _queue(prediction: Prediction, reason: Reason, now: datetime) -> None:
    project = prediction.project
    vocabularies = vocabularies_of(project)
    policy = project.routing_policies.order_by("-number")[:1].get()
    answer = said = KINDS[project.kind].restore(prediction.answer)
    carrier = vocabularies.carrier(prediction.spoken)
    gone: tuple[str, ...] = ()
    if carrier:
        answer, gone = KINDS[project.kind].carry(said, carrier)
    predicted = predicted_of(said, answer, gone)
    positives = vocabularies.in_force.positives
    facts = Facts(
        predicted,
        answer.confidence,
        positive=answer.positive(positives) if positives else None,
        predicted_positive=predicted in positives,
    )
    rules = Rules.from_json(policy.rules)
    counted = queue_items(
        project=project,
        taxonomy_id=vocabularies.in_force.taxonomy_id,
        rules=rules,
        candidates=[
            QueueCandidate(
                prediction_id=prediction.pk,
                item_id=prediction.item_id,
                external_id=prediction.item.external_id,
                predicted_key=predicted,
                audited=False,
                only_audit=False,
                expected_cost=vocabularies.in_force.costs.expected(facts),
                due=rules.due([reason]),
            )
        ],
        now=now,
    )
    day = tally.day_of(now, project.site_time_zone)
    tally.add(project.pk, day, counted + Counter({f"reason:{reason.name}": 1, "appended": 1}))
    _tell(prediction, now)


def _tell(prediction: Prediction, now: datetime) -> None:
    project_id = prediction.project_id
    if outbox.is_wanted(project_id=project_id, type="prediction.routed"):
        told = {
            "prediction": str(prediction.uid),
            "external_id": prediction.item.external_id,
            "outcome": RouteOutcome.QUEUED.value,
        }
        data: JsonDict = {"predictions": [told]}
        outbox.publish(project_id=project_id, type="prediction.routed", data=data, now=now)
