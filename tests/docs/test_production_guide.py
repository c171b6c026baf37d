"""README's way into production is gone as it is written, on a real PostgreSQL, Redis and bucket."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from reviewhub.services.redis import free_port
from tests.seaweed import ACCESS_KEY, BUCKET, SECRET_KEY, SeaweedServer
from tests.services import PostgresServer, RedisServer, wait_until

FILE = "/etc/reviewhub.env"
HOST = "reviewhub.example.com"
BIND = "127.0.0.1:8000"
SECRETS = {
    "REVIEWHUB_SECRET_KEY": "0123456789abcdef" * 4,
    "REVIEWHUB_DRAW_KEY": "fedcba9876543210" * 4,
}


@dataclass(frozen=True)
class Recipe:
    """What README says, in its order."""

    variables: str
    release: str
    processes: list[str]


@pytest.fixture
def recipe(repository: Path) -> Recipe:
    text = (repository / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## In production$(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert section
    variables, release, processes = re.findall(
        r"^```sh\n(.*?)^```", section[1], re.DOTALL | re.MULTILINE
    )
    return Recipe(variables, release, processes.splitlines())


def filled_in(variables: str, values: dict[str, str]) -> str:
    """The block with what each operator puts in; the other lines stay as they are."""
    for name, value in values.items():
        variables, found = re.subn(
            rf"^{name}=.*$", f"{name}={value}", variables, flags=re.MULTILINE
        )
        assert found == 1, name
    return variables


def bash(line: str, cwd: Path) -> str:
    """What it prints, in a shell that has none of the variables of this test run."""
    ended = subprocess.run(
        ["bash", "-eu", "-c", line],
        cwd=cwd,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def test_set_up_brings_all_that_the_recipe_leans_on(recipe, repository) -> None:
    assert recipe.release.startswith("make setup\n")
    does = bash("make --dry-run --always-make setup", repository)
    for needed in ("requirements.txt", "scripts/vendor_assets.py", "scripts/words.py compile"):
        assert needed in does


def test_its_variables_are_those_of_a_safe_deployment(recipe, repository, tmp_path) -> None:
    file = tmp_path / "reviewhub.env"
    file.write_text(filled_in(recipe.variables, {**SECRETS, "REVIEWHUB_VAR_DIR": str(tmp_path)}))
    take_over = f"set -a && . {file} && set +a"
    assert take_over.replace(str(file), FILE) in recipe.release.splitlines()
    bash(f"{take_over}; .venv/bin/python manage.py check --deploy --fail-level WARNING", repository)


@dataclass(frozen=True)
class Site:
    """Asked as the proxy asks it."""

    port: int

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": HOST, **headers})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def page(self, path: str) -> tuple[HTTPResponse, str]:
        return self.get(path, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"})

    def answers(self) -> bool:
        try:
            return self.get("/livez")[0].status == 200
        except OSError:
            return False

    def works(self) -> bool:
        answer, told = self.get("/readyz")
        return answer.status == 200 and all(each["ok"] for each in json.loads(told)["workers"])


@pytest.fixture
def own(
    tmp_path: Path,
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    seaweed: SeaweedServer,
) -> dict[str, str]:
    """This machine's servers and secrets."""
    redis_server.flush()
    return {
        **SECRETS,
        "REVIEWHUB_DATABASE_URL": postgres_server.create("by_the_book"),
        "REVIEWHUB_REDIS_URL": redis_server.url,
        "REVIEWHUB_S3_BUCKET": BUCKET,
        "REVIEWHUB_S3_ACCESS_KEY": ACCESS_KEY,
        "REVIEWHUB_S3_SECRET_KEY": SECRET_KEY,
        "REVIEWHUB_S3_ENDPOINT": seaweed.url,
        "REVIEWHUB_VAR_DIR": str(tmp_path / "var"),
    }


@pytest.fixture
def site(recipe: Recipe, own: dict[str, str], repository: Path, tmp_path: Path) -> Iterator[Site]:
    """Released and started by the words of README, all else as they stand."""
    file = tmp_path / "reviewhub.env"
    file.write_text(filled_in(recipe.variables, own))
    # whoever runs this test has set up its checkout
    bash(recipe.release.removeprefix("make setup\n").replace(FILE, str(file)), repository)
    port = free_port()
    with ExitStack() as running:
        for number, line in enumerate(recipe.processes):
            command = line.replace(BIND, f"127.0.0.1:{port}")
            log = running.enter_context((tmp_path / f"{number}.log").open("wb"))
            process = subprocess.Popen(
                ["bash", "-c", f"set -a; . {shlex.quote(str(file))}; exec {command}"],
                cwd=repository,
                # our proxy is one of another machine, whom gunicorn does not believe by itself
                env={**bare_environment(), "FORWARDED_ALLOW_IPS": "192.0.2.1"},
                stdout=log,
                stderr=log,
                process_group=0,
            )
            running.callback(stop, process)
        yield Site(port)


def stop(process: subprocess.Popen[bytes]) -> None:
    """It and what it has started."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_the_recipe_gives_a_working_site(site, recipe) -> None:
    assert sum(BIND in line for line in recipe.processes) == 1
    wait_until(site.answers, seconds=60, what="gunicorn answers")

    login, page = site.page("/login")
    assert login.status == 200
    assert "Secure" in login.headers["Set-Cookie"]
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert any("vendor/htmx" in path for path in loaded)
    for path in loaded:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path), path
        assert site.page(path)[0].status == 200, path

    missing, told = site.page("/nothing-here")
    assert missing.status == 404
    assert "DEBUG" not in told
    plain, _ = site.get("/login")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{HOST}/login")

    wait_until(site.works, seconds=90, what="database, broker, bucket and workers")
