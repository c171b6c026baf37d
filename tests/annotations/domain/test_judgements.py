from __future__ import annotations

import json

import pytest

from annotations.domain.boxes import Box
from annotations.domain.judgements import columns_of, judgement_in


@pytest.mark.parametrize("judgement", ["good", (), (Box("crack", 1.5, 2, 3, 4),), None])
def test_a_judgement_survives_its_row(judgement):
    columns = columns_of(judgement)
    stored = json.loads(json.dumps(columns["answer"]))
    assert judgement_in(columns["label_key"], stored) == judgement


def test_boxes_people_drew_have_no_scores():
    assert columns_of((Box("crack", 1, 2, 3, 4),)) == {
        "label_key": "",
        "answer": {"boxes": [{"label": "crack", "x": 1, "y": 2, "width": 3, "height": 4}]},
    }


def test_nothing_there_is_not_the_same_as_nothing_said():
    assert columns_of(()) == {"label_key": "", "answer": {"boxes": []}}
    assert columns_of(None) == {"label_key": "", "answer": None}
