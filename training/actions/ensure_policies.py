from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from training.domain.gate import GateMargins
from training.models import GatePolicy, TrainingPolicy
from training.queries.policies import gate_policy_of, training_policy_of


@dataclass(frozen=True)
class Policies:
    training: TrainingPolicy
    gate: GatePolicy


def ensure_policies(*, project_id: int, now: datetime) -> Policies:
    """The policies in force; a project that has none gets number 1 with the defaults.

    Two callers at once get the same rows: the unique numbers see to it.
    """
    return Policies(
        training=training_policy_of(project_id) or _first_training_policy(project_id, now),
        gate=gate_policy_of(project_id) or _first_gate_policy(project_id, now),
    )


def _first_training_policy(project_id: int, now: datetime) -> TrainingPolicy:
    policy, _ = TrainingPolicy.objects.get_or_create(
        project_id=project_id, number=1, defaults={"created_at": now}
    )
    return policy


def _first_gate_policy(project_id: int, now: datetime) -> GatePolicy:
    policy, _ = GatePolicy.objects.get_or_create(
        project_id=project_id,
        number=1,
        defaults={"margins": GateMargins().as_json(), "created_at": now},
    )
    return policy
