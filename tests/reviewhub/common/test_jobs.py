"""Long work as a row: it shows how far it is, stops when asked, and survives its worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from reviewhub.common import jobs
from reviewhub.common.actor import Actor
from reviewhub.common.errors import InvalidInput
from reviewhub.common.models import AuditEntry, Job, JobState, OutboxEvent
from tests.races import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
LEAD = Actor(kind="user", id=1, name="lena")
THEN = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Clock:
    now = THEN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counting() -> Iterator[list[int]]:
    """A kind of job that counts to three, from where the last attempt was."""
    seen: list[int] = []

    def count(job: jobs.HeldJob) -> dict[str, int]:
        begin = (job.cursor or {"next": 0})["next"]
        for number in range(begin, 3):
            job.advance(number + 1, total=3, message=f"At {number}.", cursor={"next": number + 1})
            seen.append(number)
        return {"counted": 3}

    jobs.register("count", count)
    yield seen
    jobs._runners.pop("count")


def asked(**params: object) -> Job:
    return jobs.request_job(project_id=7, kind="count", params=params, actor=LEAD, now=THEN)


def test_a_job_is_done_and_tells_its_result(counting, clock) -> None:
    job = asked(days=3)
    jobs.run_job(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.total) == ("succeeded", {"counted": 3}, 3, 3)
    assert job.ended_at == THEN
    assert OutboxEvent.objects.get().data["state"] == "succeeded"
    assert AuditEntry.objects.get().action == "job.request"


def test_a_message_that_comes_twice_does_the_work_once(counting, clock) -> None:
    job = asked()
    jobs.run_job(job_id=job.pk, clock=clock)
    jobs.run_job(job_id=job.pk, clock=clock)
    assert counting == [0, 1, 2]


def test_a_job_goes_on_where_its_lost_worker_stopped(counting, clock) -> None:
    job = asked()
    lost = jobs._claim(job.pk, THEN)
    jobs.HeldJob(lost, clock=clock).advance(2, total=3, cursor={"next": 2})
    jobs.run_job(job_id=job.pk, clock=clock)
    assert counting == [], "the lease of the first worker still runs"
    clock.now = THEN + timedelta(minutes=2)
    assert jobs.recover_jobs(now=clock.now) == 1
    jobs.run_job(job_id=job.pk, clock=clock)
    assert counting == [2]
    with pytest.raises(jobs.JobInterrupted):
        jobs.HeldJob(lost, clock=clock).advance(3)
    assert Job.objects.get().result == {"counted": 3}


def test_a_job_of_a_lost_worker_is_taken_though_the_clock_went_back(counting, clock) -> None:
    """Its lease ends later than any that is given now, and would be kept for as long."""
    job = asked()
    lost = jobs._claim(job.pk, THEN)
    clock.now = THEN - timedelta(hours=3)
    assert jobs.recover_jobs(now=clock.now) == 1
    jobs.run_job(job_id=job.pk, clock=clock)
    assert counting == [0, 1, 2]
    with pytest.raises(jobs.JobInterrupted):
        jobs.HeldJob(lost, clock=clock).advance(3)


def test_a_queued_job_is_woken_though_the_clock_went_back(counting, clock) -> None:
    asked()
    assert jobs.recover_jobs(now=THEN) == 0
    assert jobs.recover_jobs(now=THEN - timedelta(hours=3)) == 1


def test_a_job_whose_workers_are_lost_again_and_again_says_so(counting, clock) -> None:
    job = asked()
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs._claim(job.pk, clock.now) is not None
        clock.now += timedelta(minutes=2)
    jobs.recover_jobs(now=clock.now)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "worker_lost")
    assert "5 times" in job.error


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(clock) -> None:
    def cancelled_half_way(job: jobs.HeldJob) -> dict[str, int]:
        jobs.cancel_job(job=job.row, actor=LEAD, now=THEN)
        job.advance(1)
        raise AssertionError("it went on")

    jobs.register("count", cancelled_half_way)
    waiting = jobs.cancel_job(job=asked(), actor=LEAD, now=THEN)
    assert waiting.state == JobState.CANCELLED
    running = asked()
    jobs.run_job(job_id=running.pk, clock=clock)
    running.refresh_from_db()
    assert running.state == JobState.CANCELLED
    with pytest.raises(jobs.JobEnded):
        jobs.cancel_job(job=running, actor=LEAD, now=THEN)
    jobs._runners.pop("count")


@pytest.mark.parametrize(
    ("error", "code"),
    [(InvalidInput("No such folder."), "invalid_input"), (KeyError("x"), "unexpected")],
)
def test_a_job_that_fails_says_why_on_its_row(clock, error, code) -> None:
    def fail(job: jobs.HeldJob) -> dict[str, int]:
        raise error

    jobs.register("count", fail)
    job = asked()
    jobs.run_job(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", code)
    assert job.error
    jobs._runners.pop("count")


def test_an_unknown_kind_is_a_bug_and_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="paint"):
        jobs.request_job(project_id=7, kind="paint", params={}, actor=LEAD, now=THEN)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_four_workers_one_does_the_job(counting, clock) -> None:
    job = asked()
    assert at_once(*[lambda: jobs.run_job(job_id=job.pk, clock=clock)] * 4) == [None] * 4
    assert counting == [0, 1, 2]
    assert Job.objects.get().attempt == 1
