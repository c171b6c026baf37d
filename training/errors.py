"""What can go wrong while learning and releasing, each a noun with a code of its own."""

from __future__ import annotations

from reviewhub.common.errors import Conflict, InvalidInput, NotFound, ReviewHubError, Unavailable


class ArtefactRefused(ReviewHubError):
    code = "artefact_refused"
    status = 500
    title = "A model file does not match its checksum"


class ArtefactMissing(Unavailable):
    code = "artefact_missing"
    title = "A model file is not in storage"


class ExportDisagrees(ReviewHubError):
    """The file that clients would run answers differently from what was trained."""

    code = "export_disagrees"
    status = 500
    title = "The exported model does not answer as the trained one"


class BackboneUnknown(InvalidInput):
    code = "backbone_unknown"
    title = "No such backbone"


class TooFewAnnotations(InvalidInput):
    code = "too_few_annotations"
    title = "There is too little to learn from"


class PredictorTaken(Conflict):
    """The version of the model to be speaks in traffic already, as another's or in other words."""

    code = "predictor_taken"
    title = "The model's name and version are another predictor's"


class NothingLearnsThis(Conflict):
    """`kind` names the kind of work; its annotations are kept for when something does."""

    code = "nothing_learns_this"
    title = "Nothing learns this kind of work yet"


class RunAlreadyActive(Conflict):
    code = "run_already_active"
    title = "The project has an active training run"


class RunAlreadyEnded(Conflict):
    code = "run_already_ended"
    title = "The training run has ended"


class RunCancelled(Conflict):
    code = "run_cancelled"
    title = "The training run was cancelled"


class LeaseLost(Conflict):
    """Another worker owns the run now, or nobody does: write nothing more."""

    code = "run_lease_lost"
    title = "The worker lost its lease on the training run"


class ChildCrashed(ReviewHubError):
    """The learning process ended without a word; another attempt may succeed."""

    code = "child_crashed"
    status = 500
    title = "The learning process crashed"


class ChildTimedOut(ReviewHubError):
    code = "child_timed_out"
    status = 500
    title = "The learning process ran past its time limit"


class LearningFailed(ReviewHubError):
    """The learning process said why it cannot do this; another attempt would say the same."""

    code = "learning_failed"
    status = 500
    title = "The learning process failed"


class OutOfTime(ReviewHubError):
    """The work is not done, but its share of the worker's time is: the next turn goes on."""

    code = "out_of_time"
    status = 503
    title = "The time for this turn is used up"


class NothingLearned(Unavailable):
    """There is nothing yet that new items could be compared with; the detail says why."""

    code = "nothing_learned"
    title = "There is nothing to compare new items with"


class UnknownRun(NotFound):
    code = "unknown_run"
    title = "No such training run"


class UnknownModel(NotFound):
    code = "unknown_model"
    title = "No such model"


class NoChampion(NotFound):
    code = "no_champion"
    title = "The project has no champion yet"


class AlreadyChampion(Conflict):
    code = "already_champion"
    title = "This model is the champion already"


class ChampionChanged(Conflict):
    """Somebody else changed the champion since the caller looked."""

    code = "champion_changed"
    title = "The champion is another one by now"


class PromotionNeedsReason(InvalidInput):
    code = "promotion_needs_reason"
    title = "The gate did not say 'promote': give the reason for promoting"


class NothingToRollBack(Conflict):
    code = "nothing_to_roll_back"
    title = "There is no earlier champion to go back to"
