"""Figures, the verdict on the loop, and the page and the terminal that show them."""

from __future__ import annotations

import json

import pytest

from examples.solar_cells import report, terminal
from examples.solar_cells.line import Inspected
from examples.solar_cells.measure import Figures, Measured, count
from examples.solar_cells.reviewers import Given
from reviewhub.demo_report import page_of


def figures(*, right: int = 400, missed: int = 40, alarms: int = 34, sure: int = 300) -> Figures:
    return Figures(
        cells=474,
        right=right,
        defects=162,
        missed=missed,
        good=312,
        false_alarms=alarms,
        sure=sure,
        sure_and_wrong=sure // 2,
    )


def played(**changed) -> report.Played:
    inspected = Inspected("cell-1", "defect", 0.97, "1", "queued", ("audit", "low_confidence"))
    facts = {
        "seed": 1,
        "before": Measured(figures(right=170, missed=18, alarms=286), figures(right=400)),
        "after": Measured(figures(), figures(right=404)),
        "inspected": {"cell-1": inspected},
        "given": [Given("cell-1", "ok", blind=True)],
        "queue": {"entered": 1, "by_state": {"approved": 1}, "gold": 0, "balanced": True},
        "model": MODEL,
        "switched": True,
        "acts": [{"kind": "model", "title": "It learns", "at": AT, "text": "", "seconds": 3.2}],
        "seconds": 214.3,
    }
    return report.Played(**{**facts, **changed})


AT = "2026-11-23T12:00:00+00:00"
MODEL = {
    "number": 2,
    "decision": {
        "verdict": "promote",
        "verdict_label": "Promote",
        "champion_number": 1,
        "decided_at": AT,
        "reasons": ["Better on what is new."],
        "tests": [
            {
                "name": "target_better",
                "passed": True,
                "sentence": "Better on what is new.",
                "figures": {"champion": 0.44, "challenger": 0.94, "difference": 0.5, "n": 34},
            },
            {
                "name": "cost_not_higher",
                "passed": None,
                "sentence": "Not dearer.",
                "figures": {
                    "champion": 0.371,
                    "challenger": 0.114,
                    "difference": -0.257,
                    "lower": -0.35,
                    "upper": -0.183,
                    "margin": 0.05,
                },
            },
        ],
    },
}


def test_answers_are_counted_against_the_truth() -> None:
    def sure(label: str) -> dict[str, float]:
        other = "ok" if label == "defect" else "defect"
        return {label: 0.95, other: 0.05}

    unsure = {"ok": 0.6, "defect": 0.4}
    counted = count(
        ["defect", "defect", "ok", "ok"], [sure("defect"), unsure, sure("defect"), sure("ok")]
    )
    assert counted == Figures(
        cells=4,
        right=2,
        defects=2,
        missed=1,
        good=2,
        false_alarms=1,
        sure=3,
        sure_and_wrong=1,
    )
    assert (counted.accuracy, counted.confidently_wrong) == (0.5, 0.25)
    assert counted.wrong_when_sure == pytest.approx(1 / 3)


def test_the_report_holds_the_figures_that_were_promised() -> None:
    made = report.build(played())
    assert made["accuracy_before"] == pytest.approx(170 / 474)
    assert made["source_after"] == pytest.approx(404 / 474)
    assert made["confidently_wrong_before"] == pytest.approx(150 / 474)
    assert (made["reviews"], made["corrections"], made["seconds"]) == (1, 1, 214.3)
    assert made["routed"] == {"audit": 1, "low_confidence": 1}
    assert made["false_alarm_hours"] == 20.1
    assert made["closed"]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"switched": False}, "webhook"),
        ({"given": [Given("cell-1", "ok", blind=True)] * 201}, "200 reviews"),
        ({"after": Measured(figures(right=280), figures())}, "rose by"),
        ({"after": Measured(figures(right=350), figures())}, "stayed below"),
        ({"after": Measured(figures(), figures(right=380))}, "poly cells changed"),
    ],
)
def test_a_loop_that_did_not_close_says_why(changed, fault) -> None:
    made = report.build(played(**changed))
    assert not made["closed"]
    assert fault in made["sentence"]


def test_the_page_shows_what_the_report_holds(tmp_path) -> None:
    path = tmp_path / "report.json"
    report.write(report.build(played()), path)
    page = page_of(json.loads(path.read_text()))
    assert page.closed
    assert len(page.figures) == 7
    assert page.figures[0].after == "84.4%"
    assert [stat.label for stat in page.stats][:2] == ["Items reviewed", "Corrected"]
    assert page.gate["tests"][0]["champion"] == "44.0%"
    assert page.gate["tests"][0]["interval"] is None
    cost = page.gate["tests"][1]
    assert cost["difference"] == "-0.257"
    assert (cost["interval"]["low"], cost["interval"]["margin"]) == (10, 210)
    assert cost["interval"]["value"] < cost["interval"]["high"] < cost["interval"]["zero"]
    assert page.story[0].title == "It learns"
    assert "CC BY-NC-SA" in page.notice


def test_the_terminal_shows_it_within_eighty_columns() -> None:
    lines = list(terminal.lines_of(report.build(played())))
    assert max(map(len, lines)) <= 80
    told = "\n".join(lines)
    for figure in ("35.9%", "84.4%", "20.1 h", "promote Model 2 over Model 1", "non-commercial"):
        assert figure in told
