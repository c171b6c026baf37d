"""A whole project in the middle of its life, for tests that look at pages.

    world = lively_project()
    client.force_login(world.lead)

Every state of the queue, every kind of model, a run that works, one that failed, deliveries that
went well, badly and not yet: each page has something to show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_DNS, uuid4, uuid5

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.actions.adjudicate import adjudicate
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Annotation, Item, Project, QueueEntry, User
from reviewhub.common.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    OutboxEvent,
    WebhookEndpoint,
)
from tests.factories import (
    DEFECT,
    GOOD,
    annotated,
    api_key,
    image_bytes,
    incoming,
    lead,
    present,
    project,
    reviewer,
    submit,
)
from tests.training.builders import decision, first_champion, model, queued_run
from training.actions.ensure_policies import ensure_policies
from training.models import (
    Evaluation,
    EvaluationMember,
    EvaluationSet,
    GateDecision,
    ModelVersion,
    TrainingRun,
)

Picture = Callable[[int], bytes]
RULES = Rules(low_confidence=0.85, disagreement=True, audit_rate=0.3)
REVIEW = ReviewSpec(approval="lead", skips_allowed=0, blind_share=0.2)
GUIDELINE = "Judge the cell, not the picture. A crack that ends at the busbar is a defect."


@dataclass(frozen=True)
class World:
    project: Project
    lead: User
    reviewer: User
    champion: ModelVersion
    candidate: ModelVersion
    failed_run: TrainingRun
    active_run: TrainingRun
    item: Item
    """An item whose story is told to the end."""


def lively_project(
    slug: str = "cells", *, predictions: int = 24, picture: Picture = image_bytes
) -> World:
    now = present()
    cells = project(
        slug,
        name="Solar cells, line 3",
        note="Demonstration data, non-commercial",
        guidelines=GUIDELINE,
        rules=RULES,
        review=REVIEW,
        # The same uid draws the same folds, audits and blind entries: no test hangs on luck.
        uid=uuid5(NAMESPACE_DNS, slug),
        now=now - timedelta(days=3),
    )
    lena, rita = lead(cells, "lena"), reviewer(cells, "rita")
    for person in (lena, rita):
        acknowledge_guideline(project=cells, user=person, number=1, now=now - timedelta(days=2))
    api_key(cells, "predict", name="line camera")
    for number in range(6):
        annotated(cells, f"golden-{number}", label=(GOOD, DEFECT)[number % 2])
    _predict(cells, predictions, picture, now - timedelta(hours=1))
    item = _answer(cells, rita, lena, now)
    champion, candidate = _models(cells)
    return World(
        project=cells,
        lead=lena,
        reviewer=rita,
        champion=champion,
        candidate=candidate,
        failed_run=_failed_run(cells, now),
        active_run=_active_run(cells, now),
        item=item,
    )


def deliveries(of: Project, *states: str) -> list[Delivery]:
    """One delivery per state, each to the same endpoint; one that ended has its attempts."""
    now = present()
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        project_id=of.pk,
        url="https://line-camera.example/hooks/reviewhub",
        defaults={"events": ["*"], "secret": "whsec_" + "a" * 32, "created_at": now},
    )
    return [_delivery(of, endpoint, state, now) for state in states]


def _predict(cells: Project, predictions: int, picture: Picture, now: datetime) -> None:
    batch = [
        incoming(
            f"cell-{number:04}",
            label=(DEFECT, GOOD, GOOD)[number % 3],
            confidence=0.55 + 0.44 * (number * 7 % predictions) / predictions,
            image=picture(1000 + number),
            source_group=f"tray-{number // 8}",
        )
        for number in range(predictions)
    ]
    refused = [told.error for told in submit(cells, *batch, now=now) if told.error]
    assert not refused, refused


def _answer(cells: Project, rita: User, lena: User, now: datetime) -> Item:
    """One approved, one corrected that awaits approval, one skipped, one settled by the lead."""
    answers = ("label", GOOD), ("label", DEFECT), ("skip", ""), ("skip", ""), ("reject", "")
    entries = []
    for verdict, label in answers:
        claimed = claim_next(project=cells, reviewer=rita, now=now)
        assert claimed is not None
        submit_review(
            project=cells,
            entry_uid=claimed.entry.uid,
            reviewer=rita,
            verdict=verdict,  # type: ignore[arg-type]
            label_key=label,
            reason={"skip": "unsure", "reject": "too-blurred"}.get(verdict, ""),
            token=uuid4(),
            seconds=4.2,
            now=now,
        )
        entries.append(QueueEntry.objects.get(pk=claimed.entry_id))
    first = Annotation.objects.get(entry=entries[0])
    approve_annotation(project=cells, annotation_uid=first.uid, lead=lena, now=now)
    adjudicate(
        project=cells,
        entry_uid=entries[3].uid,
        lead=lena,
        outcome="label",
        label_key=DEFECT,
        now=now,
    )
    waiting = QueueEntry.objects.filter(project=cells, state="awaiting_review").order_by("-pk")
    withdraw_entry(
        project=cells,
        entry_uid=waiting.first().uid,
        actor=_actor(lena),
        reason="sent twice",
        now=now,
    )
    return entries[0].item


def _actor(person: User):
    from annotations.access import actor_of

    return actor_of(person)


def _models(cells: Project) -> tuple[ModelVersion, ModelVersion]:
    archived, champion = model(cells, role="archived"), first_champion(cells)
    candidate = model(cells)
    decision(archived)
    decided = GateDecision.objects.create(
        project=cells,
        challenger=candidate,
        champion=champion,
        policy=ensure_policies(project_id=cells.pk, now=present()).gate,
        verdict="not_enough_evidence",
        # Written by hand: the gate's own figures need many more items than a test makes.
        tests=TESTS,
        reasons=[TESTS[1]["sentence"]],
        created_at=present(),
    )
    asked = EvaluationSet.objects.create(
        project=cells,
        name="Evaluate fold of recent traffic",
        kind="target",
        digest="e" * 64,
        created_at=present(),
    )
    known = list(Annotation.objects.filter(item__project=cells, how="imported").order_by("pk"))
    for position, annotation in enumerate(known):
        EvaluationMember.objects.create(
            evaluation_set=asked, annotation=annotation, position=position
        )
    truth = [annotation.label_key for annotation in known]
    wrong = {GOOD: DEFECT, DEFECT: GOOD}
    _evaluate(candidate, asked, [*truth[:-1], wrong[truth[-1]]])
    _evaluate(champion, asked, [wrong[key] for key in truth[:3]] + truth[3:])
    decided.evaluation_sets.add(asked)
    return champion, candidate


METRICS = {
    "items": 64,
    "right": 53,
    "accuracy": 53 / 64,
    "positives": 24,
    "missed": 2,
    "negatives": 40,
    "false_alarms": 9,
    "cost_per_item": 0.297,
    "ece": 0.041,
}
TESTS = [
    {
        "name": "enough_target_items",
        "figures": {"n": 64, "needed": 20},
        "passed": True,
        "sentence": (
            "64 audited items of recent traffic are labelled for evaluation; 20 are needed."
        ),
    },
    {
        "name": "source_not_worse",
        "figures": {
            "challenger": 0.842,
            "champion": 0.851,
            "difference": -0.009,
            "lower": -0.031,
            "upper": 0.012,
            "margin": 0.02,
            "n": 212,
        },
        "passed": None,
        "sentence": (
            "On 212 older items the challenger is right in 84.2%, the champion in 85.1%. "
            "With 95 % confidence it loses at most 3.1 points there; 2.0 are allowed."
        ),
    },
    {
        "name": "cost_not_higher",
        "figures": {
            "challenger": 0.2,
            "champion": 0.61,
            "difference": -0.41,
            "lower": -0.55,
            "upper": -0.27,
            "margin": 0.0,
            "n": 276,
        },
        "passed": True,
        "sentence": "Its mistakes cost 0.200 per item, those of the champion 0.610.",
    },
]


def _evaluate(model_version: ModelVersion, asked: EvaluationSet, answers: list[str]) -> None:
    Evaluation.objects.create(
        model_version=model_version,
        evaluation_set=asked,
        metrics=METRICS,
        answers=[[key, 0.91] for key in answers],
        created_at=present(),
    )


def _failed_run(cells: Project, now: datetime) -> TrainingRun:
    run = queued_run(cells)
    ended = {
        "state": "failed",
        "step": "train",
        "progress": 0.45,
        "attempt": 3,
        "started_at": now - timedelta(minutes=9),
        "ended_at": now,
        "message": "Train and calibrate: failed.",
        "error_code": "learner_failed",
        "error": "The learning process ended with status 1. The log below says more.",
        "log_tail": "epoch 1\nepoch 2\nValueError: no finite loss",
        "steps": [
            _step("embed", now - timedelta(minutes=9), 71.0, {"items": 110}),
            _step("freeze", now - timedelta(minutes=7), 0.4, {"learn": 77, "validate": 11}),
            _step("train", now - timedelta(minutes=6), None, {}),
        ],
    }
    TrainingRun.objects.filter(pk=run.pk).update(**ended)
    return TrainingRun.objects.get(pk=run.pk)


def _active_run(cells: Project, now: datetime) -> TrainingRun:
    run = queued_run(cells)
    TrainingRun.objects.filter(pk=run.pk).update(
        state="running",
        step="train",
        progress=0.62,
        message="Fold 3 of 5.",
        attempt=1,
        lease_until=now + timedelta(hours=1),
        started_at=now - timedelta(minutes=2),
        steps=[
            _step("embed", now - timedelta(minutes=2), 64.0, {"items": 118}),
            _step("freeze", now - timedelta(minutes=1), 0.4, {"learn": 82, "validate": 12}),
            _step("train", now - timedelta(seconds=50), None, {}),
        ],
    )
    return TrainingRun.objects.get(pk=run.pk)


def _step(step: str, at: datetime, seconds: float | None, figures: dict[str, int]) -> dict:
    ended = (at + timedelta(seconds=seconds)).isoformat() if seconds is not None else None
    return {
        "step": step,
        "attempt": 1,
        "started_at": at.isoformat(),
        "ended_at": ended,
        "figures": figures,
    }


def _delivery(of: Project, endpoint: WebhookEndpoint, state: str, now: datetime) -> Delivery:
    event = OutboxEvent.objects.create(
        project_id=of.pk, type="model.promoted", data={"champion": 2}, created_at=now
    )
    ended = state in (DeliveryState.SUCCEEDED, DeliveryState.FAILED)
    row = Delivery.objects.create(
        event=event,
        endpoint=endpoint,
        state=state,
        next_attempt_at=now if state == DeliveryState.PENDING else None,
        lease_until=now if state == DeliveryState.SENDING else None,
        ended_at=now if ended else None,
        created_at=now,
    )
    if ended:
        failed = state == DeliveryState.FAILED
        DeliveryAttempt.objects.create(
            delivery=row,
            fence=1,
            status=None if failed else 204,
            error="Connection refused" if failed else "",
            milliseconds=37,
            created_at=now,
        )
    return row
