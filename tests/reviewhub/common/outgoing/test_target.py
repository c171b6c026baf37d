from __future__ import annotations

import pytest

from reviewhub.common.outgoing.errors import TargetRefused
from reviewhub.common.outgoing.target import check_target

PUBLIC = "93.184.216.34"


def check(url: str, *addresses: str, allowed: tuple[str, ...] = ()):
    return check_target(url, allowed=allowed, resolve=lambda host, port: list(addresses))


def test_a_public_https_address_is_taken_and_pinned() -> None:
    target = check("https://client.example/hooks?a=1", PUBLIC, "93.184.216.35")
    assert (target.address, target.host, target.port) == (PUBLIC, "client.example", 443)
    assert target.path == "/hooks?a=1"
    assert target.host_header == "client.example"
    assert check("https://client.example:8443", PUBLIC).host_header == "client.example:8443"


def test_a_listed_host_may_be_private_plain_and_on_any_port() -> None:
    for allowed in ("plant.local", "plant.local:9000"):
        target = check("http://plant.local:9000/x", "10.0.0.7", allowed=(allowed,))
        assert (target.scheme, target.address, target.port) == ("http", "10.0.0.7", 9000)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:0001::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b:1::93.184.216.34",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
        "5f00::1",
        "ff0e::1",
        "2001:db8::1",
        "::",
    ],
)
def test_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(TargetRefused, match="private"):
        check("https://client.example/", address)


@pytest.mark.parametrize(
    "address",
    ["2606:4700::1", f"::ffff:{PUBLIC}", f"64:ff9b::{PUBLIC}", "2002:5db8:d822::1"],
)
def test_a_public_address_is_taken_however_it_is_written(address: str) -> None:
    """A network without IPv4 names its hosts by NAT64."""
    assert check("https://client.example/", address).address == address


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(TargetRefused, match="private"):
        check("https://client.example/", PUBLIC, "127.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "http://client.example/",
        "https://client.example:22/",
        "https://client.example:99999/",
        "ftp://client.example/",
        "file:///etc/passwd",
        "https://user@client.example/",
        "https://client.example/#x",
        "https:///path",
        "https://client.example/a b",
        "https://clïent.example/",
        "client.example",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        check(url, PUBLIC)


def test_another_port_of_a_host_listed_with_its_port_is_refused() -> None:
    with pytest.raises(TargetRefused):
        check("http://plant.local:9001/", "10.0.0.7", allowed=("plant.local:9000",))


def test_a_name_that_nobody_knows_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(TargetRefused, match="not known"):
        check_target("https://client.example/", allowed=(), resolve=unknown)
    with pytest.raises(TargetRefused, match="no address"):
        check("https://client.example/")
