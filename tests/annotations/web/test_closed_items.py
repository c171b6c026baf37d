"""Of an item that was closed a reviewer is told one thing: only audits expire, and are secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.models import QueueEntry
from tests.factories import (
    EVERYTHING_AUDITED,
    GOOD,
    TESTER,
    present,
    project,
    queued,
    reviewer,
)
from tests.pages import hidden_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return project(rules=EVERYTHING_AUDITED, review=ReviewSpec(approval="lead"))


@pytest.fixture
def desk(cells):
    client = Client(headers={"X-Bench": "1", "Accept": "application/json"})
    client.force_login(reviewer(cells, "rita"))
    return client


def url(cells, name, *parts):
    return reverse(f"annotations:{name}", args=[cells.slug, *parts])


def on_the_bench(desk, cells) -> list[dict]:
    """Two items as the forms of their pages send an answer to them."""
    for name in ("an audit", "another"):
        queued(cells, external_id=name)
    items = desk.get(url(cells, "ahead")).json()["items"]
    return [hidden_fields(item["html"], within='name="verdict" value="label"') for item in items]


def close_both(cells, forms) -> None:
    """The first expires, as nothing but an audit does; a lead takes the second out."""
    audit, other = (QueueEntry.objects.get(uid=form["entry"]) for form in forms)
    withdraw_entry(project=cells, entry_uid=other.uid, actor=TESTER, reason="broken", now=present())
    audit.assignments.update(state="released", ended_at=present())
    audit.refresh_from_db()
    QueueEntry.objects.filter(pk=audit.pk).update(slots_open=audit.answers_wanted)
    assert lapse_audits(now=present() + timedelta(days=30)) == 1
    audit.refresh_from_db()
    assert audit.state == "expired"


def told(response) -> tuple[int, dict]:
    """All of a refusal but the name of the request."""
    return response.status_code, {**response.json(), "request_id": ""}


def test_an_answer_that_comes_too_late_is_refused_in_one_way(desk, cells):
    forms = on_the_bench(desk, cells)
    close_both(cells, forms)
    answers = [
        told(desk.post(url(cells, "answer"), {**form, "label": GOOD, "seconds": "1"}))
        for form in forms
    ]
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["code"]) == (409, "entry_closed")
    assert "state" not in answers[0][1]


def test_a_skip_is_taken_back_and_opened_again_for_neither(desk, cells):
    forms = on_the_bench(desk, cells)
    skipped = [
        desk.post(
            url(cells, "answer"),
            {**form, "verdict": "skip", "reason": "unsure", "seconds": "1"},
        ).json()["review"]
        for form in forms
    ]
    close_both(cells, forms)
    undone = [told(desk.post(url(cells, "undo"), {"review": review})) for review in skipped]
    assert undone[0] == undone[1]
    assert (undone[0][0], undone[0][1]["code"]) == (409, "undo_impossible")
    for review in skipped:
        desk.post(url(cells, "reopen", review))
    assert set(QueueEntry.objects.values_list("state", flat=True)) == {"expired", "withdrawn"}
