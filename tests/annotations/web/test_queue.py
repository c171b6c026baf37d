from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Due, Rules
from annotations.domain.states import EntryState
from annotations.models import Annotation, Approval, QueueEntry
from tests.factories import (
    DEFECT,
    EVERYTHING_AUDITED,
    GOOD,
    lead,
    present,
    project,
    queued,
    reviewer,
)
from tests.pages import page, queries_of
from tests.world import lively_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return lively_project()


@pytest.fixture
def desk(client, world):
    client.force_login(world.lead)
    return client


def url(world, name, *args):
    return reverse(f"annotations:{name}", args=[world.project.slug, *args])


def test_every_entry_is_under_exactly_one_tab(desk, world):
    states = QueueEntry.objects.values_list("state", flat=True)
    for state in set(states):
        text = page(desk, "annotations:queue", world.project, state=state)
        assert text.count('class="thumb"') == list(states).count(state)
    assert f"{len(states)} entries entered, each is in one state: the accounts balance" in text


def test_a_state_that_does_not_exist_shows_what_waits_for_review(desk, world):
    assert "cell-" in page(desk, "annotations:queue", world.project, state="nonsense")


def test_chosen_annotations_are_approved(desk, world):
    waiting = Annotation.objects.filter(entry__state="awaiting_approval")
    text = page(desk, "annotations:queue", world.project, state="awaiting_approval")
    assert all(str(row.uid) in text for row in waiting)

    chosen = [str(row.uid) for row in waiting]
    response = desk.post(url(world, "approve"), {"annotation": chosen}, follow=True)

    assert f"Approved {len(chosen)} annotations." in response.content.decode()
    assert not QueueEntry.objects.filter(state="awaiting_approval").exists()


def test_one_that_cannot_be_approved_does_not_hold_up_the_others(desk, world):
    waiting = Annotation.objects.filter(entry__state="awaiting_approval").first()
    done = Annotation.objects.filter(entry__state="approved").first()

    chosen = [str(done.uid), str(uuid4()), str(waiting.uid)]
    text = desk.post(url(world, "approve"), {"annotation": chosen}, follow=True).content.decode()

    assert Approval.objects.filter(annotation=waiting).exists()
    assert text.count('class="notice error"') >= 1


def test_a_lead_never_approves_an_answer_of_their_own():
    own = project(review=ReviewSpec(approval="lead", blind_share=0))
    lena = lead(own)
    queued(own)
    entry = claim_next(project=own, reviewer=lena, now=present()).entry
    _answer(own, entry, lena)
    client = Client()
    client.force_login(lena)

    chosen = [str(Annotation.objects.get().uid)]
    client.post(reverse("annotations:approve", args=[own.slug]), {"annotation": chosen})

    assert not Approval.objects.exists()


def test_an_item_is_taken_out_with_a_reason(desk, world):
    entry = QueueEntry.objects.filter(state="awaiting_review").first()

    response = desk.post(url(world, "withdraw", entry.uid), {"reason": "sent twice"}, follow=True)

    entry.refresh_from_db()
    assert entry.state == "withdrawn"
    assert entry.item.external_id in response.content.decode()


def test_an_item_that_cannot_be_taken_out_any_more_is_told_beside_the_queue(desk, world):
    entry = QueueEntry.objects.filter(state="approved").first()
    waiting = QueueEntry.objects.filter(state="awaiting_review").first()
    for each, reason in ((entry, "sent twice"), (waiting, " ")):
        told = desk.post(url(world, "withdraw", each.uid), {"reason": reason}, follow=True)
        assert told.redirect_chain == [(url(world, "queue"), 302)]
        assert 'class="notice error"' in told.content.decode()
        before = each.state
        each.refresh_from_db()
        assert each.state == before
    assert desk.post(url(world, "withdraw", uuid4()), {"reason": "gone"}).status_code == 404


def test_a_dispute_is_settled_by_one_button(desk, world):
    entry = QueueEntry.objects.get(state="awaiting_adjudication")
    text = page(desk, "annotations:adjudicate", world.project)
    assert "Too many people skipped it." in text
    assert "rita" not in text.split("<main", 1)[1]

    sent = {"entry": str(entry.uid), "label": DEFECT}
    response = desk.post(url(world, "settle"), sent, follow=True)

    entry.refresh_from_db()
    assert entry.state == "approved"
    assert "Settled and approved: Defect" in response.content.decode()
    assert "No dispute to settle" in response.content.decode()


def test_a_dispute_can_be_settled_as_unusable(desk, world):
    entry = QueueEntry.objects.get(state="awaiting_adjudication")
    desk.post(url(world, "settle"), {"entry": str(entry.uid), "unusable": "1"})
    assert Annotation.objects.get(entry=entry).outcome == "unusable"


def test_opinions_are_shown_without_names():
    split = project(review=ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0))
    entry = queued(split)
    for person, label in ((reviewer(split, "otto"), GOOD), (reviewer(split, "olga"), DEFECT)):
        claim_next(project=split, reviewer=person, now=present())
        _answer(split, entry, person, label)
    client = Client()
    client.force_login(lead(split))

    text = page(client, "annotations:adjudicate", split)

    assert "The answers do not agree." in text
    assert "Reviewer 1" in text
    assert "Reviewer 2" in text
    assert "otto" not in text
    assert "olga" not in text


