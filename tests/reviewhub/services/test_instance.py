from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewhub.services.instance import AlreadyRunning, Instance, inherited, listen


def test_a_secret_is_random_private_and_the_same_ever_after(tmp_path: Path) -> None:
    instance = Instance.at(tmp_path / "var")
    first = instance.secret("secret_key")
    assert len(first) >= 50
    assert Instance.at(tmp_path / "var").secret("secret_key") == first
    assert Instance.at(tmp_path / "other").secret("secret_key") != first
    assert (instance.var / "secrets" / "secret_key").stat().st_mode & 0o077 == 0
    assert instance.var.stat().st_mode & 0o077 == 0


def test_an_env_file_brings_a_shell_into_the_instance(tmp_path: Path) -> None:
    instance = Instance.at(tmp_path / "with space")
    environ = instance.environment(base_url="http://127.0.0.1:1", redis_url="redis://:a$b'c@h/0")
    path = instance.write_env_file({**environ, "PATH": "not ours"})
    shell = f'. "{path}" && printf "%s|%s" "$REVIEWHUB_REDIS_URL" "$REVIEWHUB_VAR_DIR"'
    told = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert told.stdout == f"redis://:a$b'c@h/0|{instance.var}"
    assert path.stat().st_mode & 0o077 == 0
    assert "not ours" not in path.read_text()


def test_the_callers_variables_count() -> None:
    environ = {"PATH": "/bin", "REVIEWHUB_REDIS_URL": "redis://h", "DJANGO_SETTINGS_MODULE": "x"}
    assert inherited(environ) == {"PATH": "/bin", "REVIEWHUB_REDIS_URL": "redis://h"}


def test_a_sourced_env_file_of_another_instance_does_not() -> None:
    environ = {"PATH": "/bin", "REVIEWHUB_VAR_DIR": "/a", "REVIEWHUB_DATABASE_URL": "sqlite:///a"}
    assert inherited(environ) == {"PATH": "/bin"}


def test_a_second_supervisor_is_refused_and_told_who_runs(tmp_path: Path) -> None:
    instance = Instance.at(tmp_path)
    with instance.lock(), pytest.raises(AlreadyRunning, match=r"in use by process \d+"):
        instance.lock()


def test_a_crash_frees_the_lock(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from reviewhub.services.instance import Instance\n"
        "held = Instance.at(Path(sys.argv[1])).lock(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    Instance.at(tmp_path).lock().close()


def test_a_taken_port_is_passed_over() -> None:
    with listen(18_000) as first:
        taken = first.getsockname()[1]
        with listen(taken) as second:
            assert second.getsockname()[1] > taken
