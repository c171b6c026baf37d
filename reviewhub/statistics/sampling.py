"""Chance that can be replayed, and how to spend a number of draws."""

from __future__ import annotations

import hmac

import numpy as np
from numpy.typing import ArrayLike, NDArray


def keyed_uniform(key: bytes, *parts: str) -> float:
    """A uniform number in [0, 1) that the same key and parts always give again.

    HMAC-SHA256 over the parts, each led by its length so that ("ab", "c") and ("a", "bc") differ;
    the first 8 bytes over 2**64, cut to the 53 bits a float holds: rounding them instead would
    now and then give exactly 1.0, an item that no probability could ever draw.
    """
    return led_uniform(key, led(*parts))


def led(*parts: str) -> bytes:
    """The parts as they are hashed. Joined, such bytes are those of all their parts in a row:
    whoever draws a thousand times keeps what stays the same.
    """
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(8, "big") + part for part in encoded])


def led_uniform(key: bytes, message: bytes) -> float:
    """`keyed_uniform` of parts that `led` has joined."""
    if not key:
        raise ValueError("A keyed draw needs a key; an empty one could be predicted by anybody.")
    digest = hmac.digest(key, message, "sha256")
    return float(int.from_bytes(digest[:8], "big") >> 11) / 2.0**53


def neyman_shares(sizes: ArrayLike, spreads: ArrayLike) -> NDArray[np.float64]:
    """How to divide draws among strata so that the estimate is sharpest: n_h ~ N_h S_h.

    `spreads` are the standard deviations within the strata; where none has any, shares follow
    the sizes.

    >>> neyman_shares([900, 100], [0.1, 0.3]).tolist()
    [0.75, 0.25]
    """
    wanted = np.asarray(sizes, np.float64) * np.asarray(spreads, np.float64)
    if not np.all(np.isfinite(wanted)) or np.any(wanted < 0):
        raise ValueError("Sizes and spreads are finite and not negative.")
    if wanted.sum() == 0:
        wanted = np.asarray(sizes, np.float64)
    return np.asarray(wanted / wanted.sum(), dtype=np.float64)
