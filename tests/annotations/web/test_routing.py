from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.labels import LabelSpec
from annotations.domain.routing import (
    AuditBudget,
    Due,
    Learning,
    NamedRule,
    Novelty,
    Override,
    ReviewEffort,
    Rules,
    When,
)
from annotations.queries.policies import rules_in_force
from annotations.web.routing_form import RulesForm
from reviewhub.common import jobs
from reviewhub.common.models import Job
from tests.factories import (
    DEFECT,
    NOTHING_QUEUED,
    TESTER,
    incoming,
    lead,
    present,
    project,
    reviewer,
    stranger,
    submit,
)
from tests.pages import HTMX, page, queries_of

pytestmark = pytest.mark.django_db

SENT = {
    "low_confidence": "0.8",
    "small_margin": "",
    "high_entropy": "",
    "disagreement": "on",
    "divergence": "",
    "client_flag": "on",
    "rules": "line 3: line = 3; class = defect; metadata.shift = night; due = 30",
    "due_minutes": "client flag = 60\nany = 1440",
    "overrides": "class = defect: low_confidence = 0.95",
    "audits": "rate",
    "audit_percent": "2",
    "per_day": "",
    "expected_per_day": "",
    "floor_percent": "20",
    "missed_percent": "10",
    "daily_cap": "400",
    "seconds": "15",
    "hourly_cost": "32",
    "learning_per_day": "50",
    "novelty_percent": "1",
    "novelty_per_day": "",
    "days": "7",
}
MEANT = Rules(
    low_confidence=0.8,
    disagreement=True,
    rules=(NamedRule("line 3", When((DEFECT,), {"line": ("3",)}, {"shift": ("night",)}), 30),),
    due_minutes=Due({"client_flag": 60, "any": 1440}),
    overrides=(Override(When((DEFECT,)), {"low_confidence": 0.95}),),
    audit_rate=0.02,
    daily_cap=400,
    review=ReviewEffort(15, 32),
    learning=Learning(50),
    novelty=Novelty(0.01),
)


@pytest.fixture
def cells():
    return project(rules=NOTHING_QUEUED)


@pytest.fixture
def desk(client, cells):
    client.force_login(lead(cells))
    return client


def url(of, name):
    return reverse(f"annotations:{name}", args=[of.slug])


def simulated(desk, cells, **changed):
    """The address of a simulation that a worker has done."""
    response = desk.post(url(cells, "simulate"), {**SENT, **changed})
    assert response.status_code == 302, response.content.decode()
    job = Job.objects.latest("pk")
    jobs.run_job(job_id=job.pk, clock=present)
    return response["Location"].partition("#")[0]


def some_predictions(cells, count=4):
    confidences = [0.6, 0.7, 0.9, 0.95]
    batch = (
        incoming(f"cell-{n}", seed=n, confidence=confidences[n % 4], slices={"line": "4"})
        for n in range(count)
    )
    submit(cells, *batch, now=present() - timedelta(days=1))


def test_the_rules_in_force_are_read_as_sentences(client):
    cells = project(rules=MEANT)
    client.force_login(lead(cells))
    text = page(client, "annotations:routing", cells)
    for part in (
        "Routing policy 1",
        "Show people what is predicted with a confidence below",
        'value="0.8"',
        "line 3: class = defect; line = 3",
        "class = defect: low_confidence = 0.95",
        "Save as policy 2",
        "Nothing tried yet",
    ):
        assert part in text


def test_saving_puts_the_next_number_in_force(desk, cells):
    response = desk.post(url(cells, "save-routing"), SENT, follow=True)
    assert "Routing policy 2 is in force." in response.content.decode()
    assert rules_in_force(cells) == (2, MEANT)


def test_what_was_read_and_saved_unchanged_is_the_same_policy():
    for kind in ("image_classification", "object_detection", "text_classification"):
        for rules in (MEANT, Rules.default(), Rules(unmatched_boxes=2, box_iou=0.4, dissent=0.3)):
            shown = RulesForm(initial=RulesForm.initial_of(rules), base=rules, kind=kind)
            sent = {
                name: "" if shown[name].value() is None else shown[name].value()
                for name in shown.fields
            }
            again = RulesForm(sent, base=rules, kind=kind)
            assert again.to_rules() == rules, again.errors


