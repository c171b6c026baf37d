from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from annotations.actions.hold_approved import hold_approved
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.models import Annotation, Item
from annotations.queries.learning import approved_annotations, taxonomy_in_force
from reviewhub.common.models import OutboxEvent
from tests.factories import DEFECT, GOOD, LABELS, TESTER, prediction, present, project
from tests.training.builders import approved, grey, held_run, model
from training.actions.end_run import end_run
from training.actions.freeze_dataset import freeze_dataset
from training.artifacts import read_manifest
from training.errors import LeaseLost, TooFewAnnotations
from training.models import DatasetSnapshot, RunState, SnapshotMember, TrainingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    made = project()
    for fold in ("learn", "validate", "evaluate"):
        for label in (GOOD, DEFECT, GOOD, DEFECT):
            approved(made, label=label, fold=fold)
    return made


def freeze(cells, *, held=None, since=None) -> DatasetSnapshot:
    taxonomy = taxonomy_in_force(cells.pk)
    known = approved_annotations(cells.pk, taxonomy.id)
    random = np.random.default_rng(0)
    return freeze_dataset(
        held=held or held_run(cells),
        approved=known,
        embeddings={one.item_id: random.normal(size=32).astype(np.float16) for one in known},
        taxonomy=taxonomy,
        champion_frozen_at=since,
    )


def done(held) -> None:
    assert end_run(run=held.run, state=RunState.CANCELLED, message="enough for now", now=present())


def test_a_snapshot_is_its_manifest_and_knows_its_members(cells) -> None:
    held = held_run(cells)
    snapshot = freeze(cells, held=held)
    told = json.loads(read_manifest(key=snapshot.manifest_key, digest=snapshot.digest))
    members = SnapshotMember.objects.filter(snapshot=snapshot)
    assert len(told["members"]) == members.count() == 8
    assert {str(one.annotation.uid) for one in members.select_related("annotation")} == {
        one["annotation"] for one in told["members"]
    }
    assert snapshot.counts["held_out"] == 4
    assert snapshot.created_at == TrainingRun.objects.get(pk=held.run.pk).started_at
    assert OutboxEvent.objects.get(type="snapshot.frozen").data["digest"] == snapshot.digest


def test_the_same_content_frozen_twice_is_one_snapshot(cells) -> None:
    held = held_run(cells)
    first = freeze(cells, held=held)
    done(held)
    assert freeze(cells) == first
    assert SnapshotMember.objects.count() == 8


def test_another_label_is_another_snapshot(cells) -> None:
    held = held_run(cells)
    first = freeze(cells, held=held)
    done(held)
    approved(cells, label=DEFECT, fold="learn")
    assert freeze(cells).digest != first.digest


def test_a_second_attempt_keeps_the_snapshot_of_the_first(cells) -> None:
    held = held_run(cells)
    first = freeze(cells, held=held)
    approved(cells, label=DEFECT, fold="learn")
    assert freeze(cells, held=held) == first


def test_what_a_model_has_learned_from_stays_the_snapshot_of_its_run(cells) -> None:
    """Though the label set was revised before the next attempt came to judge the model."""
    held = held_run(cells)
    first = freeze(cells, held=held)
    assert model(cells, run=held.run).snapshot == first
    labels = (*LABELS, LabelSpec("dust", "Dust"))
    revise_taxonomy(project=cells, spec=TaxonomySpec(labels), actor=TESTER, now=present())
    assert freeze(cells, held=held) == first
    assert TrainingRun.objects.get(pk=held.run.pk).snapshot == first


def test_what_came_after_the_champion_s_data_is_marked(cells) -> None:
    since = present()
    approved(cells, label=DEFECT, fold="learn", when=since + timedelta(seconds=1))
    snapshot = freeze(cells, since=since)
    assert snapshot.members.filter(recent=True).count() == snapshot.counts["recent"] == 1


@pytest.mark.both_databases
def test_no_item_of_the_exam_is_a_member_by_any_of_its_names(cells) -> None:
    snapshot = freeze(cells)
    items = snapshot.members.values_list("annotation__item__fold", flat=True)
    assert "evaluate" not in set(items)
    exam = {
        one.image_sha256
        for one in approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
        if one.fold == "evaluate"
    }
    told = json.loads(read_manifest(key=snapshot.manifest_key, digest=snapshot.digest))
    assert not exam & {one["image_sha256"] for one in told["members"]}


@pytest.mark.both_databases
def test_an_image_that_is_held_out_is_not_learned_before_anybody_has_judged_it(cells) -> None:
    for fold, seed in (("evaluate", 900), ("learn", 901)):
        approved(cells, label=DEFECT, fold="learn", picture=grey(200, seed))
        double = prediction(cells, image=grey(200, seed)).item
        Item.objects.filter(pk=double.pk).update(fold=fold)
    elsewhere = prediction(project(), image=grey(50, 1)).item
    Item.objects.filter(pk=elsewhere.pk).update(fold="evaluate")
    snapshot = freeze(cells)
    assert snapshot.members.count() == 9
    assert snapshot.counts["dropped"] == {"same_image": 1}


def test_one_label_alone_cannot_be_learned() -> None:
    cells = project()
    approved(cells, label=GOOD, fold="learn")
    approved(cells, label=DEFECT, fold="evaluate")
    with pytest.raises(TooFewAnnotations):
        freeze(cells)
    assert not DatasetSnapshot.objects.exists()


@pytest.mark.both_databases
def test_a_worker_without_the_fence_freezes_nothing(cells) -> None:
    held = held_run(cells)
    done(held)
    with pytest.raises(LeaseLost):
        freeze(cells, held=held)
    assert not DatasetSnapshot.objects.exists()


def test_what_is_taken_back_while_it_is_drafted_is_left_out(cells, monkeypatch) -> None:
    """The last look at the entries comes under their locks; here somebody was faster than it."""
    gone = Annotation.objects.filter(item__fold="learn").first()
    ask = hold_approved

    def somebody_was_faster(*, annotation_ids):
        return ask(annotation_ids=annotation_ids) - {gone.pk}

    monkeypatch.setattr("training.actions.freeze_dataset.hold_approved", somebody_was_faster)
    snapshot = freeze(cells)
    held = set(snapshot.members.values_list("annotation", flat=True))
    assert (len(held), gone.pk in held) == (7, False)
    told = json.loads(read_manifest(key=snapshot.manifest_key, digest=snapshot.digest))
    assert len(told["members"]) == 7
