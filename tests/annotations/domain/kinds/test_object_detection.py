from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.boxes import Box
from annotations.domain.kinds.answers import Difference
from annotations.domain.kinds.object_detection import (
    Detections,
    agree,
    carry,
    compare,
    distance,
    judge,
    parse,
    restore,
    same,
    says,
)
from annotations.errors import InvalidAnswer

LABELS = ["crack", "dent"]
SIZE = (640, 480)
GOOD = {"label": "crack", "score": 0.9, "x": 10, "y": 20, "width": 30, "height": 40}

placed = st.tuples(st.floats(-1, 600), st.floats(-1, 400), st.floats(1.01, 40), st.floats(1.01, 80))
scored = st.builds(
    lambda label, score, place: {
        "label": label,
        "score": score,
        **dict(zip(("x", "y", "width", "height"), place, strict=True)),
    },
    st.sampled_from(LABELS),
    st.floats(0, 1, exclude_min=True),
    placed,
)
documents = st.lists(scored, max_size=6).map(lambda found: {"boxes": found})


def problems(raw, labels=LABELS, size=SIZE):
    with pytest.raises(InvalidAnswer) as caught:
        parse(raw, labels, size=size)
    return {problem["field"]: problem["message"] for problem in caught.value.data["errors"]}


def one_box(**changes):
    return {"boxes": [{**GOOD, **changes}]}


def test_boxes_come_by_falling_score_whatever_the_client_sent():
    weak, strong = {**GOOD, "score": 0.4, "label": "dent"}, GOOD
    answer = parse({"boxes": [weak, strong]}, LABELS, size=SIZE)
    assert answer == parse({"boxes": [strong, weak]}, LABELS, size=SIZE)
    assert [box.score for box in answer.boxes] == [0.9, 0.4]
    assert (answer.top, answer.confidence, answer.labels) == ("crack", 0.4, ("crack", "dent"))
    assert (answer.margin, answer.entropy, answer.dissent) == (None, None, None)


def test_equal_scores_are_ordered_by_label_and_place():
    sent = [{**GOOD, "label": label, "x": x} for label in ("dent", "crack") for x in (9, 3)]
    found = parse({"boxes": sent}, LABELS, size=SIZE).boxes
    assert [(box.label, box.x) for box in found] == [
        ("crack", 3),
        ("crack", 9),
        ("dent", 3),
        ("dent", 9),
    ]


def test_no_box_is_an_answer():
    answer = parse({"boxes": []}, LABELS, size=SIZE)
    assert (answer.top, answer.confidence, answer.labels) == ("", 1.0, ())
    assert answer.positive(LABELS) == 0.0
    assert answer.as_json() == {"boxes": []}


def test_one_right_box_makes_a_finding():
    sent = [{**GOOD, "score": 0.5}, {**GOOD, "score": 0.5}, {**GOOD, "label": "dent", "score": 1}]
    answer = parse({"boxes": sent}, LABELS, size=SIZE)
    assert answer.positive({"crack"}) == 0.75
    assert answer.positive({"dent"}) == 1.0


@given(documents)
def test_an_answer_survives_json(raw):
    answer = parse(raw, LABELS, size=SIZE)
    stored = json.loads(json.dumps(answer.as_json()))
    assert parse(stored, LABELS, size=SIZE) == restore(stored) == answer
    assert 0 < answer.confidence <= 1
    assert 0 <= answer.positive(LABELS) <= 1
    for box in answer.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= SIZE[0] + 1e-9
        assert box.y + box.height <= SIZE[1] + 1e-9


@given(documents, documents)
def test_comparing_is_symmetric(one, other):
    left, right = parse(one, LABELS, size=SIZE), parse(other, LABELS, size=SIZE)
    assert compare(left, right) == compare(right, left)
    assert compare(left, left) == Difference(labels=False, divergence=None, unmatched=0)


@given(documents)
def test_the_same_words_carry_an_answer_unchanged(raw):
    answer = parse(raw, LABELS, size=SIZE)
    assert carry(answer, lambda key: key) == (answer, ())


