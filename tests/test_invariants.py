"""The nine promises of the house, each attacked below every action: in the database itself.

Actions have tests of their own; here somebody writes rows by hand, or does two things at once, and
the promise must hold all the same. Runs on SQLite and on PostgreSQL. (The tenth promise, queries
that do not grow, is kept in the tests of each list.)
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, transaction

from annotations.actions.adjudicate import adjudicate
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.approve_due import approve_due
from annotations.actions.check_counters import check_counters
from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Learning, Rules
from annotations.errors import OwnAnswer
from annotations.models import Annotation, Approval, Item, Prediction, QueueEntry, Review, Route
from annotations.models.item import FOLDS
from annotations.queries.accounting import queue_accounting
from annotations.queries.learning import approved_annotations
from annotations.queries.routed import doubtful, watched_projects
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import TESTER, present
from tests.grids import gold, gold_cells, grid_policy, grid_project, sent, shown, waiting
from tests.races import at_once
from tests.training import builders, streams
from training.actions.promote_model import promote_model
from training.actions.roll_back import roll_back
from training.artifacts import read_onnx
from training.domain.snapshots import draft_snapshot
from training.errors import ArtefactRefused, LeaseLost
from training.models import ModelRole, ModelVersion, Promotion, SnapshotMember, TrainingRun
from training.queries.champion import champion_of
from training.queries.unseen_questions import unseen_questions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)


def refused(*names: str):
    """The database refuses; SQLite names a constraint only when it is a check."""
    return pytest.raises(DatabaseError, match="|".join((*names, "UNIQUE constraint failed")))


def answer(cells, entry, reviewer, label="good", *, token=None):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer,
        verdict="label",
        label_key=label,
        token=token or uuid7(),
        seconds=1.0,
        now=present(),
    )


def test_1_one_item_per_external_id_and_one_prediction_per_predictor() -> None:
    cells = factories.project()
    stored = factories.prediction(cells, external_id="cell-1")
    twin = Item.objects.get()
    twin.pk, twin.uid = None, uuid7()
    with refused("item_once"):
        twin.save(force_insert=True)
    stored.pk, stored.uid = None, uuid7()
    with refused("prediction_once"):
        stored.save(force_insert=True)
    assert (Item.objects.count(), Prediction.objects.count()) == (1, 1)


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.5])
def test_2_no_route_has_an_impossible_probability(probability: float) -> None:
    stored = factories.prediction(factories.project())
    route = Route.objects.get(prediction=stored)
    route.pk, route.sequence, route.inclusion_probability = None, 2, probability
    with refused("route_probability_never_zero", "route_audited_means_drawn"):
        route.save(force_insert=True)


def test_2_a_route_is_never_rewritten_and_one_that_was_drawn_is_audited() -> None:
    route = Route.objects.get(prediction=factories.prediction(factories.project()))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Route.objects.update(inclusion_probability=0.5)
    route.pk, route.sequence, route.draw, route.audited = None, 2, 0.0, False
    with refused("route_audited_means_drawn"):
        route.save(force_insert=True)


def test_3_more_slots_than_answers_wanted_cannot_be_opened() -> None:
    factories.queued(factories.project())
    with refused("queue_entry_slots_within_answers"):
        QueueEntry.objects.update(slots_open=2)
    with refused("queue_entry_slots_within_answers", "slots_open"):
        QueueEntry.objects.update(slots_open=-1)


def test_3_nobody_holds_or_answers_the_same_entry_twice() -> None:
    cells = factories.project(review=PATIENT)
    rita, entry = factories.reviewer(cells), factories.queued(cells)
    lease = claim_next(project=cells, reviewer=rita, now=present())
    assert lease is not None
    lease.pk, lease.uid = None, uuid7()
    with refused("assignment_held_once"):
        lease.save(force_insert=True)
    review = answer(cells, entry, rita)
    review.pk, review.uid, review.token = None, uuid7(), uuid7()
    with refused("review_once_per_person"):
        review.save(force_insert=True)


def test_3_nobody_adjudicates_their_own_answer() -> None:
    cells = factories.project(review=ReviewSpec(answers_wanted=2, blind_share=0.0))
    lena, entry = factories.lead(cells), factories.queued(cells)
    answer(cells, entry, lena, "good")
    answer(cells, entry, factories.reviewer(cells), "defect")
    told = at_once(
        *[
            lambda: adjudicate(
                project=cells, entry_uid=entry.uid, lead=lena, outcome="unusable", now=present()
            )
        ]
        * 3
    )
    assert [type(each) for each in told] == [OwnAnswer] * 3
    entry.refresh_from_db()
    assert entry.state == "awaiting_adjudication"
    assert not Annotation.objects.exists()


def test_3_nobody_approves_their_own_answer() -> None:
    cells = factories.project(review=ReviewSpec(approval="lead", blind_share=0.0))
    lena, entry = factories.lead(cells), factories.queued(cells)
    answer(cells, entry, lena)
    stored = Annotation.objects.get()
    told = at_once(
        *[
            lambda: approve_annotation(
                project=cells, annotation_uid=stored.uid, lead=lena, now=present()
            )
        ]
        * 3
    )
    assert [type(each) for each in told] == [OwnAnswer] * 3
    assert not Approval.objects.exists()


def test_4_an_acknowledged_answer_counts_once_however_often_it_is_sent() -> None:
    cells = factories.project(review=PATIENT)
    rita, token = factories.reviewer(cells), uuid7()
    entry = factories.queued(cells)
    told = at_once(*[lambda: answer(cells, entry, rita, token=token)] * 5)
    assert {review.uid for review in told} == {Review.objects.get().uid}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Review.objects.update(label_key="defect")
    assert Annotation.objects.get().label_key == "good"


def test_5_the_queue_balances_and_knows_no_other_state() -> None:
    cells = factories.project(review=PATIENT)
    rita = factories.reviewer(cells)
    entries = [factories.queued(cells) for _ in range(6)]
    reviews = [answer(cells, entry, rita) for entry in entries[:4]]
    undo_review(project=cells, review_uid=reviews[0].uid, reviewer=rita, now=present())
    accounts = queue_accounting(cells.pk)
    assert accounts.balanced
    assert accounts.entered == 6 == sum(accounts.by_state.values())
    with refused("queue_entry_state_known"):
        QueueEntry.objects.update(state="somewhere")


def test_5_gold_is_counted_apart() -> None:
    cells = grid_project(review=grid_policy(grid_gold_share=0.25))
    rita = factories.reviewer(cells)
    gold(cells, *[factories.GOOD] * 3)
    waiting(cells, 12)
    before = queue_accounting(cells.pk)
    grid = shown(cells, rita)
    assert (len(gold_cells(grid)), queue_accounting(cells.pk)) == (3, before)
    sent(cells, grid, rita, token=(token := uuid7()))
    sent(cells, grid, rita, token=token)
    accounts = queue_accounting(cells.pk)
    assert accounts.balanced
    assert (before.gold, accounts.gold, accounts.entered) == (0, 3, before.entered)
    assert check_counters(project=cells) == []


def test_6_an_item_of_the_evaluate_fold_enters_no_training_set() -> None:
    cells = factories.project()
    held_out = builders.approved(cells, fold="evaluate")
    frozen = builders.snapshot(cells)
    with refused("snapshot_member_never_evaluate"):
        SnapshotMember.objects.create(
            snapshot=frozen,
            annotation=builders.annotation_of(held_out),
            fold="evaluate",
            recent=False,
        )


def test_6_what_a_model_learned_is_never_asked_of_it_however_late_its_double_comes() -> None:
    """Two days after it was learned, the same picture is approved as an item held out."""
    cells = factories.project()
    learned = builders.approved(cells, fold="learn", picture=builders.grey(50, 1))
    champion = builders.first_champion(cells, frozen_at=present())
    champion.snapshot.members.create(
        annotation=builders.annotation_of(learned), fold="learn", recent=False
    )
    later = present() + timedelta(days=2)
    builders.approved(cells, fold="evaluate", picture=builders.grey(50, 1), when=later)
    other = builders.approved(cells, fold="evaluate", when=later)
    known = approved_annotations(cells.pk, cells.taxonomies.get().pk)
    vectors = {one.item_id: np.eye(3, dtype=np.float16)[at] for at, one in enumerate(known)}
    unseen = unseen_questions(
        known,
        models=[builders.model(cells), champion],
        embeddings=vectors,
        backbone_digest=champion.backbone_digest,
    )
    assert {one.item_id for one in unseen} == {learned.pk, other.pk}


@pytest.mark.parametrize(
    "kind", ["image_classification", "object_detection", "text_classification"]
)
def test_6_of_every_kind_only_learn_and_validate_are_offered_for_training(kind: str) -> None:
    rules = Rules(audit_rate=1e-6, learning=Learning(budget_per_day=9))
    some = factories.project(kind=kind, rules=rules)
    told = {
        "image_classification": lambda: streams.arrive(some, streams.RED, 9, confidence=0.7),
        "object_detection": lambda: streams.boxed(some, streams.RED, 9),
        "text_classification": lambda: streams.said(some, list("abcdefghi"), confidence=0.7),
    }[kind]()
    for fold, three in zip(FOLDS, (told[:3], told[3:6], told[6:]), strict=True):
        Item.objects.filter(predictions__in=three).update(fold=fold)
    (watch,) = watched_projects()
    day = timedelta(days=1)
    doubts = doubtful(watch, start=present() - day, end=present() + day, limit=9)
    assert sorted(doubt.prediction_id for doubt in doubts) == [one.pk for one in told[:3]]

    for one in told:
        streams.settle(one)
    approved = approved_annotations(some.pk, some.taxonomies.get().pk)
    vectors = {one.item_id: np.eye(9, dtype=np.float16)[at] for at, one in enumerate(approved)}
    draft = draft_snapshot(approved, vectors)
    assert {one.fold for one in draft.members} == {"learn", "validate"}
    assert (len(draft.members), draft.held_out) == (6, 3)


def test_6_gold_of_a_grid_is_of_the_evaluate_fold_and_enters_no_training_set() -> None:
    """Known answers of every fold lie there; of those shown to people none is learned from."""
    cells = grid_project(review=grid_policy(grid_gold_share=0.5))
    for fold in FOLDS:
        gold(cells, *[factories.DEFECT] * 2, *[factories.GOOD] * 2, fold=fold)
    waiting(cells, 12)
    grid = shown(cells, factories.reviewer(cells))
    mixed_in = {cell.item_id for cell in gold_cells(grid)}
    assert len(mixed_in) == 4
    assert {Item.objects.get(pk=pk).fold for pk in mixed_in} == {"evaluate"}

    approved = approved_annotations(cells.pk, cells.taxonomies.get().pk)
    size = len(approved)
    vectors = {one.item_id: np.eye(size, dtype=np.float16)[at] for at, one in enumerate(approved)}
    learned = {one.item_id for one in draft_snapshot(approved, vectors).members}
    assert len(learned) == 8
    assert not learned & mixed_in


def test_6_what_expired_or_was_withdrawn_offers_nothing_to_learn() -> None:
    cells = factories.project(rules=factories.EVERYTHING_AUDITED, review=PATIENT)
    expired, withdrawn = factories.queued(cells), factories.queued(cells)
    answer(cells, withdrawn, factories.reviewer(cells))
    withdraw_entry(
        project=cells, entry_uid=withdrawn.uid, actor=TESTER, reason="a mistake", now=present()
    )
    much_later = present() + timedelta(days=30)
    assert lapse_audits(now=much_later) == 1
    assert approve_due(now=much_later) == 0
    states = dict(QueueEntry.objects.values_list("pk", "state"))
    assert states == {expired.pk: "expired", withdrawn.pk: "withdrawn"}
    assert Annotation.objects.filter(item=withdrawn.item).exists()
    assert approved_annotations(cells.pk, cells.taxonomies.get().pk) == []
    assert queue_accounting(cells.pk).balanced


def test_7_a_project_has_one_active_run() -> None:
    cells = factories.project()
    run = builders.queued_run(cells)
    run.pk, run.uid, run.number = None, uuid7(), run.number + 1
    with refused("run_one_active"):
        run.save(force_insert=True)


def test_7_a_worker_that_lost_its_lease_writes_nothing() -> None:
    cells = factories.project()
    held = builders.held_run(cells)
    TrainingRun.objects.update(fence=held.run.fence + 1)
    with pytest.raises(LeaseLost):
        held.write(progress=0.9, message="I am still here.")
    with pytest.raises(LeaseLost), held.guarded():
        builders.snapshot(cells)
    assert TrainingRun.objects.get().progress == 0.0
    assert not cells.snapshots.exists()


def test_8_a_project_has_one_champion_and_every_change_of_it_a_row_with_reasons() -> None:
    cells = factories.project()
    first, second = builders.first_champion(cells), builders.model(cells)
    with refused("model_one_champion"):
        ModelVersion.objects.filter(pk=second.pk).update(role=ModelRole.CHAMPION)
    promotion = Promotion.objects.get()
    promotion.pk, promotion.uid, promotion.number, promotion.reasons = None, uuid7(), 2, []
    with refused("promotion_gives_reasons"):
        promotion.save(force_insert=True)
    promote_model(
        project_id=cells.pk, model_version=second, actor=TESTER, reasons=["better"], now=present()
    )
    roll_back(project_id=cells.pk, actor=TESTER, reasons=["worse after all"], now=present())
    assert champion_of(cells.pk) == first
    kinds = list(Promotion.objects.order_by("number").values_list("kind", flat=True))
    assert kinds == ["promotion", "promotion", "rollback"]


def test_8_five_promotions_at_once_leave_one_champion_and_a_chain_without_a_gap() -> None:
    cells = factories.project()
    builders.first_champion(cells)
    rivals = [builders.model(cells) for _ in range(5)]
    at_once(
        *[
            lambda rival=rival: promote_model(
                project_id=cells.pk,
                model_version=rival,
                actor=TESTER,
                reasons=["a race"],
                now=present(),
            )
            for rival in rivals
        ]
    )
    chain = list(Promotion.objects.order_by("number"))
    assert [promotion.number for promotion in chain] == list(range(1, 7))
    for before, after in pairwise(chain):
        assert after.previous_id == before.model_version_id
    assert champion_of(cells.pk) == chain[-1].model_version


def test_9_a_model_file_that_does_not_match_its_row_is_not_read() -> None:
    champion = builders.first_champion(factories.project())
    storage = storages["models"]
    storage.delete(champion.onnx_key)
    storage.save(champion.onnx_key, ContentFile(builders.brightness_onnx(threshold=9.0)))
    with pytest.raises(ArtefactRefused):
        read_onnx(champion)
