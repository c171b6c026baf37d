"""The story of one prediction, from its arrival to what people settled."""

from __future__ import annotations

from uuid import UUID

from annotations.errors import UnknownPrediction
from annotations.models import (
    SPEAKS_FIRST,
    Annotation,
    Prediction,
    ProjectKind,
    QueueEntry,
    Review,
    Route,
    Withdrawal,
)
from reviewhub.common.errors import JsonDict


def prediction_story(*, project_id: int, uid: UUID) -> JsonDict:
    """Everything from its arrival to what people settled; UnknownPrediction.

    Routes and reviews in order, the entry its item waits in under the newest taxonomy, which may be
    newer than the predictor's, and the current annotation. Times are ISO 8601 in UTC.
    `annotation.approved` tells what may be relied on: not what waits for approval, nor what was
    approved and has been taken back since. People are not named. A constant number of queries.
    """
    prediction = (
        Prediction.objects.filter(project=project_id, uid=uid)
        .select_related("project", "item", "predictor__taxonomy", "withdrawal")
        .first()
    )
    if prediction is None:
        raise UnknownPrediction(prediction=str(uid))
    entry = _newest_entry(prediction)
    annotation = _current_annotation(prediction)
    routes = prediction.routes.select_related("policy").order_by("sequence")
    return {
        **_said(prediction),
        "routes": [_route(route) for route in routes],
        "entry": _entry(entry) if entry else None,
        "reviews": [_review(review) for review in entry.reviews.order_by("id")] if entry else [],
        "annotation": _annotation(annotation) if annotation else None,
        "withdrawal": withdrawal_of(prediction),
    }


def answer_fields(kind: str, answer: JsonDict) -> JsonDict:
    """A stored answer in the fields in which clients send it."""
    return {"probabilities": answer} if kind == ProjectKind.IMAGE_CLASSIFICATION else dict(answer)


def _said(prediction: Prediction) -> JsonDict:
    item, predictor = prediction.item, prediction.predictor
    return {
        "prediction": str(prediction.uid),
        "external_id": item.external_id,
        "item": str(item.uid),
        "source_group": item.source_group,
        "slices": item.slices,
        "captured_at": item.captured_at.isoformat() if item.captured_at else None,
        "predictor": {"name": predictor.name, "version": predictor.version},
        "taxonomy": prediction.spoken,
        "label": prediction.label_key or None,
        "confidence": prediction.confidence,
        **answer_fields(prediction.project.kind, prediction.answer),
        "flag": prediction.flag,
        "received_at": prediction.received_at.isoformat(),
    }


def _newest_entry(prediction: Prediction) -> QueueEntry | None:
    entries = QueueEntry.objects.filter(item=prediction.item).select_related("taxonomy")
    return entries.order_by("-taxonomy__number").first()


def _current_annotation(prediction: Prediction) -> Annotation | None:
    annotations = Annotation.objects.filter(item=prediction.item).select_related(
        "approval", "taxonomy", "entry"
    )
    return annotations.order_by(*SPEAKS_FIRST).first()


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
    return {
        "uid": str(entry.uid),
        "state": entry.state,
        "taxonomy": entry.taxonomy.number,
        "blind": entry.blind,
        "due_at": entry.due_at.isoformat() if entry.due_at else None,
        "lapsed_at": entry.lapsed_at.isoformat() if entry.lapsed_at else None,
    }


def _review(review: Review) -> JsonDict:
    return {
        "verdict": review.verdict,
        "label": review.label_key or None,
        "boxes": (review.answer or {}).get("boxes"),
        "reason": review.reason,
        "blind": review.blind,
        "seconds": review.seconds,
        "counts": review.effective,
        "created_at": review.created_at.isoformat(),
    }


def _annotation(annotation: Annotation) -> JsonDict:
    return {
        "uid": str(annotation.uid),
        "number": annotation.number,
        "outcome": annotation.outcome,
        "taxonomy": annotation.taxonomy.number,
        "label": annotation.label_key or None,
        "boxes": (annotation.answer or {}).get("boxes"),
        "how": annotation.how,
        "corrects": annotation.corrects,
        "approved": annotation.relied_on,
        "created_at": annotation.created_at.isoformat(),
    }
