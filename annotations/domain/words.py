"""Codes of the domain in the words that people read."""

from __future__ import annotations

from collections.abc import Mapping

Choice = tuple[str, str]

SKIP_REASONS: tuple[Choice, ...] = (
    ("unsure", "I am not sure"),
    ("guideline-silent", "The guideline does not say"),
    ("needs-expert", "Needs an expert"),
    ("picture-unclear", "The picture is unclear"),
    ("not-mine", "Not for me"),
)

REJECT_REASONS: tuple[Choice, ...] = (
    ("not-in-picture", "The part is not in the picture"),
    ("too-blurred", "Too blurred to judge"),
    ("wrong-subject", "Wrong subject"),
    ("damaged-file", "Damaged picture"),
    ("other", "Something else"),
)

_VERDICTS = {
    "confirmed": "confirmed",
    "corrected": "corrected",
    "rejected": "unusable",
    "skipped": "skipped",
    "undone": "taken back",
}

STATES = {
    "awaiting_capacity": "held back by the daily cap",
    "awaiting_review": "waiting for review",
    "awaiting_adjudication": "disputed",
    "awaiting_approval": "waiting for approval",
    "approved": "approved",
    "expired": "expired unanswered",
    "withdrawn": "withdrawn",
}


def reason_word(code: str) -> str:
    """Why somebody skipped or rejected, in the words of the button pressed."""
    return dict((*SKIP_REASONS, *REJECT_REASONS)).get(code, code.replace("-", " "))


def verdict_word(verdict: str) -> str:
    return _VERDICTS[verdict]


def reason_text(reason: Mapping[str, object]) -> str:
    """One routing reason as a short sentence."""
    detail = reason.get("detail")
    facts = detail if isinstance(detail, Mapping) else {}
    match reason["name"]:
        case "low_confidence":
            return f"confidence {facts.get('confidence', 0):.2f} below {facts.get('below', 0):.2f}"
        case "disagreement":
            others = facts.get("others") or []
            return "another model says " + ", ".join(str(label) for label in others)
        case "audit":
            return "drawn at random for audit"
        case other:
            return str(other).replace("_", " ")
