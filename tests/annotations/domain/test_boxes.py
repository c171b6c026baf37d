from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.boxes import Box, distance, iou, match

places = st.integers(0, 30).map(float)
sides = st.integers(1, 30).map(float)
boxes = st.builds(Box, st.sampled_from(["crack", "dent"]), places, places, sides, sides)
some = st.lists(boxes, max_size=6)


def test_overlap_is_the_shared_area_over_the_whole():
    one = Box("crack", 0, 0, 10, 10)
    assert iou(one, Box("crack", 5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert iou(one, Box("crack", 0, 0, 10, 5)) == 0.5
    assert iou(one, Box("crack", 10, 0, 10, 10)) == 0.0
    assert iou(one, Box("dent", 0, 0, 10, 10)) == 1.0


@given(boxes, boxes)
def test_overlap_is_symmetric_and_from_0_to_1(one, other):
    assert 0 <= iou(one, other) <= 1
    assert iou(one, other) == iou(other, one)
    assert iou(one, one) == 1


@given(st.builds(Box, st.just("crack"), *[st.floats(0, 5_000)] * 2, *[st.floats(0.001, 5_000)] * 2))
def test_a_box_covers_itself_wherever_it_lies(box):
    assert iou(box, box) == 1
    assert distance([box], [box]) == 0


def test_boxes_of_another_label_or_elsewhere_are_no_partners():
    one = Box("crack", 0, 0, 10, 10)
    assert match([one], [Box("dent", 0, 0, 10, 10)]) == ()
    assert match([one], [Box("crack", 50, 0, 10, 10)], least=0.0) == ()
    assert match([one], [Box("crack", 0, 0, 10, 4)]) == ()
    assert match([one], [Box("crack", 0, 0, 10, 4)], least=0.4) == ((0, 0, 0.4),)
    assert match([], [one]) == match([one], []) == ()


def test_nobody_is_left_alone_because_a_neighbour_took_the_best():
    """The first overlaps best with the second's only partner; greedy pairing would find one."""
    first, second = Box("crack", 2, 0, 10, 10), Box("crack", 5, 0, 10, 10)
    left, right = Box("crack", 0, 0, 10, 10), Box("crack", 3, 0, 10, 10)
    assert iou(first, right) > iou(first, left)
    pairs = match([first, second], [left, right])
    assert {(pair.one, pair.other) for pair in pairs} == {(0, 0), (1, 1)}


@given(some, some)
def test_matching_is_one_to_one_within_a_label_and_above_the_least_overlap(one, other):
    pairs = match(one, other, least=0.3)
    assert len({pair.one for pair in pairs}) == len({pair.other for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert one[pair.one].label == other[pair.other].label
        assert pair.iou == iou(one[pair.one], other[pair.other]) >= 0.3
    assert len(match(other, one, least=0.3)) == len(pairs)


@given(st.lists(boxes, max_size=4), st.lists(boxes, min_size=4, max_size=4))
def test_no_other_pairing_has_more_pairs_or_as_many_with_more_overlap(one, other):
    pairs = match(one, other, least=0.2)
    found = (len(pairs), sum(pair.iou for pair in pairs))
    for order in permutations(range(len(other)), len(one)):
        tried = [
            iou(one[i], other[j])
            for i, j in enumerate(order)
            if one[i].label == other[j].label and iou(one[i], other[j]) >= 0.2
        ]
        assert (len(tried), sum(tried)) <= (found[0], found[1] + 1e-9)


@given(some, some)
def test_distance_is_symmetric_from_0_to_1_and_0_to_itself(one, other):
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, one) == 0
    assert distance(one, one[::-1]) == 0


def test_a_missed_box_counts_like_a_strange_one():
    one, other = Box("crack", 0, 0, 10, 10), Box("crack", 50, 50, 10, 10)
    assert distance([], []) == 0.0
    assert distance([one], []) == distance([one], [other]) == 1.0
    assert distance([one, other], [one]) == 0.5
    assert distance([one], [Box("dent", 0, 0, 10, 10)]) == 1.0
