from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from annotations.actions.claim_next import claim_next
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import TaxonomySpec
from annotations.domain.routing import Decision, Rules, route
from annotations.errors import (
    InvalidAnswer,
    ItemContentConflict,
    ItemContentMissing,
    PredictionConflict,
    UnknownImage,
    UnknownTaxonomy,
)
from annotations.models import SPOKEN, Item, Prediction, Predictor, QueueEntry, Route
from reviewhub.common.ids import uuid7
from reviewhub.common.models import AuditEntry, OutboxEvent, WebhookEndpoint
from tests import factories
from tests.factories import LABELS, present
from tests.races import at_once

pytestmark = pytest.mark.django_db


def test_a_confident_prediction_is_accepted_and_an_unsure_one_is_queued():
    cells = factories.project(rules=Rules(low_confidence=0.75, audit_rate=1e-6))
    sure, unsure = factories.submit(
        cells, factories.incoming(confidence=0.95), factories.incoming(confidence=0.6)
    )
    assert (sure.status, sure.outcome, sure.reasons) == ("created", "accepted", [])
    assert unsure.outcome == "queued"
    assert [reason["name"] for reason in unsure.reasons] == ["low_confidence"]
    assert QueueEntry.objects.get().prediction.uid == unsure.prediction_uid


def test_every_prediction_is_routed_in_the_transaction_that_stores_it():
    cells = factories.project()
    factories.submit(cells, *(factories.incoming() for _ in range(5)))
    routes = Route.objects.all()
    assert routes.count() == Prediction.objects.count() == 5
    assert all(0 < route.inclusion_probability <= 1 and route.sequence == 1 for route in routes)


def impossible(**asked) -> Decision:
    return route(**asked)._replace(inclusion_probability=0.0)


def broken_off(*args, **kwargs):
    raise RuntimeError("routed, but not yet counted")


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("step", "breaks", "error"),
    [
        ("route", impossible, IntegrityError),
        ("tally.add", broken_off, RuntimeError),
    ],
)
def test_what_cannot_be_routed_is_not_stored_either(monkeypatch, step, breaks, error):
    """Refused by the database at the first route, or broken off when all routes were written."""
    cells = factories.project()
    batch = [factories.incoming() for _ in range(3)]
    kept = (Item, Prediction, Predictor, Route, QueueEntry)
    with monkeypatch.context() as broken:
        broken.setattr(f"annotations.actions.route_predictions.{step}", breaks)
        with pytest.raises(error):
            factories.submit(cells, *batch)
    assert [rows.objects.count() for rows in kept] == [0] * 5
    assert {verdict.status for verdict in factories.submit(cells, *batch)} == {"created"}
    assert [rows.objects.count() for rows in kept] == [3, 3, 1, 3, 3]


def test_sending_a_batch_again_changes_nothing_and_answers_the_same():
    cells = factories.project(rules=Rules(low_confidence=0.75, audit_rate=0.5))
    batch = [factories.incoming(confidence=0.5 + n / 50) for n in range(20)]
    first, second = factories.submit(cells, *batch), factories.submit(cells, *batch)
    assert {verdict.status for verdict in second} == {"unchanged"}
    for before, after in zip(first, second, strict=True):
        assert before.prediction_uid == after.prediction_uid
        assert before.reasons == after.reasons
        assert before.inclusion_probability == after.inclusion_probability
    assert Prediction.objects.count() == Route.objects.count() == 20


def test_a_batch_that_says_the_same_thing_twice_stores_it_once():
    cells = factories.project()
    sent = factories.incoming()
    first, second = factories.submit(cells, sent, sent)
    assert (first.status, second.status) == ("created", "unchanged")
    assert Prediction.objects.count() == 1


def test_one_bad_prediction_is_named_and_spoils_no_other():
    cells = factories.project()
    bad = factories.incoming(probabilities={"defect": 0.2, "scratch": 0.8})
    good, refused = factories.submit(cells, factories.incoming(), bad)
    assert good.status == "created"
    assert isinstance(refused.error, InvalidAnswer)
    assert refused.error.data["errors"][0]["field"] == "probabilities.scratch"


def test_the_same_external_id_with_another_picture_is_refused():
    cells = factories.project()
    factories.submit(cells, factories.incoming("cell-1", seed=1))
    (verdict,) = factories.submit(cells, factories.incoming("cell-1", seed=2, version="2"))
    assert isinstance(verdict.error, ItemContentConflict)
    assert Prediction.objects.count() == 1


def test_another_answer_of_the_same_predictor_is_refused():
    cells = factories.project()
    factories.submit(cells, factories.incoming("cell-1", seed=1, confidence=0.9))
    (verdict,) = factories.submit(cells, factories.incoming("cell-1", seed=1, confidence=0.8))
    assert isinstance(verdict.error, PredictionConflict)


def test_an_item_that_is_known_needs_no_picture_and_an_unknown_one_does():
    cells = factories.project()
    factories.submit(cells, factories.incoming("cell-1"))
    again, unknown = factories.submit(
        cells,
        factories.incoming("cell-1", version="2", image=None),
        factories.incoming("cell-2", image=None),
    )
    assert again.status == "created"
    assert isinstance(unknown.error, ItemContentMissing)


def test_an_uploaded_picture_is_referred_to_by_its_id_within_its_project_only():
    cells, other = factories.project(), factories.project()
    mine, theirs = factories.image(cells), factories.image(other)
    good, bad, nothing = factories.submit(
        cells,
        factories.incoming(image=mine.uid),
        factories.incoming(image=theirs.uid),
        factories.incoming(image=uuid7()),
    )
    assert good.status == "created"
    assert isinstance(bad.error, UnknownImage)
    assert isinstance(nothing.error, UnknownImage)


