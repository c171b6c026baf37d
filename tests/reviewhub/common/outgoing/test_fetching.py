from __future__ import annotations

import time

import pytest

from reviewhub.common.errors import TooLarge
from reviewhub.common.outgoing.errors import FetchFailed, TargetRefused
from reviewhub.common.outgoing.fetching import fetch, fetch_target
from tests.reviewhub.common.webhooks.receiver import Receiver

PUBLIC, PRIVATE, METADATA = "93.184.216.34", "10.0.0.7", "169.254.169.254"


def target(url: str, *listed: str, address: str = PUBLIC):
    return fetch_target(url, listed=listed, resolve=lambda host, port: [address])


@pytest.mark.parametrize(
    ("url", "listed", "address"),
    [
        ("https://images.example/a.png", "images.example", PUBLIC),
        ("https://images.example:8443/a.png?b=c", "images.example", PUBLIC),
        ("https://Images.Example/a.png", "images.example", PUBLIC),
        ("https://store.local:9000/a.png", "store.local:9000", PRIVATE),
        ("https://images.example/a.png", "images.example:443", PRIVATE),
        ("http://store.local:9000/a.png", "http://store.local:9000", PRIVATE),
        ("http://store.local/a.png", "http://store.local", PRIVATE),
    ],
)
def test_listed_hosts_are_called(url: str, listed: str, address: str) -> None:
    assert target(url, listed, address=address).address == address


@pytest.mark.parametrize(
    ("url", "listed", "address"),
    [
        ("https://images.example/a.png", "", PUBLIC),
        ("https://other.example/a.png", "images.example", PUBLIC),
        ("https://images.example.evil.example/", "images.example", PUBLIC),
        ("https://images.example@evil.example/", "images.example", PUBLIC),
        ("https://evil.example\\@images.example/", "images.example", PUBLIC),
        ("http://images.example/a.png", "images.example", PUBLIC),
        ("http://images.example:443/a.png", "images.example:443", PUBLIC),
        ("https://images.example:9000/a.png", "images.example", PUBLIC),
        ("https://images.example/a.png", "images.example", PRIVATE),
        ("https://images.example/a.png", "images.example", METADATA),
        ("https://images.example/a.png", "images.example", "::1"),
        ("https://images.example/a.png", "images.example", "::ffff:127.0.0.1"),
        ("https://store.local:9001/a.png", "store.local:9000", PRIVATE),
        ("https://store.local:9000/a.png", "http://store.local:9000", PRIVATE),
        ("ftp://images.example/a.png", "images.example", PUBLIC),
        ("file:///etc/passwd", "", PUBLIC),
        ("https://images.example:x/", "images.example", PUBLIC),
        ("nonsense", "nonsense", PUBLIC),
        ("https:///a.png", "", PUBLIC),
        ("https://[::1", "images.example", PUBLIC),
    ],
)
def test_everything_else_is_refused(url: str, listed: str, address: str) -> None:
    with pytest.raises(TargetRefused):
        target(url, listed, address=address)


def test_it_is_resolved_once_and_called_as_checked() -> None:
    answers = iter([["127.0.0.1"]])
    with Receiver(answer=b"a picture") as receiver:
        port = receiver.url.rpartition(":")[2].split("/")[0]
        url = f"http://images.example:{port}/a.png?size=1"
        checked = fetch_target(
            url, listed=[f"http://images.example:{port}"], resolve=lambda *_: next(answers)
        )
        assert fetch(checked, most_bytes=100, seconds=5) == b"a picture"
    path, headers, _ = receiver.received[0]
    assert path == "/a.png?size=1"
    assert headers["Host"] == f"images.example:{port}"


def got(receiver: Receiver, *, most_bytes: int = 100, seconds: float = 5) -> bytes:
    host = receiver.url.removeprefix("http://").split("/")[0]
    checked = fetch_target(receiver.url, listed=[f"http://{host}"])
    return fetch(checked, most_bytes=most_bytes, seconds=seconds)


def test_redirects_are_an_end() -> None:
    with Receiver(status=302, headers={"Location": "http://169.254.169.254/"}) as receiver:
        with pytest.raises(FetchFailed, match="302"):
            got(receiver)
        assert len(receiver.received) == 1


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Receiver(answer=b"a") as receiver:
        assert got(receiver) == b"a"


def test_too_much_is_too_large() -> None:
    with Receiver(answer=b"x" * 101) as receiver, pytest.raises(TooLarge):
        got(receiver)


def test_time_is_bounded_whatever_the_server_does() -> None:
    began = time.monotonic()
    with Receiver(delay=90) as receiver, pytest.raises(FetchFailed):
        got(receiver, seconds=0.3)
    with Receiver(answer=b"x" * 450, drip=0.2) as receiver, pytest.raises(FetchFailed):
        got(receiver, seconds=0.5, most_bytes=1000)
    assert time.monotonic() - began < 30


def test_nobody_there_is_told() -> None:
    checked = fetch_target("http://127.0.0.1:1/", listed=["http://127.0.0.1:1"])
    with pytest.raises(FetchFailed):
        fetch(checked, most_bytes=1, seconds=1)
