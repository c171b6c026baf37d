"""May this server be made to call that address? Resolved once, checked, and called as checked."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from reviewhub.common.outgoing.errors import TargetRefused

PORTS = {443, 8443}
_USUAL_PORT = {"http": 80, "https": 443}
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Target:
    """Where to connect (`address`), and as whom the receiver knows itself (`host`)."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _USUAL_PORT[self.scheme] else f"{name}:{self.port}"


def system_resolver(host: str, port: int) -> list[str]:
    """Every address of the host, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def check_target(
    url: str, *, allowed: Collection[str], resolve: Resolve = system_resolver
) -> Target:
    """The target behind `url`, or TargetRefused.

    The open internet by https on port 443 or 8443 only. A host in `allowed` (`host` or
    `host:port`) may be private, on any port, and by plain http.
    """
    host, port = _host_and_port(parts := _split(url))
    listed = host in allowed or f"{host}:{port}" in allowed
    if not listed and (parts.scheme != "https" or port not in PORTS):
        raise TargetRefused("Give an https address on port 443 or 8443.")
    addresses = _resolved(host, port, resolve)
    if not listed and not all(map(_is_public, addresses)):
        raise TargetRefused("This host is on a private network, and it is not on the list.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise TargetRefused("This is not an address.") from error


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    if parts.scheme not in _USUAL_PORT or not parts.hostname:
        raise TargetRefused("Give a full https address.")
    if parts.username is not None or parts.fragment or not parts.geturl().isascii():
        raise TargetRefused("Give an address without user name, fragment or special characters.")
    if any(not char.isprintable() or char.isspace() for char in parts.geturl()):
        raise TargetRefused("The address holds blanks.")
    try:
        return parts.hostname, parts.port or _USUAL_PORT[parts.scheme]
    except ValueError as error:
        raise TargetRefused("The port is not a number.") from error


def _resolved(host: str, port: int, resolve: Resolve) -> list[str]:
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise TargetRefused("The host name is not known.") from error
    if not addresses:
        raise TargetRefused("The host name has no address.")
    return addresses


def _is_public(text: str) -> bool:
    """IPv6 addresses that wrap an IPv4 one count as that one; of the others, global unicast only.

    Python's `is_global` means "reserved for nothing else" and lets much through that leads inside:
    site-local addresses, IPv4 behind a network's own translator.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is None and address not in _GLOBAL_UNICAST:
            return False
        address = wrapped or address
    return address.is_global and not address.is_multicast


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
