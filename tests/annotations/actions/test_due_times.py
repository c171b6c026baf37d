"""By when an answer is wanted: served sooner, shown, and never what ends an audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from annotations.actions.append_route import append_route
from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.domain.priority import AUDIT_DUE
from annotations.domain.routing import Due, NamedRule, Rules, When, novelty
from annotations.models import Prediction, QueueEntry
from tests import factories
from tests.factories import TESTER, incoming

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URGENT = (NamedRule("urgent", When(slices={"line": ("3",)}), due_minutes=30),)
RULES = Rules(
    low_confidence=0.7,
    client_flag=True,
    rules=(*URGENT, NamedRule("usual", When(slices={"line": ("4",)}))),
    audit_rate=1e-6,
    due_minutes=Due({"client_flag": 60, "rule": 240, "any": 1440}),
)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def queued(rules, *sent) -> list[QueueEntry]:
    cells = factories.project(rules=rules)
    factories.submit(cells, *sent, now=NOW)
    return list(QueueEntry.objects.filter(project=cells).order_by("item__external_id"))


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ({"confidence": 0.6}, 1440),
        ({"flag": "please look"}, 60),
        ({"slices": {"line": 3}}, 30),
        ({"slices": {"line": 4}}, 240),
        ({"slices": {"line": 4}, "flag": "x", "confidence": 0.6}, 60),
    ],
)
def test_the_shortest_time_that_a_reason_asks_for_is_due(sent, due):
    (entry,) = queued(RULES, incoming(**{"confidence": 0.99, **sent}))
    assert (entry.due_at, entry.lapses_at) == (NOW + minutes(due), None)
    assert entry.sort_key <= (NOW + minutes(due)).timestamp()


def test_without_a_time_nothing_is_due():
    (entry,) = queued(factories.EVERYTHING_QUEUED, incoming())
    assert entry.due_at is None


def test_what_is_due_sooner_is_served_first():
    cells = factories.project(rules=RULES)
    for name, sent in (("doubt", {"confidence": 0.5}), ("urgent", {"slices": {"line": 3}})):
        factories.submit(cells, incoming(name, **sent), now=NOW)
    held = claim_next(project=cells, reviewer=factories.reviewer(cells), now=NOW)
    assert held.entry.item.external_id == "urgent"


def test_a_due_time_never_shortens_the_time_of_an_audit():
    rules = Rules(rules=URGENT, audit_rate=1.0)
    both, audit = queued(
        rules, incoming("a", slices={"line": 3}), incoming("b", slices={"line": 7})
    )
    assert (both.due_at, both.lapses_at) == (NOW + minutes(30), NOW + AUDIT_DUE)
    assert (audit.due_at, audit.lapses_at) == (NOW + AUDIT_DUE, NOW + AUDIT_DUE)
    assert lapse_audits(now=NOW + AUDIT_DUE - minutes(1)) == 0
    assert lapse_audits(now=NOW + AUDIT_DUE) == 2


def test_what_is_overdue_never_expires_unless_it_is_an_audit():
    (entry,) = queued(RULES, incoming(flag="please look"))
    assert lapse_audits(now=NOW + timedelta(days=30)) == 0
    entry.refresh_from_db()
    assert (entry.state, entry.lapsed_at) == ("awaiting_review", None)
    assert entry.is_overdue(NOW + minutes(61))
    assert not entry.is_overdue(NOW + minutes(59))


def test_a_later_prediction_may_make_it_due_sooner_and_never_later():
    (entry,) = queued(RULES, incoming("cell", confidence=0.6, slices={"line": 7}))
    before = entry.sort_key
    later = NOW + minutes(10)
    cells = entry.project
    factories.submit(cells, incoming("cell", image=None, version="2", flag="now"), now=later)
    entry.refresh_from_db()
    assert entry.due_at == later + minutes(60)
    assert entry.sort_key == entry.due_at.timestamp() < before
    factories.submit(cells, incoming("cell", image=None, version="3", confidence=0.6), now=later)
    entry.refresh_from_db()
    assert entry.due_at == later + minutes(60)


def test_a_worker_s_finding_has_its_time_too():
    rules = Rules(audit_rate=1e-6, due_minutes=Due({"novelty": 90}))
    cells = factories.project(rules=rules)
    factories.submit(cells, incoming("cell"), now=NOW)
    prediction = Prediction.objects.get()
    found = novelty(p_value=0.001, threshold=0.01, distance=3.0)
    append_route(project_id=cells.pk, prediction_id=prediction.pk, reason=found, now=NOW)
    assert QueueEntry.objects.get().due_at == NOW + minutes(90)


def test_an_expired_audit_that_is_asked_about_again_is_not_born_overdue():
    cells = factories.project(rules=factories.EVERYTHING_AUDITED)
    factories.submit(cells, incoming("cell"), now=NOW)
    later = NOW + AUDIT_DUE + minutes(1)
    assert lapse_audits(now=later) == 1
    revise_routing_policy(project=cells, rules=RULES, actor=TESTER, now=later)
    factories.submit(cells, incoming("cell", image=None, version="2", flag="x"), now=later)
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.due_at) == ("awaiting_review", later + minutes(60))
    assert lapse_audits(now=later + AUDIT_DUE) == 0


def test_audits_from_before_there_were_due_times_lapse_as_they_would_have():
    (entry,) = queued(factories.EVERYTHING_AUDITED, incoming())
    QueueEntry.objects.update(lapses_at=None)
    import_module("annotations.migrations.0018_due_times").keep(apps, None)
    entry.refresh_from_db()
    assert entry.lapses_at == NOW + AUDIT_DUE
