"""Codes of the domain in the words that people read, in English.

Whoever shows a word translates it. Where a word holds figures the translator is handed in: `say`
turns an English text into the reader's language before its holes are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Choice = tuple[str, str]
Facts = Mapping[str, object]
Say = Callable[[str], str]

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

SENT_TO_LEAD = "sent-to-lead"
"""The reason of a skip that went straight to adjudication."""

_VERDICTS = {
    "confirmed": "confirmed",
    "corrected": "corrected",
    "rejected": "unusable",
    "skipped": "skipped",
    "undone": "taken back",
}

_REASON_WORDS = dict(
    (
        *SKIP_REASONS,
        *REJECT_REASONS,
        *TEXT_SKIP_REASONS,
        *TEXT_REJECT_REASONS,
        (SENT_TO_LEAD, "Sent to the lead"),
    )
)

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


def reason_text(reason: Facts, say: Say = str) -> str:
    """One routing reason as a short sentence."""
    detail = reason.get("detail")
    facts = detail if isinstance(detail, Mapping) else {}
    name = str(reason["name"])
    sentence = _REASONS.get(name)
    return sentence(facts, say) if sentence else name.replace("_", " ")


def reason_name(name: str) -> str:
    """What a kind of reason is called where many are counted."""
    return _REASON_NAMES.get(name, name.replace("_", " "))


def every_word() -> Iterator[str]:
    """What is looked up by code here, for the catalogues of other languages."""
    yield from _REASON_WORDS.values()
    yield from _VERDICTS.values()
    yield from STATES.values()


def _low_confidence(facts: Facts, say: Say) -> str:
    told = {"confidence": _figure(facts, "confidence"), "below": _figure(facts, "below")}
    return say("confidence %(confidence)s below %(below)s") % told


def _small_margin(facts: Facts, say: Say) -> str:
    told = {"margin": _figure(facts, "margin"), "below": _figure(facts, "below")}
    return say("two labels only %(margin)s apart, less than %(below)s") % told


def _high_entropy(facts: Facts, say: Say) -> str:
    told = {"entropy": _figure(facts, "entropy"), "above": _figure(facts, "above")}
    return say("spread over many labels: %(entropy)s, more than %(above)s") % told


def _disagreement(facts: Facts, say: Say) -> str:
    others = _listed(facts.get("others"))
    if others:
        return say("another model says %(labels)s") % {"labels": others}
    if unmatched := facts.get("unmatched"):
        return say("another model draws %(number)s boxes otherwise") % {"number": unmatched}
    return say("another model's odds are %(much)s off") % {"much": _figure(facts, "divergence")}


def _dissent(facts: Facts, say: Say) -> str:
    return say("asked again, %(share)s say otherwise") % {"share": _figure(facts, "dissent")}


def _client_flag(facts: Facts, say: Say) -> str:
    return say("the client asks for a look: %(flag)s") % {"flag": facts.get("flag", "")}


def _taxonomy_changed(facts: Facts, say: Say) -> str:
    told = {"labels": _listed(facts.get("labels"))}
    return say("its label is no longer in use: %(labels)s") % told


def _rule(facts: Facts, say: Say) -> str:
    return say("rule: %(rules)s") % {"rules": _listed(facts.get("rules"))}


def _figure(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return f"{value:.2f}" if isinstance(value, int | float) else "?"


def _listed(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, list | tuple) else ""


_REASONS: Mapping[str, Callable[[Facts, Say], str]] = {
    "low_confidence": _low_confidence,
    "small_margin": _small_margin,
    "high_entropy": _high_entropy,
    "disagreement": _disagreement,
    "dissent": _dissent,
    "client_flag": _client_flag,
    "taxonomy_changed": _taxonomy_changed,
    "rule": _rule,
    "novelty": lambda _, say: say("unlike anything learned from"),
    "informative": lambda _, say: say("picked to learn from"),
    "audit": lambda _, say: say("drawn at random for audit"),
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
