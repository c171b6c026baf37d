"""Comments, items sent to the lead and returned: by form, by the script of the bench, and seen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.actions.add_member import add_member
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, Comment, QueueEntry, Referral, Review
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import present
from tests.pages import hidden_fields, page
from tests.training.builders import snapshot
from training.models import SnapshotMember

pytestmark = pytest.mark.django_db
BENCH = {"X-Bench": "1"}
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)


@pytest.fixture
def cells():
    return factories.project("cells", review=PATIENT)


@pytest.fixture
def rita(cells, client):
    rita = factories.reviewer(cells, "rita")
    client.force_login(rita)
    return rita


def send(client, cells, name, *, headers=None, **form):
    url = reverse(f"annotations:{name}", args=[cells.slug])
    return client.post(url, form, headers=headers or {})


def answered(of, by, entry=None, label="good") -> Review:
    entry = entry or factories.queued(of)
    return submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=by,
        verdict="label",
        label_key=label,
        token=uuid7(),
        seconds=1.0,
        now=present(),
    )


def test_a_comment_by_form_leaves_the_item_on_the_bench(client, cells, rita):
    entry = factories.queued(cells)
    shown = page(client, "annotations:review", cells)
    fields = hidden_fields(shown, within="data-comment")
    told = send(client, cells, "comment", text="a crack?", **fields)
    assert told["Location"] == reverse("annotations:review", args=[cells.slug])
    assert Comment.objects.get().entry == entry
    again = page(client, "annotations:review", cells)
    assert "Your comment is kept" in again
    assert entry.item.external_id in again


def test_a_comment_by_script_is_told_as_json_and_refused_with_the_reason(client, cells, rita):
    entry = factories.queued(cells)
    told = send(client, cells, "comment", headers=BENCH, entry=entry.uid, text="a crack?")
    assert told.json() == {"message": "Your comment is kept with the item."}
    refused = send(client, cells, "comment", headers=BENCH, entry=entry.uid, text=" ")
    assert (refused.status_code, refused.json()["code"]) == (422, "comment_missing")


def test_what_goes_to_the_lead_is_an_answer(client, cells, rita):
    factories.queued(cells, confidence=0.5)
    factories.queued(cells, confidence=0.6)
    fields = hidden_fields(page(client, "annotations:review", cells), within='id="lead-title"')
    send(client, cells, "send-to-lead", text="which?", **fields)
    shown = page(client, "annotations:review", cells)
    assert "Sent to the lead" in shown
    other = hidden_fields(shown, within='id="lead-title"')
    assert other["entry"] != fields["entry"]
    told = send(client, cells, "send-to-lead", headers=BENCH, text="and this?", have="", **other)
    assert told.status_code == 200
    assert (told.json()["verdict"], told.json()["left"]) == ("skipped", 0)
    again = send(client, cells, "send-to-lead", headers=BENCH, text="and this?", have="", **other)
    assert again.json()["review"] == told.json()["review"]
    assert Referral.objects.count() == 2


def test_the_lead_sees_what_was_said_and_that_it_was_sent_but_not_by_whom(client, cells, rita):
    factories.queued(cells)
    fields = hidden_fields(page(client, "annotations:review", cells), within='id="lead-title"')
    send(client, cells, "send-to-lead", text="\u202ecrack or scratch?", **fields)
    client.force_login(factories.lead(cells, "lena"))
    shown = page(client, "annotations:adjudicate", cells)
    assert "A reviewer sent it to you." in shown
    assert "‹U+202E›crack or scratch?" in shown
    assert "rita" not in shown
    item = QueueEntry.objects.get().item
    story = page(client, "training:item", cells, item.uid)
    assert "rita says" in story
    assert "rita sent it to the lead" in story


def test_the_lead_returns_it_and_the_reviewer_reads_why(client, cells, rita):
    factories.queued(cells)
    fields = hidden_fields(page(client, "annotations:review", cells), within='id="lead-title"')
    send(client, cells, "send-to-lead", text="which?", **fields)
    client.force_login(factories.lead(cells, "lena"))
    review = Review.objects.get()
    assert str(review.uid) in page(client, "annotations:adjudicate", cells)
    told = send(client, cells, "return", review=review.uid, reason="page 3: a crack")
    assert told["Location"] == reverse("annotations:adjudicate", args=[cells.slug])
    client.force_login(rita)
    shown = page(client, "annotations:review", cells)
    assert "Returned by a lead" in shown
    assert "page 3: a crack" in shown
    assert "page 3: a crack" in page(client, "annotations:mine", cells)
    ahead = client.get(reverse("annotations:ahead", args=[cells.slug]), headers=BENCH).json()
    assert "page 3: a crack" in ahead["items"][0]["html"]


def test_nobody_else_reads_what_was_said_to_one_reviewer(client, rita):
    pairs = factories.project(
        review=ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
    )
    rolf, rosa = factories.reviewer(pairs), factories.reviewer(pairs)
    entry = factories.queued(pairs)
    answered(pairs, rolf, entry)
    last = answered(pairs, rosa, entry, "defect")
    client.force_login(factories.lead(pairs))
    send(client, pairs, "return", review=last.uid, reason="for Rosa alone")
    client.force_login(rolf)
    client.post(
        reverse("annotations:undo", args=[pairs.slug]),
        {"review": entry.reviews.get(reviewer=rolf).uid},
    )
    shown = page(client, "annotations:review", pairs)
    assert entry.item.external_id in shown
    assert "for Rosa alone" not in shown


def test_what_awaits_approval_is_returned_from_the_items_page(client, cells, rita):
    review = answered(cells, rita)
    client.force_login(factories.lead(cells))
    shown = page(client, "training:item", cells, review.entry.item.uid)
    assert "Return to rita" in shown
    fields = hidden_fields(shown, within=str(review.uid))
    told = send(client, cells, "return", reason="look again", **fields)
    assert told["Location"].endswith("?state=awaiting_approval")
    assert "returned it to rita" in page(client, "training:item", cells, review.entry.item.uid)


def test_a_return_without_a_reason_is_told(client, cells, rita):
    review = answered(cells, rita)
    client.force_login(factories.lead(cells))
    told = client.post(
        reverse("annotations:return", args=[cells.slug]), {"review": review.uid}, follow=True
    )
    assert "Say it in words" in told.content.decode()


@pytest.fixture
def used(client, rita):
    """A review of rita's that has been learned from, in a project that approves at once."""
    of = factories.project(review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    add_member(project=of, user=rita, role="reviewer", actor=factories.TESTER, now=present())
    review = answered(of, rita)
    SnapshotMember.objects.create(
        snapshot=snapshot(of, digest="a" * 64),
        annotation=Annotation.objects.get(),
        fold="learn",
        recent=False,
    )
    return review


def test_an_undo_after_use_leads_to_where_it_went(client, used):
    of = used.entry.project
    told = client.post(
        reverse("annotations:undo", args=[of.slug]), {"review": used.uid}, follow=True
    )
    assert "data set aaaaaaaaaaaa" in told.content.decode()
    client.post(told.request["PATH_INFO"], follow=True)
    used.refresh_from_db()
    assert not used.effective
    assert claim_next(project=of, reviewer=used.reviewer, now=present()).entry == used.entry


def test_the_script_is_told_where_it_went_and_the_way_out(client, used):
    of = used.entry.project
    told = send(client, of, "undo", headers=BENCH, review=used.uid)
    assert (told.status_code, told.json()["code"]) == (409, "undo_impossible")
    assert told.json()["where"] == []  # a reviewer may not enter the page of a run
    assert told.json()["reopen_url"] == reverse("annotations:reopen", args=[of.slug, used.uid])


def test_nobody_opens_a_colleagues_answer_again(client, used):
    of = used.entry.project
    client.force_login(factories.reviewer(of))
    url = reverse("annotations:reopen", args=[of.slug, used.uid])
    assert client.get(url).status_code == 404
    client.post(url)
    used.refresh_from_db()
    assert used.effective
