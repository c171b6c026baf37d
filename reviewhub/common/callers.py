"""Who asks, as an address: for counting wrong passwords, never for letting anybody in."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """For AXES_CLIENT_IP_CALLABLE: the other end of the line or, behind a proxy, whom it names.

    Only the last entry is the proxy's own; what stands before it the caller may have written. What
    is no address counts as the proxy's, so that inventing some gives nobody more guesses.
    """
    connected: str | None = request.META.get("REMOTE_ADDR") or None
    if not settings.REVIEWHUB_BEHIND_PROXY:
        return connected
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(named.partition("%")[0]))
    except ValueError:
        return connected
