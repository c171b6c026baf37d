"""What was sent and what came back, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from annotations.management.load.sending import Told


def lines(told: Told) -> Iterator[str]:
    sent = told.sent
    yield (
        f"Sent {sum(told.statuses.values())} calls with {sent['predictions']} predictions: "
        f"{sent['ordinary']} ordinary, {sent['retry']} sent twice, {sent['repeat']} of what was "
        f"sent before, {sent['unreadable']} unreadable; {told.lost} connections were lost."
    )
    yield from _table("Answers by status", told.statuses)
    yield from _table("Predictions", told.verdicts)
    yield from _table("Refused because of", told.refusals)
    yield from _table("Queued because of", told.reasons)
    shares = (50, 90, 99, 100)
    times = ", ".join(f"p{share} {percentile(told.milliseconds, share):.0f}" for share in shares)
    yield f"Milliseconds a call: {times}. Latest start after its time: {told.late:.1f} s."


def undocumented(told: Told, promised: Collection[int]) -> dict[int, int]:
    """Answers that the instance's own schema does not promise, or that tell of a fault in it."""
    return {
        status: times
        for status, times in sorted(told.statuses.items())
        if status not in promised or (status >= 500 and status != 503)
    }


def promised_statuses(schema: Any) -> set[int]:
    """What the schema says that submitting a batch of predictions may be answered with."""
    calls = schema["paths"]["/api/v1/projects/{slug}/predictions:batch"]
    return {int(status) for status in calls["post"]["responses"]}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 100) - 1)] if ordered else 0.0


def _table(title: str, counts: Counter[Any]) -> Iterator[str]:
    if counts:
        yield f"{title}:"
        yield from (f"  {count:>8}  {name}" for name, count in counts.most_common())
