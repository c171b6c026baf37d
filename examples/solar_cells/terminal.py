"""The report as a person reads it in a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

Report = dict[str, Any]

MONO = (
    ("right", "accuracy"),
    ("defects missed", "missed"),
    ("good cells rejected", "false_alarms"),
    ("sure (0.9 or more) and wrong", "confidently_wrong"),
    ("wrong, of the sure ones", "wrong_when_sure"),
)
POLY = (
    ("right", "source"),
    ("defects missed", "source_missed"),
    ("good cells rejected", "source_false_alarms"),
)


def lines_of(report: Report) -> Iterator[str]:
    yield "=" * 80
    yield from wrap(report["sentence"], 80)
    yield ""
    yield f"{'measured on cells the server never saw':48}{'before':>12}{'after':>12}"
    mono, poly = report["counts_before"]["mono"], report["counts_before"]["poly"]
    yield f"monocrystalline, the new line ({mono['cells']} cells)"
    yield from (_row(report, name, key) for name, key in MONO)
    hours = (f"{report[f'false_alarm_hours_{when}']:.1f} h" for when in ("before", "after"))
    yield f"  {'work that false alarms cost *':46}{next(hours):>12}{next(hours):>12}"
    yield f"polycrystalline, the old line ({poly['cells']} cells)"
    yield from (_row(report, name, key) for name, key in POLY)
    yield ""
    yield from _work(report)
    yield ""
    yield from _gate(report["gate"])
    yield ""
    yield from wrap(f"* {report['false_alarm_assumption']}.", 80)
    yield report["notice"]
    yield "=" * 80


def _row(report: Report, name: str, key: str) -> str:
    before, after = (report[f"{key}_{when}"] for when in ("before", "after"))
    return f"  {name:46}{before:>12.1%}{after:>12.1%}"


def _work(report: Report) -> Iterator[str]:
    queue = report["queue"]
    reasons = ", ".join(f"{count} {name}" for name, count in report["routed"].items())
    yield (
        f"{report['inspected']} cells inspected; {queue['entered']} went to the queue, "
        f"which {'balances' if queue['balanced'] else 'does not balance'}"
    )
    yield f"  reasons: {reasons}".replace("_", " ")
    yield (
        f"{report['reviews']} reviewed ({report['blind_reviews']} blind), "
        f"{report['corrections']} corrected"
    )
    seconds = "  ".join(f"{n}: {act['seconds']:.0f} s" for n, act in enumerate(report["story"], 1))
    yield f"{report['seconds']:.0f} s in all; by step  {seconds}"


def _gate(gate: Report) -> Iterator[str]:
    yield f"gate: {gate['verdict']['word']} {gate['challenger']} over {gate['champion']}"
    for test in gate["tests"]:
        yield (
            f"  {test['name']:26}{test['set']:24}{test['champion']:>8} {test['challenger']:>8}"
            f"  {test['badge']['word']}"
        )
