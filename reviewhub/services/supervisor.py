"""The order in which the servers of one instance start, and what each is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import reviewhub
from reviewhub.services import redis, static_files
from reviewhub.services.children import Child
from reviewhub.services.instance import Instance, inherited, listen
from reviewhub.services.readiness import wait_until_ready
from reviewhub.services.watch import ServicesFailed, Watch

ROOT = Path(reviewhub.__path__[0]).resolve().parent
WORKER = "worker -Q fast,infer,train -c 3 -O fair --without-gossip --without-mingle -l INFO"
WEB = "--preload -k gthread -w 2 --threads 4 --timeout 60 --graceful-timeout 4"

SECRETS = re.compile(r"(rh_[0-9a-f]{8}_)[A-Za-z0-9_-]{43}")
"""API keys, which commands print once; logs keep their public half."""


class Services:
    """All servers of one instance; a context manager, or `start()` and `stop()`.

    Start it from a thread that lives as long as the servers should: Linux stops them with it.
    """

    def __init__(
        self,
        var: Path,
        *,
        port: int = 8000,
        environ: Mapping[str, str] | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        """`environ` adds to, or replaces, variables of this instance; `say` gets line by line."""
        self.instance = Instance.at(var)
        self.base_url = ""
        self.environ: dict[str, str] = {}
        self._given = inherited(os.environ) | dict(environ or {})
        self._wanted_port = port
        self._say = say
        self._watch = Watch(say)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name: redis, worker, beat, web (each leads a process group)."""
        return {name: child.pid for name, child in self._watch.children.items()}

    def start(self) -> None:
        """Return when the site answers. Raises AlreadyRunning, RedisMissing, ServicesFailed."""
        self._open.enter_context(self.instance.lock())
        try:
            self._listen()
            self._step("redis", self._start_redis)
            self._step("database", self._migrate)
            self._step("static", self._collect_static)
            self._step("worker", self._start_worker)
            self._step("beat", self._start_beat)
            self._watch.begin()
            self._step("web", self._start_web)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop every process that was started, and theirs; Redis last. Safe to call twice."""
        self._watch.stop(last="redis")
        self._open.close()

    def wait(self) -> None:
        """Block until `stop()`; raise ServicesFailed when a server has ended for good."""
        self._watch.wait()

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run one manage.py command inside this instance and return what it printed.

        `typed` is its standard input, where a secret shows to nobody.
        Raises ServicesFailed when the command fails.
        """
        ended = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=self.environ,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        with (self.instance.logs / "manage.log").open("a") as log:
            told = SECRETS.sub(r"\1…", f"{ended.stdout}{ended.stderr}")
            log.write(f"$ manage.py {' '.join(arguments)}\n{told}")
        if ended.returncode:
            raise ServicesFailed(f"manage.py {arguments[0]} failed:\n{ended.stderr[-2000:]}")
        return ended.stdout

    def _step(self, name: str, start: Callable[[], str]) -> None:
        began = time.monotonic()
        note = start()
        self._say(f"  {name:<9} {time.monotonic() - began:5.1f} s  {note}")

    def _listen(self) -> None:
        self._socket = self._open.enter_context(listen(self._wanted_port))
        port = self._socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}"
        if port != self._wanted_port:
            self._say(f"  port {self._wanted_port} is taken, using {port}")

    def _start_redis(self) -> str:
        url = self._given.get("REVIEWHUB_REDIS_URL")
        note = "the one of REVIEWHUB_REDIS_URL"
        if not url:
            program, port = redis.find_redis_server(self._given), redis.free_port()
            password = self.instance.secret("redis_password")
            config = redis.write_config(self.instance.var / "redis", port=port, password=password)
            child = self._spawn("redis", program, config)
            redis.wait_until_loaded(port=port, password=password, ended=lambda: child.ended)
            url, note = f"redis://:{password}@127.0.0.1:{port}/0", f"{program} on port {port}"
        own = self.instance.environment(base_url=self.base_url, redis_url=url)
        self.environ = {**own, **self._given}
        self.instance.write_env_file(
            {
                key: value
                for key, value in self.environ.items()
                if key in own or key[:10] == "REVIEWHUB_"
            }
        )
        return note

    def _migrate(self) -> str:
        applied = self.manage("migrate", "--noinput", "--no-color").count("... OK")
        return f"{applied} migrations applied" if applied else "up to date"

    def _collect_static(self) -> str:
        return static_files.collect_if_changed(self.instance.var, source=ROOT, manage=self.manage)

    def _start_worker(self) -> str:
        self._spawn("worker", *self._celery, *WORKER.split())
        return "queues fast, infer, train"

    def _start_beat(self) -> str:
        self._spawn("beat", *self._celery, "beat", "--pidfile=")
        return "the periodic tasks"

    def _start_web(self) -> str:
        # the socket stays open here, so that callers wait while the web server is started again
        bind, fds = f"fd://{self._socket.fileno()}", (self._socket.fileno(),)
        gunicorn = (sys.executable, "-m", "gunicorn", "reviewhub.wsgi:application")
        metrics = str(self.instance.empty_folder("metrics"))
        command = (*gunicorn, "-b", bind, *WEB.split())
        self._spawn("web", *command, pass_fds=fds, PROMETHEUS_MULTIPROC_DIR=metrics)
        wait_until_ready(self.base_url, given_up=self._watch.raise_failure)
        return self.base_url

    @property
    def _celery(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "celery", "-A", "reviewhub.celery")

    def _spawn(
        self, name: str, *command: str | Path, pass_fds: tuple[int, ...] = (), **environ: str
    ) -> Child:
        child = Child(
            name=name,
            command=command,
            environ={**(self.environ or self._given), **environ},
            mark=f"{self.instance.var}:{name}",
            log=self.instance.logs / f"{name}.log",
            cwd=ROOT,
            pass_fds=pass_fds,
        )
        return self._watch.add(child)
