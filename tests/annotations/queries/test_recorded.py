from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.actions.claim_next import claim_next
from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Annotation, Item, Prediction, QueueEntry, Route, Withdrawal
from annotations.queries.recorded import replay, window_of
from reviewhub.common import tally
from tests.factories import (
    DEFECT,
    EVERYTHING_AUDITED,
    GOOD,
    NOTHING_QUEUED,
    TESTER,
    image_bytes,
    incoming,
    present,
    project,
    reviewer,
    submit,
)
from tests.kinds import box, boxes_project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = timedelta(days=1)


def at(days_ago, hour=12):
    midnight = present().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - days_ago * DAY + timedelta(hours=hour)


def read(cells, *, days=7, share=1.0, now=None):
    window = window_of(cells, days=days, now=now or present())
    return [each for _, part in replay(cells, window, share=share) for each in part]


def test_the_window_is_the_last_closed_days_of_the_site():
    cells = project(rules=NOTHING_QUEUED, now=at(9), site_time_zone="Asia/Tokyo")
    for days_ago in (8, 3, 2, 1):
        # 20:00 in UTC is tomorrow in Tokyo
        submit(cells, incoming(f"cell-{days_ago}"), now=at(days_ago, hour=20))
    now = at(0, hour=18)
    window = window_of(cells, days=3, now=now)
    today = tally.day_of(now, "Asia/Tokyo")
    assert window.days == [today - 3 * DAY, today - 2 * DAY, today - DAY]
    assert window.predictions == 3
    assert [each.external_id for each in read(cells, days=3, now=now)] == [
        "cell-3",
        "cell-2",
        "cell-1",
    ]
    assert {each.day for each in read(cells, days=3, now=now)} <= set(window.days)


def test_before_the_first_prediction_there_is_no_day():
    cells = project(rules=NOTHING_QUEUED)
    assert window_of(cells, days=7, now=present()).is_empty
    assert read(cells) == []
    submit(cells, incoming(), now=at(2))
    assert len(window_of(cells, days=30, now=present()).days) == 2
    assert window_of(cells, days=1, now=present()).is_empty


def test_on_its_first_day_a_project_replays_today():
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, incoming("cell-1"))
    assert [each.external_id for each in read(cells)] == ["cell-1"]


def test_a_prediction_comes_back_as_the_facts_that_were_routed():
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, incoming("cell-1", label=DEFECT, confidence=0.75), now=at(1))
    (recorded,) = read(cells)
    facts = recorded.facts
    assert (facts.predicted, facts.confidence, facts.positive) == (DEFECT, 0.75, 0.75)
    assert facts.margin == pytest.approx(0.5)
    assert (facts.predicted_positive, facts.differences, facts.claimed) == (True, (), (DEFECT,))
    assert (recorded.differences, recorded.judgement) == ({}, None)


def test_only_what_was_said_before_can_be_disagreed_with():
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, incoming("cell-1", label=DEFECT), now=at(2))
    submit(cells, incoming("cell-1", label=GOOD, version="2", image=None), now=at(1))
    first, second = read(cells)
    assert first.differences == {}
    (opinion,) = second.differences[0.5]
    assert (opinion.predictor, opinion.predicted, opinion.labels) == (
        "line-camera 1",
        DEFECT,
        True,
    )
    assert opinion.divergence > 0.3


def test_what_came_in_one_batch_is_compared_both_ways_as_it_was_in_intake():
    cells = project(rules=Rules(low_confidence=None, disagreement=True, audit_rate=1e-6))
    both = (
        incoming("cell-1", label=DEFECT, seed=1),
        incoming("cell-1", label=GOOD, version="2", image=None),
    )
    submit(cells, *both, now=at(1))
    assert list(Route.objects.values_list("outcome", flat=True)) == ["queued", "queued"]
    first, second = read(cells)
    assert [opinion.predicted for opinion in first.differences[0.5]] == [GOOD]
    assert [opinion.predicted for opinion in second.differences[0.5]] == [DEFECT]


