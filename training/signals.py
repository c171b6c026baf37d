"""What this app tells itself, sent by actions inside their transaction; receivers only wake."""

from __future__ import annotations

from django.dispatch import Signal

run_requested = Signal()
"""run_id, now."""