def test_two_versions_that_disagree_queue_the_item_even_when_the_second_comes_later():
    cells = factories.project(rules=Rules(disagreement=True, audit_rate=1e-6))
    factories.submit(cells, factories.incoming("cell-1", label="good", confidence=0.99))
    assert not QueueEntry.objects.exists()
    (later,) = factories.submit(
        cells,
        factories.incoming("cell-1", label="defect", confidence=0.99, version="2", image=None),
    )
    assert [reason["name"] for reason in later.reasons] == ["disagreement"]
    assert QueueEntry.objects.get().prediction.uid == later.prediction_uid


def test_an_audit_is_blind_and_comes_before_other_work():
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    unsure = factories.project(rules=factories.EVERYTHING_QUEUED)
    audited = factories.project(rules=factories.EVERYTHING_AUDITED)
    plain = factories.queued(unsure, now=now)
    audit = factories.queued(audited, now=now, confidence=0.99)
    assert (audit.audited, audit.blind) == (True, True)
    assert not plain.blind
    assert audit.sort_key < plain.sort_key


@pytest.mark.both_databases
def test_an_entry_drawn_later_becomes_a_blind_audit_and_moves_ahead() -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    cells = factories.project()
    entry = factories.queued(cells, external_id="cell-1", label="defect", now=now)
    revise_routing_policy(
        project=cells, rules=Rules(audit_rate=1.0), actor=factories.TESTER, now=now
    )
    again = factories.incoming("cell-1", label="defect", version="2", image=None)
    factories.submit(cells, again, now=now)
    before = entry.sort_key
    entry.refresh_from_db()
    assert (entry.audited, entry.blind) == (True, True)
    assert entry.sort_key < before


def test_what_somebody_has_seen_is_not_made_an_audit_any_more() -> None:
    cells = factories.project()
    rita, entry = factories.reviewer(cells), factories.queued(cells, external_id="cell-1")
    claim_next(project=cells, reviewer=rita, now=factories.present())
    revise_routing_policy(
        project=cells,
        rules=Rules(audit_rate=1.0),
        actor=factories.TESTER,
        now=factories.present(),
    )
    factories.submit(cells, factories.incoming("cell-1", version="2", image=None))
    entry.refresh_from_db()
    assert not entry.audited


def test_a_taxonomy_that_the_project_never_had_is_refused_for_that_item_alone():
    cells = factories.project()
    batch = factories.incoming(taxonomy_number=7), factories.incoming()
    for _ in ("of a new predictor", "of one that is known"):
        unknown, known = factories.submit(cells, *batch)
        assert isinstance(unknown.error, UnknownTaxonomy)
        assert unknown.error.data == {"taxonomy": 7}
        assert known.error is None


def test_a_batch_leaves_an_audit_row():
    cells = factories.project()
    factories.submit(cells, factories.incoming(), factories.incoming(image=None))
    entry = AuditEntry.objects.get(action="predictions.submit")
    assert entry.after == {"sent": 2, "created": 1, "refused": 1}


@pytest.mark.parametrize(("events", "told"), [(["*"], 1), (["model.promoted"], 0)])
def test_a_batch_is_an_event_where_somebody_wants_to_know(events, told):
    cells = factories.project()
    WebhookEndpoint.objects.create(
        project_id=cells.pk, url="https://line.example/", events=events, created_at=present()
    )
    factories.submit(cells, factories.incoming())
    assert OutboxEvent.objects.filter(type="prediction.routed").count() == told


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_same_batch_sent_by_four_at_once_is_stored_once():
    cells = factories.project()
    batch = [factories.incoming(f"cell-{n}") for n in range(8)]
    answers = at_once(*[lambda: factories.submit(cells, *batch)] * 4)
    statuses = [verdict.status for verdicts in answers for verdict in verdicts]
    assert statuses.count("created") == 8
    assert statuses.count("unchanged") == 24
    assert Item.objects.count() == Prediction.objects.count() == Route.objects.count() == 8
    assert QueueEntry.objects.count() == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_first_batches_of_one_predictor_in_two_label_sets_count_as_one_after_the_other():
    cells = factories.project()
    revise_taxonomy(project=cells, spec=TaxonomySpec(LABELS), actor=factories.TESTER, now=present())
    for name in ("camera-1", "camera-2", "camera-3"):
        sent = [factories.incoming(predictor=name, taxonomy_number=number) for number in (1, 2)]
        answers = at_once(*[lambda one=one: factories.submit(cells, one) for one in sent])
        assert [verdict.status for (verdict,) in answers] == ["created"] * 2
        kept = Prediction.objects.filter(predictor__name=name).values_list("uid", SPOKEN)
        assert dict(kept) == {
            verdict.prediction_uid: number
            for (verdict,), number in zip(answers, (1, 2), strict=True)
        }


@pytest.mark.both_databases
def test_a_batch_costs_the_same_number_of_queries_at_ten_and_at_sixty(
    django_assert_max_num_queries,
):
    # Sixty, since SQLite cuts an INSERT of more rows into statements of 999 parameters.
    cells = factories.project()
    pictures = [factories.image(cells, seed).uid for seed in range(3)]
    factories.submit(cells, factories.incoming(image=pictures[0]))

    def queries(size: int) -> int:
        batch = [factories.incoming(image=pictures[n % 3]) for n in range(size)]
        with django_assert_max_num_queries(60) as counted:
            factories.submit(cells, *batch)
        return len(counted)

    assert queries(10) == queries(60)
