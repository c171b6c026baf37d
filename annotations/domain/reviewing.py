"""How answers become approved annotations, as a project asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from annotations.errors import PolicyInvalid

DAY = 86_400


@dataclass(frozen=True)
class ReviewSpec:
    """`automatic` approval waits `grace_seconds` for an undo; `blind_share` is in [0, 1]."""

    answers_wanted: int = 1
    agreement_needed: int = 1
    skips_allowed: int = 2
    approval: str = "automatic"
    grace_seconds: int = 600
    lease_seconds: int = 600
    blind_share: float = 0.2

    def check(self) -> None:
        """Raise PolicyInvalid naming every fault."""
        faults = [{"field": at, "message": told} for at, told in self._faults()]
        if faults:
            raise PolicyInvalid(errors=faults)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not 1 <= self.answers_wanted <= 9:
            yield "answers_wanted", "1 to 9"
        if not 1 <= self.agreement_needed <= self.answers_wanted:
            yield "agreement_needed", "1 to the answers wanted"
        if not 0 <= self.skips_allowed <= 99:
            yield "skips_allowed", "0 to 99"
        if self.approval not in ("lead", "automatic"):
            yield "approval", "lead or automatic"
        if not 0 <= self.grace_seconds <= 30 * DAY:
            yield "grace_seconds", "0 to 30 days"
        if not 10 <= self.lease_seconds <= DAY:
            yield "lease_seconds", "10 seconds to a day"
        if not 0 <= self.blind_share <= 1:
            yield "blind_share", "0 to 1"
