"""What every kind promises, and how every kind refuses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NoReturn, Protocol, TypeGuard

from annotations.domain.boxes import Box
from annotations.errors import InvalidAnswer
from reviewhub.common.errors import JsonDict

ERRORS_TOLD = 20
"""A document of a million wrong keys is answered as briefly as one of twenty."""

FIELDS = ("probabilities", "boxes", "label", "samples", "confidence", "prompt_version")
"""Everything a client may say of an item; each kind takes some of them."""

Problem = dict[str, str]
Size = tuple[int, int]

Judgement = str | tuple[Box, ...]
"""What a person says of an item: a label key, or the boxes that are there (none: nothing is)."""

Mapped = Callable[[str], str | None]


class Answer(Protocol):
    """What a predictor says of one item, valid under a taxonomy. Cheap: asked at every intake."""

    @property
    def top(self) -> str:
        """The label key that the predictor would choose; "" where it says that nothing is there."""

    @property
    def confidence(self) -> float:
        """How sure it is of that, in (0, 1]; 0.0 only when no label outlived a new taxonomy."""

    @property
    def margin(self) -> float | None:
        """How far the second choice lies behind the first; None where nothing is second."""

    @property
    def entropy(self) -> float | None:
        """How evenly it is torn, 0 to 1 over what it tells; None where nothing can be said."""

    @property
    def dissent(self) -> float | None:
        """The share of sampled answers that do not say `top`; None without samples."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label key it names, the most probable first."""

    @property
    def claims(self) -> tuple[str, ...]:
        """The label keys that it says are there: its choice, or those of its boxes."""

    def positive(self, positives: Collection[str]) -> float:
        """The probability that the item is a finding: that one of `positives` holds."""

    def as_json(self) -> JsonDict:
        """A document that `parse` and `restore` read back to an equal answer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two predictors differ about one item.

    `labels`: they would choose different labels. `divergence`: Jensen-Shannon, base 2, 0 to 1,
    of their distributions; None unless both told one. `unmatched`: boxes of either side for which
    the other has no box of the same class that overlaps enough.
    """

    labels: bool
    divergence: float | None = None
    unmatched: int = 0


class Kind(Protocol):
    """A module of this package: how the answers of one kind of work are read and compared."""

    def parse(self, raw: object, labels: Collection[str], *, size: Size | None = None) -> Answer:
        """Check a client's fields against the label keys; raises InvalidAnswer with `errors`.

        `size` is width and height of the image after EXIF rotation, None where it is not known.
        """

    def restore(self, document: JsonDict) -> Answer:
        """An answer from what `as_json` wrote; nothing is checked again."""

    judged_by: Literal["label", "boxes"]
    """What a person answers with; confirming, rejecting and skipping are the same everywhere."""

    def judge(self, raw: object, labels: Collection[str], *, size: Size | None = None) -> Judgement:
        """Check a person's answer: a label key (UnknownLabel) or boxes (InvalidAnswer)."""

    def says(self, answer: Answer) -> Judgement:
        """What a person would have to answer to say the same as a predictor."""

    def same(self, one: Judgement, other: Judgement) -> bool:
        """Whether two judgements differ by rounding at most."""

    def agree(self, one: Judgement, other: Judgement) -> bool:
        """Whether two people who say these have seen the same thing."""

    def distance(self, one: Judgement, other: Judgement) -> float:
        """How far two people's judgements are apart, 0.0 (the same) to 1.0 (nothing in common)."""

    def compare(self, one: Answer, other: Answer, *, iou: float = 0.5) -> Difference:
        """How the answers of two predictors differ; boxes pair from an overlap of `iou` on."""

    def carry(self, answer: Answer, mapping: Mapped) -> tuple[Answer, tuple[str, ...]]:
        """The answer in the words of another taxonomy, and the labels that have none there.

        What was said of a label without successor is left out, not spread over the others.
        """


def predicted_of(answer: Answer, carried: Answer, gone: Collection[str]) -> str:
    """What `answer` predicts in the words of `carried`; empty where its choice has none there.

    What comes second there is not what was predicted.
    """
    lost = answer.claims == (answer.top,) and answer.top in gone
    return "" if lost else carried.top


def refuse(problems: Iterable[Problem]) -> NoReturn:
    raise InvalidAnswer(errors=[*islice(problems, ERRORS_TOLD)])


def foreign(
    raw: Mapping[object, object], *, kind: str, takes: Collection[str]
) -> Iterator[Problem]:
    """The fields that this kind of work has no use for."""
    for name in raw:
        if name not in takes:
            expected = f"{kind} takes {', '.join(takes)}, and not this."
            yield {"field": str(name)[:60], "message": expected}


def unknown_label(field: str, labels: Collection[str]) -> Problem:
    known = ", ".join([*islice(labels, 12)]) + (" …" if len(labels) > 12 else "")
    return {"field": field, "message": f"Expected a label of the taxonomy: {known}."}


def is_number(value: object, least: float, most: float) -> TypeGuard[float]:
    """Whether it is a plain number in [least, most]: `true` is not 1, NaN is in no interval."""
    return (
        isinstance(value, (int, float))
        and value is not True
        and value is not False
        and least <= value <= most
    )
