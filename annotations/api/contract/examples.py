"""What intake may be sent and answers, as the schema and its page show it."""

from __future__ import annotations

import json

UPLOADED = {
    "uid": "01994f5e-6e1f-7c3a-9d0e-2f4b7c5a1e02",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "format": "PNG",
    "width": 600,
    "height": 600,
}
PREDICTION = {
    "external_id": "cell-1",
    "source_group": "module-7",
    "predictor": {"name": "line-camera", "version": "12"},
    "probabilities": {"good": 0.35, "defect": 0.65},
    "image": {"upload": UPLOADED["uid"]},
    "slices": {"line": "4", "camera": "el-2"},
    "captured_at": "2026-11-02T08:14:58+00:00",
    "metadata": {"exposure_ms": 40},
}
WITH_BOXES = {
    "external_id": "panel-17",
    "predictor": {"name": "defect-finder", "version": "3"},
    "boxes": [
        {"label": "crack", "score": 0.81, "x": 12.5, "y": 40.0, "width": 96.0, "height": 7.5}
    ],
    "image": {"upload": UPLOADED["uid"]},
}
WITH_TEXT = {
    "external_id": "mail-4711",
    "text": "The parcel came without the screws.",
    "predictor": {"name": "triage", "version": "2026-10"},
    "samples": ["missing_part", "missing_part", "complaint"],
    "prompt_version": "7",
    "slices": {"channel": "mail", "language": "en"},
    "flag": "unsure of the language",
}
LINES = "".join(json.dumps(each) + "\n" for each in (PREDICTION, WITH_TEXT))
OF_OTHER_KINDS = {"boxes": WITH_BOXES, "text": WITH_TEXT}
WITH_PART = PREDICTION | {"image": {"part": "photo"}}
TAKEN = {
    "external_id": "cell-1",
    "status": "created",
    "prediction": "01994f5e-6e20-7b11-8a5c-6d1f0e9b3c47",
    "outcome": "queued",
    "reasons": [{"name": "low_confidence", "detail": {"confidence": 0.65, "below": 0.7}}],
    "inclusion_probability": 0.1,
    "policy": 3,
}
REFUSED = {
    "index": 1,
    "external_id": "cell-2",
    "status": "refused",
    "error": {
        "type": "/problems/item_content_missing",
        "title": "The item is new: send its text, or send or name its image",
        "status": 422,
        "detail": "The item is new: send its text, or send or name its image",
        "code": "item_content_missing",
        "instance": "/api/v1/projects/solar-cells/predictions:batch",
        "request_id": "01994f5e-6e21-7d40-b2a8-0c9e4f6a7d15",
        "external_id": "cell-2",
    },
}
