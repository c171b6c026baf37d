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
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[UUID]:
    """So many of them, in order: one look at the clock and at the dice serves them all."""
    dice = secrets.token_bytes(8 * count)
    return [
        UUID(
            int=milliseconds << 80
            | 0x7 << 76
            | counter << 64
            | 0b10 << 62
            | int.from_bytes(dice[8 * n : 8 * n + 8]) >> 2
        )
        for n, (milliseconds, counter) in enumerate(_ticks(count))
    ]


def _ticks(count: int) -> list[tuple[int, int]]:
    global _last  # noqa: PLW0603 (the order of a process is the state of a process)
    with _lock:
        now = time.time_ns() // 1_000_000
        ticks = []
        for _ in range(count):
            _last = _after(_last, now)
            ticks.append(_last)
    return ticks


def _after(tick: tuple[int, int], now: int) -> tuple[int, int]:
    last, counter = tick
    if now <= last and counter + 1 < 1 << _COUNTER_BITS:
        return last, counter + 1
    return max(now, last + 1), secrets.randbits(_COUNTER_BITS - 1)
