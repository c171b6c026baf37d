"""Logging in, and what becomes of somebody who guesses."""

from __future__ import annotations

import pytest
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
    assert answer["Retry-After"] == "900"
    assert b"Too many wrong passwords" in answer.content


def test_a_colleague_at_the_same_address_is_not_locked_out(client: Client) -> None:
    factories.stranger("rita")
    factories.stranger("rolf")
    for _ in range(10):
        log_in(client, "rita", "wrong")
    assert log_in(client, "rolf")
