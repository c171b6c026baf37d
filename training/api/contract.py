"""What this app's endpoints promise; an endpoint without a line here fails a test by name."""

from __future__ import annotations

from reviewhub.common.contract import (
    BEFORE,
    IF_NONE_MATCH,
    Answer,
    Body,
    Contract,
    Operation,
)
from training import errors
from training.api.answers import ModelCard, ModelList, ModelReport, PromotionCard, Run, RunList
from training.api.bodies import Reasons, Rollback
from training.api.champion import ChampionFileView, ChampionView, RollbackView
from training.api.models import ModelFileView, ModelsView, ModelView, PromoteView
from training.api.runs import CancelView, RunsView, RunView

MODELS, RUNS = "Models", "Training runs"
ETAG = {"ETag": "Send it back as If-None-Match."}
KNOWN = Answer("You have it: the ETag still holds.", headers=ETAG)
FILE_ERRORS = (errors.ArtefactMissing,)
SHA256 = "5f2b7c0e9a1d4836b5e7f0a2c4d6e8f1037b9c5d2e4f6a8b0c1d3e5f7a9b2c4d"
ONNX = Answer(
    "An ONNX graph; its SHA-256 is the ETag and stands in the card.",
    {"type": "string", "format": "binary"},
    "(bytes of an ONNX file)",
    "application/octet-stream",
    ETAG,
)

CARD = {
    "number": 2,
    "uid": "01994f70-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
    "role": "champion",
    "created_at": "2026-11-02T09:00:00+00:00",
    "predictor": {"name": "reviewhub", "version": "2"},
    "onnx": {
        "path": "/api/v1/projects/solar-cells/models/2/model.onnx",
        "sha256": SHA256,
        "bytes": 13_745_120,
    },
    "snapshot": {"digest": "9d1c0f7b", "counts": {"learn": 140, "validate": 20}},
    "card": {"labels": ["good", "defect"], "input_size": 224},
}
LISTED = {
    "uid": CARD["uid"],
    "number": 2,
    "role": "champion",
    "role_label": "Champion",
    "created_at": "2026-11-02T09:00:00Z",
    "promoted_at": "2026-11-02T09:01:00Z",
    "run_number": 2,
    "learned_from": 140,
    "verdict": "promote",
    "verdict_label": "Promote",
    "onnx_sha256": SHA256,
    "onnx_bytes": 13_745_120,
    "waiting": False,
}
REPORT = CARD | {
    "sentence": "The gate recommends it, compared with v1.",
    "decision": {
        "verdict": "promote",
        "verdict_label": "Promote",
        "champion_number": 1,
        "policy_number": 1,
        "tests": [
            {
                "name": "target_superiority",
                "figures": {"difference": 0.31, "lower": 0.22},
                "passed": True,
                "sentence": "Better on recent traffic.",
            }
        ],
        "reasons": ["Every test passed."],
        "decided_at": "2026-11-02T09:00:30Z",
    },
    "evaluations": [
        {
            "name": "Recent traffic",
            "kind": "target",
            "kind_label": "Evaluate fold of recent traffic",
            "challenger": {"accuracy": 0.83},
            "champion": {"accuracy": 0.52},
        }
    ],
    "promotions": [],
}
LISTED_RUN = {
    "uid": "01994f6f-7a10-7b2c-9d3e-4f5a6b7c8d9e",
    "number": 2,
    "state": "running",
    "state_label": "Running",
    "step": "train",
    "step_label": "Train and calibrate",
    "progress": 0.4,
    "message": "Epoch 3 of 8",
    "requested_by": "line 4",
    "reasons": ["The new line started."],
    "created_at": "2026-11-02T08:58:00Z",
    "started_at": "2026-11-02T08:58:02Z",
    "ended_at": None,
    "seconds": None,
    "model_number": None,
    "verdict": None,
}
RUN = LISTED_RUN | {
    "steps": [
        {
            "step": "embed",
            "label": "Embed images",
            "state": "done",
            "attempt": 1,
            "started_at": "2026-11-02T08:58:02Z",
            "ended_at": "2026-11-02T08:58:20Z",
            "figures": {"images": 160},
        }
    ],
    "attempt": 1,
    "max_attempts": 3,
    "cancel_requested": False,
    "policy_number": 1,
    "snapshot": {
        "digest": "9d1c0f7b",
        "created_at": "2026-11-02T08:58:21Z",
        "counts": {"learn": 140, "validate": 20},
    },
    "error_code": "",
    "error": "",
    "log_tail": "",
}
PROMOTION = {
    "number": 2,
    "kind": "promotion",
    "champion": 2,
    "previous": 1,
    "actor": "line 4",
    "reasons": ["The gate recommends it."],
    "created_at": "2026-11-02T09:01:00+00:00",
}
WHY = Body(Reasons, {"reasons": ["The new line started."]})

