"""The kinds of work: one module each, and the promise that each of them keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from annotations.domain.kinds import image_classification
from reviewhub.common.errors import JsonDict


class Answer(Protocol):
    """What a predictor says of one item, valid under a taxonomy."""

    @property
    def top(self) -> str:
        """The key of the label that the predictor would choose."""

    @property
    def confidence(self) -> float:
        """How sure it is of that, in (0, 1]."""

    def as_json(self) -> JsonDict:
        """A document that `parse` reads back to an equal answer."""


class Kind(Protocol):
    """A module of this package: how the answers of one kind of work are read and compared."""

    def parse(self, raw: object, labels: Sequence[str]) -> Answer:
        """Check a client's document against the label keys; raises InvalidAnswer with `errors`."""

    def distance(self, one: object, other: object) -> float:
        """How far two people's judgements are apart, 0.0 (the same) to 1.0 (nothing in common)."""


KINDS: Final[Mapping[str, Kind]] = {"image_classification": image_classification}
