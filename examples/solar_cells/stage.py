"""What the acts share: the servers, the line, and what was judged and answered so far."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from examples.solar_cells.browser import Browser
from examples.solar_cells.cells import Cell, Parts
from examples.solar_cells.client import Api
from examples.solar_cells.line import Inspected, Line, Photo
from examples.solar_cells.plant import SLUG, Plant
from examples.solar_cells.reviewers import Given, Reviewer
from examples.solar_cells.teller import Teller
from reviewhub.services import Services

RUN_PATIENCE = 240.0
ACTIVE = ("queued", "running")


class StoryStopped(Exception):
    """The story cannot go on; the message says why."""


@dataclass
class Stage:
    """`inspected` holds the first answer to each cell, `given` those of the reviewers."""

    services: Services
    plant: Plant
    parts: Parts
    teller: Teller
    api: Api
    line: Line
    inspected: dict[str, Inspected] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)

    def inspect(self, cells: Sequence[Cell], kind: str) -> list[Inspected]:
        """Let the line judge these cells for the first time."""
        done = []
        for one in self.judge(cells):
            self.inspected[one.external_id] = one
            done.append(one)
            if len(done) % 10 == 0:
                share = defective_of(done)
                self.teller.progress(
                    f"{len(done)} of {len(cells)} {kind} cells: {share:.0%} called defective"
                )
        return done

    def judge(self, cells: Iterable[Cell]) -> Iterator[Inspected]:
        """Raises StoryStopped when the server refuses a prediction."""
        photos = (Photo(cell.external_id, cell.path, cell.metadata) for cell in cells)
        for one in self.line.inspect(photos):
            if one.outcome not in ("accepted", "queued"):
                raise StoryStopped(f"{one.external_id}: {one.outcome}")
            yield one

    def reviewer(self, name: str) -> Reviewer:
        browser = Browser(self.services.base_url)
        browser.log_in(name, self.plant.passwords[name])
        return Reviewer(browser, SLUG)

    def finished_run(self, *, number: int) -> dict[str, Any]:
        """The run with this number, when it has succeeded; tells its progress meanwhile."""
        until = time.monotonic() + RUN_PATIENCE
        while time.monotonic() < until:
            run = self._run(number)
            if run is None:
                self.teller.progress("waiting for a run to begin")
            elif run["state"] in ACTIVE:
                self.teller.progress(f"run {number}: {run['progress']:.0%}  {run['message']}")
            elif run["state"] == "succeeded":
                return run
            else:
                raise StoryStopped(f"run {number} {run['state']}: {run['message']}")
            time.sleep(0.5)
        raise StoryStopped(f"run {number} did not end within {RUN_PATIENCE:.0f} s")

    def _run(self, number: int) -> dict[str, Any] | None:
        runs = self.api.get("/runs").json()["runs"]
        return next((run for run in runs if run["number"] == number), None)


def defective_of(inspected: Sequence[Inspected]) -> float:
    """The share that the model calls defective."""
    return fmean(one.label == "defect" for one in inspected)


def confidence_of(inspected: Sequence[Inspected]) -> float:
    return fmean(one.confidence for one in inspected)
