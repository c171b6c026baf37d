from __future__ import annotations

from datetime import datetime

from reviewhub.common.models import Delivery
from reviewhub.common.wake import wake
from reviewhub.common.webhooks.delivering import due

AT_ONCE = 500


def reconcile_deliveries(*, now: datetime) -> int:
    """Wake what is due: retries, lost messages, deliveries whose worker has died. How many."""
    waiting = Delivery.objects.filter(due(now)).order_by("id").values_list("pk", flat=True)
    deliveries = list(waiting[:AT_ONCE])
    for delivery_id in deliveries:
        wake("common.deliver", delivery_id=delivery_id)
    return len(deliveries)
