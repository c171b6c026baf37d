"""What is wrong with a policy, a label set, a project, a person or a key."""

from __future__ import annotations

from reviewhub.common.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
)


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


class ExamplesFull(Conflict):
    """`most` is how many examples a label may have."""

    code = "examples_full"
    title = "The label has all the examples that it may have: unpin one first"


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


class KeymapInvalid(InvalidInput):
    """`errors` lists the action (field) and why it cannot have the key (message)."""

    code = "keymap_invalid"
    title = "These keys cannot be used together"


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
