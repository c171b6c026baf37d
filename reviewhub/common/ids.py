"""Identifiers for the world outside: UUID version 7 (RFC 9562), in order of creation."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_COUNTER_BITS = 12
_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> UUID:
    """A new identifier, larger than every earlier one of this process.

    Milliseconds since 1970, then a 12-bit counter that starts at random below its middle and
    counts within one millisecond (RFC 9562 §6.2, method 1), then 62 random bits. When the counter
    is full or the clock has gone back, the millisecond is borrowed from the future.
    """
    milliseconds, counter = _tick()
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def _tick() -> tuple[int, int]:
    global _last  # noqa: PLW0603 (the order of a process is the state of a process)
    with _lock:
        now = time.time_ns() // 1_000_000
        last, counter = _last
        if now > last:
            _last = (now, secrets.randbits(_COUNTER_BITS - 1))
        elif counter + 1 < 1 << _COUNTER_BITS:
            _last = (last, counter + 1)
        else:
            _last = (last + 1, secrets.randbits(_COUNTER_BITS - 1))
        return _last
