"""What the story showed: one document for report.json and the page, one table for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from examples.solar_cells.cells import NOTICE
from examples.solar_cells.gate_page import gate_for_page
from examples.solar_cells.line import Inspected
from examples.solar_cells.measure import Figures, Measured
from examples.solar_cells.reviewers import Given

MOST_REVIEWS = 200
LEAST_GAIN = 0.25
LEAST_AFTER = 0.75
MOST_SOURCE_CHANGE = 0.03
MINUTES_PER_FALSE_ALARM = 2
CELLS_PER_SHIFT = 1000

Report = dict[str, Any]


@dataclass(frozen=True)
class Played:
    """What happened, before any figure is made of it."""

    seed: int
    before: Measured
    after: Measured
    inspected: dict[str, Inspected]
    given: Sequence[Given]
    queue: dict[str, Any]
    model: dict[str, Any]
    switched: bool
    acts: list[dict[str, Any]]
    seconds: float


def build(played: Played) -> Report:
    """Every key is explained in docs/demo.md; shares lie between 0 and 1."""
    report = (
        {"notice": NOTICE, "seed": played.seed, "seconds": round(played.seconds, 1)}
        | _shares(played.before, "before")
        | _shares(played.after, "after")
        | _work(played)
        | {
            "counts_before": asdict(played.before),
            "counts_after": asdict(played.after),
            "gate": gate_for_page(played.model),
            "model": played.model["number"],
            "switched": played.switched,
            "queue": played.queue,
            "story": played.acts,
        }
    )
    faults = faults_of(report)
    return report | {"closed": not faults, "faults": faults, "sentence": _sentence(report, faults)}


def faults_of(report: Report) -> list[str]:
    """Why the loop did not close; none if it did."""
    gain = report["accuracy_after"] - report["accuracy_before"]
    change = abs(report["source_after"] - report["source_before"])
    kept = {
        "the client did not switch models by a webhook": report["switched"],
        f"more than {MOST_REVIEWS} reviews": report["reviews"] <= MOST_REVIEWS,
        f"right on mono cells rose by {gain:.3f}, not {LEAST_GAIN}": gain >= LEAST_GAIN,
        f"right on mono cells stayed below {LEAST_AFTER}": report["accuracy_after"] >= LEAST_AFTER,
        f"right on poly cells changed by {change:.3f}": round(change, 6) <= MOST_SOURCE_CHANGE,
    }
    return [fault for fault, holds in kept.items() if not holds]


def write(report: Report, path: Path) -> None:
    """All or nothing, as the page may be reading it."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> Report:
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    return report


def _shares(measured: Measured, when: str) -> Report:
    mono, poly = measured.mono, measured.poly
    return {
        f"accuracy_{when}": mono.accuracy,
        f"missed_{when}": mono.missed_share,
        f"false_alarms_{when}": mono.false_alarm_share,
        f"confidently_wrong_{when}": mono.confidently_wrong,
        f"wrong_when_sure_{when}": mono.wrong_when_sure,
        f"source_{when}": poly.accuracy,
        f"source_missed_{when}": poly.missed_share,
        f"source_false_alarms_{when}": poly.false_alarm_share,
        f"false_alarm_hours_{when}": _hours(mono),
    }


def _work(played: Played) -> Report:
    predicted = {name: one.label for name, one in played.inspected.items()}
    wrong = [one for one in played.given if predicted[one.external_id] != one.label]
    reasons = Counter(reason for one in played.inspected.values() for reason in one.reasons)
    return {
        "reviews": len(played.given),
        "corrections": len(wrong),
        "blind_reviews": sum(one.blind for one in played.given),
        "inspected": len(played.inspected),
        "routed": dict(sorted(reasons.items())),
        "false_alarm_hours": _hours(played.before.mono),
        "false_alarm_assumption": (
            f"{MINUTES_PER_FALSE_ALARM} minutes of a person for each good cell that is rejected, "
            f"in a shift of {CELLS_PER_SHIFT:,} monocrystalline cells"
        ),
    }


def _hours(figures: Figures) -> float:
    alarms = figures.false_alarms / figures.cells * CELLS_PER_SHIFT
    return round(alarms * MINUTES_PER_FALSE_ALARM / 60, 1)


def _sentence(report: Report, faults: list[str]) -> str:
    if faults:
        return f"The loop did not close: {'; '.join(faults)}."
    return (
        f"On the new cells the model was right in {report['accuracy_before']:.0%} and sure of it; "
        f"after {report['reviews']} reviews its successor is right in "
        f"{report['accuracy_after']:.0%}, and no worse on the old ones."
    )
