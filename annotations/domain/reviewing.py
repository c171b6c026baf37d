"""How answers become approved annotations, as a project asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from annotations.errors import PolicyInvalid

DAY = 86_400
GRID_SIZES = (12, 24)
LATEST_UNDOABLE = 10
"""So many of one's latest answers in a project can be taken back; those of one grid are one."""


@dataclass(frozen=True)
class ReviewSpec:
    """`automatic` approval waits `grace_seconds` for an undo; `blind_share` is in [0, 1].

    Predicted labels in `grid_labels` may be confirmed many at once, `grid_size` on a screen for at
    least `grid_seconds`, where the model is right in `grid_precision` or more; of the cells a
    share of `grid_gold_share` has a known answer. None is named unless a lead does: not a grid but
    one look at a time finds what is rare.
    """

    answers_wanted: int = 1
    agreement_needed: int = 1
    skips_allowed: int = 2
    approval: str = "automatic"
    grace_seconds: int = 600
    lease_seconds: int = 600
    blind_share: float = 0.2
    grid_labels: tuple[str, ...] = ()
    grid_size: int = 12
    grid_precision: float = 0.95
    grid_seconds: float = 6.0
    grid_gold_share: float = 0.1

    def check(self, *, labels: Collection[str] | None = None) -> None:
        """Raise PolicyInvalid naming every fault; `labels` are those now in use, if known."""
        found = [*self._faults(), *self._grid_faults(), *self._label_faults(labels)]
        faults = [{"field": at, "message": told} for at, told in found]
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

    def _grid_faults(self) -> Iterator[tuple[str, str]]:
        if self.grid_size not in GRID_SIZES:
            yield "grid_size", "12 or 24"
        if not 0.5 <= self.grid_precision <= 0.999:
            yield "grid_precision", "0.5 to 0.999"
        if not 0 <= self.grid_seconds <= 300:
            yield "grid_seconds", "0 to 300"
        if not 0 <= self.grid_gold_share <= 0.5:
            yield "grid_gold_share", "0 to 0.5"

    def _label_faults(self, labels: Collection[str] | None) -> Iterator[tuple[str, str]]:
        unknown = [] if labels is None else sorted(set(self.grid_labels) - set(labels))
        if unknown:
            yield "grid_labels", f"no label of the taxonomy: {', '.join(unknown)}"
