"""Periodic tasks come by the seconds that pass, not by what the machine's clock shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reviewhub.beat import SteadyScheduler, steady_now
from reviewhub.celery import app
from tests.conftest import skip_aloud
from tests.services import FakeClock, Missing

THREE_HOURS_BACK = """
import sys, time
from pathlib import Path
from reviewhub.beat import SteadyScheduler
from reviewhub.celery import app

class Quiet(SteadyScheduler):
    producer = None
    def apply_entry(self, entry, producer=None):
        sent.add(entry.name)

sent, file = set(), Path(sys.argv[1])
scheduler = Quiet(app)
began = time.time()
scheduler.tick()
file.write_text("-10800\\n")
time.sleep(2.2)
assert time.time() < began - 10000
end = time.monotonic() + 30
while len(sent) < len(scheduler.schedule) and time.monotonic() < end:
    time.sleep(min(max(scheduler.tick(), 0.01), 0.5))
print(*sorted(sent), sep="\\n")
"""


def test_every_interval_is_measured_by_the_steady_clock() -> None:
    scheduler = SteadyScheduler(app)
    entries = list(scheduler.schedule.values())
    assert {entry.name for entry in entries} == set(app.conf.beat_schedule)
    for entry in entries:
        assert entry.schedule.nowfun is steady_now
        assert not entry.is_due().is_due
        assert next(entry).schedule.nowfun is steady_now


def test_nothing_waits_for_a_clock_that_went_back(repository: Path, tmp_path: Path) -> None:
    try:
        clock = FakeClock.make(tmp_path)
    except Missing as missing:
        skip_aloud(str(missing))
    environ = {
        **clock.environ,
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.test",
        "REVIEWHUB_RECONCILE_SECONDS": "1",
    }
    environ["PYTHONPATH"] += f":{repository}"
    ended = subprocess.run(
        [sys.executable, "-c", THREE_HOURS_BACK, str(clock.file)],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.split("\n")) >= set(app.conf.beat_schedule), ended.stdout
