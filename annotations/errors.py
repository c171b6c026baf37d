"""What can go wrong between a prediction and its settled annotation, each a noun with a code."""

from __future__ import annotations

from reviewhub.common.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    ReviewHubError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

# --- who asks -------------------------------------------------------------------------------


class WrongKey(Unauthenticated):
    code = "wrong_key"
    title = "The API key is missing or not one of ours"


class KeyExpired(Unauthenticated):
    """Also raised for a revoked key: whoever holds the secret may know that it once worked."""

    code = "key_expired"
    title = "The API key has expired or was revoked"


class VerbNotAllowed(Forbidden):
    """`verb` names what was tried."""

    code = "verb_not_allowed"
    title = "The API key may not do this"


class RoleNotAllowed(Forbidden):
    """`needed` names the role that may."""

    code = "role_not_allowed"
    title = "Your role in this project does not allow this"


# --- what is asked about --------------------------------------------------------------------


class UnknownProject(NotFound):
    """Also raised for a project of others, so that its existence does not leak."""

    code = "unknown_project"
    title = "No such project"


class UnknownItem(NotFound):
    code = "unknown_item"
    title = "No such item"


class UnknownPrediction(NotFound):
    code = "unknown_prediction"
    title = "No such prediction"


class UnknownEntry(NotFound):
    code = "unknown_entry"
    title = "No such entry in the queue"


class UnknownImage(NotFound):
    code = "unknown_image"
    title = "No such image was uploaded"


class UnknownTaxonomy(NotFound):
    code = "unknown_taxonomy"
    title = "The project has no taxonomy of this number"


# --- images ---------------------------------------------------------------------------------


class BrokenImage(InvalidInput):
    code = "broken_image"
    title = "The image is damaged or cut off"


class UnsupportedImage(InvalidInput):
    """`expected` lists the formats that are taken; the name of the file never counts."""

    code = "unsupported_image"
    status = 415
    title = "The file is not a PNG, JPEG or WebP image"


class ImageTooLarge(TooLarge):
    """`limit` says how many bytes or pixels are taken."""

    code = "image_too_large"
    title = "The image is too large"


class ImageMissing(NotFound):
    """The row is there and the file is not: erased, or storage lost it."""

    code = "image_missing"
    title = "The image is not in storage"


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"
    title = "The image storage cannot be reached; try again"


# --- ways in for files ----------------------------------------------------------------------


class UnknownUpload(NotFound):
    code = "unknown_upload"
    title = "No such upload was asked for"


class UploadExpired(ReviewHubError):
    code = "upload_expired"
    status = 410
    title = "The time for this upload is over: ask for another one"


class UploadMissing(Conflict):
    code = "upload_missing"
    title = "Nothing has been uploaded yet"


class UploadUsed(Conflict):
    code = "upload_used"
    title = "This upload has been used: ask for another one"


class UploadRefused(Forbidden):
    code = "upload_refused"
    title = "The policy of this upload is not one of ours"


class TooManyAddresses(TooLarge):
    """`limit` says how many addresses one call may name."""

    code = "too_many_addresses"
    title = "The call names too many addresses to fetch images from"


class ImportPathInvalid(InvalidInput):
    code = "import_path_invalid"
    title = "A path of an import stays below its project's folder"


class UnknownManifest(NotFound):
    """`expected` says where it would be."""

    code = "unknown_manifest"
    title = "There is no manifest under this prefix"


# --- intake ---------------------------------------------------------------------------------


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


class TaxonomyMismatch(Conflict):
    """A predictor speaks one taxonomy for ever; a new one is a new version of the predictor."""

    code = "taxonomy_mismatch"
    title = "The predictor was registered with another taxonomy"


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


# --- reviewing ------------------------------------------------------------------------------


class LeaseLost(Conflict):
    code = "lease_lost"
    title = "The time ran out and colleagues have taken the item over"


class AlreadyAnswered(Conflict):
    code = "already_answered"
    title = "You have answered this item already"


class EntryClosed(Conflict):
    """`state` is where the entry is now."""

    code = "entry_closed"
    title = "The item no longer waits for this"


class InvalidTransition(Conflict):
    """`source`, `target` and `allowed` say what was tried and what is possible from there."""

    code = "invalid_transition"
    title = "An entry cannot go from this state to that one"


class UndoImpossible(Conflict):
    """The detail says why."""

    code = "undo_impossible"
    title = "This answer cannot be taken back"


class StaleAnnotation(Conflict):
    code = "stale_annotation"
    title = "The annotation is no longer the one that awaits approval"


class TokenReused(InvalidInput):
    code = "token_reused"
    title = "The token belongs to the answer to another item"


class BlindConfirmation(InvalidInput):
    code = "blind_confirmation"
    title = "The prediction was hidden: choose a label instead of confirming"


class NothingToConfirm(InvalidInput):
    code = "nothing_to_confirm"
    title = "The prediction cannot be said in the labels now in use: answer yourself"


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    title = "Give a reason"


class OwnAnswer(Forbidden):
    code = "own_answer"
    title = "Nobody decides about an answer of their own"


# --- policies -------------------------------------------------------------------------------


class PolicyInvalid(InvalidInput):
    """`errors` lists field and message of everything that is wrong with the policy."""

    code = "policy_invalid"
    title = "The policy is not valid"


class NothingToReplay(Conflict):
    code = "nothing_to_replay"
    title = "There are no predictions yet to try the rules on"


class TaxonomyInvalid(InvalidInput):
    """`errors` lists field and message of everything that is wrong with the taxonomy."""

    code = "taxonomy_invalid"
    title = "The taxonomy is not valid"


# --- setting up -----------------------------------------------------------------------------


class ProjectInvalid(InvalidInput):
    """`errors` lists field and message of everything that is wrong with the project."""

    code = "project_invalid"
    title = "The project is not valid"


class SlugTaken(Conflict):
    code = "slug_taken"
    title = "A project of this slug exists"


class UserInvalid(InvalidInput):
    """`errors` lists field and message; a refused password is never repeated."""

    code = "user_invalid"
    title = "The user is not valid"


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "A user of this name exists"


class ApiKeyInvalid(InvalidInput):
    """`errors` lists field and message of everything that is wrong with the key asked for."""

    code = "api_key_invalid"
    title = "The API key is not valid"


class UnknownKey(NotFound):
    code = "unknown_key"
    title = "No such API key"


class KeyNotUsable(Conflict):
    code = "key_not_usable"
    title = "The API key has expired or was revoked"


class ProgramsOnly(Forbidden):
    code = "programs_only"
    title = "This is for programs: send an API key"


class UnknownEndpoint(NotFound):
    code = "unknown_endpoint"
    title = "No such webhook"


class UnknownDelivery(NotFound):
    code = "unknown_delivery"
    title = "No such delivery"
