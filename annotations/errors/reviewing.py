"""Why an answer, a decision or an undo does not count."""

from __future__ import annotations

from reviewhub.common.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
)


class LeaseLost(Conflict):
    code = "lease_lost"
    title = "The time ran out and colleagues have taken the item over"


class AlreadyAnswered(Conflict):
    code = "already_answered"
    title = "You have answered this item already"


class EntryClosed(Conflict):
    """Never where the entry is now: reviewers are told, and only audits expire."""

    code = "entry_closed"
    title = "The item no longer waits for this"


class InvalidTransition(Conflict):
    """`source`, `target` and `allowed` say what was tried and what is possible from there."""

    code = "invalid_transition"
    title = "An entry cannot go from this state to that one"


class UndoImpossible(Conflict):
    """The detail says why. `where` names what has used the answer since, each a label and a URL;
    only then may the item be re-opened instead."""

    code = "undo_impossible"
    title = "This answer cannot be taken back"


class ReturnImpossible(Conflict):
    """The detail says why."""

    code = "return_impossible"
    title = "This answer cannot be returned to its reviewer"


class StaleAnnotation(Conflict):
    code = "stale_annotation"
    title = "The annotation is no longer the one that awaits approval"


class TokenReused(InvalidInput):
    code = "token_reused"
    title = "The token belongs to the answer to another item"


class AnsweredOtherwise(InvalidInput):
    """The token is that of a stored answer to the same item, `review`, which says another thing."""

    code = "answered_otherwise"
    title = "Your first answer to this item was stored, and this other one was not"


class BlindConfirmation(InvalidInput):
    code = "blind_confirmation"
    title = "The prediction was hidden: choose a label instead of confirming"


class NothingToConfirm(InvalidInput):
    code = "nothing_to_confirm"
    title = "The prediction cannot be said in the labels now in use: answer yourself"


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    title = "Give a reason"


class CommentMissing(InvalidInput):
    code = "comment_missing"
    title = "Say it in words"


class CommentTooLong(InvalidInput):
    """`longest` is how many characters there may be."""

    code = "comment_too_long"
    title = "The comment is too long"


class OwnAnswer(Forbidden):
    code = "own_answer"
    title = "Nobody decides about an answer of their own"


class UnknownGrid(NotFound):
    """Also raised for a grid of somebody else."""

    code = "unknown_grid"
    title = "No such grid"


class GridNotAllowed(Conflict):
    """`why` is a word of annotations.domain.grid.Why; how many answers there are is for leads."""

    code = "grid_not_allowed"
    title = "This label is not judged many at once"


class GridTooQuick(Conflict):
    """`seconds` says for how long the grid must still be looked at."""

    code = "grid_too_quick"
    title = "Look at all of them first"


class GridAnswered(Conflict):
    code = "grid_answered"
    title = "This grid has been answered before, and otherwise"
