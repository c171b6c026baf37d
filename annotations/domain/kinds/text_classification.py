"""Text classification: one label per text; classifiers give probabilities, LLMs also samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from annotations.domain.kinds import distributions, single_label
from annotations.domain.kinds.answers import (
    Answer,
    Difference,
    Mapped,
    Problem,
    Size,
    foreign,
    is_number,
    refuse,
    unknown_label,
)
from annotations.domain.kinds.distributions import Ranked, Ranking, ranked, spread
from reviewhub.common.errors import JsonDict

FORMS = ("probabilities", "samples", "label")
TAKES = (*FORMS, "confidence", "prompt_version")

MOST_SAMPLES = 100
LONGEST_PROMPT_VERSION = 100

judged_by: Final = "label"


@dataclass(frozen=True)
class TextAnswer(Ranked):
    """What was said of a text; `prompt_version` names the prompt that an LLM was asked with."""

    prompt_version: str = ""

    def as_json(self) -> JsonDict:
        said = self._said()
        return {**said, "prompt_version": self.prompt_version} if self.prompt_version else said

    def _said(self) -> JsonDict:
        return {"probabilities": dict(sorted(self.ranking))}


@dataclass(frozen=True)
class Sampled(TextAnswer):
    """The same question asked k times: the shares of the answers are the probabilities."""

    samples: tuple[str, ...] = ()

    @property
    def entropy(self) -> float | None:
        """Of the votes, over log k: k different answers to one question are 1.0."""
        return spread(self.ranking, choices=len(self.samples))

    @property
    def dissent(self) -> float | None:
        return 1.0 - self.confidence if self.samples else None

    def _said(self) -> JsonDict:
        return {"samples": [*self.samples]}


@dataclass(frozen=True)
class Chosen(TextAnswer):
    """A label alone, with the confidence that was reported beside it; without one, 1.0."""

    reported: float | None = None

    @property
    def entropy(self) -> float | None:
        """None: how sure somebody says to be does not tell what else it might have been."""
        return None

    @property
    def distribution(self) -> Ranking | None:
        return None

    def _said(self) -> JsonDict:
        reported = {} if self.reported is None else {"confidence": self.reported}
        return {"label": self.top, **reported}


def parse(raw: object, labels: Collection[str], *, size: Size | None = None) -> TextAnswer:
    """Read the client's fields: exactly one of probabilities, samples and label.

    `samples` are 1 to MOST_SAMPLES label keys. `confidence` goes with a label only: the other two
    forms tell it themselves. `prompt_version` goes with any. Raises InvalidAnswer.
    """
    if not isinstance(raw, Mapping):
        refuse([{"field": "", "message": "Expected an object with what was said of the text."}])
    forms = [name for name in FORMS if name in raw]
    # one form alone has nothing beside it to go wrong
    if (len(raw) > 1 or not forms) and (problems := list(_shape(raw, forms))):
        refuse(problems)
    prompt_version = raw.get("prompt_version", "")
    if "probabilities" in raw:
        return TextAnswer(distributions.read(raw["probabilities"], labels), prompt_version)
    if "samples" in raw:
        return _sampled(raw["samples"], labels, prompt_version)
    return _chosen(raw["label"], raw.get("confidence"), labels, prompt_version)


def restore(document: JsonDict) -> TextAnswer:
    prompt_version = document.get("prompt_version", "")
    if "probabilities" in document:
        return TextAnswer(ranked(document["probabilities"]), prompt_version)
    if "samples" in document:
        samples = tuple(document["samples"])
        return Sampled(_shares(samples), prompt_version, samples)
    reported = document.get("confidence")
    return Chosen(_alone(document["label"], reported), prompt_version, reported)


judge = single_label.judge
says = single_label.says
same = agree = single_label.same
distance = single_label.distance


def compare(one: Answer, other: Answer, *, iou: float = 0.5) -> Difference:
    """The labels chosen, and the divergence where both sides told more than a choice."""
    assert isinstance(one, Ranked)
    assert isinstance(other, Ranked)
    return distributions.compare(one, other)


def carry(answer: Answer, mapping: Mapped) -> tuple[TextAnswer, tuple[str, ...]]:
    """As for images; a sample that said a label without successor no longer has a vote."""
    assert isinstance(answer, TextAnswer)
    ranking, gone = distributions.carried(answer.ranking, mapping)
    if isinstance(answer, Sampled):
        moved = tuple(key for key in map(mapping, answer.samples) if key is not None)
        return replace(answer, samples=moved, ranking=_shares(moved)), gone
    return replace(answer, ranking=ranking), gone


def _shape(raw: Mapping[object, object], forms: list[str]) -> Iterator[Problem]:
    """What is wrong with the fields as a whole."""
    yield from foreign(raw, kind="text_classification", takes=TAKES)
    if len(forms) != 1:
        told = " and ".join(forms) or "none of them"
        message = f"Expected exactly one of {', '.join(FORMS)}; got {told}."
        yield {"field": forms[1] if forms else "probabilities", "message": message}
    elif "confidence" in raw and forms != ["label"]:
        message = f"Expected only beside label: {forms[0]} tell how sure the answer is."
        yield {"field": "confidence", "message": message}
    elif "confidence" in raw and not _is_confidence(raw["confidence"]):
        yield {"field": "confidence", "message": "Expected a number above 0 and up to 1."}
    if "prompt_version" in raw and not _is_name(raw["prompt_version"]):
        message = f"Expected 1 to {LONGEST_PROMPT_VERSION} printable characters."
        yield {"field": "prompt_version", "message": message}


def _sampled(raw: object, labels: Collection[str], prompt_version: str) -> Sampled:
    if not isinstance(raw, (list, tuple)) or not 0 < len(raw) <= MOST_SAMPLES:
        message = f"Expected a list of 1 to {MOST_SAMPLES} label keys, one for each answer."
        refuse([{"field": "samples", "message": message}])
    if wrong := [n for n, key in enumerate(raw) if not isinstance(key, str) or key not in labels]:
        refuse(unknown_label(f"samples[{number}]", labels) for number in wrong)
    return Sampled(_shares(raw), prompt_version, tuple(raw))


def _chosen(
    key: object, reported: float | None, labels: Collection[str], prompt_version: str
) -> Chosen:
    if not isinstance(key, str) or key not in labels:
        refuse([unknown_label("label", labels)])
    return Chosen(_alone(key, reported), prompt_version, reported)


def _alone(key: str, reported: float | None) -> Ranking:
    return ((key, 1.0 if reported is None else reported),)


def _shares(samples: Collection[str]) -> Ranking:
    return ranked({key: votes / len(samples) for key, votes in Counter(samples).items()})


def _is_confidence(value: object) -> bool:
    return is_number(value, 0, 1) and value > 0


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str) and 0 < len(value) <= LONGEST_PROMPT_VERSION and value.isprintable()
    )