CONTRACT: Contract = {
    ChampionView: {
        "get": Operation(
            "readChampion",
            "The card of the model in force",
            MODELS,
            {200: Answer("Its card.", ModelCard, CARD, headers=ETAG), 304: KNOWN},
            parameters=(IF_NONE_MATCH,),
            refusals=(errors.NoChampion,),
        )
    },
    ChampionFileView: {
        "get": Operation(
            "downloadChampion",
            "The file of the model in force",
            MODELS,
            {200: ONNX, 304: KNOWN},
            parameters=(IF_NONE_MATCH,),
            refusals=(errors.NoChampion, *FILE_ERRORS),
        )
    },
    RollbackView: {
        "post": Operation(
            "rollBack",
            "Go back to the champion before",
            MODELS,
            {200: Answer("The change.", PromotionCard, PROMOTION | {"kind": "rollback"})},
            "`expected_champion` is the number you saw; another one by now is a conflict.",
            bodies=(Body(Rollback, {"reasons": ["It misses cracks."], "expected_champion": 2}),),
            optional_body=True,
            refusals=(
                errors.PromotionNeedsReason,
                errors.NothingToRollBack,
                errors.ChampionChanged,
            ),
        )
    },
    ModelsView: {
        "get": Operation(
            "listModels",
            "All models",
            MODELS,
            {200: Answer("One page.", ModelList, {"models": [LISTED], "next_before": None})},
            parameters=(BEFORE,),
        )
    },
    ModelView: {
        "get": Operation(
            "readModel",
            "One model, and what the gate said of it",
            MODELS,
            {200: Answer("Its card and its report.", ModelReport, REPORT)},
            refusals=(errors.UnknownModel,),
        )
    },
    ModelFileView: {
        "get": Operation(
            "downloadModel",
            "The file of one model",
            MODELS,
            {200: ONNX, 304: KNOWN},
            parameters=(IF_NONE_MATCH,),
            refusals=(errors.UnknownModel, *FILE_ERRORS),
        )
    },
    PromoteView: {
        "post": Operation(
            "promoteModel",
            "Make a model the champion",
            MODELS,
            {200: Answer("The change.", PromotionCard, PROMOTION)},
            "Where the gate did not say `promote`, it takes a reason.",
            bodies=(WHY,),
            optional_body=True,
            refusals=(
                errors.UnknownModel,
                errors.AlreadyChampion,
                errors.ChampionChanged,
                errors.PromotionNeedsReason,
            ),
        )
    },
    RunsView: {
        "get": Operation(
            "listRuns",
            "Training runs",
            RUNS,
            {200: Answer("One page.", RunList, {"runs": [LISTED_RUN], "next_before": None})},
            parameters=(BEFORE,),
        ),
        "post": Operation(
            "requestRun",
            "Request a training run",
            RUNS,
            {201: Answer("It waits for a worker.", Run, RUN)},
            bodies=(WHY,),
            optional_body=True,
            refusals=(errors.RunAlreadyActive,),
        ),
    },
    RunView: {
        "get": Operation(
            "readRun",
            "One training run",
            RUNS,
            {200: Answer("As it stands now.", Run, RUN)},
            refusals=(errors.UnknownRun,),
        )
    },
    CancelView: {
        "post": Operation(
            "cancelRun",
            "Cancel a training run",
            RUNS,
            {202: Answer("It ends as soon as its worker has heard.", Run, RUN)},
            refusals=(errors.UnknownRun, errors.RunAlreadyEnded),
        )
    },
}
