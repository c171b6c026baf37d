"""The command behind `make run`: up, through losses, and gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from reviewhub.services import Services
from reviewhub.services.children import kill_marked, marked
from tests.services import wait_until

RUN = (sys.executable, "-m", "reviewhub.services", "run")
NAMES = ("redis", "worker", "beat", "web")
pytestmark = pytest.mark.faults


@pytest.fixture
def running(var: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m reviewhub.services run` in a process of its own, ready."""
    told = tmp_path / "told"
    with told.open("wb") as output:
        command = [*RUN, "--port", "18600", "--var", str(var)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_until(
            lambda: "Ready in" in told.read_text() or process.poll() is not None,
            seconds=120,
            what="the site is ready",
        )
        assert process.poll() is None, told.read_text()
        yield process
    finally:
        process.kill()
        process.wait()
        for name in NAMES:
            kill_marked(f"{var}:{name}")


def left_over(var: Path) -> list[int]:
    return [pid for name in NAMES for pid in marked(f"{var}:{name}")]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_process_it_started(running, var: Path, number) -> None:
    assert len(left_over(var)) >= len(NAMES)
    running.send_signal(number)
    assert running.wait(timeout=90) == 0
    assert left_over(var) == []


@pytest.mark.slow
def test_a_second_start_is_refused_and_a_killed_supervisor_takes_its_servers_along(
    running, var: Path
) -> None:
    second = subprocess.run([*RUN, "--var", str(var)], capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert f"in use by process {running.pid}" in second.stderr
    running.kill()
    wait_until(lambda: left_over(var) == [], seconds=90, what="all servers ended")


@pytest.mark.slow
def test_each_lost_server_comes_back_and_the_site_answers(var: Path) -> None:
    said: list[str] = []
    with Services(var, port=18_700, say=said.append) as services:
        for name in NAMES:
            lose(services, name)
    told = "\n".join(said)
    for name in NAMES:
        assert f"{name} ended (killed by SIGKILL), started again" in told
    assert left_over(var) == []


def lose(services: Services, name: str) -> None:
    """kill -9 one server and wait until the site is whole again."""
    lost = services.pids[name]
    os.kill(lost, signal.SIGKILL)
    wait_until(lambda: services.pids[name] != lost, what=f"{name} is started again")
    wait_until(lambda: ready(services.base_url), seconds=60, what="ready again")


def ready(base_url: str) -> bool:
    try:
        with urlopen(f"{base_url}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
