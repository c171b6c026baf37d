from __future__ import annotations

import pytest

from annotations.domain.guideline_changes import Change, What, changes_between
from annotations.domain.labels import LabelSpec

GOOD, CRACK = LabelSpec("good", "Good"), LabelSpec("crack", "Crack", guideline="A line.")


@pytest.mark.parametrize(
    ("old", "new", "mappings", "changes"),
    [
        ([GOOD, CRACK], [CRACK, GOOD], [{}], []),
        (
            [GOOD],
            [GOOD, CRACK],
            [{}],
            [Change(What.ADDED, after="Crack", guideline="A line.")],
        ),
        ([GOOD, CRACK], [GOOD], [{}], [Change(What.REMOVED, before=("Crack",))]),
        (
            [GOOD],
            [LabelSpec("good", "Fine")],
            [{}],
            [Change(What.RENAMED, ("Good",), "Fine")],
        ),
        (
            [GOOD],
            [LabelSpec("fine", "Fine", guideline="Nothing to see.")],
            [{"good": "fine"}],
            [Change(What.RENAMED, ("Good",), "Fine", "Nothing to see.")],
        ),
        (
            [CRACK],
            [LabelSpec("crack", "Crack", guideline="A line, or a gap.")],
            [{}],
            [Change(What.REWORDED, ("Crack",), "Crack", "A line, or a gap.")],
        ),
        (
            [CRACK, LabelSpec("gap", "Gap"), GOOD],
            [LabelSpec("defect", "Defect"), GOOD],
            [{"crack": "defect", "gap": "defect"}],
            [Change(What.MERGED, ("Crack", "Gap"), "Defect")],
        ),
        (
            [GOOD],
            [LabelSpec("fine", "Fine")],
            [{"good": "ok"}, {"ok": "fine"}],
            [Change(What.RENAMED, ("Good",), "Fine")],
        ),
        (
            [GOOD],
            [LabelSpec("good", "Good")],
            [{"good": "ok"}, {}],
            [Change(What.ADDED, after="Good"), Change(What.REMOVED, before=("Good",))],
        ),
    ],
)
def test_what_became_of_every_label(old, new, mappings, changes):
    assert changes_between(old, new, mappings) == changes


def test_blanks_around_a_guideline_are_no_change():
    again = LabelSpec("crack", "Crack", guideline=" A line.\n")
    assert changes_between([CRACK], [again], [{}]) == []
