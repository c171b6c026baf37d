"""My work: counts of one's own, one's answers, and what a lead has returned."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from annotations.actions.add_member import add_member
from annotations.actions.claim_next import claim_next
from annotations.actions.comment_on import comment_on
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.leave_bench import leave_bench
from annotations.actions.return_to_reviewer import return_to_reviewer
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Referral, Review
from annotations.queries import own_work
from annotations.queries.own_work import answers_per_day, own_answers
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import present
from tests.pages import page, queries_of

pytestmark = pytest.mark.django_db
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)


@pytest.fixture
def cells():
    return factories.project("cells", review=PATIENT)


@pytest.fixture
def rita(cells, client):
    rita = factories.reviewer(cells, "rita")
    client.force_login(rita)
    return rita


def answered(of, by, *, now=None, name="", **fields) -> Review:
    return submit_review(
        project=of,
        entry_uid=factories.queued(of, external_id=name, label="defect").uid,
        reviewer=by,
        token=uuid7(),
        seconds=1.0,
        now=now or present(),
        **{"verdict": "label", "label_key": "good", **fields},
    )


def returned(cells, review, text="Look at the **edge**.\u202e") -> Referral:
    lena = factories.lead(cells)
    return return_to_reviewer(
        project=cells, review_uid=review.uid, lead=lena, text=text, now=present()
    )


def test_today_and_this_week_are_ones_own(client, cells, rita):
    for _ in range(3):
        answered(cells, rita)
    answered(cells, factories.reviewer(cells))
    answered(cells, rita, verdict="skip", label_key="", reason="unsure")
    shown = page(client, "annotations:mine", cells)
    assert "3 answers" in shown
    assert "day at the site (UTC)" in shown


def test_a_week_begins_on_monday_at_the_site(cells, rita):
    today = present().date()
    monday = today - timedelta(days=today.weekday())
    kept = answers_per_day(cells, rita, today=monday + timedelta(days=2))
    assert [day.isoweekday() for day in kept] == [1, 2, 3]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("", ["first", "second", "third"]),
        ("SECOND", ["second"]),
        ("good", ["first"]),
        ("unusable blurred", ["third"]),
        ("strasse", ["second"]),
        ("first second", []),
    ],
)
def test_answers_are_found_by_what_their_row_shows(client, cells, rita, sought, found):
    answered(cells, rita, name="first")
    second = answered(cells, rita, name="second", label_key="defect")
    answered(cells, rita, name="third", verdict="reject", label_key="", reason="too-blurred")
    comment_on(
        project=cells,
        entry_uid=second.entry.uid,
        author=rita,
        text="Wie in der STRASSE",
        now=present(),
    )
    shown = page(client, "annotations:mine", cells, q=sought)
    names = ("first", "second", "third")
    assert [name for name in names if f"\n      {name}\n" in shown] == found


def test_what_was_taken_back_and_what_others_did_is_not_listed(client, cells, rita):
    taken_back = answered(cells, rita, name="gone")
    returned(cells, taken_back)
    answered(cells, factories.reviewer(cells), name="a-colleagues")
    shown = page(client, "annotations:mine", cells)
    assert "a-colleagues" not in shown
    assert "No answer yet" in shown


def test_a_blind_answer_does_not_tell_whether_the_model_said_the_same(client, rita):
    mail = factories.project(review=ReviewSpec(blind_share=1.0))
    add_member(project=mail, user=rita, role="reviewer", actor=factories.TESTER, now=present())
    answered(mail, rita, label_key="defect")
    shown = page(client, "annotations:mine", mail)
    assert "Answered" in shown
    assert "onfirmed" not in shown


def test_a_skipped_audit_that_expired_looks_like_what_was_withdrawn(client, rita):
    spot = factories.project(rules=factories.EVERYTHING_AUDITED, review=PATIENT)
    add_member(project=spot, user=rita, role="reviewer", actor=factories.TESTER, now=present())
    audit, other = (factories.queued(spot, external_id=name) for name in ("audit", "other"))
    for entry in (audit, other):
        submit_review(
            project=spot,
            entry_uid=entry.uid,
            reviewer=rita,
            verdict="skip",
            reason="unsure",
            token=uuid7(),
            seconds=1.0,
            now=present(),
        )
    withdraw_entry(
        project=spot, entry_uid=other.uid, actor=factories.TESTER, reason="broken", now=present()
    )
    assert lapse_audits(now=present() + timedelta(days=30)) == 1
    assert [entry.state for entry in spot.queue_entries.order_by("pk")] == ["expired", "withdrawn"]
    badges = re.findall(r'<span class="badge.*?</span>', page(client, "annotations:mine", spot))
    assert len(badges) == 2
    assert badges[0] == badges[1]
    assert "no longer needed" in badges[0]


def test_pages_go_back_to_the_very_first_answer(client, cells, rita, monkeypatch):
    monkeypatch.setattr(own_work, "PAGE", 2)
    given = [answered(cells, rita) for _ in range(5)]
    seen, before = [], None
    while True:
        part = own_answers(cells, rita, before=before)
        seen += [row.uid for row in part.rows]
        before = part.before
        if before is None:
            break
    assert seen == [each.uid for each in reversed(given)]


def test_a_search_goes_on_where_it_stopped(cells, rita, monkeypatch):
    """However long the history, one page looks through a few pieces of it."""
    monkeypatch.setattr(own_work, "PIECES", 1)
    first = answered(cells, rita, name="sought")
    for _ in range(4):
        answered(cells, rita)
    for name in ("_NEWEST", "_OLDER"):
        statement = getattr(own_work, name)
        short = type(statement)(statement.sql.replace("LIMIT 250", "LIMIT 3"), statement.row)
        monkeypatch.setattr(own_work, name, short)
    monkeypatch.setattr(own_work, "PIECE", 3)

    def matches(answer):
        return answer.external_id == "sought"

    part = own_answers(cells, rita, matches=matches)
    assert (part.rows, part.looked_back_to is not None) == ([], True)
    rest = own_answers(cells, rita, matches=matches, before=part.before)
    assert ([row.uid for row in rest.rows], rest.before) == ([first.uid], None)


def test_a_cursor_of_somebody_else_begins_at_the_newest(cells, rita):
    others = answered(cells, factories.reviewer(cells))
    mine = answered(cells, rita)
    part = own_answers(cells, rita, before=others.pk)
    assert [row.uid for row in part.rows] == [mine.uid]


def test_a_long_history_costs_no_more_queries(client, cells, rita):
    for _ in range(3):
        answered(cells, rita)
    url = reverse("annotations:mine", args=[cells.slug]) + "?q=good"
    few = queries_of(client, url)
    for _ in range(15):
        answered(cells, rita)
    assert queries_of(client, url) == few


def test_a_returned_item_waits_with_the_leads_words_and_goes_on_the_bench(client, cells, rita):
    review = answered(cells, rita, name="edge-case")
    referral = returned(cells, review)
    other = factories.queued(cells, confidence=0.5)
    claim_next(project=cells, reviewer=rita, now=present())
    shown = page(client, "annotations:mine", cells)
    assert "Look at the **edge**." in shown
    assert "‹U+202E›" in shown
    told = client.post(reverse("annotations:take-returned", args=[cells.slug, referral.uid]))
    assert told["Location"] == reverse("annotations:review", args=[cells.slug])
    first = claim_next(project=cells, reviewer=rita, now=present())
    assert first.entry_id == review.entry_id != other.pk
    submit_review(
        project=cells,
        entry_uid=review.entry.uid,
        reviewer=rita,
        verdict="confirm",
        token=uuid7(),
        seconds=1.0,
        now=present(),
    )
    assert "Returned to you" not in page(client, "annotations:mine", cells)
    referral.refresh_from_db()
    assert referral.closed_at is not None


def test_what_was_left_at_log_out_is_taken_up_again_unless_a_colleague_has_it(client, cells, rita):
    review = answered(cells, rita)
    referral = returned(cells, review)
    url = reverse("annotations:take-returned", args=[cells.slug, referral.uid])
    leave_bench(reviewer=rita, now=present())
    client.post(url)
    assert Assignment.objects.filter(reviewer=rita, state="held").count() == 1
    leave_bench(reviewer=rita, now=present())
    claim_next(project=cells, reviewer=factories.reviewer(cells), now=present())
    told = client.post(url, follow=True).content.decode()
    assert "colleagues have taken the item over" in told


def test_nobody_takes_what_was_returned_to_a_colleague(client, cells, rita):
    referral = returned(cells, answered(cells, factories.reviewer(cells)))
    told = client.post(
        reverse("annotations:take-returned", args=[cells.slug, referral.uid]), follow=True
    )
    assert "error" in told.content.decode()
    assert not Assignment.objects.filter(reviewer=rita, state="held").exists()
