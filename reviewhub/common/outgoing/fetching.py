"""A file from an address that a client has named: only from hosts that an operator has listed."""

from __future__ import annotations

from collections.abc import Collection
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from reviewhub.common.errors import TooLarge
from reviewhub.common.outgoing.errors import FetchFailed, TargetRefused
from reviewhub.common.outgoing.pinned import connected
from reviewhub.common.outgoing.target import Resolve, Target, check_target, system_resolver

_USUAL_PORT = {"http": 80, "https": 443}
_STEP = 64 * 1024


def fetch_target(
    url: str, *, listed: Collection[str], resolve: Resolve = system_resolver
) -> Target:
    """The target behind `url`, or TargetRefused.

    `listed` has hosts as `host` (https on a usual port, on the open internet only), or exactly, as
    `host:port` or `http://host:port`: that one may be private, and the last is called by plain
    http. Nothing is listed by itself.
    """
    exact = _exactly(url)
    host_and_port = exact.partition("://")[2]
    if exact in {_exactly(_full(entry)) for entry in listed if ":" in entry}:
        return check_target(url, allowed={host_and_port}, resolve=resolve)
    if not exact.startswith("https://") or host_and_port.rpartition(":")[0] not in listed:
        raise TargetRefused("This host is not on the list of those that files are fetched from.")
    return check_target(url, allowed=(), resolve=resolve)


def fetch(target: Target, *, most_bytes: int, seconds: float) -> bytes:
    """The body of one GET: no redirect, no proxy, no second resolution, bounded in size and time.

    Raises FetchFailed, and TooLarge as soon as it is known to be.
    """
    headers = {"Host": target.host_header, "Connection": "close", "Accept-Encoding": "identity"}
    try:
        with connected(target, seconds=seconds) as connection:
            connection.request("GET", target.path, headers=headers)
            with connection.getresponse() as response:
                data = _read(response, most_bytes)
            if response.length or connection.was_cut:
                raise FetchFailed("The answer ended too early.")
    except (OSError, HTTPException) as failure:
        raise FetchFailed(f"{type(failure).__name__} within {seconds:.0f} seconds.") from failure
    return data


def _read(response: HTTPResponse, most_bytes: int) -> bytes:
    if response.status != 200:
        raise FetchFailed(f"The address answered {response.status}; redirects are an end.")
    if (response.length or 0) > most_bytes:
        raise TooLarge("The file is too large", limit=most_bytes)
    data = bytearray()
    while step := response.read(_STEP):
        data += step
        if len(data) > most_bytes:
            raise TooLarge("The file is too large", limit=most_bytes)
    return bytes(data)


def _exactly(url: str) -> str:
    """`scheme://host:port`; nothing that an entry could mean if that cannot be read from it."""
    try:
        parts = urlsplit(url)
        port = parts.port or _USUAL_PORT.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _full(entry: str) -> str:
    return entry if entry.startswith("http://") else f"https://{entry}"
