"""Items that come with their truth, of each kind; the door's side is tests/annotations/api."""

from __future__ import annotations

from threading import Event
from time import sleep
from uuid import uuid4

import pytest
from django.db import transaction

from annotations.actions.approve_due import approve_due
from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.submit_review import submit_review
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.errors import (
    AnnotationConflict,
    ContentOfAnotherKind,
    InvalidAnswer,
    UnknownLabel,
)
from annotations.models import Annotation, ItemContent
from annotations.queries.learning import approved_annotations, taxonomy_in_force
from tests.factories import (
    DEFECT,
    GOOD,
    TESTER,
    image_bytes,
    present,
    project,
    queued,
    reviewer,
)
from tests.kinds import box, boxes_project, drawn, texts_project
from tests.races import at_once

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


OLD = (LabelSpec("good", "Good"), LabelSpec("defect", "Defect"), LabelSpec("dust", "Dust"))
NEW = (LabelSpec("good", "Good"), LabelSpec("crack", "Crack"))


def revise(of):
    """`defect` is called `crack` now, and `dust` is gone."""
    spec = TaxonomySpec(NEW, mapping={"defect": "crack"})
    revise_taxonomy(project=of, spec=spec, actor=TESTER, now=present())


def settled(of, label: str) -> str:
    """The external id of an item that a person judged so."""
    entry = queued(of)
    answer(of, entry, label)
    approve_due(now=present())
    return entry.item.external_id


def answer(of, entry, label: str) -> None:
    submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=reviewer(of),
        verdict="label",
        label_key=label,
        token=uuid4(),
        seconds=3.0,
        now=present(),
    )


def test_what_people_settled_in_older_words_is_not_overruled_in_new_ones():
    cells = project(labels=OLD)
    name, gone = settled(cells, DEFECT), settled(cells, "dust")
    revise(cells)
    before = list(Annotation.objects.order_by("pk").values())
    assert bring(cells, name, "crack").status == "unchanged"
    assert isinstance(bring(cells, name, GOOD).error, AnnotationConflict)
    assert isinstance(bring(cells, gone, GOOD).error, AnnotationConflict), "no word for it is left"
    assert list(Annotation.objects.order_by("pk").values()) == before
    truth = approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
    assert [(each.external_id, each.label_key) for each in truth] == [(name, "crack")]


def test_what_people_settle_in_older_words_after_an_import_overrules_it_there_too():
    cells = project(labels=OLD)
    entry = queued(cells)
    name = entry.item.external_id
    revise(cells)
    assert bring(cells, name, GOOD).status == "created"
    answer(cells, entry, DEFECT)
    truth = approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
    assert [(each.label_key, each.how) for each in truth] == [("crack", "single")]
    assert isinstance(bring(cells, name, GOOD).error, AnnotationConflict)
    assert bring(cells, name, "crack").status == "unchanged"


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_whoever_is_settling_its_item_and_does_not_overrule_them():
    cells = project(labels=OLD)
    entry = queued(cells)
    revise(cells)
    under_way = Event()

    def settle() -> None:
        with transaction.atomic():
            answer(cells, entry, DEFECT)
            under_way.set()
            sleep(0.3)

    def follow():
        assert under_way.wait(20)
        return bring(cells, entry.item.external_id, GOOD)

    failed, verdict = at_once(settle, follow)
    assert failed is None
    assert isinstance(verdict.error, AnnotationConflict)
    assert Annotation.objects.get().label_key == DEFECT


def test_an_import_speaks_in_new_words_too_unless_no_word_of_it_is_left():
    cells = project(labels=OLD)
    for label in (DEFECT, "dust"):
        assert bring(cells, label, label, image_bytes(1)).status == "created"
    revise(cells)
    assert bring(cells, DEFECT, "crack").status == "unchanged"
    assert isinstance(bring(cells, DEFECT, GOOD).error, AnnotationConflict)
    assert bring(cells, "dust", GOOD).status == "created"
    assert isinstance(bring(cells, "dust", "crack").error, AnnotationConflict)
    truth = approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
    assert {each.external_id: each.label_key for each in truth} == {DEFECT: "crack", "dust": GOOD}


def test_boxes_in_older_words_are_compared_under_their_new_names():
    parts, place = boxes_project(labels=OLD), box(x=2)
    both = drawn(box("good"), box("defect", x=2))
    assert bring(parts, image=image_bytes(1), boxes=both).status == "created"
    assert bring(parts, "two", image=image_bytes(2), boxes=drawn(box("dust"))).status == "created"
    revise(parts)
    assert bring(parts, boxes=drawn(box("good"), {**place, "label": "crack"})).status == "unchanged"
    assert isinstance(bring(parts, boxes=drawn(box("good"))).error, AnnotationConflict)
    assert bring(parts, "two", boxes=[]).status == "created"


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
