"""Simulated reviewers, at the review page without its script; doubt is the experts' own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from examples.solar_cells.browser import Browser, Form, Page
from examples.solar_cells.cells import Cell

ALT = "Item "


@dataclass(frozen=True)
class Bench:
    """The item on a reviewer's bench; `predicted` is empty where it is judged blind."""

    external_id: str
    choose: Form
    confirm: Form | None
    predicted: str


@dataclass(frozen=True)
class Given:
    """One answer as it was given."""

    external_id: str
    label: str
    blind: bool


def read_bench(page: Page) -> Bench | None:
    """What the page asks for, or None when nothing waits."""
    choose = page.form_with(verdict="label")
    shown = [alt.removeprefix(ALT) for alt in page.pictures if alt.startswith(ALT)]
    if choose is None or not shown:
        return None
    guessed = [each for each in choose.buttons if "guess" in each.get("class", "").split()]
    return Bench(
        external_id=shown[0],
        choose=choose,
        confirm=page.form_with(verdict="confirm"),
        predicted=guessed[0]["value"] if guessed else "",
    )


def judge(cell: Cell, *, seed: int) -> str:
    """A cell of grade 2/3 is called defective two times in three; by seed always the same."""
    told = hashlib.sha256(f"{seed}/{cell.external_id}".encode()).digest()
    return "defect" if int.from_bytes(told[:8]) / 2**64 < cell.grade else "ok"


class Reviewer:
    """One person at the workbench."""

    def __init__(self, browser: Browser, project: str) -> None:
        self._browser = browser
        self._path = f"/p/{project}/review"
        self._page: Page | None = None

    def look(self) -> Bench | None:
        """What lies on the bench: left there by the last answer, else asked for."""
        bench = read_bench(self._page) if self._page else None
        if bench is None:
            self._page = self._read_guideline(self._browser.open(self._path))
            bench = read_bench(self._page)
        return bench

    def _read_guideline(self, page: Page) -> Page:
        """Before the first item of a version of the labels, the page asks to read what is new."""
        asked = next((form for form in page.forms if "number" in form.fields), None)
        return page if asked is None else self._browser.submit(asked)

    def answer(self, bench: Bench, label: str) -> Given:
        """Confirm what is shown or choose a label; the answer brings the next item."""
        if bench.confirm is not None and bench.predicted == label:
            self._page = self._browser.submit(bench.confirm)
        else:
            self._page = self._browser.submit(bench.choose, label=label)
        return Given(bench.external_id, label, blind=not bench.predicted)


def take_turns(
    reviewers: Sequence[Reviewer],
    cells: Mapping[str, Cell],
    *,
    limit: int,
    seed: int,
    patience: float = 20.0,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Given]:
    """At most `limit` answers, person after person; with nothing to do they wait `patience` s."""
    given, waited = 0, 0.0
    for reviewer in cycle(reviewers):
        if given == limit or waited >= patience:
            return
        bench = reviewer.look()
        if bench is None:
            pause(0.5)
            waited += 0.5
            continue
        yield reviewer.answer(bench, judge(cells[bench.external_id], seed=seed))
        given, waited = given + 1, 0.0
