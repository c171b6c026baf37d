"""Who asks, as an address: for counting wrong passwords, never for letting anybody in."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

OWN_NETWORK = 64
"""Bits of an IPv6 address that a caller cannot choose: the other half is theirs, address by
address, and would be as many guesses."""

# Some proxies add the port from which the caller came.
_WITH_PORT = re.compile(r"(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?")


def address_of(request: HttpRequest) -> str | None:
    """For AXES_CLIENT_IP_CALLABLE: the other end of the line or, behind a proxy, whom it names.

    Only the last entry is the proxy's own; what stands before it the caller may have written. What
    is no address counts as the proxy's, so that inventing some gives nobody more guesses. Of IPv6
    the caller's network counts.
    """
    connected = _counted(request.META.get("REMOTE_ADDR") or "")
    if not settings.REVIEWHUB_BEHIND_PROXY:
        return connected
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return _counted(named) or connected


def _counted(text: str) -> str | None:
    parts = _WITH_PORT.fullmatch(text)
    bare = (parts[1] or parts[2] or "") if parts else text
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, OWN_NETWORK), strict=False).network_address)
