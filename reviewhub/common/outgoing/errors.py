from __future__ import annotations

from reviewhub.common.errors import InvalidInput


class TargetRefused(InvalidInput):
    code = "target_refused"
    title = "This server does not call that address"


class FetchFailed(InvalidInput):
    """The detail says what came instead; nothing of the answer is repeated."""

    code = "fetch_failed"
    title = "The address did not give the file"
