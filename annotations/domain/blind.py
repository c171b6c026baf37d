"""Who answers without seeing the prediction."""

from __future__ import annotations


def shown_blind(*, audited: bool, share: float, uniform: float) -> bool:
    """Whether an entry hides its prediction: audits always, of the others the policy's share.

    Without that share, blind work would betray the audits, and people would judge them with other
    eyes. `uniform` in [0, 1) is a keyed hash of the entry, made apart from the audit draw.
    """
    return audited or uniform < share
