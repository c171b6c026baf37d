"""Everything works without a script: slower, but nothing is out of reach."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Review
from tests.factories import DEFECT, GOOD, project, queued, reviewer
from tests.world import lively_project
from training.models import ModelVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(browser):
    """A page of a browser that runs no script."""
    profile = browser.new_context(java_script_enabled=False)
    profile.set_default_timeout(15_000)
    yield profile.new_page()
    profile.close()


def test_two_answers_and_an_undo(plain, live_server, log_in):
    cells = project(review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(3):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 10)
    log_in(plain.context, reviewer(cells))
    plain.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))

    plain.click("button[value=good]")
    assert "Saved: Good" in plain.inner_text("main")
    plain.click("text=Unusable")
    plain.click("text=Too blurred to judge")
    assert "Saved: unusable" in plain.inner_text("main")
    plain.click(".action-bar >> text=Undo")
    assert "Taken back" in plain.inner_text("main")
    assert plain.inner_text("#workbench h1") == "cell-1"
    plain.click("text=Confirm")

    said = Review.objects.filter(effective=True).order_by("pk")
    assert [(one.verdict, one.label_key) for one in said] == [
        ("corrected", GOOD),
        ("confirmed", DEFECT),
    ]
    plain.reload()
    assert Review.objects.filter(effective=True).count() == 2


def test_a_model_is_promoted(plain, live_server, log_in):
    world = lively_project()
    log_in(plain.context, world.lead)
    plain.goto(live_server.url + reverse("training:model", args=[world.project.slug, 3]))

    plain.click("text=Promote v3")
    plain.fill("#promote-reason", "better where it matters")
    plain.click("#promote >> button[type=submit]")

    assert "v3 is champion" in plain.inner_text("main")
    assert ModelVersion.objects.get(role="champion").number == 3
