"""Real worker processes on the test's own database, to be killed, frozen and thawed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from tests.services import wait_until
from training.models import TrainingRun

ROOT = Path(__file__).resolve().parents[2]
DO_ONE_RUN = """
import sys, django
django.setup()
from training.actions.execute_run import execute_run
from training.actions.held_run import RunTimes
execute_run(
    run_id=int(sys.argv[1]), worker=sys.argv[2],
    times=RunTimes(lease=float(sys.argv[3]), heartbeat=0.3, watch=0.1),
)
"""


@contextmanager
def worker(run: TrainingRun, name: str = "w1", *, lease: float = 3.0) -> Iterator[subprocess.Popen]:
    """A process that does one run; whatever is left of it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", DO_ONE_RUN, str(run.pk), name, str(lease)],
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


@contextmanager
def celery_worker(redis_url: str) -> Iterator[subprocess.Popen]:
    """The worker that an installation runs, for the queue `train`."""
    command = [sys.executable, "-m", "celery", "-A", "reviewhub.celery", "worker"]
    process = subprocess.Popen(
        [*command, "-Q", "train,fast", "-c", "1", "-l", "WARNING"],
        cwd=ROOT,
        env=environment(REVIEWHUB_REDIS_URL=redis_url),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def environment(**more: str) -> dict[str, str]:
    """Settings of the test, its database and its folder, for another process."""
    return {
        **os.environ,
        **_database(),
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.test",
        "REVIEWHUB_VAR_DIR": str(settings.REVIEWHUB_VAR_DIR),
        **more,
    }


def _database() -> dict[str, str]:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"REVIEWHUB_DATABASE_URL": f"sqlite:///{facts['NAME']}"}
    url = f"postgres://{facts['USER']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    return {"REVIEWHUB_TEST_DATABASE_URL": url}


def end(process: subprocess.Popen) -> None:
    """kill -9 of the process and of its pool; its learning process is a group of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def freeze(process: subprocess.Popen, *, run: TrainingRun) -> None:
    """Stop it between two of its transactions: what it held in one, nobody else could have."""

    def frozen() -> bool:
        os.killpg(process.pid, signal.SIGSTOP)
        free = _can_be_written(run)
        if not free:
            os.killpg(process.pid, signal.SIGCONT)
        return free

    wait_until(frozen, what="the process holds no lock")


def thaw(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGCONT)


def _can_be_written(run: TrainingRun) -> bool:
    setting, usual = (
        ("PRAGMA busy_timeout = ", settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000)
        if connection.vendor == "sqlite"
        else ("SET lock_timeout = ", 0)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{setting}50")
        try:
            with transaction.atomic():
                return bool(TrainingRun.objects.filter(pk=run.pk).update(attempt=F("attempt")))
        except DatabaseError:
            return False
        finally:
            cursor.execute(f"{setting}{usual}")


def learning_process_of(run: TrainingRun, *, command: str, other_than: int = 0) -> int:
    """The pid of the run's learning process, as soon as it runs `command`."""
    found: list[int] = []

    def running() -> bool:
        found[:] = [pid for pid in _learners(run, command) if pid != other_than]
        return bool(found)

    wait_until(running, seconds=60, what=f"a learning process that does {command}")
    return found[0]


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _learners(run: TrainingRun, command: str) -> Iterator[int]:
    work = f"{settings.REVIEWHUB_VAR_DIR}/work/runs/{run.pk}"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if any("training.ml" in word for word in words) and {command, work} <= {*words}:
            yield int(folder.name)
