"""Invariant 10 for the learning side: ten rows cost as many queries as a hundred."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import Item, Project
from tests.factories import present, project
from tests.training.builders import annotation_of, approved, decision, model
from training.models import (
    Evaluation,
    EvaluationMember,
    EvaluationSet,
    ModelVersion,
    Promotion,
    SnapshotMember,
)
from training.queries.learning_of_item import learning_of_item
from training.queries.model_report import model_report
from training.queries.models_page import models_page
from training.queries.overview import overview_of
from training.queries.run_detail import run_detail
from training.queries.runs_page import runs_page

pytestmark = pytest.mark.django_db

QUESTIONS: dict[str, Callable[[Project, Item], object]] = {
    "runs_page": lambda of, _: runs_page(of.pk, size=200),
    "run_detail": lambda of, _: run_detail(of.pk, 1),
    "models_page": lambda of, _: models_page(of.pk, size=200),
    "model_report": lambda of, _: model_report(of.pk, 1),
    "overview_of": lambda of, _: overview_of(of.pk),
    "learning_of_item": lambda _, item: learning_of_item(item.pk),
}


def grow(of: Project, item: Item, *, to: int) -> None:
    """So many runs, models, verdicts, evaluations and promotions, and snapshots with the item."""
    first = ModelVersion.objects.filter(project=of).order_by("number").first()
    for _ in range(of.model_versions.count(), to):
        version = model(of)
        first = first or version
        decision(version)
        _evaluate(first, item)
        _promote(first)
        SnapshotMember.objects.create(
            snapshot=version.snapshot,
            annotation=annotation_of(item),
            fold="learn",
            recent=False,
        )


def _evaluate(version: ModelVersion, item: Item) -> None:
    number = EvaluationSet.objects.count()
    asked = EvaluationSet.objects.create(
        project=version.project,
        name=f"set {number}",
        kind="source",
        digest=str(number),
        created_at=present(),
    )
    EvaluationMember.objects.create(
        evaluation_set=asked, annotation=annotation_of(item), position=0
    )
    Evaluation.objects.create(
        model_version=version,
        evaluation_set=asked,
        metrics={"accuracy": 1.0},
        answers=[["good", 0.9]],
        created_at=present(),
    )
    version.gate_decisions.order_by("-pk").first().evaluation_sets.add(asked)


def _promote(version: ModelVersion) -> None:
    Promotion.objects.create(
        project=version.project,
        number=version.project.promotions.count() + 1,
        kind="promotion",
        model_version=version,
        actor="tests",
        reasons=["growth"],
        created_at=present(),
    )


def queries_of(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        ask()
    return len(captured)


def test_ten_rows_cost_as_many_queries_as_a_hundred() -> None:
    cells = project()
    item = approved(cells, fold="learn")
    costs = []
    for size in (10, 100):
        grow(cells, item, to=size)
        costs.append(
            {name: queries_of(lambda ask=ask: ask(cells, item)) for name, ask in QUESTIONS.items()}
        )
    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 13, costs[0]
