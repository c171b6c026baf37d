from __future__ import annotations

from datetime import datetime

from annotations.domain.replayed import SideChanged
from annotations.domain.routing import Rules
from annotations.domain.simulation import Simulation
from annotations.errors import NothingToReplay
from annotations.models import Project, SideChange
from annotations.queries.policies import review_in_force, rules_in_force
from annotations.queries.recorded import Window, replay, window_of
from annotations.queries.traffic import traffic_before
from annotations.queries.vocabularies import vocabularies_of
from reviewhub.common.bulk import insert
from reviewhub.common.errors import JsonDict
from reviewhub.common.jobs import HeldJob
from reviewhub.common.models import Job

MOST_PREDICTIONS = 100_000
"""Replayed at most; of more, a share of the items stands for all, and the result says so."""
KEPT = 10
"""Simulations of a project whose lists are kept."""


def simulate_policy(job: HeldJob) -> JsonDict:
    """Replay the days asked for through the rules in force and the changed ones; the figures.

    In chunks; it begins again if its worker was lost. Both rules see the same predictions in the
    words of today's taxonomy, so the difference is the rules' alone. All that is written is the
    list of items that would change sides, which is complete for what was replayed.
    """
    project = Project.objects.get(pk=job.row.project_id)
    asked_at = datetime.fromisoformat(job.params["asked_at"])
    window = window_of(project, days=job.params["days"], now=asked_at)
    if window.is_empty:
        raise NothingToReplay
    _forget(job)
    share = min(1.0, MOST_PREDICTIONS / window.predictions)
    number, now_rules = rules_in_force(project)
    simulation = Simulation(
        now=now_rules,
        new=Rules.from_json(job.params["rules"]),
        costs=vocabularies_of(project).in_force.costs,
        days=window.days,
        answers_wanted=review_in_force(project)[1].answers_wanted,
        history=traffic_before(project, window.days[0], rules=now_rules),
        share=share,
    )
    _replay(job, project, window, simulation)
    return {"policy": number, **simulation.as_json()}


def _replay(job: HeldJob, project: Project, window: Window, simulation: Simulation) -> None:
    total = window.predictions
    parts = replay(
        project,
        window,
        share=simulation.share,
        box_ious={rules.box_iou for rules in simulation.rules.values()},
        with_metadata=any(rules.reads_metadata for rules in simulation.rules.values()),
    )
    for done, part in parts:
        changed = [found for each in part if (found := simulation.add(each)) is not None]
        shown = min(done, total)
        job.advance(shown, total=total, message=f"{shown:,} of {total:,} predictions replayed")
        # A worker that has lost the job to another since lists what the other finds too.
        insert(
            SideChange,
            [_row(each) for each in changed],
            constants={"job_id": job.row.pk},
            ignore_conflicts=True,
        )


def _row(changed: SideChanged) -> JsonDict:
    told = changed.told
    return {
        "item_id": changed.item_id,
        "side": changed.side,
        "label_key": told["label"],
        "confidence": told["confidence"],
        "expected_cost": told["expected_cost"],
        "reasons": told["reasons"],
    }


def _forget(job: HeldJob) -> None:
    """What an attempt before this one has listed, and the lists of the simulations before last."""
    own = Job.objects.filter(project_id=job.row.project_id, kind=job.row.kind)
    newest = own.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    kept = set(newest) - {job.row.pk}
    SideChange.objects.filter(job__in=own.exclude(pk__in=kept)).delete()
