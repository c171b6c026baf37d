"""Real servers for tests: a Redis and a PostgreSQL of their own, on loopback, gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reviewhub.services.redis import (
    RedisMissing,
    answers,
    find_redis_server,
    free_port,
    write_config,
)


class Missing(Exception):
    """A system part that a test needs is not on this machine."""


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float = 60.0,
    what: str = "",
    pause: Callable[[], object] = lambda: time.sleep(0.05),
) -> None:
    """Return as soon as `condition()` holds; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what or condition}")
        pause()


@dataclass
class RedisServer:
    """One Redis process; `kill` and `start_again` keep port, password and append-only file."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def start(cls, folder: Path) -> RedisServer:
        server = cls(folder, 0, secrets.token_hex(8))
        _on_a_free_port(server)
        return server

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start_again(self) -> None:
        try:
            program = find_redis_server()
        except RedisMissing as missing:
            raise Missing(str(missing)) from missing
        config = write_config(self.folder, port=self.port, password=self.password)
        with (self.folder / "redis.log").open("ab") as log:
            process = self.process = subprocess.Popen([program, config], stdout=log, stderr=log)
        wait_until(
            lambda: process.poll() is not None or answers(port=self.port, password=self.password),
            seconds=60,
            what="Redis answers",
        )
        if process.poll() is not None:
            raise AssertionError(f"Redis ended:\n{(self.folder / 'redis.log').read_text()}")

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def flush(self) -> None:
        import redis

        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@dataclass
class PostgresServer:
    """One PostgreSQL cluster in a folder of its own; runs as `postgres` or `nobody` under root."""

    folder: Path
    port: int
    programs: Path

    @classmethod
    def start(cls, folder: Path) -> PostgresServer:
        server = cls(folder, 0, _postgres_programs())
        server._hand_over()
        server._run("initdb", "-D", server._data, "-U", "reviewhub", "-A", "trust", "-E", "UTF8")
        _on_a_free_port(server)
        return server

    @property
    def url(self) -> str:
        """A superuser's URL; Django makes its test database beside the one named here."""
        return f"postgres://reviewhub@127.0.0.1:{self.port}/postgres"

    def create(self, name: str) -> str:
        """The URL of an empty database of its own, for an instance that shares it with nobody."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}"')
        return self.url.rpartition("/")[0] + f"/{name}"

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start_again(self) -> None:
        # no fsync: only a power cut could tell, a crash of the process loses nothing
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c fsync=off -c full_page_writes=off -c max_connections=200"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self, *, mode: str = "fast") -> None:
        """Modes as pg_ctl has them: smart, fast, immediate (a crash)."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def _hand_over(self) -> None:
        """Under root: give the folder to PostgreSQL's user, who must also be able to reach it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.folder, _unprivileged_user())
            for parent in self.folder.parents[:-2]:
                parent.chmod(parent.stat().st_mode | 0o011)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self.programs / program), *arguments)
        if os.getuid() == 0:
            command = ("runuser", "-u", _unprivileged_user(), "--", *command)
        # pg_ctl's server inherits our pipes: into a file, or we would wait for its end
        log = self.folder.with_suffix(".setup.log")
        with log.open("wb") as output:
            ended = subprocess.run(
                command, stdout=output, stderr=output, check=False, cwd="/", timeout=120
            )
        if ended.returncode:
            raise AssertionError(f"{program} ended with {ended.returncode}:\n{log.read_text()}")


def _on_a_free_port(server: RedisServer | PostgresServer, *, tries: int = 3) -> None:
    """Tried again where somebody else has taken a port that was free a moment ago."""
    server.port = free_port()
    try:
        server.start_again()
    except AssertionError:
        if tries == 1:
            raise
        _on_a_free_port(server, tries=tries - 1)


@dataclass
class FakeClock:
    """A wall clock for processes started with `environ`, to be set while they run (libfaketime).

    Their monotonic clock goes on, as a machine's does when its wall clock is set.
    """

    file: Path
    library: Path

    @classmethod
    def make(cls, folder: Path) -> FakeClock:
        installed = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not installed:
            raise Missing("libfaketime; `apt-get install libfaketime`")
        clock = cls(folder / "clock", installed[0])
        clock.set_to(hours=0)
        return clock

    @property
    def environ(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(Path(__file__).parent / "fake_clock"),
        }

    def set_to(self, *, hours: float) -> None:
        """So many hours before or after the true time; every process has seen it on return."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{hours * 3600:+.0f}\n")
        fresh.replace(self.file)
        time.sleep(2.2)


def _postgres_programs() -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    found = str(installed[-1]) if installed else shutil.which("initdb")
    if found is None:
        raise Missing("a PostgreSQL server; `apt-get install postgresql`")
    return Path(found).resolve().parent


def _unprivileged_user() -> str:
    """PostgreSQL refuses to run as root."""
    passwd = Path("/etc/passwd").read_text()
    return next(name for name in ("postgres", "nobody") if f"\n{name}:" in passwd)
