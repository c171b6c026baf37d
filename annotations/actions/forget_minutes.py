from __future__ import annotations

from datetime import datetime, timedelta

from annotations.models import ApiKeyMinute

KEPT_FOR = timedelta(hours=1)


def forget_minutes(*, now: datetime) -> int:
    """Delete what keys spent in minutes long past, which limits nothing any more; how many."""
    return ApiKeyMinute.objects.filter(minute__lt=now - KEPT_FOR).delete()[0]
