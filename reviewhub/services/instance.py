"""One folder holds one instance: its secrets, database, files and logs, and a lock guards it."""

from __future__ import annotations

import fcntl
import os
import secrets
import shlex
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

OURS = ("REVIEWHUB_", "DJANGO_SETTINGS_MODULE")


class AlreadyRunning(Exception):
    """Another supervisor holds this folder."""


@dataclass(frozen=True)
class Instance:
    """Paths are absolute; nothing outside `var` is ever written."""

    var: Path

    @classmethod
    def at(cls, var: Path) -> Instance:
        """The folder, made private to its owner, with what the servers expect in it."""
        instance = cls(var.resolve())
        for folder in (instance.var, instance.logs, instance.var / "secrets"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return instance

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    def secret(self, name: str) -> str:
        """A random secret, written once with mode 0600 and the same ever after."""
        path = self.var / "secrets" / name
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()

    def empty_folder(self, name: str) -> Path:
        """For what is worth nothing after the processes that wrote it."""
        folder = self.var / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder

    def lock(self) -> IO[str]:
        """Held until the file is closed, also by a crash. Raises AlreadyRunning with the holder."""
        file = (self.var / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise AlreadyRunning(
                f"{self.var} is in use by process {holder}; stop it or choose another --var"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file

    def environment(self, *, base_url: str, redis_url: str) -> dict[str, str]:
        """What makes any of our processes part of this instance; all else has safe defaults."""
        return {
            "DJANGO_SETTINGS_MODULE": "reviewhub.settings.production",
            "REVIEWHUB_VAR_DIR": str(self.var),
            "REVIEWHUB_SECRET_KEY": self.secret("secret_key"),
            "REVIEWHUB_DRAW_KEY": self.secret("draw_key"),
            "REVIEWHUB_DATABASE_URL": f"sqlite:///{self.var / 'db.sqlite3'}",
            "REVIEWHUB_REDIS_URL": redis_url,
            "REVIEWHUB_SITE_URL": base_url,
            "REVIEWHUB_ALLOWED_HOSTS": "127.0.0.1,localhost",
        }

    def write_env_file(self, environ: Mapping[str, str]) -> Path:
        """For a shell: `. var/run/env` and then any manage.py command meets this instance."""
        path = self.var / "env"
        path.touch(mode=0o600)
        lines = (
            f"export {key}={shlex.quote(value)}"
            for key, value in sorted(environ.items())
            if key.startswith(OURS)
        )
        path.write_text("\n".join(lines) + "\n")
        return path


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """What a new instance takes over from the caller's environment.

    A shell that sourced an instance's env file belongs to that instance: nothing of ours in it is
    taken over, or the demonstration would write into the other's database.
    """
    sourced = "REVIEWHUB_VAR_DIR" in environ
    return {
        key: value
        for key, value in environ.items()
        if not key.startswith(OURS) or (not sourced and key.startswith("REVIEWHUB_"))
    }


def listen(port: int, *, tries: int = 50) -> socket.socket:
    """A listening socket on the first free loopback port from `port` on.

    The supervisor keeps it open: while the web server is started again, callers wait instead of
    being refused.
    """
    for candidate in range(port, port + tries):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", candidate))
            server.listen(512)
        except OSError:
            server.close()
            continue
        return server
    raise OSError(f"no free port from {port} to {port + tries - 1}")
