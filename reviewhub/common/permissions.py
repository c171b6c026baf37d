"""What applies where a view names no permission of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    # DRF imports this module while it makes APIView.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    """Nobody: a door that forgets to say who may pass stays shut."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False
