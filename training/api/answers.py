"""What the learning side answers, as it reads in JSON; rows and facts are those of the queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from reviewhub.common.clock import Moment
from training.queries.model_report import DecisionFacts, EvaluationFacts, PromotionFacts
from training.queries.run_detail import SnapshotFacts, StepFacts
from training.queries.runs_page import RunRow

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Role = Literal["candidate", "champion", "shadow", "archived"]


class PredictorName(Struct):
    name: str
    version: str


class ModelFile(Struct):
    """`path` is where the file is fetched, `sha256` what it must be."""

    path: str
    sha256: Sha256
    bytes: int


class SnapshotName(Struct):
    digest: str
    counts: dict[str, Any]


class ModelCard(Struct):
    """What a client needs to run the model: which file, which labels, which duties."""

    number: int
    uid: UUID
    role: Role
    created_at: Moment
    predictor: PredictorName
    onnx: ModelFile
    snapshot: SnapshotName
    card: dict[str, Any]


class ModelReport(ModelCard):
    """A model with what the gate said of it."""

    sentence: str
    decision: DecisionFacts | None
    evaluations: list[EvaluationFacts]
    promotions: list[PromotionFacts]


class ListedModel(Struct):
    """A model version; `waiting`: a candidate that nobody decided about."""

    uid: UUID
    number: int
    role: Role
    role_label: str
    created_at: Moment
    promoted_at: Moment | None
    run_number: int
    learned_from: int
    verdict: str | None
    verdict_label: str | None
    onnx_sha256: Sha256
    onnx_bytes: int
    waiting: bool


class ModelList(Struct):
    """Newest first; `next_before` is where the next page begins."""

    models: list[ListedModel]
    next_before: int | None


class RunList(Struct):
    """Newest first; `next_before` is where the next page begins."""

    runs: list[RunRow]
    next_before: int | None


@dataclass(frozen=True)
class Run(RunRow):
    """A training run with its steps and, once there is one, its data set."""

    steps: list[StepFacts]
    attempt: int
    max_attempts: int
    cancel_requested: bool
    policy_number: int
    snapshot: SnapshotFacts | None
    error_code: str
    error: str
    log_tail: str


class PromotionCard(Struct):
    """A change of champion, and why."""

    number: int
    kind: Literal["promotion", "rollback"]
    champion: int
    previous: int | None
    actor: str
    reasons: list[str]
    created_at: Moment
