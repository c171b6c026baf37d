"""What a simulation expects to be missed, in words, and how far that holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.domain.responses import LEAST_RESPONSE


@dataclass(frozen=True)
class Line:
    """One figure under the rules in force and under the changed ones."""

    name: str
    now: str
    new: str
    colour_index: int = 0
    strong: bool = False


def expected_misses(name: str, now: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Line]:
    """What is expected, and how many of the audits that it stands on were answered."""
    yield Line(name, _misses(now), _misses(new), strong=True)
    if now.get("response_rate") is not None or new.get("response_rate") is not None:
        yield Line("Audits of the accepted, answered in time", _answered(now), _answered(new))


def _answered(told: Mapping[str, Any]) -> str:
    rate = told.get("response_rate")
    if rate is None:
        return "none"
    text = f"{rate:.1%} of {told['drawn'] - told['open']:,}"
    return f"{text}, {told['open']:,} still open" if told["open"] else text


def _misses(told: Mapping[str, Any]) -> str:
    """The number with its interval; where it would not hold, why there is none."""
    if told["enough"]:
        span = f"{amount(told['lower'])} to {amount(told['upper'])}"
        return f"{amount(told['value'])} ({span})"
    rate, missing = told.get("response_rate"), told["labels_missing"]
    few = [f"not enough audits yet: {missing} more"] if missing else []
    if rate is not None and rate < LEAST_RESPONSE:
        # What nobody answered may be of another kind, so no bound holds either.
        why = f"too few audits answered: {rate:.1%}, and {LEAST_RESPONSE:.0%} are needed"
        return "; ".join([*few, why])
    if told["labels"]:
        few.append(f"at most {amount(told['upper'])}")
    return "; ".join(few)


def amount(number: float) -> str:
    """Whole numbers, or one digit where that would hide everything."""
    return f"{number:,.1f}" if 0.05 <= number < 10 and number % 1 else f"{number:,.0f}"
