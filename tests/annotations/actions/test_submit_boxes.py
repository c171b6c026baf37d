from __future__ import annotations

from uuid import uuid4

import pytest

from annotations.actions.adjudicate import adjudicate
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.undo_review import undo_review
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import (
    AnsweredOtherwise,
    BlindConfirmation,
    InvalidAnswer,
    NothingToConfirm,
    UnknownLabel,
)
from annotations.models import Annotation, Review
from reviewhub.common.models import OutboxEvent
from tests.factories import DEFECT, EVERYTHING_AUDITED, GOOD, TESTER, lead, present, reviewer
from tests.factories import project as labels_project
from tests.factories import queued as queued_image
from tests.kinds import answered, box, boxes_project, drawn, queued_boxes
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def answer(of, entry, person, verdict="boxes", **fields):
    return answered(of, entry, person, verdict, **fields)


def problems(caught):
    return {each["field"]: each["message"] for each in caught.value.data["errors"]}


def settled(entry):
    return Annotation.objects.filter(entry=entry).latest("number")


@pytest.fixture
def parts():
    return boxes_project()


@pytest.fixture
def rita(parts):
    return reviewer(parts, "rita")


def test_confirming_makes_the_predicted_boxes_the_truth(parts, rita):
    strong, weak = box(score=0.8), box(GOOD, 20, 2, 5, 5, score=0.55)
    entry = queued_boxes(parts, weak, strong)
    review = answer(parts, entry, rita, "confirm")
    truth = settled(entry)
    assert (review.verdict, review.label_key) == ("confirmed", "")
    assert truth.answer == review.answer == {"boxes": drawn(strong, weak)}
    assert (truth.outcome, truth.label_key, truth.corrects) == ("label", "", False)


def test_other_boxes_correct_and_the_client_is_told_which(parts, rita):
    entry = queued_boxes(parts, box())
    moved = drawn(box(x=14))
    review = answer(parts, entry, rita, boxes=moved)
    assert (review.verdict, review.answer) == ("corrected", {"boxes": moved})
    assert settled(entry).corrects
    told = OutboxEvent.objects.get(type="annotation.corrected").data
    assert (told["boxes"], told["label"], told["predicted"]) == (moved, None, DEFECT)


def test_a_form_may_round_what_it_shows(parts, rita):
    entry = queued_boxes(parts, box(x=4.26, width=10.44))
    review = answer(parts, entry, rita, boxes=drawn(box(x=4.3, width=10.4)))
    assert review.verdict == "confirmed"
    assert settled(entry).answer == {"boxes": drawn(box(x=4.26, width=10.44))}


def test_nothing_there_is_an_answer(parts, rita):
    entry = queued_boxes(parts, box())
    review = answer(parts, entry, rita, boxes=[])
    assert (review.verdict, review.answer) == ("corrected", {"boxes": []})
    assert settled(entry).outcome == "label"


def test_nothing_found_can_be_confirmed():
    parts = boxes_project(rules=EVERYTHING_AUDITED)
    rolf = reviewer(parts)
    entry = queued_boxes(parts)
    assert entry.blind
    review = answer(parts, entry, rolf, boxes=[])
    assert (review.verdict, review.answer) == ("confirmed", {"boxes": []})
    assert not settled(entry).corrects


def test_blind_it_is_enough_to_have_seen_the_same():
    parts = boxes_project(rules=EVERYTHING_AUDITED)
    rolf = reviewer(parts)
    entry = queued_boxes(parts, box())
    with pytest.raises(BlindConfirmation):
        answer(parts, entry, rolf, "confirm")
    own = drawn(box(x=4.8, height=8.5))
    review = answer(parts, entry, rolf, boxes=own)
    assert (review.verdict, review.answer) == ("confirmed", {"boxes": own})
    assert settled(entry).answer == {"boxes": own}
    assert not settled(entry).corrects


def test_unusable_and_skipped_carry_no_boxes(parts, rita):
    entry = queued_boxes(parts, box())
    skipped = answer(parts, entry, rita, "skip", reason="unsure")
    rejected = answer(parts, entry, reviewer(parts), "reject", reason="too-blurred")
    assert (skipped.answer, rejected.answer) == (None, None)
    assert (settled(entry).outcome, settled(entry).answer) == ("unusable", None)


def test_two_who_see_the_same_settle_and_a_box_alone_is_a_dispute():
    review = ReviewSpec(answers_wanted=2, agreement_needed=2, grace_seconds=0, blind_share=0.0)
    parts = boxes_project(review=review)
    rita, rolf = reviewer(parts), reviewer(parts)
    entry = queued_boxes(parts, box())
    answer(parts, entry, rita, boxes=drawn(box(x=14)))
    answer(parts, entry, rolf, boxes=drawn(box(x=14.9)))
    assert settled(entry).how == "consensus"

    entry = queued_boxes(parts, box())
    answer(parts, entry, rita, boxes=drawn(box(x=14)))
    answer(parts, entry, rolf, boxes=drawn(box(x=14), box(x=1, y=1, width=3, height=3)))
    entry.refresh_from_db()
    assert entry.state == "awaiting_adjudication"


def test_a_lead_settles_with_boxes(parts):
    review = ReviewSpec(answers_wanted=2, agreement_needed=2, grace_seconds=0, blind_share=0.0)
    parts = boxes_project(review=review)
    entry = queued_boxes(parts, box())
    answer(parts, entry, reviewer(parts), boxes=[])
    answer(parts, entry, reviewer(parts), "confirm")
    lena = lead(parts)
    with pytest.raises(InvalidAnswer):
        adjudicate(
            project=parts,
            entry_uid=entry.uid,
            lead=lena,
            outcome="label",
            label_key=DEFECT,
            now=present(),
        )
    truth = adjudicate(
        project=parts,
        entry_uid=entry.uid,
        lead=lena,
        outcome="label",
        boxes=drawn(box(x=6)),
        now=present(),
    )
    assert (truth.how, truth.answer, truth.corrects) == (
        "adjudicated",
        {"boxes": drawn(box(x=6))},
        True,
    )


