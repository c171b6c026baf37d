"""Everything works without a script: slower, but nothing is out of reach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Review
from annotations.queries.policies import rules_in_force
from reviewhub.common import jobs
from reviewhub.common.models import Job
from tests.browser.pages import opens
from tests.factories import (
    DEFECT,
    GOOD,
    incoming,
    lead,
    present,
    project,
    queued,
    reviewer,
    submit,
)
from tests.world import lively_project
from training.models import ModelVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(new_profile):
    """A page of a browser that runs no script."""
    return new_profile(java_script_enabled=False).new_page()


def test_two_answers_and_an_undo(plain, live_server, log_in):
    cells = project(review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(3):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 10)
    log_in(plain.context, reviewer(cells))
    plain.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))

    opens(plain, "button[value=good]")
    assert "Saved: Good" in plain.inner_text("main")
    plain.click("text=Unusable")
    opens(plain, "text=Too blurred to judge")
    assert "Saved: unusable" in plain.inner_text("main")
    opens(plain, ".action-bar >> text=Undo")
    assert "Taken back" in plain.inner_text("main")
    assert plain.inner_text("#workbench h1") == "cell-1"
    opens(plain, "text=Confirm")

    said = Review.objects.filter(effective=True).order_by("pk")
    assert [(one.verdict, one.label_key) for one in said] == [
        ("corrected", GOOD),
        ("confirmed", DEFECT),
    ]
    plain.reload()
    assert Review.objects.filter(effective=True).count() == 2


def test_rules_are_tried_and_put_in_force(plain, live_server, log_in):
    cells = project(rules=Rules(low_confidence=0.5, audit_rate=0.01))
    said = [incoming(f"cell-{n}", seed=n, confidence=0.55 + n / 20) for n in range(6)]
    submit(cells, *said, now=present() - timedelta(days=1))
    log_in(plain.context, lead(cells))
    plain.goto(live_server.url + reverse("annotations:routing", args=[cells.slug]))

    plain.get_by_label("with a confidence below").fill("0.72")
    opens(plain, "text=Simulate")
    assert "waiting" in plain.inner_text("#simulation")
    jobs.run_job(job_id=Job.objects.get().pk, clock=present)
    opens(plain, "text=Look again")
    assert "4 items would newly go to people" in plain.inner_text("#simulation")
    assert plain.get_by_label("with a confidence below").input_value() == "0.72"

    opens(plain, "text=Save as policy 2")
    assert "Routing policy 2 is in force." in plain.inner_text("main")
    assert rules_in_force(cells)[1].low_confidence == 0.72


def test_a_model_is_promoted(plain, live_server, log_in):
    world = lively_project()
    log_in(plain.context, world.lead)
    plain.goto(live_server.url + reverse("training:model", args=[world.project.slug, 3]))

    plain.click("text=Promote v3")
    plain.fill("#promote-reason", "better where it matters")
    opens(plain, "#promote >> button[type=submit]")

    assert "v3 is champion" in plain.inner_text("main")
    assert ModelVersion.objects.get(role="champion").number == 3
