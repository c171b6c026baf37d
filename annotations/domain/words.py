"""Codes of the domain in the words that people read, in English.

Whoever shows a word translates it. Where a word holds figures the reader's `Voice` is handed in,
which translates the text before its holes are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Choice = tuple[str, str]
Facts = Mapping[str, object]
Say = Callable[[str], str]


@dataclass(frozen=True)
class Voice:
    """How a sentence is said: its text in the reader's language, and its figures their way."""

    say: Say = str
    number: Callable[[float], str] = "{:.2f}".format


ENGLISH = Voice()

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


def reason_text(reason: Facts, voice: Voice = ENGLISH) -> str:
    """One routing reason as a short sentence."""
    detail = reason.get("detail")
    facts = detail if isinstance(detail, Mapping) else {}
    name = str(reason["name"])
    sentence = _REASONS.get(name)
    return sentence(facts, voice) if sentence else name.replace("_", " ")


def reason_name(name: str) -> str:
    """What a kind of reason is called where many are counted."""
    return _REASON_NAMES.get(name, name.replace("_", " "))


def every_word() -> Iterator[str]:
    """What is looked up by code here, for the catalogues of other languages."""
    yield from _REASON_WORDS.values()
    yield from _VERDICTS.values()
    yield from STATES.values()


def _low_confidence(facts: Facts, voice: Voice) -> str:
    told = _figures(facts, voice, "confidence", "below")
    return voice.say("confidence %(confidence)s below %(below)s") % told


def _small_margin(facts: Facts, voice: Voice) -> str:
    told = _figures(facts, voice, "margin", "below")
    return voice.say("two labels only %(margin)s apart, less than %(below)s") % told


def _high_entropy(facts: Facts, voice: Voice) -> str:
    told = _figures(facts, voice, "entropy", "above")
    return voice.say("spread over many labels: %(entropy)s, more than %(above)s") % told


def _disagreement(facts: Facts, voice: Voice) -> str:
    others = _listed(facts.get("others"))
    if others:
        return voice.say("another model says %(labels)s") % {"labels": others}
    if unmatched := facts.get("unmatched"):
        return voice.say("another model draws %(number)s boxes otherwise") % {"number": unmatched}
    told = _figures(facts, voice, "divergence")
    return voice.say("another model's odds are %(divergence)s off") % told


def _dissent(facts: Facts, voice: Voice) -> str:
    told = _figures(facts, voice, "dissent")
    return voice.say("asked again, %(dissent)s say otherwise") % told


def _client_flag(facts: Facts, voice: Voice) -> str:
    return voice.say("the client asks for a look: %(flag)s") % {"flag": facts.get("flag", "")}


def _taxonomy_changed(facts: Facts, voice: Voice) -> str:
    told = {"labels": _listed(facts.get("labels"))}
    return voice.say("its label is no longer in use: %(labels)s") % told


def _rule(facts: Facts, voice: Voice) -> str:
    return voice.say("rule: %(rules)s") % {"rules": _listed(facts.get("rules"))}


def _figures(facts: Facts, voice: Voice, *names: str) -> dict[str, str]:
    found = {name: facts.get(name) for name in names}
    return {
        name: voice.number(value) if isinstance(value, int | float) else "?"
        for name, value in found.items()
    }


def _listed(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, list | tuple) else ""


_REASONS: Mapping[str, Callable[[Facts, Voice], str]] = {
    "low_confidence": _low_confidence,
    "small_margin": _small_margin,
    "high_entropy": _high_entropy,
    "disagreement": _disagreement,
    "dissent": _dissent,
    "client_flag": _client_flag,
    "taxonomy_changed": _taxonomy_changed,
    "rule": _rule,
    "novelty": lambda _, voice: voice.say("unlike anything learned from"),
    "informative": lambda _, voice: voice.say("picked to learn from"),
    "audit": lambda _, voice: voice.say("drawn at random for audit"),
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
