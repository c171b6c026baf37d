"""A gate's verdict as a table of tests, each with its interval drawn against the margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewhub.common.pages import Badge
from training.queries.model_report import DecisionFacts, ModelReport, TestFacts
from training.web.contexts.intervals import Interval, interval_of
from training.web.words import gate_test_badge, verdict_badge

SETS = {"source": "older items", "target": "audited recent items"}
TESTS = {
    "enough_source_items": "Enough items",
    "enough_target_items": "Enough items",
    "source_not_worse": "Accuracy not worse",
    "target_better": "Accuracy better",
    "cost_not_higher": "Cost of mistakes not higher",
    "misses_within_limit": "Misses within the limit",
}


@dataclass(frozen=True)
class TestLine:
    name: str
    set: str
    champion: str
    challenger: str
    difference: str
    interval: Interval | None
    badge: Badge


@dataclass(frozen=True)
class Gate:
    verdict: Badge
    at: datetime
    champion: str
    challenger: str
    reasons: Sequence[str]
    tests: Sequence[TestLine]


def rival_of(report: ModelReport) -> str:
    rival = report.decision.champion_number if report.decision else None
    return f"v{rival}" if rival else "always the commonest"


def gate_of(report: ModelReport, decision: DecisionFacts) -> Gate:
    return Gate(
        verdict=verdict_badge(decision.verdict),
        at=decision.decided_at,
        champion=rival_of(report),
        challenger=f"v{report.row.number}",
        reasons=decision.reasons,
        tests=[
            _test(test, sets=SETS if decision.champion_number else {}) for test in decision.tests
        ],
    )


def _test(test: TestFacts, *, sets: Mapping[str, str]) -> TestLine:
    figures = test.figures
    show = _price if test.name == "cost_not_higher" else _share
    subject = next((name for key, name in sets.items() if key in test.name), "items in all")
    return TestLine(
        name=TESTS.get(test.name, test.name.replace("_", " ")),
        set=f"{figures['n']:,} {subject}" if "n" in figures else subject,
        champion=show(figures.get("champion")),
        challenger=show(figures.get("challenger")),
        difference=show(figures.get("difference"), signed=True),
        # A loss that is allowed lies below zero, an extra cost that is allowed above.
        interval=interval_of(figures, margin_below=test.name.endswith("_not_worse")),
        badge=gate_test_badge(test.passed),
    )


def _share(value: object, *, signed: bool = False) -> str:
    if not isinstance(value, (int, float)):
        return "–"
    return f"{100 * value:+.1f} points" if signed else f"{value:.1%}"


def _price(value: object, *, signed: bool = False) -> str:
    if not isinstance(value, (int, float)):
        return "–"
    return f"{value:+.3f}" if signed else f"{value:.3f}"
