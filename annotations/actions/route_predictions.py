from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings

from annotations.actions.queue_items import QueueCandidate, queue_items
from annotations.domain.routing import Decision, Facts, Opinion, Rules, route
from annotations.models import Prediction, Project, Route, RoutingPolicy
from annotations.signals import prediction_routed
from reviewhub.common import outbox
from reviewhub.common.errors import JsonDict
from reviewhub.statistics.sampling import keyed_uniform

EVENT_SIZE = 100
"""Predictions named in one event: webhook bodies are to stay below about 20 kB."""


def route_predictions(
    *, project: Project, predictions: Sequence[Prediction], now: datetime
) -> list[Route]:
    """Give every prediction its first route, in the transaction that stored it.

    The audit draw is a keyed hash of project, item, predictor and policy version: made for every
    prediction, independent of all other reasons, and the same whenever it is made again.
    Predictions come with their item and predictor loaded.
    """
    if not predictions:
        return []
    policy = project.routing_policies.order_by("-number")[:1].get()
    rules = Rules.from_json(policy.rules)
    others = _opinions(predictions)
    routes, candidates = [], []
    for prediction in predictions:
        decision = route(
            facts=Facts(
                predicted=prediction.label_key,
                confidence=prediction.confidence,
                differences=others[prediction.pk],
            ),
            rules=rules,
            draw=_draw(project, prediction, policy),
        )
        routes.append(_row(prediction, policy, decision, now))
        if decision.outcome == "queued":
            candidates.append(QueueCandidate(prediction, audited=decision.audited))
    Route.objects.bulk_create(routes)
    queue_items(project=project, candidates=candidates, now=now)
    _tell(project, routes, now)
    return routes


def _opinions(predictions: Sequence[Prediction]) -> dict[int, tuple[Opinion, ...]]:
    """What other predictors say of the same items, in one query."""
    by_item = defaultdict(list)
    items = {prediction.item_id for prediction in predictions}
    said = Prediction.objects.filter(item__in=items).values_list(
        "item", "pk", "label_key", "predictor__name", "predictor__version"
    )
    for item, pk, label, name, version in said:
        by_item[item].append((pk, label, f"{name} {version}"))
    return {
        prediction.pk: tuple(
            Opinion(predictor, label, labels=label != prediction.label_key)
            for pk, label, predictor in by_item[prediction.item_id]
            if pk != prediction.pk
        )
        for prediction in predictions
    }


def _draw(project: Project, prediction: Prediction, policy: RoutingPolicy) -> float:
    return keyed_uniform(
        settings.REVIEWHUB_DRAW_KEY,
        "audit",
        str(project.uid),
        prediction.item.external_id,
        prediction.predictor.name,
        prediction.predictor.version,
        str(policy.number),
    )


def _row(prediction: Prediction, policy: RoutingPolicy, decision: Decision, now: datetime) -> Route:
    return Route(
        prediction=prediction,
        sequence=1,
        policy=policy,
        outcome=decision.outcome,
        reasons=[reason.as_json() for reason in decision.reasons],
        inclusion_probability=decision.inclusion_probability,
        draw=decision.draw,
        audited=decision.audited,
        created_at=now,
    )


def _tell(project: Project, routes: Sequence[Route], now: datetime) -> None:
    ids = [route.prediction_id for route in routes]
    prediction_routed.send(sender=Project, project_id=project.pk, prediction_ids=ids, now=now)
    for part in _chunks(routes):
        data: JsonDict = {"predictions": [_told(route) for route in part]}
        outbox.publish(project_id=project.pk, type="prediction.routed", data=data, now=now)


def _chunks(routes: Sequence[Route]) -> Iterator[Sequence[Route]]:
    for start in range(0, len(routes), EVENT_SIZE):
        yield routes[start : start + EVENT_SIZE]


def _told(route: Route) -> JsonDict:
    return {
        "prediction": str(route.prediction.uid),
        "external_id": route.prediction.item.external_id,
        "outcome": route.outcome,
    }
