"""What this app counts for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count

from reviewhub.common.metrics import Gauge, register
from reviewhub.common.models import Delivery, DeliveryState


@register
def deliveries_by_state() -> Iterable[Gauge]:
    """Every state, the empty ones too: a series that vanishes looks like a fault."""
    rows = Delivery.objects.values_list("state").annotate(count=Count("id"))
    counts: dict[str, int] = dict(rows)
    for state in DeliveryState.values:
        yield Gauge(
            "deliveries", "Webhook deliveries by state.", counts.get(state, 0), {"state": state}
        )
