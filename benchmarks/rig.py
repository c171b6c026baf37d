"""Servers as in production, for measuring: PostgreSQL with its defaults, gunicorn, on loopback."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from reviewhub.services.instance import inherited
from reviewhub.services.redis import free_port
from tests.services import PostgresServer

ROOT = Path(__file__).resolve().parents[1]


class DurablePostgres(PostgresServer):
    """A cluster that would survive a power cut; every setting is PostgreSQL's own default."""

    def start_again(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c max_connections=200"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    @property
    def pid(self) -> int:
        """Of the postmaster, whose children do the work."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def url_of(self, database: str) -> str:
        return f"postgres://reviewhub@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new, empty database; its URL."""
        self._run(
            *("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "reviewhub", database)
        )
        return self.url_of(database)


@dataclass
class Site:
    """One instance: a database of its own and the web server in front of it."""

    folder: Path
    environ: dict[str, str]
    port: int
    web: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def python(self, *arguments: str) -> str:
        """Run `python …` inside the instance; what it printed."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return ended.stdout

    def python_json(self, *arguments: str) -> Any:
        """The same, of a program whose last line is one JSON document."""
        return json.loads(self.python(*arguments).strip().splitlines()[-1])

    def start_web(self, *, workers: int = 2, threads: int = 4) -> None:
        """gunicorn as `make run` starts it; returns when it answers."""
        command = [sys.executable, "-m", "gunicorn", "reviewhub.wsgi:application", "--preload"]
        options = f"-b 127.0.0.1:{self.port} -k gthread -w {workers} --threads {threads}"
        with (self.folder / "web.log").open("ab") as log:
            self.web = subprocess.Popen(
                [*command, *options.split(), "--timeout", "60", "--graceful-timeout", "4"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers()

    def stop_web(self) -> None:
        if self.web is not None:
            self.web.terminate()
            self.web.wait(timeout=20)
            self.web = None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"{self.address}/livez", timeout=2):  # noqa: S310
                return
            if self.web is not None and self.web.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"the web server did not start:\n{(self.folder / 'web.log').read_text()}")


@dataclass
class Rig:
    """A folder, and a PostgreSQL in it unless SQLite is measured; all of it goes with the run."""

    folder: Path
    postgres: DurablePostgres | None
    open: ExitStack

    def site(self, name: str, **variables: str) -> Site:
        """A new instance with an empty, migrated database; its web server is not started yet."""
        folder = self.folder / name
        folder.mkdir()
        port = free_port()
        url = self.postgres.create(name) if self.postgres else f"sqlite:///{folder / 'db.sqlite3'}"
        site = Site(folder, _environ(folder, url, port, variables), port)
        self.open.callback(site.stop_web)
        site.python("manage.py", "migrate", "--verbosity", "0")
        # Pages name their scripts by digest: without collected files they cannot be shown.
        site.python("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        return site


@contextmanager
def rig(engine: str) -> Iterator[Rig]:
    """Everything a measurement runs on; `engine` is postgresql or sqlite."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="reviewhub-benchmark-")
        folder = Path(stack.enter_context(made))
        postgres = None
        if engine == "postgresql":
            postgres = DurablePostgres.start(folder / "cluster")
            stack.callback(postgres.stop)
        yield Rig(folder, postgres, stack)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, digits: int = 2) -> str:
    """Rows in columns, numbers to the right."""
    texts = [list(heads), *([_shown(cell, digits) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in texts) for at in range(len(heads))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in texts
    )


def _shown(cell: object, digits: int) -> str:
    if isinstance(cell, float):
        return f"{cell:,.{digits}f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _environ(folder: Path, url: str, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    (folder / "static").mkdir()
    return {
        **inherited(os.environ),
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.production",
        "REVIEWHUB_VAR_DIR": str(folder),
        "REVIEWHUB_SECRET_KEY": "only-for-a-benchmark-" * 3,
        "REVIEWHUB_DRAW_KEY": "only-for-a-benchmark-" * 3,
        "REVIEWHUB_DATABASE_URL": url,
        "REVIEWHUB_SITE_URL": f"http://127.0.0.1:{port}",
        "REVIEWHUB_REDIS_URL": "redis://127.0.0.1:1/0",
        "PROMETHEUS_MULTIPROC_DIR": str(_folder(folder / "metrics")),
        **variables,
    }


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path
