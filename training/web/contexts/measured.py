"""What two models did on the evaluation sets, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.queries.model_report import EvaluationFacts


@dataclass(frozen=True)
class MeasuredLine:
    set: str
    model: str
    items: str
    right: str
    missed: str
    false_alarms: str
    cost: str
    calibration_error: str


def measured(
    evaluations: Sequence[EvaluationFacts], *, challenger: str, champion: str
) -> list[MeasuredLine]:
    """Challenger and champion under one another, set by set."""
    return [line for each in evaluations for line in _lines(each, challenger, champion)]


def _lines(facts: EvaluationFacts, challenger: str, champion: str) -> Iterator[MeasuredLine]:
    yield _line(facts.name, challenger, facts.challenger)
    if facts.champion:
        yield _line(facts.name, champion, facts.champion)


def _line(name: str, model: str, metrics: Mapping[str, Any]) -> MeasuredLine:
    return MeasuredLine(
        set=name,
        model=model,
        items=f"{metrics.get('items', 0):,}",
        right=_share(metrics.get("accuracy")),
        missed=_of(metrics, "missed", "positives"),
        false_alarms=_of(metrics, "false_alarms", "negatives"),
        cost=_number(metrics.get("cost_per_item")),
        calibration_error=_number(metrics.get("ece")),
    )


def _of(metrics: Mapping[str, Any], part: str, whole: str) -> str:
    if part not in metrics:
        return "–"
    return f"{metrics[part]:,} of {metrics.get(whole, 0):,}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
