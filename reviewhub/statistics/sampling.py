"""Chance that can be replayed: draws that depend on a secret and on names, on nothing else."""

from __future__ import annotations

import hmac


def keyed_uniform(key: bytes, *parts: str) -> float:
    """A uniform number in [0, 1) that the same key and parts always give again.

    HMAC-SHA256 over the parts, each led by its length so that ("ab", "c") and ("a", "bc") differ;
    the first 8 bytes over 2**64, cut to the 53 bits a float holds: rounding them instead would
    now and then give exactly 1.0, an item that no probability could ever draw.
    """
    if not key:
        raise ValueError("A keyed draw needs a key; an empty one could be predicted by anybody.")
    digest = hmac.digest(key, b"".join(map(_led_by_length, parts)), "sha256")
    return float(int.from_bytes(digest[:8], "big") >> 11) / 2.0**53


def _led_by_length(part: str) -> bytes:
    encoded = part.encode()
    return len(encoded).to_bytes(8, "big") + encoded