def test_boxes_that_barely_overlap_are_not_the_same_unless_asked():
    one, other = parse(one_box(), LABELS), parse(one_box(height=16), LABELS)
    assert compare(one, other) == Difference(labels=False, unmatched=2)
    assert compare(one, other, iou=0.4) == Difference(labels=False, unmatched=0)
    assert compare(one, parse({"boxes": []}, LABELS)) == Difference(labels=True, unmatched=1)


def test_boxes_move_to_the_successors_of_their_labels():
    answer = parse({"boxes": [GOOD, {**GOOD, "label": "dent", "score": 0.95}]}, LABELS)
    moved, gone = carry(answer, {"crack": "break"}.get)
    assert ([box.label for box in moved.boxes], gone) == (["break"], ("dent",))
    merged, gone = carry(answer, {"crack": "defect", "dent": "defect"}.get)
    assert ([box.label for box in merged.boxes], gone) == (["defect", "defect"], ())


def test_a_pixel_of_rounding_is_cut_off_at_the_edge():
    answer = parse(one_box(x=-1, y=-0.5, width=641, height=481.5), LABELS, size=SIZE)
    assert answer.boxes[0][1:5] == (0, 0, 640, 480)


def test_the_size_may_be_unknown():
    assert parse(one_box(x=5_000), LABELS).boxes[0].x == 5_000
    assert "inside the image;" in problems(one_box(x=-2), size=None)["boxes[0].x"]


@pytest.mark.parametrize("raw", [None, [], "boxes", 0.9])
def test_something_else_than_fields_is_refused(raw):
    assert "Expected an object" in problems(raw)["boxes"]


@pytest.mark.parametrize("raw", [{}, {"boxes": None}, {"boxes": {}}, {"boxes": "none"}])
def test_something_else_than_a_list_is_refused(raw):
    assert "Expected a list of boxes" in problems(raw)["boxes"]


@pytest.mark.parametrize("field", ["probabilities", "label", "samples", "confidence"])
def test_a_field_of_another_kind_is_refused(field):
    told = problems({"boxes": [], field: "crack"})
    assert told == {field: "object_detection takes boxes, and not this."}


@pytest.mark.parametrize("box", [None, 3, "box", [1, 2, 3, 4], {}, {"label": "crack"}])
def test_what_is_no_box_is_told_what_a_box_has(box):
    told = problems({"boxes": [GOOD, box]})
    assert told == {
        "boxes[1]": "Expected an object with exactly label, score, x, y, width, height."
    }


def test_a_box_with_a_field_too_many_is_refused():
    assert "with exactly label" in problems(one_box(z=1))["boxes[0]"]
    misspelt = {**{name: GOOD[name] for name in GOOD if name != "x"}, "left": 3}
    assert "with exactly label" in problems({"boxes": [misspelt]})["boxes[0]"]


@pytest.mark.parametrize("label", ["hole", "", 3, None, ["crack"], {"crack": 1}])
def test_a_label_the_taxonomy_lacks_is_refused_with_those_it_has(label):
    told = problems(one_box(label=label))
    assert told == {"boxes[0].label": "Expected a label of the taxonomy: crack, dent."}


@pytest.mark.parametrize("score", [0, -0.1, 1.01, float("nan"), float("inf"), True, None, "0.9"])
def test_what_is_no_score_is_refused(score):
    assert problems(one_box(score=score)) == {
        "boxes[0].score": "Expected a number above 0 and up to 1."
    }


@pytest.mark.parametrize("field", ["x", "y", "width", "height"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, None, "3"])
def test_what_is_no_number_of_pixels_is_refused(field, value):
    told = problems(one_box(**{field: value}))
    assert told == {f"boxes[0].{field}": "Expected a number of pixels up to 1,000,000."}


@pytest.mark.parametrize("field", ["width", "height"])
@pytest.mark.parametrize("value", [0, -5, -0.001, 1e-9])
def test_a_box_turned_inside_out_is_refused(field, value):
    assert "Expected a size above 0" in problems(one_box(**{field: value}))[f"boxes[0].{field}"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": -1.01}, "x"),
        ({"y": -2}, "y"),
        ({"width": 631.1}, "x"),
        ({"height": 461.1}, "y"),
        ({"x": 640.5, "width": 0.5}, "x"),
        ({"x": 700}, "x"),
    ],
)
def test_a_box_outside_the_image_is_refused(changes, field):
    told = problems(one_box(**changes))[f"boxes[0].{field}"]
    assert "Expected a box inside the image of 640 x 480 pixels; this one goes from" in told