def test_boxes_can_be_taken_back(rita, parts):
    parts = boxes_project(review=ReviewSpec(approval="lead", blind_share=0.0))
    rolf = reviewer(parts)
    entry = queued_boxes(parts, box())
    review = answer(parts, entry, rolf, boxes=[])
    undo_review(project=parts, review_uid=review.uid, reviewer=rolf, now=present())
    entry.refresh_from_db()
    assert entry.state == "awaiting_review"
    answer(parts, entry, rolf, "confirm")
    assert settled(entry).answer == {"boxes": drawn(box())}


def test_boxes_outside_the_picture_or_the_taxonomy_are_refused_by_field(parts, rita):
    entry = queued_boxes(parts, box())
    with pytest.raises(InvalidAnswer) as caught:
        answer(parts, entry, rita, boxes=drawn(box(x=30), box("scratch")))
    told = problems(caught)
    assert "image of 32 x 24 pixels" in told["boxes[0].x"]
    assert "good, defect" in told["boxes[1].label"]
    assert not Review.objects.exists()


@pytest.mark.parametrize("boxes", ["none", {}, [[1, 2, 3, 4]], [{"label": DEFECT}], [box()] * 1001])
def test_what_are_no_boxes_is_refused(parts, rita, boxes):
    with pytest.raises(InvalidAnswer):
        answer(parts, queued_boxes(parts, box()), rita, boxes=boxes)


def test_the_answer_of_another_kind_is_refused(parts, rita):
    with pytest.raises(InvalidAnswer) as caught:
        answer(parts, queued_boxes(parts, box()), rita, "label", label_key=DEFECT)
    assert problems(caught) == {"label": "object_detection is answered by boxes."}
    cells = labels_project()
    entry = queued_image(cells)
    with pytest.raises(InvalidAnswer) as caught:
        answer(cells, entry, reviewer(cells), boxes=[])
    assert problems(caught) == {"boxes": "image_classification is answered by label."}
    with pytest.raises(UnknownLabel):
        answer(cells, entry, reviewer(cells), "label", label_key="scratch")


def test_boxes_of_a_label_that_is_gone_cannot_be_confirmed(parts, rita):
    entry = queued_boxes(parts, box(GOOD, score=0.5), box(DEFECT, 20, 2, 5, 5, score=0.4))
    newer = TaxonomySpec(
        [LabelSpec("fault", "Fault", is_positive=True), LabelSpec("dirt", "Dirt")],
        mapping={DEFECT: "fault"},
    )
    taxonomy = revise_taxonomy(project=parts, spec=newer, actor=TESTER, now=present())
    entry.taxonomy = taxonomy
    entry.save()
    with pytest.raises(NothingToConfirm):
        answer(parts, entry, rita, "confirm")
    review = answer(parts, entry, rita, boxes=drawn(box("fault", 20, 2, 5, 5)))
    assert review.verdict == "corrected"


def test_boxes_are_confirmed_in_the_words_of_the_newer_taxonomy(parts, rita):
    entry = queued_boxes(parts, box(DEFECT))
    newer = TaxonomySpec(
        [LabelSpec("fault", "Fault", is_positive=True), LabelSpec("dirt", "Dirt")],
        mapping={DEFECT: "fault"},
    )
    entry.taxonomy = revise_taxonomy(project=parts, spec=newer, actor=TESTER, now=present())
    entry.save()
    answer(parts, entry, rita, "confirm")
    assert settled(entry).answer == {"boxes": drawn(box("fault"))}


def test_the_same_boxes_sent_by_four_tabs_at_once_count_once(parts, rita):
    entry, token = queued_boxes(parts, box()), uuid4()
    calls = [lambda: answer(parts, entry, rita, boxes=[], token=token)] * 4
    found = at_once(*calls)
    assert len({review.pk for review in found}) == 1
    assert Review.objects.count() == Annotation.objects.count() == 1


def test_under_a_used_token_other_boxes_are_refused_and_the_same_are_found_again(parts, rita):
    entry, token = queued_boxes(parts, box(x=4.26, width=10.44)), uuid4()
    moved = drawn(box(x=14))
    first = answer(parts, entry, rita, boxes=moved, token=token)
    for other in (drawn(box(x=14.05)), [], drawn(box(x=4.3, width=10.4))):
        with pytest.raises(AnsweredOtherwise):
            answer(parts, entry, rita, boxes=other, token=token)
    assert answer(parts, entry, rita, boxes=moved, token=token) == first


def test_what_a_form_has_rounded_is_found_again_as_confirmed(parts, rita):
    entry, token = queued_boxes(parts, box(x=4.26, width=10.44)), uuid4()
    rounded = drawn(box(x=4.3, width=10.4))
    first = answer(parts, entry, rita, boxes=rounded, token=token)
    assert answer(parts, entry, rita, boxes=rounded, token=token) == first
    assert answer(parts, entry, rita, "confirm", token=token) == first
    with pytest.raises(AnsweredOtherwise):
        answer(parts, entry, rita, boxes=drawn(box(x=14)), token=token)


def test_of_four_people_who_draw_at_once_one_is_counted(parts):
    entry = queued_boxes(parts, box())
    people = [reviewer(parts) for _ in range(4)]
    found = at_once(*(lambda p=p: answer(parts, entry, p, boxes=drawn(box(x=9))) for p in people))
    assert sum(isinstance(review, Review) for review in found) == 1
    assert Annotation.objects.count() == 1
