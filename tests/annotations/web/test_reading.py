"""The guideline comes before the work: once a version, and only what is new."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.actions.add_member import add_member
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.errors import UnknownTaxonomy
from annotations.models import Assignment, GuidelineReading
from annotations.queries.readings import has_read, newest_reading
from annotations.queries.versions import newest_taxonomy_id
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import LABELS, TESTER, present
from tests.pages import hidden_fields, page
from tests.races import at_once

pytestmark = pytest.mark.django_db
BENCH = {"X-Bench": "1"}
WORDS = "A crack that ends at the busbar is a defect."


@pytest.fixture
def cells():
    cells = factories.project("cells", guidelines=WORDS)
    factories.queued(cells, external_id="cell-1")
    return cells


@pytest.fixture
def rita(cells, client):
    rita = factories.reviewer(cells, "rita")
    client.force_login(rita)
    return rita


def revise(of, *labels: LabelSpec, guidelines=WORDS, mapping=None):
    spec = TaxonomySpec(labels or LABELS, guidelines=guidelines, mapping=mapping or {})
    return revise_taxonomy(project=of, spec=spec, actor=TESTER, now=present())


def read(client, of):
    fields = hidden_fields(page(client, "annotations:review", of), within="number")
    return client.post(reverse("annotations:acknowledge", args=[of.slug]), fields, follow=True)


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//x", "/p/cells/gridlock", "\n"])
def test_after_it_nobody_is_sent_where_the_page_did_not_come_from(client, cells, rita, back):
    fields = hidden_fields(page(client, "annotations:review", cells), within="number")
    address = reverse("annotations:acknowledge", args=[cells.slug])
    told = client.post(address, {**fields, "back": back})
    assert told["Location"] == reverse("annotations:review", args=[cells.slug])


def test_it_stands_before_the_first_item_and_nothing_is_claimed_meanwhile(client, cells, rita):
    shown = page(client, "annotations:review", cells)
    assert WORDS in shown
    assert "cell-1" not in shown
    assert not Assignment.objects.exists()
    assert "cell-1" in read(client, cells).content.decode()
    assert "cell-1" in page(client, "annotations:review", cells)
    assert AuditEntry.objects.filter(action="guideline.read").count() == 1


def test_everybody_reads_for_themselves(client, cells, rita):
    read(client, cells)
    client.force_login(factories.reviewer(cells))
    assert WORDS in page(client, "annotations:review", cells)


def test_a_new_version_tells_what_has_changed_since_the_one_that_was_read(client, cells, rita):
    read(client, cells)
    revise(cells, *LABELS, LabelSpec("dust", "Dust", guideline="Grey spots."))
    revise(
        cells,
        LabelSpec("good", "Fine"),
        LabelSpec("flaw", "Flaw"),
        guidelines="Look twice.",
        mapping={"defect": "flaw", "dust": "flaw"},
    )
    shown = page(client, "annotations:review", cells)
    assert "you have read version 1" in shown
    assert "Good is now called Fine" in shown
    assert "Defect is now called Flaw" in shown
    assert "Look twice." in shown
    assert WORDS not in shown
    read(client, cells)
    assert newest_reading(cells, rita) is None


def test_a_version_that_says_the_same_is_not_asked_about(client, cells, rita):
    read(client, cells)
    revise(cells)
    assert newest_reading(cells, rita) is None


def test_labels_without_any_words_ask_nothing_until_they_change(client, rita):
    plain = factories.project()
    add_member(project=plain, user=rita, role="reviewer", actor=TESTER, now=present())
    assert newest_reading(plain, rita) is None
    revise(plain, *LABELS, LabelSpec("dust", "Dust"), guidelines="")
    assert "New: Dust" in page(client, "annotations:review", plain)
    late = factories.reviewer(plain)
    assert newest_reading(plain, late) is None, "who comes now knows no other labels"


def test_an_item_by_newer_labels_asks_to_read_first(client, cells, rita):
    """A version that comes in force while somebody works is read before its first item."""
    read(client, cells)
    revise(cells, *LABELS, LabelSpec("dust", "Dust"))
    factories.queued(cells, external_id="cell-2")
    ahead = client.get(reverse("annotations:ahead", args=[cells.slug]), headers=BENCH).json()
    known, new = (item["html"] for item in ahead["items"])
    assert 'name="verdict"' in known
    assert "The guideline has changed" in new
    assert 'name="verdict"' not in new


def test_what_was_read_is_remembered_by_the_process(client, cells, rita):
    read(client, cells)
    newest = newest_taxonomy_id(cells)
    assert has_read(cells, rita, newest)
    with CaptureQueriesContext(connection) as asked:
        assert has_read(cells, rita, newest)
    assert len(asked) == 0


def test_an_unknown_version_is_refused(client, cells, rita):
    url = reverse("annotations:acknowledge", args=[cells.slug])
    for number in ("", "-1", "9" * 30, "x"):
        assert client.post(url, {"number": number}).status_code == 422
    with pytest.raises(UnknownTaxonomy):
        acknowledge_guideline(project=cells, user=rita, number=2, now=present())


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_tabs_read_once(cells, rita):
    def done():
        return acknowledge_guideline(project=cells, user=rita, number=1, now=present())

    one, other = at_once(done, done)
    assert one == other
    assert GuidelineReading.objects.count() == 1
