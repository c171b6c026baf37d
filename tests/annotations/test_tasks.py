from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Assignment, AssignmentState, DirectUpload, Project, QueueEntry
from annotations.tasks import sweep
from tests import factories
from tests.factories import present

pytestmark = pytest.mark.django_db


def test_a_sweep_gives_back_leases_and_approves_what_is_due() -> None:
    cells = factories.project(review=ReviewSpec(grace_seconds=60, blind_share=0.0))
    rita, rob = factories.reviewer(cells), factories.reviewer(cells)
    answered, left = factories.queued(cells), factories.queued(cells)
    earlier = present() - timedelta(hours=1)
    for reviewer in (rita, rob):
        claim_next(project=cells, reviewer=reviewer, now=earlier)
    submit_review(
        project=cells,
        entry_uid=answered.uid,
        reviewer=Assignment.objects.get(entry=answered).reviewer,
        verdict="confirm",
        token=uuid4(),
        seconds=1,
        now=earlier,
    )
    told = sweep.run(unknown="argument of a newer version")
    assert (told["leases"], told["approved"]) == (1, 1)
    assert Assignment.objects.get(entry=left).state == AssignmentState.EXPIRED
    assert QueueEntry.objects.get(pk=answered.pk).state == "approved"
    assert set(sweep.run().values()) == {0}


def test_a_sweep_puts_unanswered_audits_on_record_and_lets_in_what_was_held_back() -> None:
    yesterday = present() - timedelta(days=1)
    capped = Rules(low_confidence=0.95, audit_rate=1e-6, daily_cap=1)
    cells = factories.project(rules=capped, now=yesterday)
    for _ in range(2):
        factories.prediction(cells, now=yesterday)
    audits = factories.project(rules=factories.EVERYTHING_AUDITED)
    factories.prediction(audits, now=yesterday - timedelta(days=30))
    told = sweep.run()
    assert (told["lapsed"], told["released"]) == (1, 1)


def test_its_name_and_queue_are_those_of_the_schedule(settings) -> None:
    assert sweep.name == "annotations.sweep"
    assert sweep.name in settings.CELERY_BEAT_SCHEDULE


@pytest.mark.both_databases
def test_a_project_that_fails_stops_no_other_and_no_other_step() -> None:
    yesterday, long_ago = present() - timedelta(days=1), present() - timedelta(days=30)
    capped = Rules(low_confidence=0.95, audit_rate=1e-6, daily_cap=1)
    broken, sound = (factories.project(rules=factories.EVERYTHING_AUDITED) for _ in range(2))
    held_back = factories.project(rules=capped, now=yesterday)
    for _ in range(2):
        factories.prediction(held_back, now=yesterday)
    for each in (broken, sound):
        factories.prediction(each, now=long_ago)
    upload = DirectUpload.objects.create(
        project=sound,
        storage_key="left-behind",
        max_bytes=1,
        created_at=long_ago,
        expires_at=long_ago + timedelta(hours=1),
    )
    Project.objects.filter(pk=broken.pk).update(site_time_zone="Europe/Berln")

    with capture_logs() as logs, pytest.raises(ExceptionGroup, match="failed: lapsed"):
        sweep.run()

    assert [each["part"] for each in logs if "part" in each] == [broken.slug, "lapsed"]
    states = dict(QueueEntry.objects.values_list("project", "state"))
    assert states[sound.pk] == "expired"
    assert states[broken.pk] == "awaiting_review"
    assert not QueueEntry.objects.filter(project=held_back, state="awaiting_capacity").exists()
    assert not DirectUpload.objects.filter(pk=upload.pk).exists()
