"""Logging in, and what becomes of somebody who guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

from tests import factories
from tests.factories import PASSWORD, log_in

pytestmark = pytest.mark.django_db


def test_the_right_password_lets_in_and_logging_out_needs_a_post(client: Client) -> None:
    factories.stranger("rita")
    assert log_in(client, "rita")
    assert client.get("/").status_code == 200
    assert client.get("/logout").status_code == 405
    client.post("/logout")
    assert client.get("/").status_code == 302


def test_a_wrong_password_says_so_and_names_neither_half(client: Client) -> None:
    factories.stranger("rita")
    told = [
        client.post("/login", {"username": name, "password": "wrong"}).content
        for name in ("rita", "nobody")
    ]
    assert all(b"correct username and password" in page for page in told)


def test_after_ten_wrong_guesses_even_the_right_one_waits(client: Client) -> None:
    factories.stranger("rita")
    for _ in range(10):
        log_in(client, "rita", "wrong")
    answer = client.post("/login", {"username": "rita", "password": PASSWORD})
    assert answer.status_code == 429
    assert 890 < int(answer["Retry-After"]) <= 900
    assert b"Too many wrong passwords. Try again in 15 minutes" in answer.content


def test_the_wait_is_told_as_long_as_it_is(client: Client) -> None:
    factories.stranger("rita")
    guess_wrong(client, 4, **{"User-Agent": "old"})
    guess_wrong(client, 6, **{"User-Agent": "new"})
    for browser, minutes in (("old", 14), ("new", 10)):
        aged = F("attempt_time") - timedelta(minutes=minutes)
        AccessAttempt.objects.filter(user_agent=browser).update(attempt_time=aged)

    def waits() -> tuple[int, str]:
        answer = client.post("/login", {"username": "rita", "password": PASSWORD})
        return int(answer["Retry-After"]), answer.content.decode()

    seconds, told = waits()
    assert 50 < seconds <= 60
    assert "Try again in one minute" in told
    AccessAttempt.objects.filter(user_agent="new").update(failures_since_start=11)
    seconds, told = waits()
    assert 290 < seconds <= 300
    assert "Try again in 5 minutes" in told
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(seconds=seconds))
    assert is_let_in(client)


def test_a_colleague_at_the_same_address_is_not_locked_out(client: Client) -> None:
    factories.stranger("rita")
    factories.stranger("rolf")
    for _ in range(10):
        log_in(client, "rita", "wrong")
    assert log_in(client, "rolf")


def guess_wrong(client: Client, times: int, **headers: str) -> None:
    for _ in range(times):
        client.post("/login", {"username": "rita", "password": "wrong"}, headers=headers)


def is_let_in(client: Client, **headers: str) -> bool:
    form = {"username": "rita", "password": PASSWORD}
    return client.post("/login", form, headers=headers).status_code == 302


def via(*addresses: str) -> dict[str, str]:
    """As a proxy passes a request on: the last address is the one it has seen."""
    return {"X-Forwarded-For": ", ".join(addresses)}


@pytest.mark.both_databases
@pytest.mark.parametrize("home", ["198.51.100.7", "2001:db8::7"])
def test_behind_a_proxy_who_guesses_elsewhere_locks_nobody_out(client, settings, home) -> None:
    settings.REVIEWHUB_BEHIND_PROXY = True
    factories.stranger("rita")
    guess_wrong(client, 10, **via("203.0.113.9"))
    assert not is_let_in(client, **via("203.0.113.9"))
    assert is_let_in(client, **via(home))


def test_behind_a_proxy_what_the_caller_wrote_himself_is_not_believed(client, settings) -> None:
    settings.REVIEWHUB_BEHIND_PROXY = True
    factories.stranger("rita")
    for number in range(10):
        guess_wrong(client, 1, **via(f"198.51.100.{number}", "203.0.113.9"))
    assert not is_let_in(client, **via("198.51.100.77", "203.0.113.9"))


def test_without_a_proxy_a_forwarded_address_is_not_believed(client) -> None:
    factories.stranger("rita")
    for number in range(10):
        guess_wrong(client, 1, **via(f"198.51.100.{number}"))
    assert not is_let_in(client, **via("198.51.100.77"))


@pytest.mark.both_databases
@pytest.mark.parametrize("written", ["", "unknown", "203.0.113.9:port", "[::1", "_a"])
def test_an_address_that_is_none_counts_as_the_proxys(client, settings, written) -> None:
    settings.REVIEWHUB_BEHIND_PROXY = True
    factories.stranger("rita")
    guess_wrong(client, 10, **via(written))
    assert not is_let_in(client)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("elsewhere", "home"),
    [
        ("203.0.113.9:{}", "198.51.100.7:4711"),
        ("[2001:db8:0:9::{}]:4711", "[2001:db8:0:7::1]:4711"),
        ("2001:db8:0:9::{}", "2001:db8:0:7::1"),
    ],
)
def test_neither_a_port_nor_the_half_of_ipv6_that_a_caller_chooses_gives_more_guesses(
    client, settings, elsewhere, home
) -> None:
    settings.REVIEWHUB_BEHIND_PROXY = True
    factories.stranger("rita")
    for number in range(1, 11):
        guess_wrong(client, 1, **via(elsewhere.format(number)))
    assert not is_let_in(client, **via(elsewhere.format(77)))
    assert is_let_in(client, **via(home))


def test_a_caller_in_old_form_on_a_line_of_both_is_counted_by_the_old_address(client) -> None:
    factories.stranger("rita")
    form = {"username": "rita", "password": "wrong"}
    for _ in range(10):
        client.post("/login", form, REMOTE_ADDR="::ffff:203.0.113.9")
    right = form | {"password": PASSWORD}
    assert client.post("/login", right, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert client.post("/login", right, REMOTE_ADDR="::ffff:198.51.100.7").status_code == 302


def test_going_on_guessing_does_not_make_the_wait_longer(client) -> None:
    factories.stranger("rita")
    guess_wrong(client, 10)
    last = AccessAttempt.objects.get().attempt_time
    guess_wrong(client, 3)
    assert not is_let_in(client)
    assert AccessAttempt.objects.get().attempt_time == last
