"""The seven acts. Each uses the doors that clients, reviewers and operators use, and no other."""

from __future__ import annotations

from typing import Any

from examples.solar_cells import report
from examples.solar_cells.cells import Cell, Parts
from examples.solar_cells.client import Api
from examples.solar_cells.history import send_known
from examples.solar_cells.line import Line
from examples.solar_cells.measure import Measuring
from examples.solar_cells.plant import SLUG, Plant, learn_by_itself
from examples.solar_cells.reviewers import take_turns
from examples.solar_cells.stage import Stage, StoryStopped, confidence_of, defective_of
from examples.solar_cells.teller import Teller
from examples.solar_cells.webhook import Receiver
from reviewhub.services import Services

BEFORE_REPAIR = 540
RECHECKED = 60
WEBHOOK_PATIENCE = 60.0


def play(services: Services, plant: Plant, parts: Parts, *, teller: Teller) -> report.Report:
    """All seven, and the report. Raises StoryStopped, or what a client raises when refused."""
    with Receiver() as receiver:
        api = Api(services.base_url, SLUG, plant.key)
        stage = Stage(services, plant, parts, teller, api, Line(api, receiver=receiver))
        stage.line.subscribe()
        learn_first_model(stage)
        before = Measuring(stage.line.model, parts)
        run_line(stage)
        before.start()
        show_queue(stage)
        review(stage)
        model = wait_for_gate(stage)
        switched = switch(stage)
        return measure_both(stage, before=before, model=model, switched=switched)


def learn_first_model(stage: Stage) -> None:
    parts, teller = stage.parts, stage.teller
    title = f"A model learns from {len(parts.known):,} graded polycrystalline cells"
    with teller.act(title, kind="model") as told:
        for sent in send_known(stage.api, parts.known):
            teller.progress(f"{sent:,} of {len(parts.known):,} cells sent")
        stage.api.post("/runs", {"reasons": ["The first model of this line."]})
        run = stage.finished_run(number=1)
        if run["verdict"] != "promote":
            raise StoryStopped(f"the first model was not promoted: {run['message']}")
        if not stage.line.follow(wait=WEBHOOK_PATIENCE):
            raise StoryStopped("no webhook told of the first model")
        learn_by_itself(stage.services)
        told["text"] = "Champion 1 is delivered; a webhook told the line"


def run_line(stage: Stage) -> None:
    parts = stage.parts
    with stage.teller.act("The line works with it, and switches to monocrystalline cells") as told:
        old = stage.inspect(parts.poly_line, "polycrystalline")
        new = stage.inspect(parts.mono_line[:BEFORE_REPAIR], "monocrystalline")
        told["text"] = (
            f"Called defective: {defective_of(old):.0%} of the old cells, "
            f"{defective_of(new):.0%} of the new ones, at a mean confidence of "
            f"{confidence_of(new):.2f}. Nothing turned red"
        )


def show_queue(stage: Stage) -> None:
    with stage.teller.act(
        "Routing queues what is unsure, and audits of what is sure", kind="route"
    ) as told:
        queue = stage.api.get("/queue").json()
        queued = [one for one in stage.inspected.values() if one.outcome == "queued"]
        audits = [one for one in queued if "audit" in one.reasons]
        told["text"] = (
            f"{queue['entered']} of {len(stage.inspected)} cells wait for people, "
            f"{len(audits)} of them drawn for audit, to be judged blind"
        )


def review(stage: Stage) -> None:
    cells = {cell.external_id: cell for cell in (*stage.parts.poly_line, *stage.parts.mono_line)}
    with stage.teller.act(
        "Two reviewers work through the queue in the browser's way", kind="person"
    ) as told:
        answers = take_turns(
            [stage.reviewer(name) for name in ("reviewer", "reviewer-2")],
            cells,
            limit=report.MOST_REVIEWS,
            seed=stage.plant.seed,
        )
        for given in answers:
            stage.given.append(given)
            stage.teller.progress(f"{len(stage.given)} of {report.MOST_REVIEWS} judged")
        wrong = [one for one in stage.given if stage.inspected[one.external_id].label != one.label]
        told["text"] = f"{len(stage.given)} judged, {len(wrong)} answers of the model corrected"


def wait_for_gate(stage: Stage) -> dict[str, Any]:
    """The model that the approved corrections led to, with what the gate said of it."""
    with stage.teller.act(
        "Approved corrections start a run; the gate decides", kind="settled"
    ) as told:
        run = stage.finished_run(number=2)
        if run["model_number"] is None:
            raise StoryStopped(f"the run ended without a model: {run['message']}")
        model: dict[str, Any] = stage.api.get(f"/models/{run['model_number']}").json()
        told["text"] = _said(model["decision"])
    return model


def switch(stage: Stage) -> bool:
    """Whether a webhook made the line switch; it goes on either way."""
    parts = stage.parts
    with stage.teller.act(
        "The line is told by a signed webhook, and goes on with what it fetched", kind="model"
    ) as told:
        switched = stage.line.follow(wait=WEBHOOK_PATIENCE)
        rest = stage.inspect(parts.mono_line[BEFORE_REPAIR:], "monocrystalline")
        again = _accepted_before(stage)
        differ = [one for one in stage.judge(again) if "disagreement" in one.reasons]
        told["text"] = (
            f"Model {stage.line.model.version} calls {defective_of(rest):.0%} of the new cells "
            f"defective; of {len(again)} accepted before it sees {len(differ)} otherwise, "
            "and the server queues them"
        )
    return switched


def measure_both(
    stage: Stage, *, before: Measuring, model: dict[str, Any], switched: bool
) -> report.Report:
    with stage.teller.act("Both models judge cells that the server has never seen") as told:
        after = Measuring(stage.line.model, stage.parts)
        after.start()
        measured = [each.figures for each in (before, after)]
        mono = " to ".join(f"{each.mono.accuracy:.1%}" for each in measured)
        poly = " to ".join(f"{each.poly.accuracy:.1%}" for each in measured)
        told["text"] = f"Right on new cells: {mono}; on old ones: {poly}"
    return report.build(
        report.Played(
            seed=stage.plant.seed,
            before=measured[0],
            after=measured[1],
            inspected=stage.inspected,
            given=stage.given,
            queue=stage.api.get("/queue").json(),
            model=model,
            switched=switched,
            acts=stage.teller.acts,
            seconds=stage.teller.seconds,
        )
    )


def _accepted_before(stage: Stage) -> list[Cell]:
    """New cells that nobody had to see under the model before, for a second opinion."""
    sure = {
        one.external_id
        for one in stage.inspected.values()
        if one.outcome == "accepted" and one.model != stage.line.model.version
    }
    return [cell for cell in stage.parts.mono_line if cell.external_id in sure][:RECHECKED]


def _said(decision: dict[str, Any]) -> str:
    """The verdict, and what decided it: on "promote" that is what the challenger does better."""
    better = [test["sentence"] for test in decision["tests"] if test["name"] == "target_better"]
    why = better if decision["verdict"] == "promote" else decision["reasons"]
    return " ".join([f"{decision['verdict_label']}.", *why])
