"""WCAG 2.2 A and AA where no address of ours leads: what is said of errors, and the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import Membership, Project
from tests import factories
from tests.accessibility import assert_accessible_in_both_themes, assert_holds
from tests.browser.pages import opens

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def holds_as_an_error(page: Page, status: int) -> None:
    """A page of the house that says so, with nothing in the console but the status itself."""
    assert page.locator("main .prose > .muted").first.inner_text() == str(status)
    assert_holds(page)
    assert [each for each in page.problems if f"status of {status}" not in each] == []


def test_what_is_not_there(page, live_server, context, log_in):
    page.goto(live_server.url + "/nothing-here")
    holds_as_an_error(page, 404)
    cells = factories.project()
    log_in(context, factories.lead(cells))
    page.goto(live_server.url + f"/p/{cells.slug}/nothing-here")
    holds_as_an_error(page, 404)


def test_what_one_may_not(page, live_server, context, log_in):
    cells = factories.project()
    log_in(context, factories.reviewer(cells))
    page.goto(live_server.url + reverse("annotations:queue", args=[cells.slug]))
    holds_as_an_error(page, 403)


def test_a_bug(page, live_server, context, log_in):
    cells = factories.project()
    lena = factories.lead(cells)
    Project.objects.filter(pk=cells.pk).update(site_time_zone="Europe/Berln")
    log_in(context, lena)
    page.goto(live_server.url + reverse("annotations:mine", args=[cells.slug]))
    holds_as_an_error(page, 500)


def test_too_many_wrong_passwords(page, live_server):
    factories.stranger("rita")
    guesser = Client(REMOTE_ADDR="127.0.0.1")
    for _ in range(10):
        guesser.post("/login", {"username": "rita", "password": "wrong"})
    page.goto(live_server.url + "/login")
    page.fill("[name=username]", "rita")
    page.fill("[name=password]", factories.PASSWORD)
    opens(page, "button[type=submit]")
    holds_as_an_error(page, 429)


def test_the_admin(page, live_server, context, log_in):
    page.goto(live_server.url + reverse("admin:login"))
    assert_accessible_in_both_themes(page)
    cells = factories.project()
    factories.reviewer(cells)
    log_in(context, factories.operator())
    membership = Membership.objects.get()
    for path in (
        reverse("admin:index"),
        reverse("admin:annotations_membership_changelist"),
        reverse("admin:annotations_membership_add"),
        reverse("admin:annotations_membership_change", args=[membership.pk]),
        reverse("admin:annotations_project_change", args=[cells.pk]),
        reverse("admin:annotations_user_change", args=[membership.user_id]),
        reverse("admin:common_auditentry_changelist"),
    ):
        page.goto(live_server.url + path)
        assert_accessible_in_both_themes(page)
    assert page.problems == []
