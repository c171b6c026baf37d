from training.models.dataset import DatasetSnapshot, Embedding, SnapshotMember
from training.models.evaluation import (
    Evaluation,
    EvaluationKind,
    EvaluationMember,
    EvaluationSet,
    GateDecision,
    Verdict,
)
from training.models.locks import lock_project
from training.models.model import ModelRole, ModelVersion, Promotion, PromotionKind
from training.models.policy import GatePolicy, TrainingPolicy
from training.models.run import ACTIVE, RunState, RunStep, TrainingRun
from training.models.watching import LearningSelection, NoveltyCursor

__all__ = [
    "ACTIVE",
    "DatasetSnapshot",
    "Embedding",
    "Evaluation",
    "EvaluationKind",
    "EvaluationMember",
    "EvaluationSet",
    "GateDecision",
    "GatePolicy",
    "LearningSelection",
    "ModelRole",
    "ModelVersion",
    "NoveltyCursor",
    "Promotion",
    "PromotionKind",
    "RunState",
    "RunStep",
    "SnapshotMember",
    "TrainingPolicy",
    "TrainingRun",
    "Verdict",
    "lock_project",
]
