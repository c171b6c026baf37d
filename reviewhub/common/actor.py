"""Who acts: a person, a client's key, a policy, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

ActorKind = Literal["user", "key", "policy", "system"]


@dataclass(frozen=True)
class Actor:
    """`id` is the primary key of the user, key or policy; the system has none."""

    kind: ActorKind
    id: int | None
    name: str

    @classmethod
    def system(cls, name: str) -> Self:
        """A part of ours that acts by itself, such as `sweeper`."""
        return cls(kind="system", id=None, name=name)

    @property
    def key(self) -> str:
        """One short text per actor, for unique constraints: `user:7`, `system:sweeper`."""
        return f"{self.kind}:{self.name if self.id is None else self.id}"

    @property
    def user_id(self) -> int | None:
        """For columns such as `created_by`, which name people only."""
        return self.id if self.kind == "user" else None