def test_boxes_are_compared_once_for_each_overlap_that_counts_as_the_same():
    parts = boxes_project(rules=NOTHING_QUEUED)
    one, moved = box(x=4, width=10), box(x=7, width=10)  # overlap 7 of 13
    said = incoming("part-1", probabilities={"boxes": [one]}, seed=1)
    submit(parts, said, now=at(2))
    other = incoming("part-1", probabilities={"boxes": [moved]}, version="2", image=None)
    submit(parts, other, now=at(1))
    window = window_of(parts, days=7, now=present())
    _, second = [each for _, part in replay(parts, window, box_ious={0.5, 0.7}) for each in part]
    found = {iou: opinion.unmatched for iou, (opinion,) in second.differences.items()}
    assert found == {0.5: 0, 0.7: 2}


def test_what_was_withdrawn_is_not_replayed():
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, incoming("cell-1"), incoming("cell-2"), now=at(1))
    taken_back = Prediction.objects.get(item__external_id="cell-1")
    Withdrawal.objects.create(
        prediction=taken_back, reason="wrong lot", actor_name="x", created_at=timezone.now()
    )
    assert [each.external_id for each in read(cells)] == ["cell-2"]


def answer(cells, rita, verdict="label", **said):
    held = claim_next(project=cells, reviewer=rita, now=present())
    return submit_review(
        project=cells,
        entry_uid=held.entry.uid,
        reviewer=rita,
        verdict=verdict,
        seconds=4.0,
        token=uuid4(),
        now=present(),
        **said,
    )


@pytest.mark.parametrize(("truth", "wrong"), [(DEFECT, True), (GOOD, False)])
def test_an_answered_audit_brings_its_truth_and_its_probability(truth, wrong):
    cells = project(rules=EVERYTHING_AUDITED)
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=GOOD), now=at(1))
    assert read(cells)[0].judgement is None
    answer(cells, rita, label_key=truth)
    assert read(cells)[0].judgement == (1.0, wrong)


BOX = {"label": DEFECT, "x": 2, "y": 3, "width": 10, "height": 8}


@pytest.mark.parametrize(
    ("said", "found", "wrong"),
    [
        ([], [BOX], True),
        ([], [], False),
        ([BOX | {"score": 0.7}], [BOX], False),
        ([BOX | {"score": 0.7}], [], False),  # a false alarm is no miss
    ],
)
def test_the_truth_of_boxes_is_whether_one_of_them_is_a_finding(said, found, wrong):
    cells = project(rules=EVERYTHING_AUDITED, kind="object_detection")
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", probabilities={"boxes": said}), now=at(1))
    answer(cells, rita, boxes=found)
    (recorded,) = read(cells)
    assert recorded.judgement == (1.0, wrong)
    assert recorded.facts.claimed == tuple(box["label"] for box in said)


@pytest.mark.parametrize(("truth", "wrong"), [("billing", False), ("other", True)])
def test_without_findings_any_other_label_is_a_mistake(truth, wrong):
    labels = [LabelSpec("billing", "Billing"), LabelSpec("other", "Other")]
    mail = project(rules=EVERYTHING_AUDITED, labels=labels)
    rita = reviewer(mail)
    said = {"billing": 0.8, "other": 0.2}
    submit(mail, incoming("mail-1", probabilities=said), now=at(1))
    answer(mail, rita, label_key=truth)
    (recorded,) = read(mail)
    assert recorded.facts.positive is None
    assert recorded.judgement == (1.0, wrong)


def test_a_truth_whose_label_is_gone_is_none():
    cells = project(rules=EVERYTHING_AUDITED)
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=DEFECT), now=at(1))
    answer(cells, rita, label_key=DEFECT)
    spec = TaxonomySpec(labels=[LabelSpec(GOOD, "Good"), LabelSpec("flaw", "Flaw")])
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    (recorded,) = read(cells)
    assert (recorded.facts.predicted, recorded.facts.gone) == ("", (DEFECT,))
    assert recorded.judgement is None


def test_what_was_seen_with_its_prediction_is_no_truth():
    """Queued and answered in the open; drawn for audit only when a second model spoke."""
    cells = project()
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=DEFECT, confidence=0.6), now=at(2))
    answer(cells, rita, label_key=GOOD)
    revise_routing_policy(project=cells, rules=EVERYTHING_AUDITED, actor=TESTER, now=present())
    submit(cells, incoming("cell-1", label=GOOD, version="2", image=None), now=at(1))
    assert Route.objects.filter(audited=True).count() == 1
    assert [each.judgement for each in read(cells)] == [None, None]
    assert [each.response for each in read(cells)] == [None, "missing"]


