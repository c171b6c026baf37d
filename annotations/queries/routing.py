"""Routing policies of a project, newest first."""

from __future__ import annotations

from annotations.models import RoutingPolicy
from reviewhub.common.cursor import PAGE_SIZE, Cursor, Slice, slice_by_id


def routing_policies_of(
    project_id: int, cursor: Cursor, size: int = PAGE_SIZE
) -> Slice[RoutingPolicy]:
    """One query; the first row of the first page is in force."""
    policies = RoutingPolicy.objects.filter(project=project_id).select_related("created_by")
    return slice_by_id(policies, cursor, size)
