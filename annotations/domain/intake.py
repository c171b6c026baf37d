"""What a client hands in and what it is told, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from reviewhub.common.errors import ReviewHubError

Document = Mapping[str, Any]
NOTHING: Document = {}
"""Never changed: shared by all that say nothing."""

# Named tuples where one is made for every prediction: a frozen dataclass costs four times as much.


class IncomingPrediction(NamedTuple):
    """One prediction as a door hands it in; nothing of it has been believed yet.

    `answer` is a document of the project's kind, as `annotations.domain.kinds` reads it.
    `image` is the uid of an uploaded image, or bytes sent along, or None when the item exists or
    is a text. `taxonomy_number` names the taxonomy that the answer is in; None means the
    predictor's own, or an older one that fits; for a new predictor, the newest under which the
    answer is valid. `flag` is the client's own reason to have it seen.
    """

    external_id: str
    predictor_name: str
    predictor_version: str
    taxonomy_number: int | None
    answer: Document
    image: UUID | bytes | None = None
    text: str | None = None
    source_group: str = ""
    metadata: Document = NOTHING
    slices: Document = NOTHING
    captured_at: datetime | None = None
    flag: str = ""


class SubmissionVerdict(NamedTuple):
    """What became of one prediction; `error` says why a refused one was refused."""

    external_id: str
    status: Literal["created", "unchanged", "refused"]
    prediction_uid: UUID | None = None
    outcome: str = ""
    reasons: Sequence[Document] = ()
    inclusion_probability: float | None = None
    policy_number: int | None = None
    error: ReviewHubError | None = None


@dataclass(frozen=True)
class IncomingAnnotation:
    """An item that is judged already; `image` and `text` as in IncomingPrediction.

    `boxes` is a list of {label, x, y, width, height} where boxes are judged, else None.
    """

    external_id: str
    label_key: str
    image: UUID | bytes | None
    source_group: str = ""
    metadata: Document = field(default_factory=dict)
    text: str | None = None
    boxes: object = None


@dataclass(frozen=True)
class ImportVerdict:
    external_id: str
    status: Literal["created", "unchanged", "refused"]
    item_uid: UUID | None = None
    fold: str = ""
    error: ReviewHubError | None = None
