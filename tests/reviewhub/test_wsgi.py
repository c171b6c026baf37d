from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from reviewhub.services.redis import free_port
from tests.services import wait_until


@pytest.mark.faults
@pytest.mark.slow
def test_metrics_add_up_over_all_web_processes(repository: Path, tmp_path: Path) -> None:
    stale = tmp_path / "metrics" / "counter_999999999.db"
    stale.parent.mkdir()
    stale.write_bytes(b"of a process that has ended")
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.test",
        "REVIEWHUB_VAR_DIR": str(tmp_path),
        "REVIEWHUB_TEST_DATABASE_URL": "",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=repository, env=environ, check=True)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "reviewhub.wsgi:application", "-w", "2"]
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [*command, "-b", f"127.0.0.1:{port}"],
            cwd=repository,
            env=environ,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: fetch(port, "/livez") is not None, seconds=60, what="web answers")
        before = counted(fetch(port, "/metrics"))
        for _ in range(30):
            fetch(port, "/livez")
        assert counted(fetch(port, "/metrics")) == before + 30
        assert not stale.exists()
    finally:
        web.terminate()
        web.wait(timeout=30)


def fetch(port: int, path: str) -> str | None:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return None


def counted(text: str | None) -> float:
    """How many answers of /livez the figures hold."""
    found = re.search(r'reviewhub_requests_total\{[^}]*route="livez"[^}]*\} ([\d.]+)', text or "")
    assert found, text
    return float(found[1])