def test_every_problem_of_a_box_is_told_at_once():
    told = problems(one_box(label="hole", score=2, width=-1, y=-9))
    assert told.keys() == {"boxes[0].label", "boxes[0].score", "boxes[0].width", "boxes[0].y"}


def test_fifty_thousand_boxes_are_refused_at_once_and_in_one_sentence():
    began = time.thread_time()  # a machine with more to do than this test is no fault of ours
    told = problems({"boxes": [GOOD] * 50_000})
    assert told == {"boxes": "Expected at most 1,000 boxes; these are 50,000."}
    assert time.thread_time() - began < 0.1


def test_a_thousand_boxes_are_taken():
    assert len(parse({"boxes": [GOOD] * 1_000}, LABELS, size=SIZE).boxes) == 1_000


def test_not_more_than_twenty_problems_are_told():
    assert len(problems({"boxes": [{**GOOD, "score": 2}] * 1_000})) == 20


def test_a_person_draws_boxes_without_scores():
    drawn = {name: GOOD[name] for name in ("label", "x", "y", "width", "height")}
    assert judge([drawn], LABELS, size=SIZE) == (Box("crack", 10, 20, 30, 40),)
    assert judge([], LABELS, size=SIZE) == ()
    with pytest.raises(InvalidAnswer) as caught:
        judge([GOOD], LABELS, size=SIZE)
    assert "exactly label, x, y, width, height." in caught.value.data["errors"][0]["message"]


@pytest.mark.parametrize("field", ["x", "y", "width", "height"])
@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400, -(10**400)])
def test_a_person_draws_with_numbers_that_an_image_could_hold(field, value):
    """An integer too large for a float cannot even be added to one."""
    places = dict.fromkeys(("x", "y", "width", "height"), 10.5)
    with pytest.raises(InvalidAnswer) as caught:
        judge([{"label": "crack", **places, field: value}], LABELS, size=SIZE)
    assert [each["field"] for each in caught.value.data["errors"]] == [f"boxes[0].{field}"]


def test_people_are_apart_by_what_their_boxes_do_not_share():
    one = (Box("crack", 0, 0, 10, 10),)
    assert distance(one, one) == 0.0
    assert distance(one, ()) == 1.0
    assert distance(one, (Box("crack", 0, 0, 10, 5),)) == 0.5


def test_to_confirm_is_to_say_the_same_without_scores():
    weak, strong = {**GOOD, "score": 0.4, "x": 3}, GOOD
    boxes = says(parse({"boxes": [weak, strong]}, LABELS, size=SIZE))
    assert boxes == judge(
        [{name: box[name] for name in box if name != "score"} for box in (strong, weak)], LABELS
    )


def test_boxes_are_the_same_up_to_rounding():
    one = (Box("crack", 10.26, 20, 30, 40), Box("crack", 10.24, 70, 30, 40))
    rounded = (Box("crack", 10.2, 70, 30, 40), Box("crack", 10.3, 20.4, 30, 40))
    assert same(one, rounded)
    assert not same(one, one[:1])
    assert not same(one, (one[0], one[1]._replace(label="dent")))
    assert not same(one[:1], (one[0]._replace(width=30.6),))
    assert same((), ())


def test_people_agree_when_every_box_has_a_partner_and_they_overlap_well():
    one = (Box("crack", 0, 0, 100, 100),)
    assert agree(one, (Box("crack", 5, 5, 100, 100),))
    assert not agree(one, (Box("crack", 25, 25, 100, 100),))
    assert not agree(one, (Box("dent", 0, 0, 100, 100),))
    many = tuple(Box("crack", 200 * n, 0, 100, 100) for n in range(10))
    assert distance(many, many[1:]) == pytest.approx(0.1)
    assert not agree(many, many[1:])
    assert agree((), ())


def test_answers_cannot_be_changed():
    with pytest.raises(AttributeError):
        Detections(()).boxes = ()
