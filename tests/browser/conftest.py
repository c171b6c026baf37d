"""The site as a browser meets it: a live server, and people who are logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from annotations.models import User
from tests.factories import reviewer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext
    from pytest_django.live_server_helper import LiveServer

    from annotations.models import Project

LogIn = Callable[["BrowserContext", User], None]


@pytest.fixture
def log_in(live_server: LiveServer) -> LogIn:
    """Give a browser the session of a person, past the login form."""

    def give(context: BrowserContext, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}]
        )

    return give


@pytest.fixture
def interceptable(context: BrowserContext) -> None:
    """Pages whose requests a test may stop at any moment, not only before they load.

    Chromium tells a page that has loaded of its first route no sooner than the page has time to
    listen, and a key overtakes that: about one request in 300 of a busy page got past a route that
    was there before it. Under a route from the first, every request is asked about; the price is
    the browser's cache.
    """
    context.route("https://nowhere.invalid/", lambda route: route.abort())


@pytest.fixture
def rita(cells: Project, context: BrowserContext, log_in: LogIn) -> User:
    """The reviewer of the test's project whose session the browser has."""
    person = reviewer(cells, "rita")
    log_in(context, person)
    return person