def test_audits_can_be_a_number_a_day(desk, cells):
    sent = {**SENT, "audits": "budget", "per_day": "80", "expected_per_day": "900"}
    desk.post(url(cells, "save-routing"), sent)
    _, rules = rules_in_force(cells)
    assert rules.audit_budget == AuditBudget(80, 900, floor=0.2, prior_miss_rate=0.1)
    assert rules.audit_rate is None


@pytest.mark.parametrize("button", ["simulate", "save-routing"])
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"low_confidence": "1.5"}, "less than or equal to 1"),
        ({"low_confidence": "0"}, "Expected a number above 0"),
        ({"audit_percent": ""}, "never 0"),
        ({"audits": "budget", "per_day": "", "expected_per_day": "9"}, "This is missing."),
        ({"rules": "line 3"}, "Line 1 lacks “:” after the name."),
        ({"rules": "a: line = 3\na: line = 4"}, "2 rules are named a."),
        ({"rules": "a: class = dragon"}, "The project has no label dragon."),
        ({"overrides": "line = 3: daily_cap = 5"}, "overrides[0].set.daily_cap"),
        ({"novelty_percent": "", "novelty_per_day": "5"}, "This is missing."),
        ({"days": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_fault_comes_back_at_its_sentence(desk, cells, button, sent, told):
    response = desk.post(url(cells, button), {**SENT, **sent})
    text = response.content.decode()
    assert response.status_code == 422
    assert told in text
    assert "errorlist" in text
    assert rules_in_force(cells)[0] == 1
    assert not Job.objects.exists()


def test_a_simulation_is_watched_and_then_read(desk, cells):
    some_predictions(cells)
    response = desk.post(url(cells, "simulate"), SENT)
    where = response["Location"].partition("#")[0]
    waiting = desk.get(where).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "Look again" in waiting
    assert 'value="0.8"' in waiting, "the numbers that are being tried stay in the form"

    jobs.run_job(job_id=Job.objects.latest("pk").pk, clock=present)
    text = desk.get(where).content.decode()
    assert "every 2s" not in text
    for part in (
        "4 predictions of 1 day",
        "against policy 1",
        "Low confidence",
        "Hours of review",
        "not enough audits yet: 100 more",
        "Expected missed findings among the accepted",
        "3 items would newly go to people",
        "0 items would no longer",
        "cell-0",
        "confidence 0.60 below 0.95",
    ):
        assert part in text, part
    assert rules_in_force(cells)[0] == 1


def test_the_fragment_is_the_figures_alone(desk, cells):
    some_predictions(cells)
    text = desk.get(simulated(desk, cells), headers=HTMX).content.decode()
    assert text.strip().startswith('<section id="simulation"')
    assert "<form" not in text
    assert "What would change" in text


def test_bars_fill_the_picture_and_say_themselves_in_words(desk, cells):
    some_predictions(cells)
    text = desk.get(simulated(desk, cells)).content.decode()
    pictures = re.findall(r'<svg class="entry-bar".*?</svg>', text, re.DOTALL)
    assert len(pictures) == 2
    widths = [
        [float(width) for width in re.findall(r'<rect.*? width="([\d.]+)"', picture)]
        for picture in pictures
    ]
    assert max(map(sum, widths)) == pytest.approx(600, abs=1)
    assert 'aria-label="Entries a day, changed: low confidence 3' in pictures[1]


def test_the_page_costs_the_same_however_much_would_change(desk, cells):
    some_predictions(cells, 4)
    few = queries_of(desk, simulated(desk, cells))
    some_predictions(cells, 40)
    assert queries_of(desk, simulated(desk, cells)) == few


TOLD = {
    "predictions": 1000.0,
    "accepted": 900.0,
    "entries": 100.0,
    "by_reason": {"low_confidence": 80.0, "audit": 20.0},
    "fired": {"low_confidence": 80.0},
    "audits": 25.0,
    "held_back": 12.0,
    "hours": 2.5,
    "money": 75.0,
    "misses": {
        "value": 4.2,
        "lower": 1.3,
        "upper": 12.4,
        "labels": 240,
        "hits": 11,
        "enough": True,
        "labels_missing": 0,
        "drawn": 250,
        "answered": 240,
        "open": 5,
        "response_rate": 240 / 245,
    },
}


def test_figures_of_a_large_project_are_told_with_their_doubts(desk, cells):
    few = {**TOLD["misses"], "enough": False, "labels": 60, "labels_missing": 40, "open": 0}
    some_predictions(cells)
    where = simulated(desk, cells)
    job = Job.objects.latest("pk")
    result = {
        **job.result,
        "days": 14,
        "last_day": "2026-11-24",
        "share": 0.125,
        "now": TOLD,
        "new": {**TOLD, "misses": few},
    }
    Job.objects.filter(pk=job.pk).update(result=result)
    text = desk.get(where).content.decode()
    for part in (
        "to 2026-11-24: 12.5% of the items, drawn by chance and scaled up",
        "Held back by the cap",
        "4.2 (1.3 to 12)",
        "not enough audits yet: 40 more; at most 12",
        "98.0% of 245, 5 still open",
        "98.0% of 250",
    ):
        assert part in text, part


def told_of(desk, cells, **misses):
    some_predictions(cells)
    where = simulated(desk, cells)
    job = Job.objects.latest("pk")
    told = {**TOLD, "misses": {**TOLD["misses"], **misses}}
    Job.objects.filter(pk=job.pk).update(result={**job.result, "now": TOLD, "new": told})
    return desk.get(where).content.decode()


def test_where_too_few_audits_were_answered_no_figure_is_told_but_that(desk, cells):
    text = told_of(desk, cells, enough=False, response_rate=0.9, answered=225, open=0)
    assert "too few audits answered: 90.0%, and 95% are needed" in text
    assert "90.0% of 250" in text
    assert text.count("4.2 (1.3 to 12)") == 1, "of the rules in force alone"


def test_results_from_before_responses_were_counted_are_still_shown(desk, cells):
    some_predictions(cells)
    where = simulated(desk, cells)
    job = Job.objects.latest("pk")
    new = ("drawn", "answered", "open", "response_rate")
    old = {name: value for name, value in TOLD["misses"].items() if name not in new}
    side = {**TOLD, "misses": old}
    Job.objects.filter(pk=job.pk).update(result={**job.result, "now": side, "new": side})
    text = desk.get(where).content.decode()
    assert "4.2 (1.3 to 12)" in text
    assert "answered in time" not in text


def test_a_failed_simulation_says_why(desk, cells):
    where = simulated(desk, cells)
    assert "There are no predictions yet to try the rules on" in desk.get(where).content.decode()


def test_a_text_project_speaks_of_samples_and_mistakes(client):
    labels = [LabelSpec("billing", "Billing"), LabelSpec("other", "Other")]
    mail = project(kind="text_classification", labels=labels, rules=NOTHING_QUEUED)
    client.force_login(lead(mail))
    text = page(client, "annotations:routing", mail)
    assert "asked several times" in text
    assert "lack a partner" not in text


def test_another_jobs_address_shows_nothing(desk, cells, monkeypatch):
    monkeypatch.setattr(jobs, "_runners", {"other": lambda job: {}})
    other = jobs.request_job(
        project_id=cells.pk, kind="other", params={}, actor=TESTER, now=present()
    )
    for asked, status in ((other.uid, 404), (UUID(int=7), 404), ("x", 422)):
        assert desk.get(url(cells, "routing"), {"job": asked}).status_code == status


def test_reviewers_strangers_and_forged_forms_are_refused(cells):
    for person, status in ((reviewer(cells), 403), (stranger(), 404)):
        outside = Client()
        outside.force_login(person)
        assert outside.get(url(cells, "routing")).status_code == status
        assert outside.post(url(cells, "save-routing"), SENT).status_code == status
        assert outside.post(url(cells, "simulate"), SENT).status_code == status
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(lead(cells))
    assert forged.post(url(cells, "save-routing"), SENT).status_code == 403
    assert rules_in_force(cells)[0] == 1
