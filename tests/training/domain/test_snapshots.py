"""Invariant 6: nothing of the evaluate fold enters a training set, under no name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.queries.learning import ApprovedAnnotation, LabelFacts, TaxonomyFacts
from training.domain.snapshots import counts_of, draft_snapshot, is_recent, manifest_of

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TAXONOMY = TaxonomyFacts(
    id=1,
    number=2,
    labels=tuple(LabelFacts(key, key, False, 1.0, 1.0, 1) for key in ("good", "defect")),
)
PROJECT = UUID(int=7)


def known(number: int, fold: str = "learn", **fields) -> ApprovedAnnotation:
    return ApprovedAnnotation(
        **{
            "annotation_id": number,
            "annotation_uid": UUID(int=number),
            "item_id": number,
            "external_id": f"item-{number}",
            "fold": fold,
            "source_group": "",
            "outcome": "label",
            "label_key": "good",
            "corrects": False,
            "how": "single",
            "approved_at": MONDAY,
            "image_sha256": f"sha-{number}",
            **fields,
        }
    )


def vectors(*annotations: ApprovedAnnotation):
    return {
        one.item_id: np.random.default_rng(one.item_id).normal(size=32).astype(np.float16)
        for one in annotations
    }


def draft(*annotations: ApprovedAnnotation):
    return draft_snapshot(annotations, vectors(*annotations))


def test_learn_and_validate_are_members_and_evaluate_never() -> None:
    made = draft(known(1), known(2, "validate"), known(3, "evaluate"))
    assert [one.annotation_id for one in made.members] == [1, 2]
    assert made.held_out == 1


def test_an_image_that_a_later_exam_may_show_is_dropped() -> None:
    items = [known(1), known(2, "validate"), known(3)]
    made = draft_snapshot(items, vectors(*items), held_out_images={"sha-1", "sha-2", "sha-7"})
    assert [one.annotation_id for one in made.members] == [3]
    assert ([why for _, why in made.dropped], made.held_out) == (["same_image"] * 2, 0)


def test_the_exam_s_image_under_another_name_is_dropped() -> None:
    made = draft(known(1, image_sha256="x"), known(2), known(3, "evaluate", image_sha256="x"))
    assert [one.annotation_id for one in made.members] == [2]
    assert [why for _, why in made.dropped] == ["same_image"]


def test_unusable_items_and_items_without_an_image_teach_nothing() -> None:
    gone, unusable = known(1), known(2, outcome="unusable", label_key="")
    made = draft_snapshot([gone, unusable, known(3)], vectors(known(3)))
    assert [one.annotation_id for one in made.members] == [3]
    assert made.dropped == ((gone, "no_image"),)


def test_the_manifest_is_the_same_bytes_in_whatever_order_the_rows_come() -> None:
    rows = [known(at, label_key=["good", "defect"][at % 2]) for at in range(1, 9)]

    def manifest(order):
        return manifest_of(draft(*order), project=PROJECT, taxonomy=TAXONOMY, since=None)

    assert manifest(rows) == manifest(rows[::-1])
    told = json.loads(manifest(rows))
    assert told["taxonomy"] == {"labels": ["good", "defect"], "number": 2}
    assert [one["item"] for one in told["members"]] == [f"item-{at}" for at in range(1, 9)]


def test_recent_is_what_came_after_the_champion_s_data() -> None:
    late = known(1, approved_at=MONDAY + timedelta(hours=1))
    assert is_recent(late, MONDAY)
    assert not is_recent(known(2), MONDAY)
    assert not is_recent(late, None)
    counts = counts_of(draft(late, known(2)), since=MONDAY)
    assert (counts["recent"], counts["learn"], counts["by_label"]) == (1, 2, {"good": 2})


folds = st.sampled_from(["learn", "validate", "evaluate"])
names = st.sampled_from(["a", "b", "c", ""])


@given(st.lists(st.tuples(folds, names, names), max_size=30))
def test_no_member_shares_image_or_source_with_the_exam(rows) -> None:
    annotations = [
        known(at, fold, source_group=group, image_sha256=image or f"own-{at}")
        for at, (fold, group, image) in enumerate(rows, start=1)
    ]
    made = draft(*annotations)
    exam = [one for one in annotations if one.fold == "evaluate"]
    for member in made.members:
        assert member.fold != "evaluate"
        assert member.image_sha256 not in {one.image_sha256 for one in exam}
        assert not member.source_group or member.source_group not in {
            one.source_group for one in exam
        }
    assert len(made.members) + len(made.dropped) + len(exam) == len(annotations)


@pytest.mark.parametrize("fold", ["learn", "validate"])
def test_near_duplicates_of_the_exam_are_dropped(fold) -> None:
    copy, original, other = known(1, fold), known(2, "evaluate"), known(3, fold)
    embeddings = vectors(copy, original, other)
    embeddings[1] = (embeddings[2] * np.float16(1.01)).astype(np.float16)
    made = draft_snapshot([copy, original, other], embeddings)
    assert [one.annotation_id for one in made.members] == [3]
    assert [why for _, why in made.dropped] == ["near_duplicate"]
