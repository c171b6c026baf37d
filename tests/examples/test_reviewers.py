"""Simulated reviewers at the real pages, over HTTP."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from annotations.models import GuidelineReading, QueueEntry, Review
from examples.solar_cells.browser import Browser, LoginFailed
from examples.solar_cells.cells import Cell
from examples.solar_cells.reviewers import Reviewer, judge, take_turns
from tests import factories
from tests.factories import EVERYTHING_AUDITED, GOOD, PASSWORD

CELLS = {f"cell-{n}": Cell(f"cell-{n}", Path("none"), float(n % 2), mono=True) for n in range(6)}


def at_work(live_server, project, *names: str) -> list[Reviewer]:
    reviewers = []
    for name in names:
        factories.reviewer(project, name)
        browser = Browser(live_server.url)
        browser.log_in(name, PASSWORD)
        reviewers.append(Reviewer(browser, project.slug))
    return reviewers


def labelled(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The labels of the tests' projects are `good` and `defect`; the cells say `ok`."""
    return {name: cell for name, cell in cells.items() if cell.label == "defect"}


def test_a_wrong_password_is_told(live_server) -> None:
    factories.reviewer(factories.project(), "rita")
    with pytest.raises(LoginFailed, match="rita"):
        Browser(live_server.url).log_in("rita", "guess")


def test_two_take_turns_until_the_queue_is_empty(live_server) -> None:
    project = factories.project("cells")
    for name in labelled(CELLS):
        factories.queued(project, external_id=name)
    reviewers = at_work(live_server, project, "rita", "ruth")
    pauses: list[float] = []
    given = list(take_turns(reviewers, CELLS, limit=9, seed=1, patience=1, pause=pauses.append))
    assert {one.external_id for one in given} == labelled(CELLS).keys()
    assert set(Review.objects.values_list("reviewer__username", flat=True)) == {"rita", "ruth"}
    assert sum(pauses) == 1


def test_what_the_model_said_rightly_is_confirmed_and_else_corrected(live_server) -> None:
    project = factories.project("cells")
    factories.queued(project, external_id="cell-1")
    factories.queued(project, external_id="cell-3", label=GOOD)
    list(take_turns(at_work(live_server, project, "rita"), CELLS, limit=2, seed=1))
    verdicts = Review.objects.values_list("verdict", "label_key")
    assert sorted(verdicts) == [("confirmed", "defect"), ("corrected", "defect")]


def test_an_audit_shows_no_prediction_and_is_answered_blind(live_server) -> None:
    project = factories.project("cells", rules=EVERYTHING_AUDITED)
    factories.prediction(project, external_id="cell-1")
    (given,) = take_turns(at_work(live_server, project, "rita"), CELLS, limit=1, seed=1)
    assert given.blind
    assert Review.objects.get().blind


def test_they_stop_at_their_limit(live_server) -> None:
    project = factories.project("cells")
    for name in labelled(CELLS):
        factories.queued(project, external_id=name)
    list(take_turns(at_work(live_server, project, "rita"), CELLS, limit=2, seed=1))
    assert QueueEntry.objects.filter(answers_given=0).count() == 1


def test_doubt_follows_the_grade_and_the_seed() -> None:
    cells = [Cell(f"c{n}", Path("none"), 2 / 3, mono=True) for n in range(3000)]
    told = Counter(judge(cell, seed=1) for cell in cells)
    assert told["defect"] / 3000 == pytest.approx(2 / 3, abs=0.03)
    assert [judge(cell, seed=1) for cell in cells] == [judge(cell, seed=1) for cell in cells]
    assert [judge(cell, seed=1) for cell in cells] != [judge(cell, seed=2) for cell in cells]


@pytest.mark.parametrize(("grade", "label"), [(0.0, "ok"), (1.0, "defect")])
def test_where_the_experts_agree_nobody_doubts(grade, label) -> None:
    cells = [Cell(f"c{n}", Path("none"), grade, mono=True) for n in range(200)]
    assert {judge(cell, seed=3) for cell in cells} == {label}


def test_the_guideline_is_read_before_the_first_item(live_server) -> None:
    project = factories.project("cells", guidelines="Look twice.")
    factories.queued(project, external_id="cell-1")
    given = list(take_turns(at_work(live_server, project, "rita"), CELLS, limit=1, seed=1))
    assert [one.external_id for one in given] == ["cell-1"]
    assert GuidelineReading.objects.count() == 1
