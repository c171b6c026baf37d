from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.actions.pin_example import MOST, pin_example
from annotations.actions.unpin_example import unpin_example
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import ExamplesFull, UnknownItem, UnknownLabel
from annotations.models import LabelExample
from annotations.queries.label_examples import examples_of, forget_examples
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import present
from tests.kinds import answered, queued_text, texts_project
from tests.pages import page
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def lena(cells):
    return factories.lead(cells, "lena")


def pin(of, item, by, label="good"):
    return pin_example(project=of, item_uid=item.uid, label_key=label, lead=by, now=present())


def test_it_stands_beside_the_guideline_of_its_label(client, cells, lena):
    item = factories.annotated(cells)
    pin(cells, item, lena)
    forget_examples(cells)
    factories.queued(cells)
    client.force_login(factories.reviewer(cells))
    shown = page(client, "annotations:review", cells)
    assert f"{item.content.image.uid}/thumbnail" in shown
    assert "Example 1 of Good" in shown


def test_a_text_is_an_example_too(client):
    mail = texts_project()
    entry = queued_text(mail, "Where is my parcel?")
    answered(mail, entry, factories.reviewer(mail), "confirm")
    pin(mail, entry.item, factories.lead(mail))
    (example,) = examples_of(mail)["good"]
    assert (example.image_uid, example.text) == (None, "Where is my parcel?")


def test_pinned_twice_it_is_pinned_once_and_gone_when_unpinned(cells, lena):
    item = factories.annotated(cells)
    assert pin(cells, item, lena) == pin(cells, item, lena)
    told = {"project": cells, "item_uid": item.uid, "label_key": "good", "lead": lena}
    assert unpin_example(**told, now=present())
    assert not unpin_example(**told, now=present())
    actions = AuditEntry.objects.filter(action__startswith="example.").order_by("pk")
    assert [each.action for each in actions] == ["example.pin", "example.unpin"]


def test_refusals(cells, lena):
    item = factories.annotated(cells)
    with pytest.raises(UnknownLabel):
        pin(cells, item, lena, "dust")
    with pytest.raises(UnknownItem):
        pin(cells, factories.annotated(factories.project()), lena)
    for _ in range(MOST):
        pin(cells, factories.annotated(cells), lena)
    with pytest.raises(ExamplesFull):
        pin(cells, item, lena)
    pin(cells, item, lena, "defect")


def test_what_waits_for_an_answer_is_no_example_meanwhile():
    cells = factories.project(review=ReviewSpec(grace_seconds=600, blind_share=0.0))
    entry = factories.queued(cells)
    pin(cells, entry.item, factories.lead(cells))
    assert examples_of(cells) == {}
    answered(cells, entry, factories.reviewer(cells), "confirm")
    forget_examples(cells)
    assert len(examples_of(cells)["good"]) == 1


def test_reading_them_again_costs_nothing(cells, lena):
    pin(cells, factories.annotated(cells), lena)
    examples_of(cells)
    with CaptureQueriesContext(connection) as asked:
        examples_of(cells)
    assert len(asked) == 0


def test_a_lead_pins_and_unpins_from_the_items_page(client, cells, lena):
    item = factories.annotated(cells)
    client.force_login(lena)
    url = reverse("annotations:pin-example", args=[cells.slug, item.uid])
    told = client.post(url, {"label": "good"}, follow=True).content.decode()
    assert "Pinned" in told
    assert "Shown as an example of <strong>Good</strong>" in told
    refused = client.post(url, {"label": "dust"}, follow=True).content.decode()
    assert UnknownLabel.title in refused
    url = reverse("annotations:unpin-example", args=[cells.slug, item.uid])
    assert (
        "No longer an example" in client.post(url, {"label": "good"}, follow=True).content.decode()
    )
    assert not LabelExample.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_leads_cannot_both_pin_the_last_one(cells, lena):
    for _ in range(MOST - 1):
        pin(cells, factories.annotated(cells), lena)
    items = [factories.annotated(cells) for _ in range(2)]
    told = at_once(*(lambda item=item: pin(cells, item, lena) for item in items))
    assert sorted(type(each).__name__ for each in told) == ["ExamplesFull", "LabelExample"]
