"""One batch may name an item or a predictor many times: each mention is judged by itself.

What stands here was found by the state machine of the queue (tests/flows/queue_machine).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.routing import Rules
from annotations.models import Annotation, Item, Prediction, Predictor, QueueEntry, Route
from tests import factories
from tests.factories import EVERYTHING_AUDITED, TESTER, image_bytes, incoming, present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ONE, OTHER = image_bytes(1), image_bytes(2)


def told(verdicts) -> list[str]:
    return [each.error.code if each.error else each.status for each in verdicts]


def test_a_mention_with_other_content_is_refused_and_not_stored() -> None:
    cells = factories.project()
    verdicts = factories.submit(
        cells,
        incoming("cell", image=ONE),
        incoming("cell", image=OTHER, version="2", label="good"),
    )
    assert told(verdicts) == ["created", "item_content_conflict"]
    assert Prediction.objects.count() == 1
    assert Route.objects.get().reasons[0]["name"] == "low_confidence"


def test_a_refused_mention_does_not_spoil_the_one_after_it() -> None:
    cells = factories.project()
    factories.submit(cells, incoming("cell", image=ONE))
    verdicts = factories.submit(
        cells,
        incoming("cell", image=OTHER, version="2"),
        incoming("cell", image=ONE, version="3"),
        incoming("new", image=None, version="2"),
        incoming("new", image=ONE, version="3"),
    )
    assert told(verdicts) == ["item_content_conflict", "created", "created", "created"]


def test_an_imported_mention_with_other_content_leaves_no_label() -> None:
    cells = factories.project()
    factories.submit(cells, incoming("cell", image=ONE))
    batch = [IncomingAnnotation("cell", "good", OTHER), IncomingAnnotation("cell", "defect", ONE)]
    verdicts = import_annotations(project=cells, actor=TESTER, batch=batch, now=present())
    assert told(verdicts) == ["item_content_conflict", "created"]
    assert Annotation.objects.get().label_key == "defect"


def test_what_is_new_is_called_created_beside_what_is_known_crosswise() -> None:
    cells = factories.project()
    factories.submit(cells, incoming("a", image=ONE), incoming("b", image=ONE, version="2"))
    verdicts = factories.submit(
        cells,
        incoming("a", image=ONE),
        incoming("b", image=ONE, version="2"),
        incoming("a", image=ONE, version="2"),
        incoming("b", image=ONE),
    )
    assert told(verdicts) == ["unchanged", "unchanged", "created", "created"]


def test_a_new_predictor_speaks_the_one_taxonomy_in_which_most_of_its_words_are_valid() -> None:
    cells = factories.project()
    labels = (LabelSpec("good", "Good"), LabelSpec("crack", "Crack", is_positive=True))
    spec = TaxonomySpec(labels, mapping={"defect": "crack"})
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    words = ("good", "defect", "defect", "crack")
    batch = [
        incoming(f"cell-{number}", probabilities={label: 0.9}) for number, label in enumerate(words)
    ]
    verdicts = factories.submit(cells, *batch)
    assert told(verdicts) == ["created", "created", "created", "invalid_answer"]
    assert Predictor.objects.get().taxonomy.number == 1


def test_of_several_predictors_at_once_each_draw_makes_the_entry_a_blind_audit() -> None:
    # Names, key and project are fixed, so every draw is.
    cells = factories.project(uid=UUID(int=3), rules=Rules(low_confidence=1.0, audit_rate=0.3))
    batch = [
        incoming(f"cell-{number}", image=ONE, version=version)
        for number in range(30)
        for version in ("1", "2")
    ]
    factories.submit(cells, *batch)
    for item in Item.objects.all():
        entry = QueueEntry.objects.get(item=item)
        drawn = Route.objects.filter(prediction__item=item, audited=True).exists()
        assert (entry.audited, entry.blind) == (drawn, drawn)
    assert 5 < QueueEntry.objects.filter(audited=True).count() < 28


def test_a_lease_that_ended_has_shown_the_prediction_all_the_same() -> None:
    cells = factories.project()
    entry = factories.queued(cells, external_id="cell", image=ONE)
    now = present()
    assert claim_next(project=cells, reviewer=factories.reviewer(cells), now=now)
    later = now + timedelta(hours=1)
    assert sweep_leases(now=later) == 1
    revise_routing_policy(project=cells, rules=EVERYTHING_AUDITED, actor=TESTER, now=later)
    factories.submit(cells, incoming("cell", image=ONE, version="2"), now=later)
    entry.refresh_from_db()
    assert (entry.audited, entry.blind) == (False, False)


def test_an_audit_that_others_ask_for_too_is_no_longer_only_an_audit() -> None:
    cells = factories.project(rules=EVERYTHING_AUDITED)
    entry = factories.queued(cells, external_id="cell", image=ONE)
    assert entry.only_audit
    rules = Rules(low_confidence=1.0, audit_rate=1.0)
    revise_routing_policy(project=cells, rules=rules, actor=TESTER, now=present())
    factories.submit(cells, incoming("cell", image=ONE, version="2"))
    entry.refresh_from_db()
    assert not entry.only_audit
