"""Real processes, as ill-behaved as we can make them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from reviewhub.services.children import Child, marked, stop_all
from reviewhub.services.watch import BACK_OFF_SECONDS, RESTARTS, ServicesFailed, Watch
from tests.services import wait_until

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); "
FOREVER = "time.sleep(600)"
WITH_GRANDCHILD = (
    "import subprocess, sys, time; "
    f"subprocess.Popen([sys.executable, '-c', {STUBBORN + FOREVER!r}], start_new_session=True); "
    "print('up', flush=True); "
)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    made: list[Child] = []

    def make(code: str) -> Child:
        made.append(
            Child(
                name="server",
                command=(sys.executable, "-u", "-c", code),
                environ=dict(os.environ),
                mark=f"{tmp_path}:server",
                log=tmp_path / "server.log",
                cwd=tmp_path,
            )
        )
        return made[-1]

    yield make
    stop_all(made, patience=0)


def up(child: Child, times: int = 1) -> None:
    wait_until(lambda: child.tail().count("up") >= times, what="it is up")


def test_stop_ends_a_willing_server_at_once(child) -> None:
    server = child("import time; print('up'); " + FOREVER)
    server.start()
    up(server)
    began = time.monotonic()
    stop_all([server], patience=60)
    assert server.how_it_ended() == "killed by SIGTERM"
    assert time.monotonic() - began < 30


def test_stop_ends_a_stubborn_server_and_a_grandchild_in_its_own_session(child) -> None:
    server = child(WITH_GRANDCHILD + "signal = __import__('signal'); "
                   "signal.signal(15, signal.SIG_IGN); " + FOREVER)  # fmt: skip
    server.start()
    up(server, 2)
    assert len(marked(server.mark)) == 2
    stop_all([server], patience=0.3)
    assert marked(server.mark) == []


def test_a_restart_kills_what_the_lost_one_left_behind(child) -> None:
    server = child(WITH_GRANDCHILD + FOREVER)
    server.start()
    up(server, 2)
    left = [pid for pid in marked(server.mark) if pid != server.pid]
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: server.ended)
    assert marked(server.mark) == left
    server.start()
    assert not set(left) & set(marked(server.mark))


def test_a_lost_server_is_started_again_and_it_is_said(child) -> None:
    said: list[str] = []
    watch = Watch(said.append)
    server = watch.add(child("import time; print('up'); " + FOREVER))
    watch.begin()
    first = server.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: server.pid != first)
    watch.stop(last="")
    assert len(said) == 1
    assert "server ended (killed by SIGKILL), started again (1 of 5 within 60 s)" in said[0]


def test_one_that_will_not_live_ends_the_watch_with_its_last_words(child) -> None:
    said: list[str] = []
    watch = Watch(said.append)
    watch.add(child("raise SystemExit('no such table')"))
    watch.begin()
    with pytest.raises(ServicesFailed, match=r"server ended \(status 1\)[\s\S]*no such table"):
        watch.wait()
    watch.stop(last="")
    assert len(said) == RESTARTS


@pytest.mark.slow
def test_each_restart_waits_longer_than_the_one_before(child) -> None:
    watch = Watch(lambda _: None)
    server = watch.add(child("raise SystemExit('no such table')"))
    watch.begin()
    with pytest.raises(ServicesFailed, match="5 restarts within 60 s"):
        watch.wait()
    watch.stop(last="")
    waits = [later - earlier for earlier, later in pairwise(server.starts[1:])]
    for number, wait in enumerate(waits):
        assert wait >= BACK_OFF_SECONDS * 2**number


@pytest.mark.slow
def test_one_that_is_killed_again_and_again_over_time_always_comes_back(
    child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewhub.services.watch.WITHIN_SECONDS", 0.5)
    watch = Watch(lambda _: None)
    server = watch.add(child("import time; print('up'); " + FOREVER))
    watch.begin()
    for _ in range(2 * RESTARTS):
        lost = server.pid
        os.killpg(lost, signal.SIGKILL)
        wait_until(lambda lost=lost: server.pid != lost, what="it is started again")
        time.sleep(0.6)
    watch.raise_failure()
    watch.stop(last="")


def test_nobody_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    import subprocess

    server = (
        "from reviewhub.services.children import Child; from pathlib import Path; import os, sys\n"
        "there = Path(sys.argv[1])\n"
        "sleep = (sys.executable, '-c', 'import time; time.sleep(600)')\n"
        "one = Child('s', sleep, dict(os.environ), f'{there}:s', there / 'log', there)\n"
        "one.start()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", server, str(tmp_path)], check=False)
    wait_until(lambda: not marked(f"{tmp_path}:s"), what="its child ends too")
