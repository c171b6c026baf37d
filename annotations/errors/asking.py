"""Who asks, and what for: keys, roles, and things that are not there."""

from __future__ import annotations

from reviewhub.common.errors import (
    Forbidden,
    NotFound,
    Unauthenticated,
)


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
