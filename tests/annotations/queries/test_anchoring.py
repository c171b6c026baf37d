"""The figure that tells whether people repeat what they see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from annotations.actions.check_counters import check_counters
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Review
from annotations.queries.anchoring import ENOUGH, anchoring
from reviewhub.common import tally
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import EVERYTHING_AUDITED, present
from tests.kinds import answered, box, boxes_project, drawn, queued_boxes

pytestmark = pytest.mark.django_db
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)
BLIND = ReviewSpec(grace_seconds=600, blind_share=1.0)


def answer(of, by, label="defect", **fields):
    return submit_review(
        project=of,
        entry_uid=factories.queued(of, label="defect").uid,
        reviewer=by,
        token=uuid7(),
        seconds=1.0,
        now=present(),
        **{"verdict": "label", "label_key": label, **fields},
    )


def figures(of):
    told = anchoring(of, today=present().date())
    return [(each.answers, each.equal) for each in (told.shown, told.blind)]


@pytest.mark.parametrize(("review", "at"), [(PATIENT, 0), (BLIND, 1)])
def test_each_judgement_counts_where_it_was_given_and_an_undo_takes_it_away(review, at):
    cells = factories.project(review=review)
    rita = factories.reviewer(cells)
    answer(cells, rita, "defect")
    answer(cells, rita, "good")
    answer(cells, rita, "", verdict="reject", reason="too-blurred")
    answer(cells, rita, "", verdict="skip", reason="unsure")
    last = answer(cells, rita, "defect")
    assert figures(cells)[at] == (3, 2)
    assert figures(cells)[1 - at] == (0, 0)
    undo_review(project=cells, review_uid=last.uid, reviewer=rita, now=present())
    assert figures(cells)[at] == (2, 1)
    assert check_counters(project=cells) == []


@pytest.mark.parametrize(
    ("drawn_at", "equal"),
    [
        ({}, 1),
        ({"x": 5}, 1),  # a pixel off: stored as a correction where the prediction was seen
        ({"x": 14}, 0),
    ],
)
def test_boxes_are_compared_by_the_same_measure_seen_or_not(drawn_at, equal):
    said = box(x=4, y=5, width=10, height=8)
    told = []
    for review in (PATIENT, BLIND):
        parts = boxes_project(review=review)
        rita = factories.reviewer(parts)
        answered(parts, queued_boxes(parts, said), rita, "boxes", boxes=drawn({**said, **drawn_at}))
        told.append(max(figures(parts)))
        assert check_counters(project=parts) == []
        undo_review(
            project=parts, review_uid=Review.objects.last().uid, reviewer=rita, now=present()
        )
        assert figures(parts) == [(0, 0), (0, 0)]
    assert told == [(1, equal)] * 2


def test_audits_compare_with_nothing():
    cells = factories.project(review=PATIENT, rules=EVERYTHING_AUDITED)
    answer(cells, factories.reviewer(cells))
    assert figures(cells) == [(0, 0), (0, 0)]
    assert check_counters(project=cells) == []


def test_four_weeks_are_looked_back_upon():
    cells = factories.project()
    today = present().date()
    for days in (0, 27, 28):
        tally.add(cells.pk, today - timedelta(days=days), {"answers_blind": 1, "agree_blind": 1})
    assert figures(cells) == [(0, 0), (2, 2)]


def test_the_lead_reads_it_with_its_interval_or_how_much_is_missing(client):
    cells = factories.project()
    client.force_login(factories.lead(cells))
    counted = {"answers_shown": 200, "agree_shown": 190, "answers_blind": ENOUGH - 3}
    tally.add(cells.pk, present().date(), counted)
    shown = client.get(reverse("annotations:audit", args=[cells.slug])).content.decode()
    assert "95.0% (91.0% to 97.3%)" in shown
    assert "not enough answers yet: 3 more" in shown
