"""What this app tells its neighbours, sent by actions inside their transaction.

Receivers do no work of their own: they call `reviewhub.common.wake.wake`, which waits for the
commit. A receiver that raises would undo the action, which is why `send` and not `send_robust`
is used: nothing may be told of what did not happen, and nothing that happened may go untold.
The one signal that asks is `annotation_in_use`: whoever knows answers.
"""

from __future__ import annotations

from django.dispatch import Signal

prediction_routed = Signal()
"""project_id, prediction_ids: list[int], now."""

annotation_settled = Signal()
"""project_id, annotation_id, now."""

annotation_approved = Signal()
"""project_id, annotation_ids: list[int], now."""

picture_shown = Signal()
"""image_id. Somebody sees a picture whose original has more pixels than they were sent."""

annotation_in_use = Signal()
"""project, annotation_ids: list[int]. Receivers answer with the places where these are used, each
a `reviewhub.common.pages.Link`; asked while the entry is locked, so that the answer stays true."""
