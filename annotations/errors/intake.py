"""Why a prediction or a known label is not taken."""

from __future__ import annotations

from reviewhub.common.errors import (
    Conflict,
    InvalidInput,
    TooLarge,
)


class InvalidAnswer(InvalidInput):
    """`errors` lists field and message of everything that is wrong with one answer."""

    code = "invalid_answer"
    title = "The answer is not valid for this kind of work"


class ContentOfAnotherKind(InvalidInput):
    """`errors` names what this kind of project does not take."""

    code = "content_of_another_kind"
    title = "The project judges another kind of content"


class UnknownLabel(InvalidInput):
    """`label` is what was sent, `known` what the taxonomy has."""

    code = "unknown_label"
    title = "The taxonomy has no such label"


class BatchTooLarge(TooLarge):
    """`limit` says how many items one call may carry."""

    code = "batch_too_large"
    title = "The batch holds too many items"


class PredictorReserved(Conflict):
    """The project's own name is for the models trained here: `predictor` has no such `version`."""

    code = "predictor_reserved"
    title = "The predictor's name is that of the models trained here, which have no such version"


class ItemContentConflict(Conflict):
    code = "item_content_conflict"
    title = "An item of this external_id exists with other content"


class ItemContentMissing(InvalidInput):
    code = "item_content_missing"
    title = "The item is new: send its text, or send or name its image"


class PredictionConflict(Conflict):
    code = "prediction_conflict"
    title = "This predictor has said something else of this item before"


class AnnotationConflict(Conflict):
    code = "annotation_conflict"
    title = "The item has been annotated otherwise"
