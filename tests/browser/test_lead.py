"""A lead from the login to a promotion and back, by click and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.models import QueueEntry
from reviewhub.common.models import Delivery
from tests.browser.pages import enters, opens
from tests.factories import PASSWORD, lead, project
from tests.training.builders import queued_run
from tests.world import deliveries, lively_project
from training.models import ModelVersion, Promotion, TrainingRun

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    return lively_project()


def go(page: Page, key: str, heading: str) -> None:
    """To a station by its chord."""
    enters(page, f"g{key}")
    page.wait_for_selector(f"h1:text-is('{heading}')")


def champion() -> int:
    return ModelVersion.objects.get(role="champion").number


def test_from_login_to_promotion_and_rollback(page, live_server, world):
    page.goto(live_server.url)
    page.fill("[name=username]", "lena")
    page.fill("[name=password]", PASSWORD)
    enters(page)
    opens(page, "th >> text=Solar cells, line 3")

    page.wait_for_selector("h1:text-is('Solar cells, line 3')")
    assert "The counts balance" in page.inner_text("#live")
    assert "Gate verdict for v3: not enough evidence" in page.inner_text("#live")

    go(page, "q", "Queue")
    opens(page, "nav.tabs >> text=approved")
    opens(page, f"th >> text={world.item.external_id}")
    page.wait_for_selector("text=Its story")
    assert "rita:" in page.inner_text(".timeline")
    assert "Approved" in page.inner_text(".timeline")

    go(page, "t", "Runs")
    opens(page, "th >> text=Run 5")
    page.wait_for_selector("h1:text-is('Run 5')")
    assert "Train and calibrate" in page.inner_text(".steps")

    go(page, "o", "Solar cells, line 3")
    opens(page, "text=Decide")
    page.wait_for_selector("h1:text-is('Model v3')")
    assert "What v2 gets wrong and it puts right: 3 of 6" in page.inner_text("main")
    page.click("text=Promote v3")
    page.wait_for_selector("dialog:modal")
    page.keyboard.press("Tab")
    page.fill("#promote-reason", "better where it matters")
    opens(page, "dialog:modal >> button[type=submit]")
    page.wait_for_selector("text=v3 is champion. Clients have been told.")
    assert champion() == 3

    go(page, "m", "Models")
    page.focus("text=Roll back to v2")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog:modal")
    page.fill("#roll-back-reason", "the line was switched back")
    page.focus("dialog:modal >> button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=v2 is champion again")
    assert champion() == 2
    rollback = Promotion.objects.latest("number")
    assert (rollback.kind, rollback.actor) == ("rollback", "lena")
    assert rollback.reasons == ["the line was switched back"]
    assert page.problems == []


def test_a_dispute_is_settled_by_one_key(page, live_server, world, context, log_in):
    log_in(context, world.lead)
    disputed = QueueEntry.objects.get(state="awaiting_adjudication")
    page.goto(live_server.url + reverse("annotations:adjudicate", args=[world.project.slug]))

    page.keyboard.press("2")

    page.wait_for_selector("text=Settled and approved: Defect")
    disputed.refresh_from_db()
    assert disputed.state == "approved"
    assert page.problems == []


def test_chosen_answers_are_approved_together(page, live_server, world, context, log_in):
    log_in(context, world.lead)
    waiting = QueueEntry.objects.filter(state="awaiting_approval").count()
    page.goto(live_server.url + reverse("annotations:queue", args=[world.project.slug]))
    opens(page, "nav.tabs >> text=waiting for approval")
    page.uncheck("input[name=annotation] >> nth=0")
    page.click("text=Approve the chosen")

    page.wait_for_selector("text=Approved 1 annotation.")

    assert QueueEntry.objects.filter(state="awaiting_approval").count() == waiting - 1


def test_a_run_is_watched_until_it_ends_without_a_reload(page, live_server, context, log_in):
    cells = project()
    log_in(context, lead(cells))
    run = queued_run(cells)
    page.goto(live_server.url + reverse("training:run", args=[cells.slug, run.number]))
    page.wait_for_selector("#run >> text=queued")
    page.evaluate("window.stayed = true")

    TrainingRun.objects.filter(pk=run.pk).update(
        state="succeeded", step="done", progress=1.0, ended_at=run.created_at
    )

    page.wait_for_selector("#run >> text=succeeded")
    assert page.evaluate("window.stayed")
    assert page.problems == []


def test_a_delivery_is_sent_again_from_its_row(page, live_server, world, context, log_in):
    deliveries(world.project, "failed")
    log_in(context, world.lead)
    page.goto(live_server.url + reverse("training:settings", args=[world.project.slug]))
    opens(page, "text=What was sent to them")
    page.click("button:has-text('Send again')")
    page.wait_for_selector("text=is being sent again")
    assert Delivery.objects.get().state == "pending"