def answered_late(cells, rita):
    """A second reason keeps the lapsed audit waiting, and somebody answers it after all."""
    item = Item.objects.get(external_id="cell-1")
    lapse_audits(now=present())
    answer(cells, rita, label_key=DEFECT)
    assert QueueEntry.objects.get(item=item).lapsed_at is not None


def imported(cells, rita):
    batch = [IncomingAnnotation("cell-1", DEFECT, image_bytes(1))]
    import_annotations(project=cells, actor=TESTER, batch=batch, now=present())
    assert Annotation.objects.get().how == "imported"


def taken_back(cells, rita):
    given = answer(cells, rita, label_key=DEFECT)
    undo_review(project=cells, review_uid=given.uid, reviewer=rita, now=present())


def taken_out(cells, rita):
    entry = QueueEntry.objects.get()
    withdraw_entry(project=cells, entry_uid=entry.uid, actor=TESTER, reason="x", now=present())


@pytest.mark.parametrize(
    ("happens", "days_ago", "response"),
    [
        (answered_late, 4, "missing"),
        (imported, 1, "open"),
        (taken_back, 1, "open"),
        (taken_out, 1, "missing"),
    ],
)
def test_what_is_no_answer_to_the_audit_is_no_truth_and_the_audit_is_counted(
    happens, days_ago, response
):
    cells = project(
        rules=Rules(low_confidence=1.0, audit_rate=1.0), review=ReviewSpec(grace_seconds=600)
    )
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=GOOD, seed=1), now=at(days_ago))
    happens(cells, rita)
    (recorded,) = read(cells)
    assert (recorded.judgement, recorded.response) == (None, response)


def test_what_was_not_drawn_has_no_response():
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, incoming("cell-1"), now=at(1))
    assert read(cells)[0].response is None


def test_an_answer_that_says_unusable_is_no_truth():
    cells = project(rules=EVERYTHING_AUDITED)
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=GOOD), now=at(1))
    answer(cells, rita, verdict="reject", reason="too-blurred")
    assert (read(cells)[0].judgement, read(cells)[0].response) == (None, "answered")


def test_old_words_are_carried_into_the_words_in_force():
    cells = project(rules=EVERYTHING_AUDITED)
    rita = reviewer(cells)
    submit(cells, incoming("cell-1", label=DEFECT), now=at(1))
    answer(cells, rita, label_key=DEFECT)
    spec = TaxonomySpec(
        labels=[LabelSpec(GOOD, "Good"), LabelSpec("flaw", "Flaw", is_positive=True)],
        mapping={DEFECT: "flaw"},
    )
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    (recorded,) = read(cells)
    assert recorded.facts.predicted == "flaw"
    assert recorded.judgement == (1.0, False)


def test_a_share_keeps_all_predictions_of_an_item_or_none():
    cells = project(rules=NOTHING_QUEUED)
    names = [f"cell-{n}" for n in range(60)]
    submit(cells, *(incoming(name, seed=1) for name in names), now=at(2))
    second = (incoming(name, version="2", image=None) for name in names)
    submit(cells, *second, now=at(1))
    some = [each.external_id for each in read(cells, share=0.5)]
    assert 10 < len(set(some)) < 50
    assert all(some.count(name) == 2 for name in some)
    assert [each.external_id for each in read(cells, share=0.5)] == some


def test_a_chunk_costs_the_same_number_of_queries_at_ten_and_at_forty():
    def queries(count):
        cells = project(rules=EVERYTHING_AUDITED)
        submit(cells, *(incoming(seed=n) for n in range(count)), now=at(1))
        window = window_of(cells, days=7, now=present())
        with CaptureQueriesContext(connection) as captured:
            assert sum(len(part) for _, part in replay(cells, window)) == count
        return len(captured)

    assert queries(10) == queries(40)


def test_progress_ends_at_all_that_there_is(monkeypatch):
    monkeypatch.setattr("annotations.queries.recorded.CHUNK", 4)
    monkeypatch.setattr("annotations.queries.recorded.SCAN", 6)
    cells = project(rules=NOTHING_QUEUED)
    submit(cells, *(incoming(f"cell-{n}", seed=1) for n in range(10)), now=at(1))
    window = window_of(cells, days=7, now=present())
    assert [(done, len(part)) for done, part in replay(cells, window)] == [(4, 4), (8, 4), (10, 2)]
    by_share = [done for done, _ in replay(cells, window, share=0.9)]
    assert by_share[-1] == 10
    assert by_share == sorted(by_share)
