"""The demonstration's report as a page: the same figures as in its report.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviewhub.common.errors import NotFound
from reviewhub.common.pages import Event, Fact

NOTICE = "Demonstration data, non-commercial (CC BY-NC-SA 4.0)."
# Key of the report before and after the repair, the question it answers, what it is measured on.
FIGURES = (
    ("accuracy", "How often is it right on the new line?", "Held-out monocrystalline cells"),
    ("source", "How often is it right on the old line?", "Held-out polycrystalline cells"),
    ("missed", "How many defects does it miss?", "Held-out monocrystalline cells"),
    ("false_alarms", "How many good cells does it reject?", "Held-out monocrystalline cells"),
    ("confidently_wrong", "How often is it sure and wrong?", "Held-out monocrystalline cells"),
    ("source_missed", "How many defects does it miss?", "Held-out polycrystalline cells"),
    (
        "source_false_alarms",
        "How many good cells does it reject?",
        "Held-out polycrystalline cells",
    ),
)
STATS = (
    ("reviews", "Items reviewed", "by simulated reviewers who follow the experts' grades"),
    ("corrections", "Corrected", "answers that differ from the model's"),
    ("false_alarm_hours", "Hours lost per shift", "that the false alarms before would have cost"),
    ("seconds", "Seconds", "from the first cell to the repaired model"),
)


@dataclass(frozen=True)
class Figure:
    question: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Stat:
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class ReportPage:
    sentence: str
    closed: bool
    figures: list[Figure]
    stats: list[Stat]
    story: list[Event]
    gate: Mapping[str, Any] | None = None
    title: str = "What the demonstration showed"
    notice: str = NOTICE


@login_required
@require_safe
def demo_report(request: HttpRequest) -> HttpResponse:
    """NotFound unless REVIEWHUB_DEMO_REPORT names a report that has been written."""
    return render(request, "reviewhub/demo_report.html", {"page": page_of(_read())})


def page_of(report: Mapping[str, Any]) -> ReportPage:
    """The page of a report; figures that a report does not hold are left out."""
    closed = bool(report.get("closed", report["accuracy_after"] > report["accuracy_before"]))
    return ReportPage(
        sentence=report.get("sentence") or _sentence(report, closed=closed),
        closed=closed,
        figures=[
            Figure(question, _share(report, f"{key}_before"), _share(report, f"{key}_after"), note)
            for key, question, note in FIGURES
            if f"{key}_before" in report
        ],
        stats=[
            Stat(label, f"{report[key]:,.4g}", note) for key, label, note in STATS if key in report
        ],
        story=[_event(told) for told in report.get("story", [])],
        gate=_gate(report.get("gate")),
        notice=report.get("notice", NOTICE),
    )


def _read() -> Mapping[str, Any]:
    path = settings.REVIEWHUB_DEMO_REPORT
    try:
        report: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotFound("No demonstration has been played to its end here.") from error
    return report


def _sentence(report: Mapping[str, Any], *, closed: bool) -> str:
    before, after = _share(report, "accuracy_before"), _share(report, "accuracy_after")
    reviews = report.get("reviews", 0)
    if not closed:
        return f"The loop did not close: {before} before, {after} after {reviews} reviews."
    return (
        f"The model failed silently on the new line ({before} right) "
        f"and was repaired with {reviews} reviewed items ({after} right)."
    )


def _share(report: Mapping[str, Any], key: str) -> str:
    return f"{report[key]:.1%}" if key in report else "–"


def _gate(told: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return told and {**told, "at": datetime.fromisoformat(told["at"])}


def _event(told: Mapping[str, Any]) -> Event:
    return Event(
        kind=told.get("kind", "system"),
        title=told["title"],
        at=datetime.fromisoformat(told["at"]),
        text=told.get("text", ""),
        facts=tuple(Fact(each["name"], each["value"]) for each in told.get("facts", [])),
    )