def test_settling_what_nobody_disputes_is_said(desk, world):
    entry = QueueEntry.objects.filter(state="awaiting_review").first()
    sent = {"entry": str(entry.uid), "label": GOOD}
    text = desk.post(url(world, "settle"), sent, follow=True).content.decode()
    assert 'role="alert"' in text
    entry.refresh_from_db()
    assert entry.state == "awaiting_review"


@pytest.mark.parametrize("name", ["approve", "settle", "withdraw"])
def test_reviewers_and_forged_forms_are_refused(world, name):
    entry = QueueEntry.objects.filter(state="awaiting_review").first()
    address = url(world, name, *([entry.uid] if name == "withdraw" else []))
    rita = Client()
    rita.force_login(world.reviewer)
    assert rita.post(address).status_code == 403
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(world.lead)
    assert forged.post(address).status_code == 403
    entry.refresh_from_db()
    assert entry.state == "awaiting_review"


@pytest.mark.parametrize("name", ["queue", "items", "audit"])
def test_a_long_list_costs_the_same(name):
    many = project()
    client = Client()
    client.force_login(lead(many))
    address = reverse(f"annotations:{name}", args=[many.slug])
    for _ in range(10):
        queued(many)
    short = queries_of(client, address)
    for _ in range(90):
        queued(many)
    assert queries_of(client, address) == short


def test_a_long_list_is_read_page_by_page_without_losing_its_filter():
    many = project()
    client = Client()
    client.force_login(lead(many))
    for number in range(60):
        queued(many, external_id=f"part-{number:02}")

    first = page(client, "annotations:items", many, external_id="part-")
    older = first.split('rel="next"', 1)[1].split('href="', 1)[1].split('"', 1)[0]
    second = client.get(older.replace("&amp;", "&")).content.decode()

    assert "part-59" in first
    assert "part-09" not in first
    assert "part-09" in second
    assert "external_id=part-" in older
    assert (
        "part-59"
        in client.get(
            second.split('rel="prev"', 1)[1]
            .split('href="', 1)[1]
            .split('"', 1)[0]
            .replace("&amp;", "&")
        ).content.decode()
    )


def test_items_are_found_by_name_state_and_fold(client, world):
    client.force_login(world.lead)
    found = page(client, "annotations:items", world.project, external_id="golden-")
    assert found.count('class="thumb"') == 6
    assert "imported" in found
    withdrawn = page(client, "annotations:items", world.project, state="withdrawn")
    assert withdrawn.count('class="thumb"') == 1
    assert "No item" in page(client, "annotations:items", world.project, external_id="zzz")


def test_the_audit_trail_is_found_by_deed_and_person(client, world):
    client.force_login(world.lead)
    text = page(client, "annotations:audit", world.project, action="entry.", actor="lena")
    assert "entry.withdraw" in text
    assert "reason: sent twice" in text
    assert "review.submit" not in text


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40])
def test_a_cursor_that_is_none_begins_at_the_newest(client, world, cursor):
    client.force_login(world.lead)
    assert "cell-" in page(client, "annotations:items", world.project, before=cursor)


def _answer(of, entry, person, label=GOOD):
    submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=person,
        verdict="label",
        label_key=label,
        token=uuid4(),
        seconds=2,
        now=present(),
    )


def test_states_in_which_nothing_is_say_why_and_every_state_has_a_page(client):
    cells = project()
    client.force_login(lead(cells))
    for state in EntryState:
        text = page(client, "annotations:queue", cells, state=state)
        assert "Nothing here" in text


def test_what_is_held_back_and_what_was_not_answered_in_time_is_told(client):
    now = present()
    capped = project(rules=Rules(low_confidence=0.95, audit_rate=1e-6, daily_cap=2), now=now)
    for _ in range(5):
        queued(capped)
    client.force_login(lead(capped))
    text = page(client, "annotations:queue", capped)
    assert "2 entries let in today, of at most 2; 3 held back for another day." in text
    assert "non-response" not in text
    page(client, "annotations:queue", capped, state="awaiting_capacity")

    audited = project(rules=EVERYTHING_AUDITED, now=now)
    for _ in range(3):
        queued(audited)
    lapse_audits(now=now + timedelta(days=30))
    client.force_login(lead(audited))
    text = page(client, "annotations:queue", audited, state="expired")
    assert "3 audits not answered in time and kept on record as non-response; 3 of" in text
    assert "held back" not in text.replace("held back by the daily cap", "")


def test_what_is_due_is_shown_and_what_is_overdue_is_said_in_words(client):
    rules = Rules(low_confidence=1.0, audit_rate=1e-6, due_minutes=Due({"any": 60}))
    cells = project(rules=rules)
    now = present()
    late = queued(cells, external_id="late", now=now - timedelta(minutes=61))
    early = queued(cells, external_id="early", now=now)
    client.force_login(lead(cells))
    text = page(client, "annotations:queue", cells, state="awaiting_review")
    rows = {
        name: re.search(rf"{name}</a>.*?</tr>", text, re.S).group() for name in ("late", "early")
    }
    assert '<span class="badge negative">overdue</span>' in rows["late"]
    assert "overdue" not in rows["early"]
    for entry in (late, early):
        assert entry.due_at.strftime("%Y-%m-%dT%H:%M") in rows[entry.item.external_id]
    stories = [
        client.get(reverse("training:item", args=[cells.slug, entry.item.uid])).content.decode()
        for entry in (late, early)
    ]
    assert all("Answer due" in story for story in stories)
    assert [", overdue" in story for story in stories] == [True, False]
