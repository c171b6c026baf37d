from __future__ import annotations

from annotations.domain import counters
from annotations.queries.learning import approved_and_offered
from reviewhub.common import tally


def offer_approvals(*, project_id: int) -> None:
    """A training run begins: what stands approved by now is new to no later one.

    In the transaction that begins the run. What is approved meanwhile stays new.
    """
    approved, offered = approved_and_offered(project_id)
    tally.add(project_id, tally.NO_DAY, {counters.OFFERED_LABELS: approved - offered})
