from __future__ import annotations

from typing import NamedTuple

from annotations.domain import counters
from annotations.domain.states import EntryState
from reviewhub.common.statements import Statement


class _Depth(NamedTuple):
    name: str
    amount: int


# By project, as the index of the counters is.
_DEPTHS = Statement(
    f"""
    SELECT kept.name, SUM(kept.amount) FROM annotations_project project
    JOIN common_tally kept ON kept.project_id = project.id
    WHERE kept.name IN ({", ".join(f"'{name}'" for name in counters.LEVELS)})
    GROUP BY kept.name
    """,  # noqa: S608 (names of counters, all ours)
    _Depth,
)


def entries_by_state() -> dict[str, int]:
    """How many queue entries stand in each state, of all projects, none left out; one query."""
    kept = {row.name: int(row.amount) for row in _DEPTHS.all()}
    return {str(state): kept.get(counters.state(state), 0) for state in EntryState}
