"""The story of one prediction, from its arrival to what people settled."""

from __future__ import annotations

from uuid import UUID

from annotations.errors import UnknownPrediction
from annotations.models import Annotation, Prediction, QueueEntry, Route, Withdrawal
from reviewhub.common.errors import JsonDict


def prediction_story(*, project_id: int, uid: UUID) -> JsonDict:
    """Routes in order, the entry it waits in, the current annotation; UnknownPrediction.

    Times are ISO 8601 in UTC. `annotation.approved` tells what may be relied on: an annotation
    that is not approved yet may still be taken back.
    """
    prediction = (
        Prediction.objects.filter(item__project=project_id, uid=uid)
        .select_related("item", "predictor__taxonomy", "withdrawal")
        .first()
    )
    if prediction is None:
        raise UnknownPrediction(prediction=str(uid))
    taxonomy = prediction.predictor.taxonomy
    entry = QueueEntry.objects.filter(item=prediction.item, taxonomy=taxonomy).first()
    annotation = (
        Annotation.objects.filter(item=prediction.item, taxonomy=taxonomy)
        .select_related("approval")
        .order_by("-number")
        .first()
    )
    routes = prediction.routes.select_related("policy").order_by("sequence")
    return {
        "prediction": str(prediction.uid),
        "external_id": prediction.item.external_id,
        "item": str(prediction.item.uid),
        "predictor": {"name": prediction.predictor.name, "version": prediction.predictor.version},
        "taxonomy": taxonomy.number,
        "label": prediction.label_key,
        "confidence": prediction.confidence,
        "probabilities": prediction.answer,
        "received_at": prediction.received_at.isoformat(),
        "routes": [_route(route) for route in routes],
        "entry": _entry(entry) if entry else None,
        "annotation": _annotation(annotation) if annotation else None,
        "withdrawal": withdrawal_of(prediction),
    }


def withdrawal_of(prediction: Prediction) -> JsonDict | None:
    """Why and when the client took it back, if it did."""
    withdrawal: Withdrawal | None = getattr(prediction, "withdrawal", None)
    if withdrawal is None:
        return None
    return {"reason": withdrawal.reason, "created_at": withdrawal.created_at.isoformat()}


def _route(route: Route) -> JsonDict:
    return {
        "sequence": route.sequence,
        "outcome": route.outcome,
        "reasons": route.reasons,
        "inclusion_probability": route.inclusion_probability,
        "policy": route.policy.number,
        "created_at": route.created_at.isoformat(),
    }


def _entry(entry: QueueEntry) -> JsonDict:
    return {"uid": str(entry.uid), "state": entry.state}


def _annotation(annotation: Annotation) -> JsonDict:
    return {
        "uid": str(annotation.uid),
        "number": annotation.number,
        "outcome": annotation.outcome,
        "label": annotation.label_key or None,
        "how": annotation.how,
        "corrects": annotation.corrects,
        "approved": hasattr(annotation, "approval"),
        "created_at": annotation.created_at.isoformat(),
    }
