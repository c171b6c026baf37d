"""An interval as components/interval.html draws it: x positions on a line 220 wide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH = 220.0
EDGE = 10.0


@dataclass(frozen=True)
class Interval:
    low: float
    value: float
    high: float
    margin: float | None
    zero: float
    text: str


def interval_of(figures: Mapping[str, object], *, margin_below: bool = False) -> Interval | None:
    """A difference with its bounds against the margin; None where a test has none to draw.

    Figures hold the margin as a distance; `margin_below` says on which side of zero it lies.
    """
    value = _float(figures.get("difference"))
    low, high = _float(figures.get("lower")), _float(figures.get("upper"))
    if value is None or (low is None and high is None):
        return None
    low, high = value if low is None else low, value if high is None else high
    margin = _float(figures.get("margin"))
    margin = -margin if margin and margin_below else margin
    marks = [low, high, value, 0.0, *([margin] if margin is not None else [])]
    left, right = min(marks), max(marks)

    def x(at: float) -> float:
        return EDGE + (at - left) / ((right - left) or 1.0) * (WIDTH - 2 * EDGE)

    against = f", margin {margin:+.3f}" if margin is not None else ""
    return Interval(
        low=x(low),
        value=x(value),
        high=x(high),
        margin=x(margin) if margin is not None else None,
        zero=x(0.0),
        text=f"{value:+.3f}, from {low:+.3f} to {high:+.3f}{against}",
    )


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
