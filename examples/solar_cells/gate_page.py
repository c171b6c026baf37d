"""The gate's decision, as the API tells it, in the words and figures of a table."""

from __future__ import annotations

from typing import Any

NAMES = {
    "enough_source_items": ("Enough older items", "Older items"),
    "enough_target_items": ("Enough recent items", "Recent audits"),
    "source_not_worse": ("Not worse on what it knew", "Older items"),
    "target_better": ("Better on what is new", "Recent audits"),
    "cost_not_higher": ("Mistakes not dearer", "Cost per item"),
    "misses_within_limit": ("Misses within the limit", "Both"),
}
TONES = {"promote": "positive", "refuse": "negative", "not_enough_evidence": "caution"}
PASSED = {
    True: ("positive", "passed"),
    False: ("negative", "failed"),
    None: ("caution", "undecided"),
}

Document = dict[str, Any]


def gate_for_page(model: Document) -> Document:
    """What `training/fragments/gate.html` shows, of an answer to GET models/{number}."""
    decision = model["decision"]
    rival = decision["champion_number"]
    return {
        "verdict": {
            "tone": TONES[decision["verdict"]],
            "word": decision["verdict"].replace("_", " "),
        },
        "at": decision["decided_at"],
        "champion": f"Model {rival}" if rival else "Constant answer",
        "challenger": f"Model {model['number']}",
        "reasons": decision["reasons"],
        "tests": [_row(test) for test in decision["tests"]],
    }


def _row(test: Document) -> Document:
    name, measured_on = NAMES.get(test["name"], (test["name"].replace("_", " "), ""))
    show = _price if test["name"] == "cost_not_higher" else _share
    figures = test["figures"]
    tone, word = PASSED[test["passed"]]
    return {
        "name": name,
        "set": f"{measured_on} ({figures['n']})" if "n" in figures else measured_on,
        "champion": show(figures.get("champion")),
        "challenger": show(figures.get("challenger")),
        "difference": show(figures.get("difference"), signed=True),
        "interval": _interval(figures, allowed_below=test["name"].endswith("not_worse")),
        "badge": {"tone": tone, "word": word},
    }


def _interval(figures: Document, *, allowed_below: bool) -> Document | None:
    """The difference with its bounds and the margin as x positions on a line 220 wide.

    A margin is a distance: of a loss it lies below zero, of a cost above.
    """
    if not {"difference", "lower", "upper", "margin"} <= figures.keys():
        return None
    low, value, high = (figures[name] for name in ("lower", "difference", "upper"))
    margin = -figures["margin"] if allowed_below else figures["margin"]
    left, right = min(low, margin, 0.0), max(high, margin, 0.0)
    marks = {"low": low, "value": value, "high": high, "margin": margin, "zero": 0.0}
    scale = 200 / ((right - left) or 1.0)
    text = f"{value:+.3f}, from {low:+.3f} to {high:+.3f}, margin {margin:+.3f}"
    return {name: 10 + (at - left) * scale for name, at in marks.items()} | {"text": text}


def _share(value: float | None, *, signed: bool = False) -> str:
    return "–" if value is None else f"{value:+.1%}" if signed else f"{value:.1%}"


def _price(value: float | None, *, signed: bool = False) -> str:
    return "–" if value is None else f"{value:+.3f}" if signed else f"{value:.3f}"
