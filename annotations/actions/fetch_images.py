from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.conf import settings

from annotations.actions.upload_image import upload_image
from annotations.errors import ImageTooLarge, TooManyAddresses
from annotations.models import Project
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError, TooLarge
from reviewhub.common.outgoing.errors import FetchFailed
from reviewhub.common.outgoing.fetching import fetch, fetch_target

MOST_ADDRESSES = 20
AT_ONCE = 5
SECONDS_EACH, SECONDS_TOGETHER = 10.0, 25.0


def fetch_images(
    *, project: Project, urls: Iterable[str], actor: Actor, now: datetime
) -> Mapping[str, UUID | ReviewHubError]:
    """Fetch images from the hosts that an operator has listed, and keep them; or what went wrong.

    Call it outside any transaction: others' servers take their time. A few at once, so that a few
    files are held at once. Raises TooManyAddresses before the first is called.
    """
    wanted = list(dict.fromkeys(urls))
    if len(wanted) > MOST_ADDRESSES:
        raise TooManyAddresses(limit=MOST_ADDRESSES, sent=len(wanted))
    if not wanted:
        return {}
    kept: dict[str, UUID | ReviewHubError] = {}
    end = time.monotonic() + SECONDS_TOGETHER
    waiting = iter(wanted)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while some := list(islice(waiting, AT_ONCE)):
            for url, got in zip(some, pool.map(_fetched, some, [end] * len(some)), strict=True):
                kept[url] = _keep(project, got, actor, now)
    return kept


def _fetched(url: str, end: float) -> bytes | ReviewHubError:
    """In a thread of its own, which touches no database."""
    seconds = min(SECONDS_EACH, end - time.monotonic())
    try:
        if seconds <= 0:
            raise FetchFailed("The other addresses took all the time there was.")
        target = fetch_target(url, listed=settings.REVIEWHUB_FETCH_ALLOWED_HOSTS)
        return fetch(target, most_bytes=settings.REVIEWHUB_MAX_IMAGE_BYTES, seconds=seconds)
    except TooLarge:
        return ImageTooLarge(limit=settings.REVIEWHUB_MAX_IMAGE_BYTES)
    except ReviewHubError as error:
        return error


def _keep(
    project: Project, got: bytes | ReviewHubError, actor: Actor, now: datetime
) -> UUID | ReviewHubError:
    if isinstance(got, ReviewHubError):
        return got
    try:
        return upload_image(project=project, data=got, actor=actor, now=now).uid
    except ReviewHubError as error:
        return error
