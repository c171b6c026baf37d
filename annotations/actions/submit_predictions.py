from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction

from annotations.actions.check_predictions import (
    CheckedPrediction,
    PredictorName,
    check_predictions,
)
from annotations.actions.enter_items import enter_items
from annotations.actions.register_predictor import register_predictor
from annotations.actions.route_predictions import route_predictions
from annotations.domain.intake import IncomingPrediction, SubmissionVerdict
from annotations.errors import ItemContentConflict, PredictionConflict
from annotations.models import Item, Origin, Prediction, Predictor, Project, Route
from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError

__all__ = ["IncomingPrediction", "SubmissionVerdict", "submit_predictions"]

Ready = tuple[CheckedPrediction, Item, Predictor]
Judged = SubmissionVerdict | ReviewHubError
Status = Literal["created", "unchanged"]


def submit_predictions(
    *, project: Project, actor: Actor, batch: Sequence[IncomingPrediction], now: datetime
) -> list[SubmissionVerdict]:
    """Store and route every prediction of the batch; one verdict each, in the order sent.

    A bad prediction is refused by name and spoils no other. Sending a batch again changes
    nothing and answers the same: what is stored wins, and anything else said under the same
    external id and predictor is refused as a conflict.
    """
    checked = check_predictions(project=project, actor=actor, batch=batch, now=now)
    with transaction.atomic():
        judged = _store(project, checked, now)
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


def _store(
    project: Project, checked: Sequence[CheckedPrediction | ReviewHubError], now: datetime
) -> list[Judged]:
    good = [part for part in checked if isinstance(part, CheckedPrediction)]
    items = enter_items(project=project, specs=[part.item_spec for part in good], now=now)
    predictors = _predictors(project, good, now)
    ready: list[Ready] = []
    for part in good:
        item = items[part.item_spec.external_id]
        if isinstance(item, Item):
            ready.append((part, item, predictors[part.predictor_name]))
    fresh = _insert(ready, now)
    route_predictions(project=project, predictions=fresh, now=now)
    routes = _first_routes(ready)
    new = {prediction.pk for prediction in fresh}

    def judge(part: CheckedPrediction | ReviewHubError) -> Judged:
        if isinstance(part, ReviewHubError):
            return part
        item = items[part.item_spec.external_id]
        if isinstance(item, ReviewHubError):
            return item
        return _compare(part, item, routes[item.pk, predictors[part.predictor_name].pk], new)

    return [judge(part) for part in checked]


def _predictors(
    project: Project, good: Iterable[CheckedPrediction], now: datetime
) -> dict[PredictorName, Predictor]:
    wanted = {part.predictor_name: part.taxonomy for part in good}
    return {
        (name, version): register_predictor(
            project=project,
            name=name,
            version=version,
            origin=Origin.CLIENT,
            taxonomy=taxonomy,
            now=now,
        )
        for (name, version), taxonomy in sorted(wanted.items(), key=lambda pair: pair[0])
    }


def _insert(ready: Sequence[Ready], now: datetime) -> list[Prediction]:
    """Insert what is new; the database decides, so two batches at once store each pair once."""
    rows: dict[tuple[int, int], Prediction] = {}
    for part, item, predictor in ready:
        row = Prediction(
            project_id=item.project_id,
            item=item,
            predictor=predictor,
            answer=part.answer.as_json(),
            label_key=part.answer.top,
            confidence=part.answer.confidence,
            received_at=now,
        )
        rows.setdefault((item.pk, predictor.pk), row)
    Prediction.objects.bulk_create((rows[pair] for pair in sorted(rows)), ignore_conflicts=True)
    mine = [row.uid for row in rows.values()]
    return list(Prediction.objects.filter(uid__in=mine).select_related("item", "predictor"))


def _first_routes(ready: Sequence[Ready]) -> dict[tuple[int, int], Route]:
    found = Route.objects.filter(
        prediction__item__in={item.pk for _, item, _ in ready},
        prediction__predictor__in={predictor.pk for _, _, predictor in ready},
        sequence=1,
    ).select_related("prediction", "policy")
    return {(route.prediction.item_id, route.prediction.predictor_id): route for route in found}


def _compare(part: CheckedPrediction, item: Item, route: Route, new: set[int]) -> Judged:
    stored = route.prediction
    if stored.answer != part.answer.as_json():
        return PredictionConflict(external_id=item.external_id)
    image = part.item_spec.image
    if image is not None and image.sha256 != item.content_digest:
        return ItemContentConflict(external_id=item.external_id)
    status: Status = "created" if stored.pk in new else "unchanged"
    # A batch may say the same thing twice: the first mention created it.
    new.discard(stored.pk)
    return SubmissionVerdict(
        external_id=item.external_id,
        status=status,
        prediction_uid=stored.uid,
        outcome=route.outcome,
        reasons=route.reasons,
        inclusion_probability=route.inclusion_probability,
        policy_number=route.policy.number,
    )
