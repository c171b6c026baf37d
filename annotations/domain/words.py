"""Codes of the domain in the words that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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

TEXT_SKIP_REASONS: tuple[Choice, ...] = (
    *SKIP_REASONS[:3],
    ("other-language", "In a language I do not read"),
    ("not-mine", "Not for me"),
)

TEXT_REJECT_REASONS: tuple[Choice, ...] = (
    ("garbled", "Garbled or cut off"),
    ("nothing-to-judge", "Nothing in it to judge"),
    ("wrong-subject", "Wrong subject"),
    ("other", "Something else"),
)

_VERDICTS = {
    "confirmed": "confirmed",
    "corrected": "corrected",
    "rejected": "unusable",
    "skipped": "skipped",
    "undone": "taken back",
}

_REASON_WORDS = dict((*SKIP_REASONS, *REJECT_REASONS, *TEXT_SKIP_REASONS, *TEXT_REJECT_REASONS))

STATES = {
    "awaiting_capacity": "held back by the daily cap",
    "awaiting_review": "waiting for review",
    "awaiting_adjudication": "disputed",
    "awaiting_approval": "waiting for approval",
    "approved": "approved",
    "expired": "expired unanswered",
    "withdrawn": "withdrawn",
}


def skip_reasons(kind: str) -> tuple[Choice, ...]:
    return TEXT_SKIP_REASONS if kind == "text_classification" else SKIP_REASONS


def reject_reasons(kind: str) -> tuple[Choice, ...]:
    return TEXT_REJECT_REASONS if kind == "text_classification" else REJECT_REASONS


def reason_word(code: str) -> str:
    """Why somebody skipped or rejected, in the words of the button pressed."""
    return _REASON_WORDS.get(code, code.replace("-", " "))


def verdict_word(verdict: str) -> str:
    return _VERDICTS[verdict]


def reason_text(reason: Mapping[str, object]) -> str:
    """One routing reason as a short sentence."""
    detail = reason.get("detail")
    facts = detail if isinstance(detail, Mapping) else {}
    name = str(reason["name"])
    sentence = _REASONS.get(name)
    return sentence(facts) if sentence else name.replace("_", " ")


def reason_name(name: str) -> str:
    """What a kind of reason is called where many are counted."""
    return _REASON_NAMES.get(name, name.replace("_", " "))


def _disagreement(facts: Mapping[str, object]) -> str:
    others = _listed(facts.get("others"))
    if others:
        return f"another model says {others}"
    if facts.get("unmatched"):
        return f"another model draws {facts['unmatched']} boxes otherwise"
    return f"another model's odds are {_figure(facts, 'divergence')} off"


def _figure(facts: Mapping[str, object], name: str) -> str:
    value = facts.get(name)
    return f"{value:.2f}" if isinstance(value, int | float) else "?"


def _listed(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, list | tuple) else ""


_REASONS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "low_confidence": lambda facts: (
        f"confidence {_figure(facts, 'confidence')} below {_figure(facts, 'below')}"
    ),
    "small_margin": lambda facts: (
        f"two labels only {_figure(facts, 'margin')} apart, less than {_figure(facts, 'below')}"
    ),
    "high_entropy": lambda facts: (
        f"spread over many labels: {_figure(facts, 'entropy')}, more than {_figure(facts, 'above')}"
    ),
    "disagreement": _disagreement,
    "dissent": lambda facts: f"asked again, {_figure(facts, 'dissent')} say otherwise",
    "client_flag": lambda facts: f"the client asks for a look: {facts.get('flag', '')}",
    "taxonomy_changed": lambda facts: (
        f"its label is no longer in use: {_listed(facts.get('labels'))}"
    ),
    "rule": lambda facts: f"rule: {_listed(facts.get('rules'))}",
    "novelty": lambda _: "unlike anything learned from",
    "informative": lambda _: "picked to learn from",
    "audit": lambda _: "drawn at random for audit",
}

_REASON_NAMES = {
    "low_confidence": "low confidence",
    "small_margin": "small margin",
    "high_entropy": "high entropy",
    "disagreement": "models disagree",
    "dissent": "samples disagree",
    "client_flag": "flagged by the client",
    "taxonomy_changed": "label no longer in use",
    "rule": "rule by class or slice",
    "informative": "picked to learn from",
    "audit": "random audit",
}
