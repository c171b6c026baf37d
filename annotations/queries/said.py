"""All that an answer to an entry must know of the entry, in one question."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from reviewhub.common.statements import Statement


class Said(NamedTuple):
    """A review, or a lease: of that only its `id`, whose it is and whether it is `soft`."""

    lease: bool
    soft: bool
    id: int
    entry_id: int
    reviewer_id: int
    token: UUID | None
    verdict: str
    label_key: str
    answer: str | None
    effective: bool


_SAID = Statement(
    """
    SELECT false AS lease, false AS soft, id, entry_id, reviewer_id, token, verdict, label_key,
        answer, effective
    FROM annotations_review
    WHERE entry_id = %(entry)s OR (reviewer_id = %(reviewer)s AND token = %(token)s)
    UNION ALL
    SELECT true, soft, id, entry_id, reviewer_id, NULL, '', '', NULL, false
    FROM annotations_assignment
    WHERE entry_id = %(entry)s AND state = 'held'
    ORDER BY lease, id
    """,
    Said,
)


def said_of(entry_id: int, *, reviewer_id: int, token: UUID) -> list[Said]:
    """What was said of the entry and what the token was used for, if anything; then the leases."""
    return _SAID.all(entry=entry_id, reviewer=reviewer_id, token=token)
