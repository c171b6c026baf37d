"""Items that come with their truth, of each kind; the door's side is tests/annotations/api."""

from __future__ import annotations

import pytest

from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.errors import (
    AnnotationConflict,
    ContentOfAnotherKind,
    InvalidAnswer,
    UnknownLabel,
)
from annotations.models import Annotation, ItemContent
from tests.factories import DEFECT, GOOD, TESTER, image_bytes, present, project
from tests.kinds import box, boxes_project, drawn, texts_project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def bring(of, external_id="one", label="", image=None, **fields):
    sent = IncomingAnnotation(external_id, label, image, **fields)
    (verdict,) = import_annotations(project=of, actor=TESTER, batch=[sent], now=present())
    return verdict


def test_boxes_come_with_their_picture():
    parts, boxes = boxes_project(), drawn(box(), box(GOOD, 20, 3, 4, 5))
    assert bring(parts, image=image_bytes(1), boxes=boxes).status == "created"
    assert Annotation.objects.get().answer == {"boxes": boxes}
    assert bring(parts, boxes=boxes[::-1]).status == "unchanged"
    assert isinstance(bring(parts, boxes=boxes[:1]).error, AnnotationConflict)


def test_no_box_at_all_is_a_truth():
    parts = boxes_project()
    assert bring(parts, image=image_bytes(1), boxes=[]).status == "created"
    assert Annotation.objects.get().answer == {"boxes": []}
    assert isinstance(bring(parts, boxes=drawn(box())).error, AnnotationConflict)


def test_texts_come_with_their_label():
    mail = texts_project()
    assert bring(mail, label=GOOD, text="Thank you!").status == "created"
    assert ItemContent.objects.get().text == "Thank you!"
    assert bring(mail, label=GOOD, text="Thank you!").status == "unchanged"


@pytest.mark.parametrize(
    ("of", "fields", "error"),
    [
        (boxes_project, {"image": image_bytes(1), "boxes": drawn(box(x=40))}, InvalidAnswer),
        (boxes_project, {"image": image_bytes(1), "label": DEFECT}, InvalidAnswer),
        (boxes_project, {"text": "a text", "boxes": []}, ContentOfAnotherKind),
        (texts_project, {"text": "a text", "label": "anger"}, UnknownLabel),
        (texts_project, {"text": "a text", "boxes": []}, InvalidAnswer),
        (texts_project, {"image": image_bytes(1), "label": GOOD}, ContentOfAnotherKind),
        (project, {"image": image_bytes(1), "boxes": []}, InvalidAnswer),
        (project, {"image": image_bytes(1), "label": "anger"}, UnknownLabel),
        (project, {"text": "a text", "label": GOOD}, ContentOfAnotherKind),
    ],
)
def test_what_does_not_belong_is_refused_and_nothing_is_kept(of, fields, error):
    verdict = bring(of(), **fields)
    assert isinstance(verdict.error, error)
    assert verdict.status == "refused"
    assert not Annotation.objects.exists()
