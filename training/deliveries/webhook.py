"""Tell the client that it has a better model; it fetches the file itself, with its own key."""

from __future__ import annotations

from datetime import datetime

from reviewhub.common import outbox
from reviewhub.common.errors import JsonDict
from training.models import Promotion, PromotionKind

EVENTS = {
    PromotionKind.PROMOTION.value: "model.promoted",
    PromotionKind.ROLLBACK.value: "model.rolled_back",
}


def announce(*, promotion: Promotion, now: datetime) -> None:
    """Write the event to the outbox, in the transaction that moved the champion."""
    outbox.publish(
        project_id=promotion.project_id,
        type=EVENTS[promotion.kind],
        data=payload(promotion),
        now=now,
    )


def payload(promotion: Promotion) -> JsonDict:
    """What the subscriber reads; paths are relative to the site that sent it."""
    model = promotion.model_version
    base = f"/api/v1/projects/{promotion.project.slug}"
    return {
        "promotion": promotion.number,
        "model": {
            "number": model.number,
            "uid": str(model.uid),
            "onnx_sha256": model.onnx_sha256,
            "onnx_bytes": model.onnx_bytes,
            "predictor": {
                "name": model.predictor.name,
                "version": model.predictor.version,
            },
        },
        "previous": promotion.previous.number if promotion.previous else None,
        "reasons": promotion.reasons,
        "paths": {
            "card": f"{base}/champion",
            "onnx": f"{base}/champion/model.onnx",
            "model": f"{base}/models/{model.number}/model.onnx",
        },
    }
