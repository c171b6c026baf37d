"""Ask the site whether it can work: database, broker and migrations, as /readyz sees them."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from reviewhub.services.watch import ServicesFailed

_open = build_opener(ProxyHandler({})).open


def wait_until_ready(base_url: str, *, given_up: Callable[[], None], seconds: float = 90.0) -> None:
    """Return when /readyz answers 200; `given_up()` may raise earlier.

    Raises ServicesFailed with the last answer after `seconds`.
    """
    deadline = time.monotonic() + seconds
    told = "no answer"
    while time.monotonic() < deadline:
        given_up()
        try:
            with _open(f"{base_url}/readyz", timeout=5):
                return
        except HTTPError as refused:
            told = f"{refused.code} {refused.read(500).decode(errors='replace')}"
        except (URLError, OSError) as unreachable:
            told = str(unreachable)
        time.sleep(0.1)
    raise ServicesFailed(f"{base_url}/readyz was not ready within {seconds:.0f} s: {told}")
