"""The plant of the story: an instance, a project with its policies, three people, one key.

All of it is what an operator does by hand: the servers' supervisor and `manage.py`.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from examples.solar_cells.cells import NOTICE
from reviewhub.services import Services

SLUG = "solar-cells"
ROLES = {"reviewer": "reviewer", "reviewer-2": "reviewer", "lead": "lead"}
VERBS = "predict,label,models,release,webhooks"
APPROVALS = 190
GUIDELINES = (
    "Bright is current. A cell is defective when a crack, a dead region or a broken finger "
    "takes power from it; dark lines of the grain and of the wires are no defects."
)
PROJECT: dict[str, Any] = {
    "slug": SLUG,
    "name": "Solar cells, line 3",
    "note": NOTICE,
    "guidelines": GUIDELINES,
    # In prices of one cell: a good cell that is scrapped costs as much as a weak one in a module.
    "labels": [
        {"key": "ok", "name": "Good", "hotkey": "1", "cost_of_false_alarm": 1.0},
        {
            "key": "defect",
            "name": "Defective",
            "hotkey": "2",
            "is_positive": True,
            "cost_of_miss": 1.0,
            "cost_of_false_alarm": 1.0,
        },
    ],
    # Weeks are played in minutes: a line that sees millions of cells would audit far fewer.
    "routing": {"low_confidence": 0.75, "disagreement": True, "audit_rate": 0.35},
    "review": {"grace_seconds": 3, "lease_seconds": 60},
}
MARGINS = ("overall=0.05", "cost=0.05", "alpha=0.1")


@dataclass(frozen=True)
class Plant:
    """What a person needs to walk in, and the client to connect; kept in a private file."""

    seed: int
    key: str
    passwords: dict[str, str]
    played: bool = False

    def keep(self, var: Path) -> None:
        path = _file(var)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")

    @classmethod
    def kept(cls, var: Path) -> Self | None:
        """That of an earlier start, if there was one."""
        path = _file(var)
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def open_services(var: Path, *, port: int, seed: int, say: Callable[[str], None]) -> Services:
    """The servers as `make run` starts them, told to hurry and where the report will be.

    The draw key follows from the seed, so that folds and audits are the same each time; a real
    plant keeps it secret.
    """
    environ = {
        "REVIEWHUB_RECONCILE_SECONDS": "2",
        "REVIEWHUB_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "REVIEWHUB_DEMO_REPORT": str(var.resolve() / "report.json"),
        "REVIEWHUB_DRAW_KEY": sha256(f"solar cells {seed}".encode()).hexdigest(),
    }
    return Services(var, port=port, environ=environ, say=say)


def found(services: Services, *, seed: int) -> Plant:
    """Create project, policies and people. The first model is asked for, so learning waits."""
    project = PROJECT | {"uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"reviewhub/demo/{seed}"))}
    issue = ("--issue-key", VERBS, "--key-name", "line 3")
    key = services.manage("create_project", "-", *issue, typed=json.dumps(project)).strip()
    passwords = {name: f"cells-{secrets.token_hex(4)}" for name in ROLES}
    for name, role in ROLES.items():
        join = ("--project", SLUG, "--role", role)
        services.manage("create_user", name, *join, typed=passwords[name] + "\n")
    margins = [part for margin in MARGINS for part in ("--margin", margin)]
    services.manage("revise_gate_policy", SLUG, "--automatic-promotion", *margins)
    services.manage("revise_training_policy", SLUG, "--no-automatic")
    return Plant(seed=seed, key=key, passwords=passwords)


def learn_by_itself(services: Services) -> None:
    """From here on enough approvals start a run, and nobody has to ask."""
    services.manage(
        *("revise_training_policy", SLUG, "--automatic"),
        *("--approvals", str(APPROVALS), "--cooldown", "0"),
    )


def _file(var: Path) -> Path:
    return var / "plant.json"
