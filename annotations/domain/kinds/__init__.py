"""The kinds of work: one module each, and the promise that each of them keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from annotations.domain.kinds import image_classification, object_detection, text_classification
from annotations.domain.kinds.answers import (
    Answer,
    Difference,
    Judgement,
    Kind,
    predicted_of,
)

__all__ = ["KINDS", "Answer", "Difference", "Judgement", "Kind", "predicted_of"]

KINDS: Final[Mapping[str, Kind]] = {
    "image_classification": image_classification,
    "object_detection": object_detection,
    "text_classification": text_classification,
}
