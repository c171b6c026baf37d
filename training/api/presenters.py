"""How runs, models and promotions read in JSON."""

from __future__ import annotations

from dataclasses import asdict

from reviewhub.common.errors import JsonDict
from training.models import ModelVersion, Promotion
from training.queries.model_report import ModelReport
from training.queries.models_page import ModelRow
from training.queries.run_detail import RunDetail
from training.queries.runs_page import RunRow


def present_card(model: ModelVersion) -> JsonDict:
    """What a client needs to run the model: which file, which labels, which duties."""
    base = f"/api/v1/projects/{model.project.slug}/models/{model.number}"
    return {
        "number": model.number,
        "uid": str(model.uid),
        "role": model.role,
        "created_at": model.created_at.isoformat(),
        "predictor": {"name": model.predictor.name, "version": model.predictor.version},
        "onnx": {
            "path": f"{base}/model.onnx",
            "sha256": model.onnx_sha256,
            "bytes": model.onnx_bytes,
        },
        "snapshot": {"digest": model.snapshot.digest, "counts": model.snapshot.counts},
        "card": model.card,
    }


def present_model(row: ModelRow) -> JsonDict:
    return asdict(row) | {"uid": str(row.uid), "waiting": row.waiting}


def present_report(model: ModelVersion, report: ModelReport) -> JsonDict:
    return present_card(model) | {
        "sentence": report.sentence,
        "decision": asdict(report.decision) if report.decision else None,
        "evaluations": [asdict(evaluation) for evaluation in report.evaluations],
        "promotions": [asdict(promotion) for promotion in report.promotions],
    }


def present_run(row: RunRow) -> JsonDict:
    return asdict(row) | {"uid": str(row.uid)}


def present_run_detail(detail: RunDetail) -> JsonDict:
    facts = asdict(detail)
    return present_run(detail.row) | {key: facts[key] for key in facts if key != "row"}


def present_promotion(promotion: Promotion) -> JsonDict:
    return {
        "number": promotion.number,
        "kind": promotion.kind,
        "champion": promotion.model_version.number,
        "previous": promotion.previous.number if promotion.previous else None,
        "actor": promotion.actor,
        "reasons": promotion.reasons,
        "created_at": promotion.created_at.isoformat(),
    }
