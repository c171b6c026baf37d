"""Codes of the learning side in the words, tones and figures that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from reviewhub.common.pages import Badge

DIGEST = re.compile(r"[0-9a-f]{40,}")

_RUN_TONES = {
    "queued": "caution",
    "running": "active",
    "succeeded": "positive",
    "failed": "negative",
    "cancelled": "",
}
_ROLE_TONES = {"candidate": "caution", "champion": "positive", "shadow": "active", "archived": ""}
_VERDICT_TONES = {"promote": "positive", "refuse": "negative", "not_enough_evidence": "caution"}
_STEP_TONES = {"waiting": "", "running": "active", "done": "positive", "broken": "negative"}


def run_badge(state: str) -> Badge:
    return Badge(_RUN_TONES[state], state)


def role_badge(role: str) -> Badge:
    return Badge(_ROLE_TONES[role], role)


def verdict_badge(verdict: str) -> Badge:
    return Badge(_VERDICT_TONES[verdict], verdict.replace("_", " "))


def step_badge(state: str) -> Badge:
    return Badge(_STEP_TONES[state], state)


def gate_test_badge(passed: bool | None) -> Badge:
    if passed is None:
        return Badge("caution", "undecided")
    return Badge("positive", "passed") if passed else Badge("negative", "failed")


def duration(seconds: float | None) -> str:
    """“8 s”, “2 min 5 s”, “1 h 3 min”; empty when it has not been."""
    if seconds is None:
        return ""
    whole = int(timedelta(seconds=seconds).total_seconds())
    if whole < 60:
        return f"{max(seconds, 0):.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def figures_text(figures: Mapping[str, object]) -> str:
    """A step's figures in one line; what has a place of its own (reasons) is left out."""
    told = ((name.replace("_", " "), figure_text(value)) for name, value in figures.items())
    return ", ".join(f"{name} {value}" for name, value in told if value)


def figure_text(value: object) -> str:
    """One figure: rounded, counts by name in words, a digest by its beginning; lists are empty."""
    match value:
        case float():
            return f"{value:.3g}"
        case dict():
            counts = (f"{number} {name.replace('_', ' ')}" for name, number in value.items())
            return ", ".join(counts) or "none"
        case list():
            return ""
        case str() if DIGEST.fullmatch(value):
            return f"{value[:12]}…"
    return str(value)
