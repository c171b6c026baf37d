"""What every test may ask for: real services, a real browser, nothing mocked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from reviewhub.services import RedisMissing, Services
from tests.promises import broken_promise
from tests.services import Missing, PostgresServer, RedisServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.seaweed import SeaweedServer

# Playwright's sync API runs an event loop in this thread; Django would take it for an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# A machine that runs other tests beside this one takes long for what a quiet one does at once.
BROWSER_PATIENCE_MS = 60_000


def pytest_configure() -> None:
    """Other languages are compiled at set-up; a test run looks whether their words have changed."""
    from reviewhub.words.catalogues import compile_if_older

    compile_if_older()


def skip_aloud(missing: str) -> None:
    """Skip because a system part is missing; fail where CI promises that nothing is."""
    required = os.environ.get("REVIEWHUB_REQUIRE_ALL") == "1" or os.environ.get("CI") == "true"
    (pytest.fail if required else pytest.skip)(f"missing: {missing}")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of this test process alone, found as the runner finds its own; `.url` says where."""
    try:
        server = RedisServer.start(tmp_path_factory.mktemp("redis"))
    except Missing as missing:
        skip_aloud(str(missing))
    yield server
    server.stop()


@pytest.fixture
def broker(redis_server: RedisServer, settings, monkeypatch) -> RedisServer:
    """Celery of this process publishes to an empty real Redis for the length of one test."""
    from reviewhub.celery import app

    redis_server.flush()
    settings.REVIEWHUB_REDIS_URL = redis_server.url
    monkeypatch.setattr(app.conf, "broker_url", redis_server.url)
    # pools remember the broker they were made for
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    return redis_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL cluster of this test process alone, for tests that kill or starve it."""
    # not in pytest's folder: every pytest run closes that to the user whom PostgreSQL needs
    with TemporaryDirectory(prefix="reviewhub-postgres-") as folder:
        try:
            server = PostgresServer.start(Path(folder) / "cluster")
        except Missing as missing:
            skip_aloud(str(missing))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    """An S3 server of this test process alone, with an empty bucket."""
    from tests.seaweed import SeaweedServer

    try:
        server = SeaweedServer.start(tmp_path_factory.mktemp("seaweed"))
    except Missing as missing:
        skip_aloud(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance that was started and stopped once; copy it, do not use it."""
    var = tmp_path_factory.mktemp("instance") / "var"
    try:
        with Services(var, port=18_500, say=lambda line: None):
            pass
    except RedisMissing as missing:
        skip_aloud(str(missing))
    return var


@pytest.fixture
def var(migrated_var: Path, tmp_path: Path) -> Path:
    """The folder of an instance of this test alone, migrated, for `reviewhub.services.Services`."""
    return Path(shutil.copytree(migrated_var, tmp_path / "var"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, headless; Playwright downloads nothing."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        skip_aloud("a browser; `apt-get install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=list(CHROMIUM_ARGUMENTS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes fresh browser profiles, options as `Browser.new_context` has them.

    All are closed at the end of the test, however it ends: an open bench goes on asking the server.
    """
    profiles: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        profiles.append(browser.new_context(**options))
        profiles[-1].set_default_timeout(BROWSER_PATIENCE_MS)
        return profiles[-1]

    yield make
    for profile in profiles:
        profile.close()


@pytest.fixture
def context(new_profile: Callable[..., BrowserContext]) -> BrowserContext:
    """A fresh browser profile; `color_scheme` and size are set by `page.emulate_media` and co."""
    return new_profile(viewport={"width": 1280, "height": 900}, locale="en-GB")


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that remembers what went wrong in it: `page.problems` lists errors and CSP reports."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    page.problems = problems  # type: ignore[attr-defined]
    return page


@pytest.fixture(autouse=True)
def promises_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test asks the API, the answer is one that docs/openapi.json promises."""
    ask = Client.request

    def ask_and_check(client: Client, **request: Any) -> Any:
        answer = ask(client, **request)
        path = request.get("PATH_INFO", "")
        if path.startswith("/api/v1/projects/"):
            assert not (told := broken_promise(request["REQUEST_METHOD"], path, answer)), told
        return answer

    monkeypatch.setattr(Client, "request", ask_and_check)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout under test."""
    return Path(__file__).resolve().parents[1]
